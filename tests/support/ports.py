"""A collector and commands without anything behind them: the tests push snapshots and read what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from legion_tui.act.wording import problem
from legion_tui.state import (
    ActionReceipt,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    AttachReceipt,
    Channel,
    CleanReceipt,
    Deed,
    DispatchReceipt,
    GivenAnswer,
    IssueReceipt,
    MessageRequest,
    Outcome,
    Snapshot,
    Strategy,
    TrackerWrite,
    WorkerReceipt,
    compute_session_id,
)
from legion_tui.state.autopilot import Event
from legion_tui.state.diagnostics import Diagnostics
from legion_tui.state.standing import Flight, Standing
from legion_tui.ui.ports import Expected, LiveScreen, LogLine, Preview
from tests.support.snapshots import PROJECT


class FakeCollector:
    """Yields the snapshots that are pushed, in order."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.queue: asyncio.Queue[Snapshot | Exception] = asyncio.Queue()
        for snapshot in snapshots:
            self.queue.put_nowait(snapshot)
        self.refreshed = 0
        self.paused: list[bool] = []
        self.looked_at: list[str] = []
        self.screens: dict[str, LiveScreen] = {}
        self.asked_screens: list[str] = []
        self.asked_closely: list[bool] = []
        self.rested: list[bool] = []
        self.selected: list[str | None] = []
        self.strategy = Strategy.CONCURRENT
        self.figures = Diagnostics()
        self.logs: dict[str, tuple[LogLine, ...]] = {}

    def push(self, snapshot: Snapshot) -> None:
        """Have the app see this snapshot next."""
        self.queue.put_nowait(snapshot)

    def break_off(self, error: Exception) -> None:
        """Have reading end with this error."""
        self.queue.put_nowait(error)

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        while True:
            found = await self.queue.get()
            if isinstance(found, Exception):
                raise found
            yield found

    def refresh(self) -> None:
        self.refreshed += 1

    def seen(self, target: str) -> None:
        self.looked_at.append(target)

    def pause(self, paused: bool) -> None:
        self.paused.append(paused)

    def rest(self, resting: bool) -> None:
        self.rested.append(resting)

    def select(self, target: str | None) -> None:
        self.selected.append(target)

    def follow(self, strategy: Strategy) -> None:
        self.strategy = strategy

    def diagnostics(self) -> Diagnostics:
        return replace(self.figures, strategy=self.strategy)

    async def screen(self, target: str, *, closely: bool = True) -> LiveScreen:
        self.asked_screens.append(target)
        self.asked_closely.append(closely)
        return self.screens.get(target, LiveScreen(note="no screen"))

    async def log(self, target: str) -> Sequence[LogLine]:
        return self.logs.get(target, ())


@dataclass
class FakeCommands:
    """Does nothing and says that it was done; `calls` holds (name, arguments) in order.

    A receipt put under a command's name in `receipts` is what that command returns.
    """

    calls: list[tuple[str, Any]] = field(default_factory=list)
    receipts: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    # By target: what a message to it would meet, and what comes of it.
    foreseen: dict[str, WorkerReceipt] = field(default_factory=dict)
    sent: dict[str, WorkerReceipt] = field(default_factory=dict)

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        self.calls.append(("answer", request))
        receipt: AnswerReceipt = self.receipts.get("answer") or AnswerReceipt(
            issue=request.target,
            question_id=request.question_id or "",
            outcome=AnswerOutcome.CONFIRMED,
            via=Channel.KEYS,
            answers=tuple(
                GivenAnswer(question="", labels=given.keys, text=given.text, note=given.note)
                for given in request.answers
            ),
            took_ms=212,
        )
        return receipt

    async def preview(self, expected: Expected, *, mode: str | None = None) -> Preview:
        self.calls.append(("preview", (expected, mode)))
        return Preview(
            title=f"{'Dispatch' if mode else 'Advance'} {expected.issue}",
            lines=(
                "open a window eng-52-plan in tmux session legion-3kgAnyAe",
                "add the label worker-active",
            ),
            refused=self.refused,
        )

    async def advance(self, expected: Expected) -> ActionReceipt:
        self.calls.append(("advance", expected))
        receipt: ActionReceipt = self.receipts.get("advance") or ActionReceipt(
            issue=expected.issue, action=expected.action, outcome=Outcome.DONE, steps=("done",), took_ms=31
        )
        return receipt

    async def dispatch(self, issue: str, *, mode: str | None = None) -> DispatchReceipt:
        self.calls.append(("dispatch", (issue, mode)))
        chosen = mode or "plan"
        receipt: DispatchReceipt = self.receipts.get("dispatch") or DispatchReceipt(
            issue=issue,
            mode=chosen,
            session_id=compute_session_id(PROJECT.id, issue, chosen),
            outcome=Outcome.STARTED,
            pane="%9",
            window="@9",
            took_ms=640,
        )
        return receipt

    async def attach(self, target: str) -> AttachReceipt:
        self.calls.append(("attach", target))
        receipt: AttachReceipt = self.receipts.get("attach") or AttachReceipt(target=target, outcome=Outcome.DONE)
        return receipt

    async def send(self, request: MessageRequest) -> WorkerReceipt:
        self.calls.append(("send", request))
        receipt: WorkerReceipt = (
            self.sent.get(request.target)
            or self.receipts.get("send")
            or WorkerReceipt(deed=Deed.SEND, issue=request.target, outcome=Outcome.DONE, took_ms=120)
        )
        return receipt

    async def foresee(self, target: str) -> WorkerReceipt:
        self.calls.append(("foresee", target))
        return self.foreseen.get(target) or WorkerReceipt(deed=Deed.SEND, issue=target, outcome=Outcome.DRY_RUN)

    def objection(self, text: str) -> str:
        return problem(text, by_hand=False)

    async def cancel_messages(self, target: str) -> str:
        self.calls.append(("cancel_messages", target))
        return "1 message taken back"

    async def interrupt(self, target: str) -> WorkerReceipt:
        self.calls.append(("interrupt", target))
        receipt: WorkerReceipt = self.receipts.get("interrupt") or WorkerReceipt(
            deed=Deed.INTERRUPT, issue=target, outcome=Outcome.DONE, took_ms=120
        )
        return receipt

    async def preview_stop(self, target: str) -> tuple[Preview, int]:
        self.calls.append(("preview_stop", target))
        return Preview(title=f"{target}: end its worker", lines=("ask process 77 to end",), refused=self.refused), 77

    async def stop(self, target: str, *, pid: int, killing: bool = False) -> WorkerReceipt:
        self.calls.append(("stop", (target, pid, killing)))
        stubborn = self.receipts.get("stop") if not killing else None
        receipt: WorkerReceipt = stubborn or WorkerReceipt(
            deed=Deed.STOP, issue=target, outcome=Outcome.DONE, took_ms=120
        )
        return receipt

    async def preview_clean(self) -> Preview:
        self.calls.append(("preview_clean", None))
        return Preview(title="clean up merged issues", lines=("ENG-1 would be cleaned: x",), refused=self.refused)

    async def clean(self) -> tuple[CleanReceipt, ...]:
        self.calls.append(("clean", None))
        done = CleanReceipt(issue="ENG-1", outcome=Outcome.DONE, steps=("remove worktree /w/ENG-1",))
        kept = CleanReceipt(issue="ENG-2", outcome=Outcome.REFUSED, reason="/w/ENG-2 stays: 1 uncommitted change: a")
        return (done, kept)

    async def add(self, title: str, body: str, *, dispatch: bool) -> IssueReceipt:
        self.calls.append(("add", (title, body, dispatch)))
        receipt: IssueReceipt = self.receipts.get("add") or IssueReceipt(issue="ENG-99", outcome=Outcome.DONE)
        return receipt

    async def undo(self, write: TrackerWrite) -> IssueReceipt:
        self.calls.append(("undo", write))
        receipt: IssueReceipt = self.receipts.get("undo") or IssueReceipt(
            issue=write.issue, outcome=Outcome.DONE, reason=f"{write.before} again"
        )
        return receipt

    async def link(self, session_id: str, issue: str) -> IssueReceipt:
        self.calls.append(("link", (session_id, issue)))
        receipt: IssueReceipt = self.receipts.get("link") or IssueReceipt(
            issue=issue, outcome=Outcome.DONE, reason="implement worker"
        )
        return receipt

    async def unlink(self, session_id: str, issue: str) -> IssueReceipt:
        self.calls.append(("unlink", (session_id, issue)))
        return IssueReceipt(issue=issue, outcome=Outcome.DONE)

    def named(self, name: str) -> list[Any]:
        """The arguments of every call of that name."""
        return [arguments for called, arguments in self.calls if called == name]


class FakeAutopilot:
    """Flies at once; `calls` holds what was asked of it, and a test pushes what it did."""

    def __init__(self, *, forbidden: str = "", refused: str = "", taken: str = "") -> None:
        self.standing = Standing(forbidden=forbidden)
        self.refused = refused
        self.taken = taken
        self.calls: list[str] = []
        self.queue: asyncio.Queue[Sequence[Event]] = asyncio.Queue()

    def now(self, flight: Flight, **changes: Any) -> None:
        """Have it stand so."""
        self.standing = Standing(flight=flight, **changes)

    async def events(self) -> AsyncIterator[Sequence[Event]]:
        while True:
            yield await self.queue.get()

    async def preview(self) -> Preview:
        self.calls.append("preview")
        lines = ("may run: dispatch_*", "now:", "  ENG-52  dispatch (dispatch_planner)")
        return Preview(title="switch the autopilot on", lines=lines, refused=self.refused)

    async def switch_on(self) -> str:
        self.calls.append("on")
        if not self.taken:
            self.now(Flight.ON)
        return self.taken

    def switch_off(self) -> None:
        self.calls.append("off")
        self.now(Flight.ENDING if self.standing.flies else Flight.OFF)

    def pause(self, paused: bool) -> None:
        self.calls.append("pause" if paused else "go on")
        self.now(Flight.PAUSED if paused else Flight.ON)
