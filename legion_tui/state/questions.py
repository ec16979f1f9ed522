"""What a worker waits on a person for, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class QuestionKind(StrEnum):
    """What is asked for: a choice, a permission, a plan's approval, or any start-up dialog."""

    QUESTION = "question"
    PERMISSION = "permission"
    PLAN = "plan"
    TRUST = "trust"


# The key of an answer that answers nothing yet: the question is taken back, and the two of you talk about it.
CHAT = "chat"


class Channel(StrEnum):
    """The way in which an answer reaches the agent."""

    HOOK = "hook"
    KEYS = "keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be chosen; `key` is what `answer --choose` takes."""

    key: str
    label: str
    description: str = ""
    preview: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionItem:
    """One question of a dialog that may hold up to four; `takes_text` where own words can be given instead."""

    header: str = ""
    text: str
    multi_select: bool = False
    options: tuple[Option, ...] = ()
    takes_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A pending question. `id` is opaque and stable for one question over channels and restarts."""

    id: str
    kind: QuestionKind
    items: tuple[QuestionItem, ...]
    asked_at: datetime | None = None
    channel: Channel = Channel.KEYS
    session_id: str = ""
    # Which of the agent's sub-agents asks, in the agent's own words; empty where it is the agent itself.
    asker: str = ""
    # The agent's own tool call; empty for a start-up dialog, which has none.
    tool_use_id: str = ""
    # Why this question cannot be answered from here, in plain words; empty when it can.
    unanswerable: str = ""

    @property
    def text(self) -> str:
        """The first item's text, or an empty string."""
        return self.items[0].text if self.items else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one item: option keys, or own words; `note` beside either."""

    keys: tuple[str, ...] = ()
    text: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """What a person wants to answer. `target` is an issue id or, for a session, its session id.

    `chat` answers nothing: the question is taken back and the turn goes on; `text` is what is to be talked about.
    """

    target: str
    answers: tuple[Answer, ...] = ()
    deny: bool = False
    chat: bool = False
    text: str | None = None
    question_id: str | None = None
    timeout_seconds: float = 10.0


class AnswerOutcome(StrEnum):
    """`confirmed` only from the agent's own record; `refused` means that nothing was typed."""

    CONFIRMED = "confirmed"
    SENT_UNCONFIRMED = "sent_unconfirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """One answer as a receipt tells it."""

    question: str
    labels: tuple[str, ...] = ()
    text: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReceipt:
    """What came of an answer."""

    issue: str | None
    question_id: str
    outcome: AnswerOutcome
    reason: str = ""
    via: Channel | None = None
    answers: tuple[GivenAnswer, ...] = ()
    took_ms: int = 0
    # What was asked, where it is known.
    kind: QuestionKind | None = None
    session_id: str = field(default="", repr=False)
