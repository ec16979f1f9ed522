"""The inbox: every question in one list, answered from there one by one or all alike at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import anyio
import pytest
from textual import events
from textual.pilot import Pilot

from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, AnswerRequest, Source, SourceHealth
from legion_tui.ui.preferences import Preferences
from legion_tui.ui.screens.inbox import InboxScreen
from tests.support.apps import Stage, make_stage, on_stage
from tests.support.inboxes import SAME, alike_snapshot, answered
from tests.support.ports import FakeCommands
from tests.support.snapshots import NOW, empty_snapshot, first_run_snapshot, sample_snapshot, with_issue, without_issue
from tests.support.stage import SIZES


def inbox(stage: Stage) -> InboxScreen:
    """The inbox, whatever lies on top of it."""
    return next(screen for screen in stage.app.screen_stack if isinstance(screen, InboxScreen))


def showing(stage: Stage) -> str:
    return type(stage.app.screen).__name__


def requests(stage: Stage) -> list[AnswerRequest]:
    return stage.commands.named("answer")


@dataclass
class Choosy(FakeCommands):
    """Refuses the answers to some targets."""

    refuses: dict[str, str] = field(default_factory=dict)
    # Nothing is answered before it is set.
    gate: anyio.Event | None = None

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        if self.gate is not None:
            await self.gate.wait()
        receipt = await super().answer(request)
        if reason := self.refuses.get(request.target):
            return replace(receipt, outcome=AnswerOutcome.REFUSED, reason=reason)
        return receipt


@pytest.mark.parametrize("key", ["escape", "q", "i"])
async def test_it_shows_what_waits_longest_first_and_is_left_by_any_usual_key(key: str) -> None:
    async with on_stage(alike_snapshot()) as stage:
        await stage.press("i")
        assert showing(stage) == "InboxScreen"
        ids = ("ENG-34", "ENG-71", "ENG-21", "ENG-72", "dotfiles", "ENG-40")
        rows = [stage.line_of(f"{id} ") for id in ids]
        assert rows == sorted(rows)
        assert "INBOX 6" in stage.text()
        assert "27m of agents' time lost in all" in stage.text()
        assert "ENG-37" not in stage.text()
        await stage.press(key)
        assert showing(stage) == "BoardScreen"


async def test_a_digit_marks_that_choice_enter_sends_it_and_the_next_question_is_selected() -> None:
    async with on_stage(alike_snapshot()) as stage:
        await stage.press("i", "j", "2", "enter")
        (request,) = requests(stage)
        assert (request.target, request.question_id) == ("ENG-71", "toolu_same_71")
        assert request.answers == (Answer(keys=("2",)),)
        assert showing(stage) == "InboxScreen"
        assert inbox(stage).board.selected == "issue:ENG-21"
        assert "ENG-71 answered: 2 · confirmed" in stage.toasts[0]


async def test_what_is_typed_ahead_reaches_the_dialog_that_it_opens() -> None:
    async with on_stage(alike_snapshot()) as stage:
        for key, character in (("i", "i"), ("j", "j"), ("1", "1"), ("enter", "\r")):
            stage.app.post_message(events.Key(key, character))
        await stage.settle()
        (request,) = requests(stage)
        assert (request.target, request.answers) == ("ENG-71", (Answer(keys=("1",)),))


async def test_a_refused_answer_stays_in_its_dialog_and_moves_nothing() -> None:
    async with on_stage(alike_snapshot(), commands=Choosy(refuses={"ENG-71": "the pane is in copy mode"})) as stage:
        await stage.press("i", "j", "2", "enter")
        assert showing(stage) == "AnswerScreen"
        assert "the pane is in copy mode" in stage.text()
        await stage.press("escape")
        assert inbox(stage).board.selected == "issue:ENG-71"


@pytest.mark.parametrize("key", ["enter", "a"])
async def test_enter_and_the_key_of_the_board_open_the_question(key: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("i", "j", key)
        assert showing(stage) == "AnswerScreen"
        assert "question 1 of 3" in stage.text()


async def test_refreshes_move_neither_selection_nor_rows_under_the_keys() -> None:
    async with on_stage(alike_snapshot()) as stage:
        await stage.press("i", "j", "j")
        assert inbox(stage).board.selected == "issue:ENG-21"
        # ENG-34 is answered elsewhere: its row says so, and stays until the keys rest.
        await stage.show(answered(alike_snapshot(NOW + timedelta(seconds=2)), "ENG-34"))
        assert inbox(stage).board.selected == "issue:ENG-21"
        assert "busy" in stage.lines()[stage.line_of("ENG-34")]
        stage.seconds += 60
        inbox(stage).board.settle()
        await stage.settle()
        assert "ENG-34" not in stage.text()
        assert inbox(stage).board.selected == "issue:ENG-21"


async def test_a_question_that_was_answered_elsewhere_is_not_opened() -> None:
    async with on_stage(alike_snapshot()) as stage:
        await stage.press("i", "j")
        await stage.show(answered(alike_snapshot(), "ENG-71"))
        await stage.press("1")
        assert showing(stage) == "InboxScreen"
        assert stage.toasts == ["ENG-71 asks nothing"]
        await stage.press("k")
        await stage.show(without_issue(alike_snapshot(), "ENG-34"))
        await stage.press("enter")
        assert stage.toasts[1:] == ["ENG-34 does not ask this any more"]


async def test_attach_goes_to_the_window_of_the_row() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("i", "j", "t")
        assert stage.commands.named("attach") == ["ENG-21"]
        assert showing(stage) == "InboxScreen"


async def test_all_that_ask_the_same_are_answered_at_once_after_a_look() -> None:
    commands = Choosy(refuses={"ENG-72": "the question changed"})
    async with on_stage(alike_snapshot(), commands=commands) as stage:
        await stage.press("i", "j")
        assert "A answer 3 alike" in stage.lines()[-1]
        assert "3 ask the very same: A answers" in stage.text()
        await stage.press("A")
        assert "ENG-71 and 2 alike" in stage.text()
        await stage.press("1", "enter")
        assert showing(stage) == "ConfirmScreen"
        assert requests(stage) == []
        for words in ("one answer to 3", SAME, "→ Yes", "ENG-71 · implement, asks since 5m", "dotfiles, asks since"):
            assert words in stage.text()
        await stage.press("y")
        machine = stage.app.snapshot.sessions[0].session_id
        assert {(request.target, request.question_id) for request in requests(stage)} == {
            ("ENG-71", "toolu_same_71"),
            ("ENG-72", "toolu_same_72"),
            (machine, "toolu_same_machine"),
        }
        assert {request.answers for request in requests(stage)} == {(Answer(keys=("1",)),)}
        assert "1 refused, 2 answered" in stage.text()
        assert stage.line_of("ENG-72 · implement: nothing was typed") < stage.line_of("ENG-71 · implement answered")
        await stage.press("escape")
        assert showing(stage) == "InboxScreen"


@pytest.mark.parametrize("keys", [["escape"], ["1", "enter", "enter"], ["1", "enter", "n"], ["1", "enter", "escape"]])
async def test_nothing_is_sent_to_all_without_a_yes(keys: list[str]) -> None:
    async with on_stage(alike_snapshot()) as stage:
        await stage.press("i", "j", "A", *keys)
        assert showing(stage) == "InboxScreen"
        assert requests(stage) == []


async def test_who_was_answered_while_it_was_considered_gets_nothing() -> None:
    async with on_stage(alike_snapshot()) as stage:
        await stage.press("i", "j", "A")
        await stage.show(answered(alike_snapshot(), "ENG-72"))
        await stage.press("1", "enter")
        assert "one answer to 2" in stage.text()
        await stage.press("y")
        assert "ENG-72" not in {request.target for request in requests(stage)}


async def test_a_list_that_is_left_early_is_told_when_it_is_full() -> None:
    commands = Choosy(gate=anyio.Event())
    async with on_stage(alike_snapshot(), commands=commands) as stage:
        await stage.press("i", "j", "A", "1", "enter", "y")
        assert "3 to come" in stage.text()
        await stage.press("escape")
        assert stage.toasts == []
        assert commands.gate is not None
        commands.gate.set()
        await stage.settle()
        assert stage.toasts[0].count("answered: 1 · confirmed") == 3


async def test_one_that_asks_alone_says_so() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("i", "A")
        assert stage.toasts == ["nobody else asks what ENG-34 asks"]


async def test_while_nobody_asks_it_says_so_and_goes_on_by_itself() -> None:
    async with on_stage(empty_snapshot(), size=(80, 24)) as stage:
        await stage.press("i")
        assert "Nobody waits for you." in stage.text()
        await stage.press("a")
        assert stage.toasts == ["no row is selected"]
        await stage.show(sample_snapshot())
        stage.seconds += 60
        inbox(stage).board.settle()
        await stage.settle()
        assert "ENG-34" in stage.text()
        assert "Nobody" not in stage.text()


async def test_it_claims_nothing_while_workers_cannot_be_read() -> None:
    sources = {Source.TMUX: SourceHealth(ok=False, error="tmux did not answer")}
    async with on_stage(replace(empty_snapshot(), sources=sources)) as stage:
        await stage.press("i")
        # It may be wrapped.
        told = " ".join(line[:64].strip(" ▏") for line in stage.lines())
        assert "Whether anybody waits for you is not known: tmux did not answer" in told


async def test_what_is_asked_stands_beside_it_where_there_is_room_and_scrolls() -> None:
    async with on_stage(sample_snapshot(), size=(120, 14)) as stage:
        await stage.press("i", "j")
        assert "Which limits apply?" in stage.text()
        assert "Where are failed deliveries kept?" not in stage.text()
        await stage.press("J")
        assert "Where are failed deliveries kept?" in stage.text()
        # What is read keeps its place while its worker tells something new.
        state = sample_snapshot().issue("ENG-21")
        assert state is not None
        assert state.worker is not None
        newer = replace(state, worker=replace(state.worker, last_words="Still here."))
        await stage.show(with_issue(sample_snapshot(), newer))
        assert "Where are failed deliveries kept?" in stage.text()
        await stage.press("K")
        assert "asks since 4m" in stage.text()
        await stage.press("J", "k", "j")
        assert "asks since 4m" in stage.text()
    async with on_stage(sample_snapshot(), size=(80, 24)) as stage:
        await stage.press("i", "j")
        assert "Which limits apply?" not in stage.text()


async def test_help_and_palette_are_those_of_the_inbox() -> None:
    async with on_stage(alike_snapshot(), size=(120, 50)) as stage:
        await stage.press("i", "question_mark")
        assert "Answer all alike" in stage.text()
        assert "Autopilot" not in stage.text()
        await stage.press("escape", "ctrl+p")
        await stage.pilot.pause(0.2)
        assert "Answer all alike" in stage.text()
        assert "Autopilot" not in stage.text()


async def test_remapped_keys_hold_here_too() -> None:
    preferences = Preferences(keymap={"answer": "R", "inbox.alike": "S"})
    async with on_stage(alike_snapshot(), preferences=preferences) as stage:
        await stage.press("i", "j")
        assert "S answer 3 alike  R answer" in stage.lines()[-1]
        await stage.press("a", "A")
        assert showing(stage) == "InboxScreen"
        await stage.press("R")
        assert showing(stage) == "AnswerScreen"


async def test_in_ascii_all_of_it_is_ascii() -> None:
    async with on_stage(alike_snapshot(), preferences=Preferences(glyphs="ascii")) as stage:
        await stage.press("i", "j", "A", "1", "enter")
        assert stage.text().isascii()
        await stage.press("y")
        assert stage.text().isascii()
        assert "3 answered" in stage.text()


async def test_without_a_project_it_holds_the_sessions_of_the_machine() -> None:
    async with on_stage(first_run_snapshot()) as stage:
        await stage.press("i", "1", "enter")
        (request,) = requests(stage)
        assert request.target == stage.app.snapshot.sessions[0].session_id


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage([alike_snapshot()]).app, press=["i", "j", "j"], terminal_size=size)


def test_picture_of_an_empty_one(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage([empty_snapshot()]).app, press=["i"], terminal_size=(80, 24))


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("keys", [["y"], []], ids=["receipts", "preview"])
def test_picture_of_one_answer_to_all(
    keys: list[str], size: tuple[int, int], snap_compare: Callable[..., bool]
) -> None:
    stage = make_stage([alike_snapshot()], commands=Choosy(refuses={"ENG-72": "the question changed"}))

    async def before(pilot: Pilot[None]) -> None:
        stage.pilot = pilot
        await stage.settle()
        await stage.press("i", "j", "A", "1", "enter", *keys)

    assert snap_compare(stage.app, terminal_size=size, run_before=before)
