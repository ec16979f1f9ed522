"""One line after the other into a transcript's state. Pure; a line that makes no sense changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import msgspec

from legion_tui.agents.claude_code.lines import Block, Line, Message, parse_line, time_of
from legion_tui.agents.claude_code.transcript import Spent, ToolResult, ToolUse, Transcript, TurnState
from legion_tui.agents.protocol import Prompt
from legion_tui.state.text import clean, clean_line

_RECENT_RESULTS = 64
_RECENT_PROMPTS = 4
_MOST_OF_A_PROMPT = 32 * 1024
# A file that was read or written whole is in a result too; no answer is that long.
_MOST_KEPT_BYTES = 256 * 1024
_INTERRUPTED = "[Request interrupted by user"
# A user line that no person wrote, or that the agent acts on by itself: no turn begins with it.
_NOT_A_PROMPT = ("<local-command", "<bash-", "<system-reminder>", _INTERRUPTED)
_COMMAND = "<command-"
# A command that a person has the agent's shell run.
_SHELL = "<bash-input>"
_SYNTHETIC = "<synthetic>"
# Where a prompt of a client without a screen came from.
_OVER_A_PIPE = "sdk"


def read_lines(lines: Iterable[bytes], before: Transcript | None = None, *, of_sub_agent: bool = False) -> Transcript:
    """Return the state after these lines, `before` being the state before them. Never raises.

    A session's own lines count, or `of_sub_agent` those of the agents that it started.
    """
    fold = _Fold(before or Transcript(), of_sub_agent=of_sub_agent)
    for line in lines:
        fold.add(line)
    return fold.done()


def has_a_prompt(lines: Iterable[bytes]) -> bool:
    """Whether the newest turn starts within these lines."""
    return any(
        b'"user"' in line and b'"tool_result"' not in line and read_lines((line,)).prompt_at is not None
        for line in reversed(tuple(lines))
    )


class _Fold:
    """Takes lines in the file's order."""

    def __init__(self, before: Transcript, *, of_sub_agent: bool) -> None:
        """Go on from a state; it is not changed."""
        self._of_sub_agent = of_sub_agent
        # A copy that nobody else has seen: it is changed in place until it is done.
        self._state = replace(before)
        self._pending = {use.id: use for use in before.pending}
        self._results = dict(before.results)

    def add(self, data: bytes) -> None:
        """Take one line."""
        line = parse_line(data)
        if line is None or bool(line.isSidechain) is not self._of_sub_agent:
            return
        at = time_of(line)
        match line.type:
            case "user":
                self._about(line)
                self._user(line, at)
            case "assistant":
                self._about(line)
                self._assistant(line, at)
            case "system":
                self._about(line)
                self._system(line, at)
            case "pr-link":
                url = clean_line(line.prUrl or line.url or "", limit=500)
                self._change(pull_request_url=url or self._state.pull_request_url)
            case "custom-title" | "agent-name" | "ai-title":
                title = clean_line(line.customTitle or line.agentName or line.aiTitle or "", limit=200)
                if title and not (line.type == "ai-title" and self._state.title):
                    self._change(title=title)
            case "permission-mode":
                self._change(permission_mode=clean_line(line.permissionMode or "", limit=50))
            case "cost-state":
                self._change(cost_usd=line.totalCostUSD)
            case _:
                return
        if at is not None and (self._state.last_at is None or at > self._state.last_at):
            self._change(last_at=at)

    def done(self) -> Transcript:
        """Return the state after all lines."""
        while len(self._results) > _RECENT_RESULTS:
            del self._results[next(iter(self._results))]
        return replace(self._state, pending=tuple(self._pending.values()), results=MappingProxyType(self._results))

    def _change(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self._state, name, value)

    def _turn(self, turn: TurnState, at: datetime | None) -> None:
        if turn is not self._state.turn or turn is not TurnState.RUNNING:
            self._change(turn=turn, turn_at=at)
        if turn is not TurnState.ERROR:
            self._change(error="", error_text="", error_status=None)

    def _about(self, line: Line) -> None:
        state = self._state
        if (line.cwd, line.gitBranch, line.version) != (state.cwd, state.branch, state.version):
            self._change(
                cwd=clean_line(line.cwd or "") or state.cwd,
                branch=clean_line(line.gitBranch or "", limit=500) or state.branch,
                version=clean_line(line.version or "", limit=100) or state.version,
            )

    def _user(self, line: Line, at: datetime | None) -> None:
        content = line.message.content if line.message is not None else None
        if isinstance(content, str):
            self._said(line, content, at)
            return
        words = "\n".join(block.text for block in content or () if block.type == "text" and block.text)
        for block in content or ():
            if block.type == "tool_result" and block.tool_use_id:
                self._result(line, block, block.tool_use_id, at, words)
            elif block.type in ("text", "image"):
                self._said(line, block.text or "", at)

    def _result(self, line: Line, block: Block, use_id: str, at: datetime | None, words: str) -> None:
        self._pending.pop(use_id, None)
        decision = line.permissionDecision
        self._results.pop(use_id, None)
        self._results[use_id] = ToolResult(
            at=at,
            is_error=bool(block.is_error),
            content=_kept(block.content),
            detail=_kept(line.toolUseResult),
            decision=(decision.decision or "") if decision else "",
            source=(decision.source or "") if decision else "",
            scope=(decision.grantScope or "") if decision else "",
            words="" if words.startswith(_INTERRUPTED) else clean(words, limit=_MOST_KEPT_BYTES),
        )

    def _said(self, line: Line, text: str, at: datetime | None) -> None:
        if text.startswith(_INTERRUPTED):
            self._pending.clear()
            self._turn(TurnState.INTERRUPTED, at)
            self._change(interrupted_at=at)
        elif text.startswith(_SHELL):
            self._told(text, at)
        elif not line.isMeta and not line.isCompactSummary and not text.startswith(_NOT_A_PROMPT):
            self._pending.clear()
            self._change(
                prompt_at=at,
                permission_mode=line.permissionMode or self._state.permission_mode,
                without_screen=self._state.without_screen or line.promptSource == _OVER_A_PIPE,
            )
            self._told(text, at)
            if not text.startswith(_COMMAND):
                self._turn(TurnState.RUNNING, at)
                self._change(turn_at=at, background_agents=0)

    def _told(self, text: str, at: datetime | None) -> None:
        newest = Prompt(at, clean(text, limit=_MOST_OF_A_PROMPT))
        self._change(prompts=(*self._state.prompts, newest)[-_RECENT_PROMPTS:])

    def _assistant(self, line: Line, at: datetime | None) -> None:
        message = line.message
        if message is None:
            return
        blocks = message.content if isinstance(message.content, list) else []
        said = "\n".join(block.text for block in blocks if block.type == "text" and block.text)
        if line.isApiErrorMessage:
            self._pending.clear()
            self._turn(TurnState.ERROR, at)
            self._change(
                error=clean_line(line.error or "unknown", limit=100),
                error_text=clean_line(said, limit=1000),
                error_status=line.apiErrorStatus,
            )
            return
        if message.model == _SYNTHETIC:
            return
        self._turn(TurnState.RUNNING, at)
        # Results come before the next message: a call of an earlier one that has none was cut off.
        self._pending = {key: use for key, use in self._pending.items() if use.message_id == (message.id or "")}
        for block in blocks:
            if block.type == "tool_use" and block.id and block.name:
                self._pending[block.id] = ToolUse(
                    id=clean_line(block.id, limit=200),
                    name=clean_line(block.name, limit=200),
                    message_id=message.id or "",
                    input=_kept(block.input),
                    at=at,
                )
        self._change(
            last_words=_last_words(said) or self._state.last_words,
            model=clean_line(message.model or "", limit=200) or self._state.model,
            cost_usd=None,
        )
        if self._state.without_screen and message.stop_reason == "end_turn":
            self._turn(TurnState.ENDED, at)
        self._count(message)

    def _count(self, message: Message) -> None:
        usage = message.usage
        if usage is None or not message.id:
            return
        now = Spent(
            input=usage.input_tokens or 0,
            output=usage.output_tokens or 0,
            cache_read=usage.cache_read_input_tokens or 0,
            cache_write=usage.cache_creation_input_tokens or 0,
        )
        known, before = self._state.counted
        if known != message.id:
            before = Spent()
        total = self._state.spent
        self._change(
            counted=(message.id, now),
            spent=Spent(
                input=total.input + now.input - before.input,
                output=total.output + now.output - before.output,
                cache_read=total.cache_read + now.cache_read - before.cache_read,
                cache_write=total.cache_write + now.cache_write - before.cache_write,
                context=now.input + now.cache_read + now.cache_write or total.context,
            ),
        )

    def _system(self, line: Line, at: datetime | None) -> None:
        if line.subtype == "turn_duration":
            if self._state.turn is TurnState.RUNNING:
                self._turn(TurnState.ENDED, at)
            self._change(background_agents=line.pendingBackgroundAgentCount or 0)
        elif line.subtype == "compact_boundary":
            self._change(compacted_at=at)


def _last_words(said: str) -> str:
    return clean_line(clean(said, limit=4000).strip().rpartition("\n\n")[2], limit=500)


def _kept(raw: msgspec.Raw) -> bytes:
    # A copy: the field itself would keep its whole line in memory.
    return bytes(raw) if len(raw) <= _MOST_KEPT_BYTES else b""
