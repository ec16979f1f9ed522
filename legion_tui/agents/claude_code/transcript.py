"""What a transcript tells. `fold` makes it from lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from legion_tui.agents.protocol import Prompt


class TurnState(StrEnum):
    """How the newest turn stands by the transcript alone; `none` before the first prompt."""

    NONE = "none"
    RUNNING = "running"
    ENDED = "ended"
    ERROR = "error"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool call without a result so far. `input` is raw JSON."""

    id: str
    name: str
    message_id: str
    input: bytes = field(default=b"", repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What came of a tool call; `content` and `detail` are raw JSON, empty where they were too long to keep.

    `decision` is accept or reject, `source` who decided (user_temporary, user_permanent, user_reject, hook, config),
    `scope` for how long; `words` are those that a person gave along with a yes, where the agent keeps them in the
    same record.
    """

    at: datetime | None = None
    is_error: bool = False
    content: bytes = field(default=b"", repr=False)
    detail: bytes = field(default=b"", repr=False)
    decision: str = ""
    source: str = ""
    scope: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Tokens of the messages that were read; `context` is what the newest request carried."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    context: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The state after the lines that were read. Lines of sub-agents count for nothing."""

    pending: tuple[ToolUse, ...] = ()
    # The newest results by tool call, oldest first.
    results: Mapping[str, ToolResult] = field(default_factory=lambda: MappingProxyType({}))
    turn: TurnState = TurnState.NONE
    turn_at: datetime | None = None
    prompt_at: datetime | None = None
    # The newest prompts, oldest first, and when a person last stopped the agent.
    prompts: tuple[Prompt, ...] = ()
    interrupted_at: datetime | None = None
    last_at: datetime | None = None
    # The last paragraph of what the agent said last, on one line.
    last_words: str = ""
    error: str = ""
    error_text: str = ""
    error_status: int | None = None
    model: str = ""
    spent: Spent = Spent()
    # The newest message whose tokens were counted, with what was counted of it.
    counted: tuple[str, Spent] = ("", Spent())
    compacted_at: datetime | None = None
    background_agents: int = 0
    pull_request_url: str = ""
    branch: str = ""
    cwd: str = ""
    version: str = ""
    permission_mode: str = ""
    title: str = ""
    # It was told over a pipe at least once; then no record says that a turn is over.
    without_screen: bool = False
    cost_usd: float | None = None

    def knows(self, use_id: str) -> bool:
        """Whether this is the transcript of that call, pending or answered."""
        return use_id in self.results or any(use.id == use_id for use in self.pending)
