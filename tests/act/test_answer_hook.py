"""Answering by the hook: when it is used, what is confirmed, and what is told of an answer that came too late."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from legion_tui.act.answer import Answerer
from legion_tui.agents.protocol import Agent, Key, Known, Offer, Sighting, Step
from legion_tui.state.panes import Pane
from legion_tui.state.questions import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Channel,
    GivenAnswer,
    Option,
    Question,
    QuestionItem,
    QuestionKind,
)
from legion_tui.state.workers import Worker, WorkerState
from legion_tui.tmux import Capture, Tmux

BEGAN = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
QUESTION = Question(
    id="q1",
    kind=QuestionKind.QUESTION,
    items=(QuestionItem(text="Which?", options=(Option(key="1", label="A"), Option(key="2", label="B"))),),
    asked_at=BEGAN - timedelta(minutes=1),
    channel=Channel.HOOK,
    session_id="s1",
    tool_use_id="q1",
)
WORKER = Worker(session_id="s1", state=WorkerState.QUESTION, issue="ENG-1", pane="%1", question=QUESTION)
PANE = Pane(
    pane_id="%1",
    window_id="@1",
    session_id="$1",
    session_name="s",
    window_name="w",
    pid=7,
    command="sh",
    in_mode=True,
)
B = (GivenAnswer(question="Which?", labels=("B",)),)
A = (GivenAnswer(question="Which?", labels=("A",)),)


@dataclass
class World:
    """An agent whose pane is in copy mode behind a shell, and a hook that waits beside it."""

    worker: Worker = WORKER
    offered: bool = True
    record: tuple[GivenAnswer, ...] | None = None
    # What becomes of an answer that is handed over.
    give: Callable[[World], bool] = lambda world: world.taken(B)
    taken_back: bool = False
    broken: OSError | None = None
    steps: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def taken(self, record: tuple[GivenAnswer, ...] | None) -> bool:
        self.record = record
        return True

    # The gateway: whatever is typed would be an error.
    async def panes(self, *, closely: bool = True) -> tuple[Pane, ...]:
        return (PANE,)

    async def capture(self, pane_ids: Sequence[str], *, colour: bool = False) -> dict[str, Capture]:
        return {pane_id: Capture(pane_id=pane_id, lines=("$ ",)) for pane_id in pane_ids}

    # The agent.
    def look(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        return (Sighting(session_id="s1", pane=PANE),)

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        return self.worker

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        return Key("2", commits=True)

    def offer(self, question: Question, answers: Sequence[Answer]) -> Offer | None:
        self.steps.append("offer")
        return cast("Offer", _Offer(self)) if self.offered else None

    def given(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        return self.record

    # The rest.
    @asynccontextmanager
    async def lock(self, worker: Worker) -> AsyncIterator[None]:
        yield

    async def intend(self, kind: str, issue: str, **data: Any) -> str:
        self.steps.append(f"intend {data['via']} {data['answers']}")
        return "e1"

    async def conclude(self, entry_id: str, kind: str, issue: str, outcome: str, reason: str = "", **data: Any) -> None:
        self.steps.append(f"conclude {outcome}")

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    async def find(self, target: str, question_id: str | None) -> Worker | None:
        return self.worker

    async def answer(self) -> AnswerReceipt:
        answerer = Answerer(
            tmux=cast("Tmux", self),
            agent=cast("Agent", self),
            find=self.find,
            lock=self.lock,
            journal=self,
            clock=lambda: BEGAN + timedelta(seconds=self.seconds),
            sleep=self.sleep,
            seconds=lambda: self.seconds,
        )
        return await answerer.answer(AnswerRequest(target="ENG-1", answers=(Answer(keys=("2",)),), timeout_seconds=2.0))


@dataclass
class _Offer:
    world: World

    def give(self) -> bool:
        self.world.steps.append("give")
        if self.world.broken is not None:
            raise self.world.broken
        return self.world.give(self.world)

    def withdraw(self) -> bool:
        self.world.steps.append("withdraw")
        return self.world.taken_back


async def test_no_pane_matters_to_the_hook() -> None:
    world = World()
    receipt = await world.answer()
    assert (receipt.outcome, receipt.via, receipt.answers) == (AnswerOutcome.CONFIRMED, Channel.HOOK, B)
    assert world.steps == ["offer", "intend hook [['B']]", "give", "conclude confirmed"]


async def test_a_hook_is_not_asked_for_where_none_waits() -> None:
    world = World(worker=replace(WORKER, question=replace(QUESTION, channel=Channel.KEYS)))
    receipt = await world.answer()
    assert (receipt.outcome, receipt.reason) == (AnswerOutcome.REFUSED, "not answered: the pane is in copy mode")
    assert world.steps == []


async def test_what_a_hook_cannot_give_is_left_to_keys() -> None:
    world = World(offered=False)
    receipt = await world.answer()
    assert receipt.reason == "not answered: the pane is in copy mode"
    assert world.steps == ["offer"]


async def test_the_first_answer_counts_and_the_loser_is_told() -> None:
    world = World(give=lambda world: world.taken(A))
    receipt = await world.answer()
    assert (receipt.outcome, receipt.via) == (AnswerOutcome.REFUSED, None)
    assert receipt.reason == "the question was answered meanwhile: A"
    assert world.steps[-2:] == ["withdraw", "conclude refused"]


async def test_an_answer_that_no_hook_takes_is_taken_back() -> None:
    world = World(give=lambda world: world.taken(None), taken_back=True)
    receipt = await world.answer()
    assert (receipt.outcome, receipt.via) == (AnswerOutcome.REFUSED, None)
    assert "did not take the answer" in receipt.reason
    assert world.seconds >= 2.0


async def test_what_the_hook_took_and_no_record_shows_is_not_confirmed() -> None:
    receipt = await World(give=lambda world: world.taken(None)).answer()
    assert (receipt.outcome, receipt.via) == (AnswerOutcome.SENT_UNCONFIRMED, Channel.HOOK)
    assert "does not show it after 2 s" in receipt.reason


async def test_a_hook_that_left_with_its_question_is_told() -> None:
    world = World(give=lambda world: False, record=A)
    receipt = await world.answer()
    assert (receipt.outcome, receipt.reason) == (AnswerOutcome.REFUSED, "the agent's hook has left")


async def test_where_only_the_hook_has_left_keys_may_do() -> None:
    world = World(give=lambda world: False)
    receipt = await world.answer()
    assert receipt.reason == "not answered: the pane is in copy mode"
    assert world.steps[-1] == "conclude refused"


async def test_a_spool_that_cannot_be_written_is_no_answer() -> None:
    world = World(broken=OSError(28, "No space left on device"), record=A)
    receipt = await world.answer()
    assert receipt.outcome is AnswerOutcome.REFUSED
    assert "No space left on device" in receipt.reason
