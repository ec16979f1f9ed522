"""How an agent is started, read and answered, whichever agent it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from legion_tui.processes import ProcessFacts
from legion_tui.state.names import Mode
from legion_tui.state.panes import Pane
from legion_tui.state.questions import Answer, GivenAnswer, Question
from legion_tui.state.workers import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """An agent to start: a new session of this id, or the same one again."""

    command: tuple[str, ...]
    session_id: str
    resume: bool
    prompt: str
    name: str = ""
    model: str | None = None
    permission_mode: str | None = None
    settings: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A worker that is known from elsewhere (pane options, a window's name, the ledger): what to look for."""

    session_id: str
    issue: str | None
    mode: Mode | None
    pane: Pane | None = None
    started_at: datetime | None = None
    # Its process was asked to end from here, and not started again since.
    told_to_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One agent as its files, process and pane show it at one moment; `records` is the adapter's own."""

    session_id: str
    issue: str | None = None
    mode: Mode | None = None
    pane: Pane | None = None
    pid: int | None = None
    process: ProcessFacts | None = None
    started_at: datetime | None = None
    told_to_end: bool = False
    records: object = None


@dataclass(frozen=True, slots=True)
class Key:
    """Press one key. `commits`: it hands something in. `page` tells equal keys on different pages apart."""

    name: str
    commits: bool = False
    page: str = ""


@dataclass(frozen=True, slots=True)
class Paste:
    """Paste text in brackets."""

    text: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again; nothing is to be pressed on this screen yet."""

    why: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Nothing more to press: the dialog has what it needs."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Stop: this screen is not the question that is being answered."""

    why: str


Step = Key | Paste | Wait | Sent | Refuse


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an agent was told, as it has it on record; the text of a long one is cut off."""

    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The prompt box of a screen. `shown`: it is there, with the keyboard; nothing else takes what is typed.

    `text` is what stands in it, behind the mark of another mode than that of prompts where it is in one.
    """

    shown: bool = False
    text: str = ""
    # The box is full: `text` is the end of what stands in it.
    clipped: bool = False
    # The command that Enter would run instead of a beginning of its name.
    offers: str = ""
    # The agent says that it works.
    working: bool = False


class Offer(Protocol):
    """An answer in the agent's own form, and the hook that waits for it. Both methods block for a moment."""

    def give(self) -> bool:
        """Hand it over; False where the hook has left meanwhile, or another answer was first. OSError."""
        ...

    def withdraw(self) -> bool:
        """Take it back; False where the hook has taken it, or has left."""
        ...


class Agent(Protocol):
    """One kind of agent.

    `look`, `offer`, `has_transcript`, `owner` and `given` block for a moment (run them in a thread).
    """

    @property
    def kind(self) -> str:
        """`claude-code`."""
        ...

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where files change when an agent does something; what changes nowhere there is seen by the clock only."""
        ...

    @property
    def bytes_read(self) -> int:
        """How much of its files was read up to now."""
        ...

    def argv(self, launch: Launch) -> tuple[str, ...]:
        """Return the exact command line, without a shell."""
        ...

    def environment(self) -> Mapping[str, str]:
        """Return what the agent needs in its environment to use the files that are read here."""
        ...

    def worker_settings(self, refused: Sequence[str]) -> bytes:
        """Return what a `Launch.settings` file holds: our hook, and a fence around what a worker may run.

        `refused` are the commands of this program that it may not.
        """
        ...

    def look(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        """Read what changed in the agent's files and return every agent of this machine and every one in `known`.

        Incremental: keeps offsets between calls. One unreadable file costs one sighting's certainty, never the rest.
        """
        ...

    def wants_screen(self, sighting: Sighting, now: datetime) -> bool:
        """Whether the pane's screen is needed to judge this one."""
        ...

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        """Return the worker that the evidence shows, first certain rung first. Pure; never raises."""
        ...

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        """Return what to do next to answer `question` on this (coloured) screen, after `pressed` steps. Pure.

        One answer per item; none at all declines the question. A screen that shows no more of it after a step is
        `Sent`.
        """
        ...

    def offer(self, question: Question, answers: Sequence[Answer]) -> Offer | None:
        """Return these answers, ready for the hook that waits for this very question.

        None where none waits, or where a hook cannot give them. One answer per item; none at all declines.
        """
        ...

    def given(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        """Return the answer that the agent's own record shows for this question; None while it is open.

        An empty tuple: the question is over without an answer (declined, interrupted, gone).
        """
        ...

    def has_transcript(self, session_id: str) -> bool:
        """Whether that session can be resumed."""
        ...

    def owner(self, session_id: str) -> int | None:
        """Return the pid of a live process that holds this session, or None."""
        ...


class Listener(Protocol):
    """How an agent is spoken to. The second and the third method block for a moment."""

    def box(self, screen: Sequence[str]) -> Box:
        """Return what a (coloured) screen shows of the prompt box. Pure."""
        ...

    def prompts(self, session_id: str) -> tuple[Prompt, ...]:
        """Return what that session was told lately, by its own record, newest last."""
        ...

    def interrupted_at(self, session_id: str) -> datetime | None:
        """Return when a person last stopped it, by its own record; not every stop leaves one."""
        ...
