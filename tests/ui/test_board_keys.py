"""Every key of the board does what it says, on the row that was painted, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC

import anyio
import pytest
from textual.events import Key

from legion_tui.state import (
    Action,
    AnswerOutcome,
    AnswerReceipt,
    AttachReceipt,
    DispatchReceipt,
    IssueReceipt,
    Mode,
    Outcome,
)
from legion_tui.ui.commands import COMMANDS
from legion_tui.ui.doing import Doing
from legion_tui.ui.ports import Expected
from legion_tui.ui.preferences import Preferences
from legion_tui.ui.running import MOVES
from tests.support.apps import Stage, on_stage
from tests.support.ports import FakeCommands
from tests.support.snapshots import NOW, empty_snapshot, first_run_snapshot, sample_snapshot, with_issue, without_issue


def showing(stage: Stage) -> str:
    """The class of the screen on top."""
    return type(stage.app.screen).__name__


async def until(stage: Stage, condition: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not condition():
            await stage.pilot.pause(0.02)


async def go_to(stage: Stage, key: str) -> None:
    stage.board.select(key)
    await stage.settle()
    assert stage.board.selected == key


def test_every_command_has_a_method_and_a_key_of_its_own() -> None:
    known = {name.removeprefix("run_") for name in dir(Doing)} | MOVES.keys()
    assert {command.id for command in COMMANDS} - known == set()
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        ("j", "issue:ENG-21"),
        ("down", "issue:ENG-21"),
        ("j j k", "issue:ENG-21"),
        ("j up", "issue:ENG-34"),
        ("k", "issue:ENG-34"),
        ("G", "group:sessions"),
        ("end", "group:sessions"),
        ("G g", "issue:ENG-34"),
        ("G home", "issue:ENG-34"),
        ("tab", "issue:ENG-21"),
        ("tab tab tab tab", "issue:ENG-34"),
        ("G k", "group:quiet"),
    ],
)
async def test_moving_about(keys: str, selected: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press(*keys.split())
        assert stage.board.selected == selected


async def test_a_page_is_a_screen_and_what_is_selected_is_in_sight() -> None:
    async with on_stage(sample_snapshot(), size=(80, 14)) as stage:
        await stage.press("pagedown")
        below = stage.board.selected
        assert below not in ("issue:ENG-34", "issue:ENG-21")
        assert any(line.startswith("▐") for line in stage.lines())
        await stage.press("pageup")
        assert stage.board.selected == "issue:ENG-34"


async def test_tab_goes_to_what_needs_you_and_opens_its_group() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("tab")
        assert stage.board.selected == "issue:ENG-34"
        await stage.press("left")
        assert stage.board.selected == "group:needs_you"
        await stage.press("tab")
        assert stage.board.selected == "issue:ENG-34"


async def test_tab_says_that_nothing_needs_you() -> None:
    async with on_stage(empty_snapshot()) as stage:
        await stage.press("tab")
        assert stage.toasts == ["nothing needs you"]


async def test_groups_are_folded_and_opened_by_key() -> None:
    async with on_stage(sample_snapshot()) as stage:
        assert "ENG-60" not in stage.text()
        await go_to(stage, "group:backlog")
        await stage.press("enter")
        assert stage.board.selected == "issue:ENG-60"
        assert "ENG-64" in stage.text()
        await stage.press("left")
        assert stage.board.selected == "group:backlog"
        assert "ENG-64" not in stage.text()
        await stage.press("right")
        assert "ENG-64" in stage.text()


async def test_space_on_a_folded_group_says_what_opens_it() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "group:backlog")
        await stage.press("d")
        assert "enter opens it" in stage.toasts[-1]
        await stage.press("space")
        assert stage.board.selected == "issue:ENG-60"


async def test_a_opens_the_question_and_the_receipt_is_told() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-40")
        await stage.press("a")
        assert showing(stage) == "AnswerScreen"
        await stage.press("enter")
        (request,) = stage.commands.named("answer")
        assert request.target == "ENG-40"
        assert request.question_id == stage.app.snapshot.issues[2].worker.question.id  # type: ignore[union-attr]
        assert stage.toasts[-1].startswith("ENG-40 answered: allow")
        assert "confirmed in 0.2 s" in stage.toasts[-1]
        assert stage.collector.refreshed == 1


async def test_a_digit_opens_the_question_with_that_choice_marked() -> None:
    async with on_stage(first_run_snapshot()) as stage:
        await stage.press("2")
        assert showing(stage) == "AnswerScreen"
        await stage.press("enter")
        (request,) = stage.commands.named("answer")
        assert request.answers[0].keys == ("2",)


async def test_a_refused_answer_says_why() -> None:
    refused = AnswerReceipt(
        issue="ENG-40", question_id="x", outcome=AnswerOutcome.REFUSED, reason="it was answered meanwhile"
    )
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"answer": refused})) as stage:
        await go_to(stage, "issue:ENG-40")
        await stage.press("a", "enter")
        assert "it was answered meanwhile" in stage.toasts[-1]


# What was painted, with what the preview told.
SHOWN = Expected(
    issue="ENG-52",
    action="dispatch_planner",
    shown=("open a window eng-52-plan in tmux session legion-3kgAnyAe", "add the label worker-active"),
)


async def test_enter_on_a_question_answers_it() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("enter")
        assert showing(stage) == "AnswerScreen"
        assert stage.commands.calls == []


async def test_enter_shows_what_it_would_do_and_carries_what_was_painted() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("enter")
        assert showing(stage) == "ConfirmScreen"
        assert stage.commands.named("advance") == []
        await stage.press("y")
        assert stage.commands.named("advance") == [SHOWN]
        assert stage.toasts[-1].startswith("ENG-52 dispatch: done")


async def test_enter_twice_does_what_can_be_undone() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("enter", "enter")
        assert stage.commands.named("advance") == [SHOWN]
        await stage.press("d", "enter")
        assert [issue for issue, _ in stage.commands.named("dispatch")] == ["ENG-52"]


async def test_enter_twice_merges_nothing() -> None:
    snapshot = sample_snapshot()
    issue = next(issue for issue in snapshot.issues if issue.id == "ENG-52")
    merging = replace(issue, decision=replace(issue.decision, action=Action.DISPATCH_MERGER, mode=Mode.MERGE))
    async with on_stage(with_issue(snapshot, merging)) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("enter", "enter", "d", "enter")
        assert {name for name, _ in stage.commands.calls} == {"preview"}


async def test_a_merge_is_shown_first_and_enter_alone_does_not_confirm_it() -> None:
    snapshot = sample_snapshot()
    issue = next(issue for issue in snapshot.issues if issue.id == "ENG-18")
    merging = replace(issue, decision=replace(issue.decision, action=Action.MERGE_PR))
    async with on_stage(with_issue(snapshot, merging)) as stage:
        await go_to(stage, "issue:ENG-18")
        await stage.press("enter", "enter")
        assert {name for name, _ in stage.commands.calls} == {"preview"}
        assert stage.browsed == []


async def test_enter_opens_the_page_that_waits_for_a_review() -> None:
    snapshot = sample_snapshot()
    issue = next(issue for issue in snapshot.issues if issue.id == "ENG-18")
    waiting = replace(issue, decision=replace(issue.decision, action=Action.REVIEW_PR))
    async with on_stage(with_issue(snapshot, waiting)) as stage:
        await go_to(stage, "issue:ENG-18")
        await stage.press("enter")
        assert len(stage.browsed) == 1
        assert stage.browsed[0].startswith("https://")


async def test_what_is_typed_ahead_goes_into_the_dialog_that_opens() -> None:
    async with on_stage(sample_snapshot()) as stage:
        for key in ("n", *"tdea", "enter"):
            stage.app.post_message(Key(key, key if len(key) == 1 else None))
        await until(stage, lambda: stage.commands.named("add") != [])
        assert stage.commands.calls == [("add", ("tdea", "", False))]


async def test_a_digit_typed_ahead_chooses_in_the_one_dialog() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-21")
        for key in "a2":
            stage.app.post_message(Key(key, key))
        await until(stage, lambda: showing(stage) == "AnswerScreen" and "2 ✓" in stage.text())
        assert len(stage.app.screen_stack) == 2


async def test_words_typed_ahead_go_into_their_box() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-21")
        for key in "awtdn":
            stage.app.post_message(Key(key, key))
        await until(stage, lambda: "tdn" in stage.text())
        assert showing(stage) == "AnswerScreen"
        assert stage.commands.calls == []


async def test_in_ascii_no_sign_is_left_that_is_none() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(zone=UTC, glyphs="ascii")) as stage:
        for keys in ("a", "n", "question_mark", "space", "ctrl+p"):
            await go_to(stage, "issue:ENG-21")
            await stage.press(keys)
            assert stage.text().isascii(), stage.text()
            await stage.press("escape", "escape")


async def test_a_filter_typed_ahead_runs_no_command() -> None:
    async with on_stage(sample_snapshot()) as stage:
        for key in ("slash", *"nt"):
            stage.app.post_message(Key(key, "/" if key == "slash" else key))
        await until(stage, lambda: "/ nt" in stage.text())
        assert stage.commands.calls == []
        assert stage.board.needle == "nt"


async def test_what_was_painted_counts_although_it_changes_under_the_dialog() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("enter")
        await stage.show(replace(snapshot, issues=tuple(i for i in snapshot.issues if i.id != "ENG-52")))
        await stage.press("y")
        assert stage.commands.named("advance") == [SHOWN]


async def test_a_cancelled_preview_does_nothing() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("enter", "escape")
        assert [name for name, _ in stage.commands.calls] == ["preview"]


async def test_asking_again_needs_no_yes() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-12")
        await stage.press("enter")
        assert stage.commands.named("advance") == [Expected(issue="ENG-12", action="retry_ci_check")]


async def test_enter_attaches_where_that_is_the_next_step() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-29")
        await stage.press("enter")
        assert stage.commands.named("attach") == ["ENG-29"]


async def test_enter_says_why_nothing_is_to_be_done() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-26")
        await stage.press("enter")
        assert "blocked by ENG-21" in stage.toasts[-1]


async def test_dispatch_is_previewed_and_told() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("d", "y")
        assert stage.commands.named("preview") == [(Expected(issue="ENG-52", action="dispatch_planner"), "plan")]
        assert stage.commands.named("dispatch") == [("ENG-52", "plan")]
        assert stage.toasts[-1].startswith("ENG-52 started: plan")


async def test_a_refused_preview_cannot_be_run() -> None:
    async with on_stage(sample_snapshot(), commands=FakeCommands(refused="no free slot")) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("d")
        assert "no free slot" in stage.text()
        await stage.press("y", "escape")
        assert stage.commands.named("dispatch") == []


async def test_a_refused_dispatch_says_why() -> None:
    refused = DispatchReceipt(
        issue="ENG-52", mode="plan", session_id="s", outcome=Outcome.REFUSED, reason="tmux did not answer"
    )
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"dispatch": refused})) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("d", "y")
        assert "tmux did not answer" in stage.toasts[-1]


@pytest.mark.parametrize(
    ("selected", "key", "reason"),
    [
        ("issue:ENG-29", "a", "asks nothing"),
        ("issue:ENG-29", "1", "asks nothing"),
        ("issue:ENG-29", "d", "a worker is live"),
        ("issue:ENG-52", "t", "no worker to attach to"),
        ("issue:ENG-52", "a", "ENG-52 asks nothing"),
        ("problem:.legion/issues/ENG-77.md", "space", "could not be read"),
        ("problem:.legion/issues/ENG-77.md", "l", "could not be read"),
        ("group:backlog", "t", "folded group"),
    ],
)
async def test_a_key_that_cannot_act_says_why(selected: str, key: str, reason: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, selected)
        await stage.press(key)
        assert reason in stage.toasts[-1]
        assert stage.commands.calls == []
        assert showing(stage) == "BoardScreen"


async def test_attach_switches_the_client_and_the_selection_stays() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-29")
        await stage.press("t")
        assert stage.commands.named("attach") == ["ENG-29"]
        assert (stage.handed, stage.toasts) == ([], [])
        assert stage.board.selected == "issue:ENG-29"


async def test_attach_hands_the_terminal_over_and_refreshes_after() -> None:
    argv = ("tmux", "-L", "work", "attach", "-t", "@9")
    receipt = AttachReceipt(target="ENG-29", outcome=Outcome.DONE, argv=argv)
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"attach": receipt})) as stage:
        await go_to(stage, "issue:ENG-29")
        await stage.press("t")
        assert stage.handed == [argv]
        assert stage.collector.refreshed == 1
        assert stage.board.selected == "issue:ENG-29"


async def test_a_refused_attach_says_why() -> None:
    receipt = AttachReceipt(target="ENG-29", outcome=Outcome.REFUSED, reason="its window is gone")
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"attach": receipt})) as stage:
        await go_to(stage, "issue:ENG-29")
        await stage.press("t")
        assert stage.toasts == ["ENG-29: its window is gone"]


async def test_space_shows_the_detail_and_what_is_asked_for_there_is_done_here() -> None:
    async with on_stage(sample_snapshot(), size=(100, 30)) as stage:
        await go_to(stage, "issue:ENG-29")
        await stage.press("space")
        assert showing(stage) == "DetailScreen"
        await stage.press("t")
        assert showing(stage) == "BoardScreen"
        assert stage.commands.named("attach") == ["ENG-29"]


async def test_a_command_of_the_detail_never_hits_another_row() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot, size=(100, 30)) as stage:
        await go_to(stage, "issue:ENG-29")
        await stage.press("space")
        stage.seconds += 2
        await stage.show(without_issue(snapshot, "ENG-29"))
        await stage.press("t")
        assert stage.commands.named("attach") == []
        assert stage.toasts == ["ENG-29 is not on the board any more"]


async def test_on_a_wide_terminal_the_detail_stands_beside_the_board_and_follows() -> None:
    async with on_stage(sample_snapshot(), size=(160, 40)) as stage:
        await stage.press("j", "space")
        assert showing(stage) == "BoardScreen"
        assert stage.collector.asked_screens[-1] == "ENG-21"
        assert "4m  a answer" in stage.text(), "the board fits into what is left"
        await stage.press("j")
        assert stage.board.selected == "issue:ENG-40"
        assert stage.collector.asked_screens[-1] == "ENG-40"
        await stage.press("e")
        assert "a permission waits for you" in stage.text()
        await stage.press("escape")
        assert "a permission waits for you" not in stage.text()


async def test_e_explains() -> None:
    async with on_stage(sample_snapshot(), size=(100, 30)) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("e")
        assert "Todo, no live worker, not worker-done" in stage.text()


async def test_l_shows_the_log() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("l")
        assert showing(stage) == "LogScreen"


async def test_n_adds_an_issue() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("n", *"Retry", "enter")
        assert stage.commands.named("add") == [("Retry", "", False)]
        assert stage.toasts == ["ENG-99 added"]


async def test_an_issue_that_was_refused_is_there_the_next_time() -> None:
    refused = IssueReceipt(issue="", outcome=Outcome.REFUSED, reason="the disk is full")
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"add": refused})) as stage:
        await stage.press("n", *"Retry", "enter")
        assert stage.toasts == ["the issue was not added: the disk is full"]
        await stage.press("n")
        assert "Retry" in stage.text()


async def test_the_editor_writes_the_body() -> None:
    preferences = Preferences(editor=("vi", "-u", "NONE"))
    async with on_stage(sample_snapshot(), preferences=preferences) as stage:
        await stage.press("n", *"Retry", "ctrl+e")
        ((*editor, path),) = stage.handed
        assert editor == ["vi", "-u", "NONE"]
        assert path.endswith(".md")


async def test_n_without_a_project_says_what_makes_one() -> None:
    async with on_stage(first_run_snapshot()) as stage:
        await stage.press("n")
        assert "legion-tui init" in stage.toasts[-1]


async def test_o_opens_the_pull_request_and_else_the_issue() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-21")
        await stage.press("o")
        await go_to(stage, "issue:ENG-52")
        await stage.press("o")
        assert stage.browsed == [
            "https://github.com/acme/payments/pull/412",
            "https://github.com/acme/payments/issues/52",
        ]


async def test_o_opens_nothing_but_https() -> None:
    snapshot = sample_snapshot()
    issue = snapshot.issues[0]
    issue = replace(issue, issue=replace(issue.issue, url="file:///etc/passwd"))
    async with on_stage(replace(snapshot, issues=(issue,))) as stage:
        await stage.press("o")
        assert stage.browsed == []
        assert "no https address" in stage.toasts[-1]


async def test_y_copies_the_id() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("j", "y")
        assert stage.app.clipboard == "ENG-21"
        assert stage.toasts == ["copied ENG-21"]


async def test_y_copies_what_is_wrong_with_a_record() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "problem:.legion/issues/ENG-77.md")
        await stage.press("y")
        assert stage.app.clipboard == str(stage.app.snapshot.problems[0])


async def test_the_filter_narrows_while_it_is_typed_and_escape_ends_it() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-18")
        await stage.press("slash", *"refunds")
        text = stage.text()
        assert "ENG-18" in text
        assert "Partial refunds" in text, "folded groups are searched too"
        assert "ENG-34" not in text
        assert stage.board.selected == "issue:ENG-18"
        await stage.press("enter", "j")
        assert stage.board.selected == "issue:ENG-60"
        await stage.press("escape")
        assert "ENG-34" in stage.text()


async def test_a_filter_that_matches_nothing_says_so() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("slash", *"zzz")
        assert "Nothing matches “zzz”" in stage.text()
        await stage.press("escape")
        assert stage.board.selected.startswith("issue:")


async def test_p_pauses_and_goes_on() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("p")
        assert stage.collector.paused == [True]
        assert "paused" in stage.lines()[0]
        assert "p goes on" in stage.lines()[1]
        await stage.press("p")
        assert stage.collector.paused == [True, False]
        assert "paused" not in stage.text()


async def test_r_asks_every_source() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("r")
        assert stage.collector.refreshed == 1


async def test_the_palette_lists_commands_with_their_keys_and_reasons() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go_to(stage, "issue:ENG-52")
        await stage.press("ctrl+p")
        text = stage.text()
        assert "Dispatch  d" in text
        assert "not now: ENG-52 asks nothing" in text
        await stage.press(*"dispatch")
        await stage.pilot.pause(0.3)
        await stage.press("enter")
        await stage.settle()
        assert showing(stage) == "ConfirmScreen"


async def test_help_lists_every_command() -> None:
    async with on_stage(sample_snapshot(), size=(120, 80)) as stage:
        await stage.press("question_mark")
        text = stage.text()
        assert [command.name for command in COMMANDS if command.name not in text] == []


async def test_q_leaves() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("q")
        assert not stage.app.is_running


@pytest.mark.parametrize("keymap", [{"dispatch": "D"}, {"dispatch": "D,ctrl+d"}])
async def test_keys_can_be_remapped_and_the_rows_say_so(keymap: Mapping[str, str]) -> None:
    preferences = Preferences(keymap={**keymap, "advance": "x"})
    async with on_stage(sample_snapshot(NOW), preferences=preferences) as stage:
        await go_to(stage, "issue:ENG-52")
        assert "x dispatch" in stage.lines()[stage.line_of("ENG-52")]
        assert "D dispatch" in stage.lines()[-1]
        await stage.press("D")
        assert showing(stage) == "ConfirmScreen"
        await stage.press("escape", "d")
        assert showing(stage) == "BoardScreen"
