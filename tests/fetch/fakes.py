"""Sources that say what the test wants, when it wants: a tmux, an agent, a tracker, a clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import anyio

from legion_tui.agents.protocol import Known, Launch, Offer, Refuse, Sighting, Step
from legion_tui.errors import LegionError
from legion_tui.processes import Ran
from legion_tui.state import (
    Answer,
    GivenAnswer,
    Issue,
    Mode,
    Pane,
    Problem,
    Project,
    PullRequestRef,
    Question,
    Turn,
    Worker,
    WorkerState,
    compute_session_id,
)
from legion_tui.tmux import Capture, OneShotTmux, Socket
from legion_tui.trackers.legion_json import LegionJsonTracker
from legion_tui.trackers.protocol import Reading

T = TypeVar("T")
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
PROJECT = Project("7b4f0862-b775-4cb0-9a67-85400c6f44a8", "3kgAnyAe", "ENG")


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Asked:
    """How often a source was asked, how it fails, and whether it answers yet."""

    times: int = 0
    at_once: int = 0
    most_at_once: int = 0
    error: LegionError | None = None
    # While there is one, nothing is answered.
    gate: anyio.Event | None = None
    # Called when a question arrives.
    noticed: Callable[[], None] = lambda: None

    async def answer(self, value: T) -> T:
        """Answer with `value`, in the way that is set."""
        self.times += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.noticed()
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.error is not None:
                raise self.error
            return value
        finally:
            self.at_once -= 1


async def _no_process(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    timeout_seconds: float = 10.0,
) -> Ran:
    raise AssertionError(f"{argv} was run")


class FakeTmux(OneShotTmux):
    """Lists `listing` and shows `screens`; anything else that is asked of it is a defect."""

    def __init__(self, *listing: Pane) -> None:
        super().__init__(_no_process, Socket(), env={})
        self.listing = listing
        self.screens: dict[str, tuple[str, ...]] = {}
        self.asked = Asked()
        self.captured: list[list[str]] = []
        self.capture_error: LegionError | None = None

    async def panes(self, *, closely: bool = True) -> tuple[Pane, ...]:
        return await self.asked.answer(self.listing)

    async def capture(self, pane_ids: Sequence[str], *, colour: bool = False) -> dict[str, Capture]:
        self.captured.append(list(pane_ids))
        if self.capture_error is not None:
            raise self.capture_error
        return {one: Capture(pane_id=one, lines=self.screens[one]) for one in pane_ids if one in self.screens}


@dataclass
class FakeAgent:
    """Shows `workers`, and one for each pane that is known to be a worker's."""

    workers: list[Worker] = field(default_factory=list)
    error: OSError | LegionError | None = None
    screens_wanted: bool = False
    looked: Callable[[], None] = lambda: None
    panes: Sequence[Pane] = ()
    known: Sequence[Known] = ()
    looks: int = 0
    # What `judge` was given, by session id.
    shown: dict[str, Sequence[str] | None] = field(default_factory=dict)
    kind: str = "fake"
    folders: tuple[Path, ...] = ()
    bytes_read: int = 0

    def argv(self, launch: Launch) -> tuple[str, ...]:
        return launch.command

    def environment(self) -> Mapping[str, str]:
        return {}

    def worker_settings(self, refused: Sequence[str]) -> bytes:
        return json.dumps({"refused": list(refused)}).encode()

    def look(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        self.panes, self.known = panes, known
        self.looks += 1
        self.looked()
        if self.error is not None:
            raise self.error
        seen = [Sighting(session_id=worker.session_id, records=worker) for worker in self.workers]
        seen += [
            Sighting(session_id=one.session_id, issue=one.issue, mode=one.mode, pane=one.pane)
            for one in known
            if one.pane is not None
        ]
        return tuple(seen)

    def wants_screen(self, sighting: Sighting, now: datetime) -> bool:
        return self.screens_wanted

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        self.shown[sighting.session_id] = screen
        if isinstance(sighting.records, Worker):
            return sighting.records
        return worker(
            sighting.session_id,
            issue=sighting.issue,
            mode=sighting.mode,
            pane=sighting.pane.pane_id if sighting.pane else None,
        )

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        return Refuse("a fake")

    def offer(self, question: Question, answers: Sequence[Answer]) -> Offer | None:
        return None

    def given(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        return None

    def has_transcript(self, session_id: str) -> bool:
        return False

    def owner(self, session_id: str) -> int | None:
        return None


class FakeTracker(LegionJsonTracker):
    """Holds `reading`; cannot be written."""

    def __init__(self, *issues: Issue, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(lambda: b"[]", where="the fake tracker")
        self.reading = Reading(issues, problems)
        self.asked = Asked()

    async def read(self) -> Reading:
        return await self.asked.answer(Reading(tuple(self.reading.issues), tuple(self.reading.problems)))


def session_id(issue: str, mode: Mode = Mode.IMPLEMENT) -> str:
    """The session of an issue of the sample project."""
    return compute_session_id(PROJECT.id, issue, mode)


def issue(
    issue_id: str,
    status: str = "Todo",
    *labels: str,
    pull_request: int | None = None,
    blockers: tuple[str, ...] = (),
    closed: bool = False,
    updated_at: datetime | None = NOW,
) -> Issue:
    """An issue of the sample project."""
    return Issue(
        id=issue_id,
        title=f"Issue {issue_id}",
        status=status,
        labels=frozenset(labels),
        pull_request=ref(pull_request) if pull_request is not None else None,
        blockers=blockers,
        closed=closed,
        updated_at=updated_at,
    )


def ref(number: int) -> PullRequestRef:
    """A pull request of the sample repository."""
    return PullRequestRef("github.com", "acme", "payments", number)


def worker(
    session: str,
    state: WorkerState = WorkerState.BUSY,
    *,
    issue: str | None = None,
    mode: Mode | None = None,
    pane: str | None = None,
    question: Question | None = None,
    turn: Turn | None = None,
    started_at: datetime | None = NOW,
    since: datetime | None = NOW,
    pull_request_url: str = "",
    branch: str | None = None,
) -> Worker:
    """A worker as an agent's adapter would judge it."""
    return Worker(
        session_id=session,
        state=state,
        issue=issue,
        mode=mode,
        pane=pane,
        question=question,
        turn=turn,
        turn_at=NOW if turn else None,
        started_at=started_at,
        since=since,
        pull_request_url=pull_request_url,
        branch=branch,
    )


def pane(
    pane_id: str,
    *,
    issue: str = "",
    mode: str = "",
    session: str = "",
    window_name: str = "",
    activity: int = 0,
    cursor_x: int = 0,
) -> Pane:
    """A pane as tmux lists it."""
    return Pane(
        pane_id=pane_id,
        window_id=pane_id.replace("%", "@"),
        session_id="$1",
        session_name="work",
        window_name=window_name,
        pid=100,
        issue=issue,
        mode=mode,
        legion_session_id=session,
        activity=activity,
        cursor_x=cursor_x,
    )
