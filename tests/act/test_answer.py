from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from legion_tui.act.answer import Answerer
from legion_tui.agents.protocol import Agent, Key, Known, Paste, Refuse, Sent, Sighting, Step, Wait
from legion_tui.errors import AgentError, RefusedError, TmuxError, UsageError
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
ITEM = QuestionItem(text="Which?", options=(Option(key="1", label="A"), Option(key="2", label="B")), takes_text=True)
QUESTION = Question(
    id="q1",
    kind=QuestionKind.QUESTION,
    items=(ITEM,),
    asked_at=BEGAN - timedelta(minutes=1),
    session_id="s1",
    tool_use_id="q1",
)
PANE = Pane(pane_id="%1", window_id="@1", session_id="$1", session_name="s", window_name="w", pid=7, command="claude")
WORKER = Worker(session_id="s1", state=WorkerState.QUESTION, issue="ENG-1", pane="%1", question=QUESTION)
GIVEN = (GivenAnswer(question="Which?", labels=("B",)),)


@dataclass
class World:
    """An agent in a pane. `screen` is what it shows; `press` says what a key or a paste makes of it."""

    screen: str = "dialog"
    worker: Worker | None = WORKER
    pane: Pane | None = PANE
    given: tuple[GivenAnswer, ...] | None = None
    # What the agent's adapter says to each screen.
    steps: dict[str, Step] = field(default_factory=lambda: {"dialog": Key("2", commits=True), "box": Sent()})
    press: Callable[[World, str], None] = lambda world, key: world.taken()
    on_sleep: Callable[[World], None] = lambda world: None
    typed: list[str] = field(default_factory=list)
    journal: list[tuple[str, ...]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    seconds: float = 0.0
    looks: int = 0
    broken: Exception | None = None

    def taken(self) -> None:
        """The dialog takes the key, and the answer comes on record."""
        self.screen, self.given = "box", GIVEN
        self.worker = replace(WORKER, state=WorkerState.BUSY, question=None)

    # The gateway.
    async def panes(self, *, closely: bool = True) -> tuple[Pane, ...]:
        return () if self.pane is None else (self.pane,)

    async def capture(self, pane_ids: Sequence[str], *, colour: bool = False) -> Mapping[str, Capture]:
        assert colour
        return {pane_id: Capture(pane_id=pane_id, lines=(self.screen,)) for pane_id in pane_ids}

    async def send_key(self, pane_id: str, key: str) -> None:
        self._typed(pane_id, key)

    async def paste(self, pane_id: str, text: str) -> None:
        self._typed(pane_id, f"paste {text}")

    def _typed(self, pane_id: str, what: str) -> None:
        assert pane_id == "%1"
        assert self.held, "nothing is typed without the lock"
        assert self.journal, "nothing is typed before it is in the journal"
        if self.broken is not None:
            raise self.broken
        self.typed.append(what)
        self.press(self, what)

    # The agent.
    def look(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        self.looks += 1
        if self.worker is None:
            return ()
        return (Sighting(session_id="s1", pane=self.pane),)

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        assert self.worker is not None
        return self.worker

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        return self.steps[screen[0]]

    def answer_on_record(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        return self.given

    # The rest.
    @asynccontextmanager
    async def lock(self, worker: Worker) -> AsyncIterator[None]:
        self.held.append(worker.session_id)
        try:
            yield
        finally:
            self.held.remove(worker.session_id)

    async def intend(self, kind: str, issue: str, **data: Any) -> str:
        self.journal.append(("intend", kind, issue, data["question_id"]))
        return "e1"

    async def conclude(self, entry_id: str, kind: str, issue: str, outcome: str, reason: str = "", **data: Any) -> None:
        self.journal.append(("conclude", entry_id, outcome, reason))

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.on_sleep(self)

    async def find(self, target: str, question_id: str | None) -> Worker | None:
        return self.worker if target in ("ENG-1", "s1") else None

    def answerer(self) -> Answerer:
        return Answerer(
            tmux=cast("Tmux", self),
            agent=cast("Agent", _AsAgent(self)),
            find=self.find,
            lock=self.lock,
            journal=self,
            clock=lambda: BEGAN + timedelta(seconds=self.seconds),
            sleep=self.sleep,
            seconds=lambda: self.seconds,
        )

    async def answer(self, *answers: Answer, **more: Any) -> AnswerReceipt:
        chosen = answers or (Answer(keys=("2",)),)
        return await self.answerer().answer(AnswerRequest(target="ENG-1", answers=chosen, **more))


class _AsAgent:
    """The world's agent under the protocol's names."""

    def __init__(self, world: World) -> None:
        self.look, self.judge, self.step = world.look, world.judge, world.step
        self.given = world.answer_on_record


async def test_an_answer_is_confirmed_by_the_agents_own_record() -> None:
    world = World()
    receipt = await world.answer()
    assert world.typed == ["2"]
    assert receipt.outcome is AnswerOutcome.CONFIRMED
    assert (receipt.issue, receipt.question_id, receipt.session_id) == ("ENG-1", "q1", "s1")
    assert (receipt.via, receipt.answers, receipt.reason) == (Channel.KEYS, GIVEN, "")
    assert world.journal == [("intend", "answer", "ENG-1", "q1"), ("conclude", "e1", "confirmed", "")]
    assert world.held == []


async def test_a_record_that_is_late_is_waited_for() -> None:
    def press(world: World, key: str) -> None:
        world.screen = "box"

    def later(world: World) -> None:
        if world.typed and world.seconds > 3:
            world.given = GIVEN

    world = World(press=press, on_sleep=later)
    receipt = await world.answer()
    assert receipt.outcome is AnswerOutcome.CONFIRMED
    assert 3000 <= receipt.took_ms < 3500


async def test_a_record_that_never_comes_leaves_it_unconfirmed() -> None:
    world = World(press=lambda world, key: setattr(world, "screen", "box"))
    receipt = await world.answer(timeout_seconds=2.0)
    assert receipt.outcome is AnswerOutcome.SENT_UNCONFIRMED
    assert receipt.reason == "the agent's record does not show it after 2 s"
    assert receipt.answers == GIVEN
    assert world.typed == ["2"]


async def test_another_answer_on_record_is_not_ours() -> None:
    def press(world: World, key: str) -> None:
        world.taken()
        world.given = (GivenAnswer(question="Which?", labels=("A",)),)

    receipt = await World(press=press).answer()
    assert receipt.outcome is AnswerOutcome.SENT_UNCONFIRMED
    assert receipt.reason == "the agent's record shows another answer: A"


async def test_a_dialog_that_has_just_come_up_is_given_a_moment() -> None:
    fresh = replace(QUESTION, asked_at=BEGAN - timedelta(seconds=0.4))
    seen: list[float] = []

    def press(world: World, key: str) -> None:
        seen.append(world.seconds)
        world.taken()

    world = World(worker=replace(WORKER, question=fresh), press=press)
    await world.answer()
    assert seen == [pytest.approx(0.6)]
    unknown = World(worker=replace(WORKER, question=replace(QUESTION, asked_at=None)), press=press)
    await unknown.answer()
    assert seen[1] == pytest.approx(1.0)


async def test_several_steps_with_a_look_before_each() -> None:
    steps: dict[str, Step] = {
        "dialog": Paste("own words"),
        "written": Key("Enter", commits=True),
        "box": Sent(),
    }

    def press(world: World, key: str) -> None:
        if key == "Enter":
            world.taken()
            world.given = (GivenAnswer(question="Which?", text="own words"),)
        else:
            world.screen = "written"

    world = World(steps=steps, press=press)
    receipt = await world.answer(Answer(text="own words"))
    assert world.typed == ["paste own words", "Enter"]
    assert receipt.outcome is AnswerOutcome.CONFIRMED
    assert world.looks >= 3


async def test_a_key_that_was_dropped_is_pressed_again_and_not_for_ever() -> None:
    def second(world: World, key: str) -> None:
        if len(world.typed) == 2:
            world.taken()

    world = World(press=second)
    assert (await world.answer()).outcome is AnswerOutcome.CONFIRMED
    assert world.typed == ["2", "2"]
    deaf = World(press=lambda world, key: None)
    receipt = await deaf.answer()
    assert deaf.typed == ["2", "2", "2"]
    assert receipt.outcome is AnswerOutcome.SENT_UNCONFIRMED
    assert receipt.reason == "the dialog takes no keys"


async def test_a_late_dialog_is_not_given_the_key_a_second_time() -> None:
    def press(world: World, key: str) -> None:
        world.given = GIVEN

    def later(world: World) -> None:
        # The screen still shows the old picture, the records tell that it is over.
        if world.typed and world.seconds > 1:
            world.worker = replace(WORKER, question=replace(QUESTION, id="q2", tool_use_id="q2"))

    world = World(press=press, on_sleep=later)
    assert (await world.answer()).outcome is AnswerOutcome.CONFIRMED
    assert world.typed == ["2"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"worker": replace(WORKER, question=None)}, "nothing is pending"),
        ({"worker": None}, "nothing is pending"),
        ({"pane": None}, "no pane on this tmux server"),
        ({"pane": replace(PANE, in_mode=True)}, "copy mode"),
        ({"pane": replace(PANE, command="bash")}, "a shell is in front"),
        ({"pane": replace(PANE, dead=True)}, "process is gone"),
        ({"worker": replace(WORKER, state=WorkerState.CRASHED)}, "process is gone"),
        ({"worker": replace(WORKER, state=WorkerState.SUSPENDED)}, "the agent is suspended"),
        ({"worker": replace(WORKER, state=WorkerState.UNKNOWN)}, "the agent is unknown"),
        ({"worker": replace(WORKER, question=replace(QUESTION, unanswerable="by hand only"))}, "by hand only"),
        ({"steps": {"dialog": Refuse("the transcript view is open")}}, "the transcript view is open"),
    ],
)
async def test_what_is_refused_types_nothing(change: dict[str, Any], why: str) -> None:
    world = World(**change)
    receipt = await world.answer()
    assert receipt.outcome is AnswerOutcome.REFUSED
    assert why in receipt.reason
    assert receipt.via is None
    assert (world.typed, world.journal, world.held) == ([], [], [])


async def test_another_question_than_the_named_one_is_refused() -> None:
    world = World()
    receipt = await world.answer(question_id="q0")
    assert receipt.outcome is AnswerOutcome.REFUSED
    assert receipt.reason == "not answered: the question changed: it is now 'Which?'"
    assert world.typed == []


async def test_a_question_that_was_answered_meanwhile_is_refused() -> None:
    world = World()

    async def find(target: str, question_id: str | None) -> Worker | None:
        found = world.worker
        world.taken()
        return found

    world.find = find  # type: ignore[method-assign]
    receipt = await world.answer(question_id="q1")
    assert receipt.outcome is AnswerOutcome.REFUSED
    assert receipt.reason == "not answered: the question was answered meanwhile"
    assert world.typed == []


async def test_a_question_that_changes_while_the_dialog_settles_is_refused() -> None:
    fresh = replace(WORKER, question=replace(QUESTION, asked_at=BEGAN))
    world = World(worker=fresh)
    world.on_sleep = lambda world: setattr(
        world, "worker", replace(WORKER, question=replace(QUESTION, id="q2", tool_use_id="q2"))
    )
    receipt = await world.answer()
    assert receipt.outcome is AnswerOutcome.REFUSED
    assert "the question changed" in receipt.reason
    assert world.typed == []


async def test_copy_mode_between_two_keys_stops_it() -> None:
    def press(world: World, key: str) -> None:
        world.screen = "moved"
        world.pane = replace(PANE, in_mode=True)

    world = World(steps={"dialog": Key("Down"), "moved": Key("Enter", commits=True)}, press=press)
    receipt = await world.answer()
    assert world.typed == ["Down"]
    assert receipt.outcome is AnswerOutcome.SENT_UNCONFIRMED
    assert receipt.reason == "the pane is in copy mode"
    assert world.journal[-1] == ("conclude", "e1", "sent_unconfirmed", "the pane is in copy mode")


async def test_a_screen_that_turns_into_something_else_stops_it() -> None:
    steps: dict[str, Step] = {"dialog": Key("Down"), "menu": Refuse("the screen shows another dialog")}
    world = World(steps=steps, press=lambda world, key: setattr(world, "screen", "menu"))
    receipt = await world.answer()
    assert world.typed == ["Down"]
    assert (receipt.outcome, receipt.reason) == (AnswerOutcome.SENT_UNCONFIRMED, "the screen shows another dialog")


async def test_a_screen_on_which_nothing_is_to_be_pressed_is_waited_for_but_not_for_ever() -> None:
    def later(world: World) -> None:
        if world.seconds > 1.5:
            world.screen = "dialog"

    steps: dict[str, Step] = {"wait": Wait("it is being drawn"), "dialog": Key("2", commits=True), "box": Sent()}
    assert (await World(screen="wait", steps=steps, on_sleep=later).answer()).outcome is AnswerOutcome.CONFIRMED
    stuck = World(screen="wait", steps=steps)
    receipt = await stuck.answer()
    assert (receipt.outcome, receipt.reason, stuck.typed) == (AnswerOutcome.REFUSED, "it is being drawn", [])


async def test_walking_does_not_end() -> None:
    def press(world: World, key: str) -> None:
        world.screen = f"row {len(world.typed)}"
        world.steps[world.screen] = Key("Down")

    world = World(steps={"dialog": Key("Down")}, press=press)
    receipt = await world.answer()
    assert receipt.reason == "the dialog did not come to an end"
    assert len(world.typed) == 80


async def test_tmux_failing_at_a_key_is_told_and_concluded() -> None:
    world = World(broken=TmuxError("tmux did not answer"))
    receipt = await world.answer()
    assert (receipt.outcome, receipt.reason) == (AnswerOutcome.SENT_UNCONFIRMED, "tmux did not answer")
    assert world.journal[-1] == ("conclude", "e1", "sent_unconfirmed", "tmux did not answer")


async def test_files_that_cannot_be_read_are_an_error_before_the_first_key() -> None:
    world = World()

    def look(panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        raise PermissionError(13, "Permission denied", "/home/dev/.claude/sessions")

    world.look = look  # type: ignore[method-assign]
    with pytest.raises(AgentError, match="Permission denied"):
        await world.answer()
    assert world.typed == []


async def test_a_lock_that_another_holds_is_a_refusal() -> None:
    world = World()

    @asynccontextmanager
    async def busy(worker: Worker) -> AsyncIterator[None]:
        if worker.issue == "ENG-1":
            raise RefusedError(f"another dashboard is acting on {worker.issue}")
        yield

    world.lock = busy  # type: ignore[method-assign]
    receipt = await world.answer()
    assert (receipt.outcome, receipt.reason) == (AnswerOutcome.REFUSED, "another dashboard is acting on ENG-1")
    assert (receipt.issue, world.typed) == ("ENG-1", [])


async def test_words_that_are_off_are_a_usage_error_and_what_is_not_offered_a_refusal() -> None:
    world = World()
    with pytest.raises(UsageError):
        await world.answer(Answer(keys=("1",)), Answer(keys=("1",)))
    receipt = await world.answer(Answer(keys=("9",)))
    assert (receipt.outcome, receipt.reason) == (AnswerOutcome.REFUSED, "'9' is not offered: there are 1, 2")
    assert (world.typed, world.journal) == ([], [])


async def test_a_session_of_no_issue_is_answered_under_its_own_name() -> None:
    world = World(worker=replace(WORKER, issue=None))
    request = AnswerRequest(target="s1", answers=(Answer(keys=("2",)),))
    receipt = await world.answerer().answer(request)
    assert receipt.outcome is AnswerOutcome.CONFIRMED
    assert (receipt.issue, receipt.session_id) == (None, "s1")
    assert world.journal[0][:3] == ("intend", "answer", "s1")


TRUST = Question(
    id="t1",
    kind=QuestionKind.TRUST,
    items=(QuestionItem(text="Trust?", options=(Option(key="trust", label="Yes"), Option(key="exit", label="No"))),),
    asked_at=BEGAN - timedelta(minutes=1),
    session_id="s1",
)


@pytest.mark.parametrize(
    ("after", "key", "outcome"),
    [
        (replace(WORKER, state=WorkerState.EXITED, question=None), "exit", AnswerOutcome.CONFIRMED),
        (replace(WORKER, state=WorkerState.EXITED, question=None), "trust", AnswerOutcome.SENT_UNCONFIRMED),
        (replace(WORKER, question=replace(TRUST, id="t2")), "trust", AnswerOutcome.CONFIRMED),
        (replace(WORKER, state=WorkerState.STARTING, question=None), "trust", AnswerOutcome.SENT_UNCONFIRMED),
    ],
)
async def test_what_follows_a_startup_dialog_confirms_it(after: Worker, key: str, outcome: AnswerOutcome) -> None:
    def press(world: World, pressed: str) -> None:
        world.screen, world.worker = "box", after

    world = World(worker=replace(WORKER, question=TRUST), press=press)
    assert (await world.answer(Answer(keys=(key,)))).outcome is outcome
