from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from legion_tui.present.glyphs import ASCII
from legion_tui.present.question import Drafts
from legion_tui.state import (
    Answer,
    AnswerRequest,
    Channel,
    Option,
    Question,
    QuestionItem,
    QuestionKind,
    WorkerState,
)
from legion_tui.ui.screens.answer import AnswerScreen
from tests.support.answering import (
    MULTI,
    PERMISSION,
    PLAN,
    PREVIEWS,
    SINGLE,
    THREE,
    TRUST,
    asking,
    opened,
)
from tests.support.snapshots import NOW
from tests.support.stage import SIZES, Stage, shown

# A single choice


async def test_the_dialog_shows_who_asks_what_and_what_was_said_before() -> None:
    async with opened(SINGLE) as dialog:
        assert "ENG-21 · implement · asks since 4m" in dialog.text
        assert "Which back-off should failed deliveries use?" in dialog.text
        assert "❯ 1   Exponential    doubles up to 1 h, with jitter" in dialog.text
        assert "4   Write…" in dialog.text
        assert "what it said before" in dialog.text
        assert "1-4 choose   enter send   esc not now   t attach   c chat about it" in dialog.text


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["enter"], "1"),
        (["j", "enter"], "2"),
        (["down", "down", "enter"], "3"),
        (["down", "k", "enter"], "1"),
        (["j", "j", "up", "enter"], "2"),
        (["3", "enter"], "3"),
        (["2", "1", "enter"], "1"),
        (["j", "space", "enter"], "2"),
        (["9", "enter"], "1"),
    ],
)
async def test_keys_choose_and_enter_sends(keys: list[str], chosen: str) -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press(*keys)
        assert dialog.sent == AnswerRequest(target="ENG-21", answers=(Answer(keys=(chosen,)),), question_id=SINGLE.id)


async def test_a_digit_marks_and_does_not_send() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("2")
        assert "❯ 2 ✓ Fixed" in dialog.text
        assert dialog.app.results == []


async def test_a_digit_of_the_board_opens_with_its_choice_marked() -> None:
    async with opened(SINGLE, preselect=3) as dialog:
        assert "❯ 3 ✓ None" in dialog.text
        await dialog.press("enter")
        assert dialog.sent.answers == (Answer(keys=("3",)),)


@pytest.mark.parametrize("number", [0, 7, -1])
async def test_a_digit_that_chooses_nothing_marks_nothing(number: int) -> None:
    async with opened(SINGLE, preselect=number) as dialog:
        assert "✓" not in dialog.text
        assert dialog.app.results == []


async def test_escape_is_not_now() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("escape")
        assert dialog.closed_without


@pytest.mark.parametrize("way", [["4"], ["w"], ["k", "enter"], ["up", "space"]])
async def test_own_words(way: list[str]) -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press(*way)
        assert "Your own words" in dialog.text
        await dialog.press(*"jitter 4", "ctrl+j", *"now", "enter")
        assert dialog.sent.answers == (Answer(text="jitter 4\nnow"),)


async def test_keys_are_text_while_words_are_written() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("w", *"tcn19wr", "tab", "left", "x")
        assert dialog.app.results == []
        await dialog.press("enter")
        assert dialog.sent.answers == (Answer(text="tcn19wxr"),)


async def test_escape_leaves_the_words_and_keeps_them() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("w", *"half", "escape")
        assert dialog.app.results == []
        assert "Your own words" not in dialog.text
        assert "“half”" in dialog.text
        await dialog.press("w", *" done", "enter")
        assert dialog.sent.answers == (Answer(text="half done"),)


async def test_blank_words_send_nothing() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("w", "space", "enter")
        assert dialog.app.results == []


async def test_a_draft_outlives_the_dialog() -> None:
    drafts = Drafts()
    async with opened(SINGLE, drafts=drafts) as dialog:
        await dialog.press("w", *"kept", "escape", "2", "escape")
        assert dialog.closed_without
    async with opened(SINGLE, drafts=drafts) as dialog:
        assert "❯ 2 ✓ Fixed" in dialog.text
        await dialog.press("w", "enter")
        assert dialog.sent.answers == (Answer(text="kept"),)


@pytest.mark.parametrize("words", ["why?", ""])
async def test_by_hook_words_say_what_to_talk_about(words: str) -> None:
    async with opened(replace(SINGLE, channel=Channel.HOOK)) as dialog:
        await dialog.press("c", *words, "enter")
        assert dialog.sent == AnswerRequest(target="ENG-21", chat=True, text=words or None, question_id=SINGLE.id)


async def test_by_keys_a_talk_takes_no_words_and_is_said_before_it_is_sent() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("c")
        assert "It will ask what is unclear" in dialog.text
        await dialog.press("j", "c")
        assert dialog.app.results == []
        await dialog.press("c")
        assert dialog.sent == AnswerRequest(target="ENG-21", chat=True, question_id=SINGLE.id)


async def test_attach_leaves_the_dialog() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("t")
        assert dialog.attached == ["ENG-21"]
        assert dialog.closed_without


async def test_a_note_is_refused_where_none_is_taken() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("n")
        assert "This choice takes no words beside it." in dialog.text
        await dialog.press("j")
        assert "This choice takes no words beside it." not in dialog.text


async def test_clicks_choose() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.pilot.click("#answer-choices", offset=(8, 1))
        await dialog.pilot.pause()
        assert "❯ 2 ✓ Fixed" in dialog.text
        assert dialog.app.results == []


# The question changes while it is open


async def test_a_question_that_is_gone_cannot_be_answered() -> None:
    async with opened(SINGLE) as dialog:
        dialog.screen.update_worker(None)
        await dialog.press("enter")
        assert "answered elsewhere or withdrawn" in dialog.text
        assert dialog.app.results == []
        await dialog.press("c", "escape")
        assert dialog.closed_without


@pytest.mark.parametrize("change", [{"question": None}, {"state": WorkerState.CRASHED}])
async def test_a_worker_that_no_longer_asks_counts_as_gone(change: dict[str, Any]) -> None:
    async with opened(SINGLE) as dialog:
        dialog.screen.update_worker(asking(SINGLE, **change))
        await dialog.press("1", "enter", "w", "n")
        assert "answered elsewhere or withdrawn" in dialog.text
        assert dialog.app.results == []


async def test_words_that_are_being_written_are_not_sent_to_a_question_that_is_gone() -> None:
    drafts = Drafts()
    async with opened(SINGLE, drafts=drafts) as dialog:
        await dialog.press("w", *"mine")
        dialog.screen.update_worker(None)
        await dialog.press("enter")
        assert dialog.app.results == []
        assert drafts.of(SINGLE).items[0].words == "mine"


async def test_another_question_is_shown_when_asked_for() -> None:
    drafts = Drafts()
    async with opened(SINGLE, drafts=drafts) as dialog:
        await dialog.press("2")
        dialog.screen.update_worker(asking(PERMISSION))
        await dialog.press("enter")
        assert "It asks something else now:" in dialog.text
        assert dialog.app.results == []
        assert "“git push --force-with-lease origin eng-40”" in dialog.text
        await dialog.press("r")
        assert "something else" not in dialog.text
        await dialog.press("enter")
        assert dialog.sent.question_id == PERMISSION.id
        assert drafts.of(SINGLE).items[0].keys == ("2",)


async def test_the_same_question_goes_on_with_what_is_new_of_it() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("2")
        dialog.screen.update_worker(asking(PERMISSION))
        dialog.screen.update_worker(asking(SINGLE, last_words="Something newer."))
        await dialog.pilot.pause()
        assert "Something newer." in dialog.text
        assert "something else" not in dialog.text
        await dialog.press("enter")
        assert dialog.sent.answers == (Answer(keys=("2",)),)


async def test_what_is_being_written_stays_through_snapshots() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.press("w", *"ab")
        dialog.screen.update_worker(asking(SINGLE, last_words="Something newer."))
        await dialog.press("c", "enter")
        assert dialog.sent.answers == (Answer(text="abc"),)


async def test_a_question_that_cannot_be_answered_here_says_why() -> None:
    asked = replace(MULTI, unanswerable="several boxes cannot be ticked from here yet")
    async with opened(asked) as dialog:
        assert "several boxes cannot be ticked from here yet - t attaches" in dialog.text
        await dialog.press("1", "j", "j", "j", "enter")
        assert dialog.app.results == []
        await dialog.press("t")
        assert dialog.attached == ["ENG-21"]


async def test_a_question_without_items_can_only_be_left() -> None:
    async with opened(replace(SINGLE, items=())) as dialog:
        await dialog.press("enter", "j", "1", "w", "n", "tab", "space")
        assert "could not be read" in dialog.text
        assert dialog.app.results == []


async def test_an_update_before_the_first_paint_is_taken() -> None:
    screen = AnswerScreen(asking(SINGLE), target="ENG-21", drafts=Drafts(), now=lambda: NOW)
    screen.update_worker(None)
    app = Stage(lambda: screen)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert app.results == []
        assert "answered elsewhere or withdrawn" in shown(app)


async def test_ascii_signs_and_the_boards_own_name_of_an_issue() -> None:
    screen = AnswerScreen(
        asking(SINGLE), target="ENG-21", drafts=Drafts(), now=lambda: NOW, preselect=2, glyphs=ASCII, shown_id="#21"
    )
    app = Stage(lambda: screen)
    async with app.run_test():
        assert "> 2 * Fixed" in shown(app)
        assert "#21 · implement" in shown(app)


# Several boxes


async def test_boxes_are_ticked_and_submitted() -> None:
    async with opened(MULTI) as dialog:
        await dialog.press("2", "k", "space")
        assert "1 [x] Five tries" in dialog.text
        assert "2 [x] One day" in dialog.text
        await dialog.press("enter")
        assert "1 [ ] Five tries" in dialog.text
        await dialog.press("j", "j", "j", "enter")
        assert dialog.sent.answers == (Answer(keys=("2",)),)


async def test_own_words_beside_boxes() -> None:
    async with opened(MULTI) as dialog:
        await dialog.press("1", "3", *"and one", "enter")
        assert dialog.app.results == []
        assert "3 [x] Write…" in dialog.text
        await dialog.press("j", "enter")
        assert dialog.sent.answers == (Answer(keys=("1",), note="and one"),)


async def test_nothing_ticked_is_no_answer() -> None:
    async with opened(MULTI) as dialog:
        await dialog.press("k", "enter")
        assert "This one has no answer yet." in dialog.text
        assert dialog.app.results == []


# Several questions


async def test_several_questions_end_on_a_review_that_sends() -> None:
    async with opened(THREE) as dialog:
        assert "question 1 of 3" in dialog.text
        await dialog.press("2", "enter", "1", "tab", "enter")
        assert "review" in dialog.text
        assert "[x] Back-off   [x] Limits   [x] Storage" in dialog.text
        assert "→ Fixed" in dialog.text
        assert dialog.app.results == []
        await dialog.press("enter")
        assert dialog.sent.answers == (Answer(keys=("2",)), Answer(keys=("1",)), Answer(keys=("1",)))


async def test_the_review_does_not_send_while_an_answer_is_missing() -> None:
    async with opened(THREE) as dialog:
        await dialog.press("2", "shift+tab", "enter")
        assert dialog.app.results == []
        assert "question 2 of 3" in dialog.text
        assert "This one has no answer yet." in dialog.text


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["tab"], "question 2 of 3"),
        (["right", "l"], "question 3 of 3"),
        (["tab", "tab", "tab"], "review"),
        (["tab", "tab", "tab", "tab"], "question 1 of 3"),
        (["left"], "review"),
        (["h", "shift+tab"], "question 3 of 3"),
        (["left", "2"], "question 2 of 3"),
        (["left", "j", "k", "9"], "review"),
        (["left", "left"], "question 3 of 3"),
    ],
)
async def test_pages_turn(keys: list[str], place: str) -> None:
    async with opened(THREE) as dialog:
        await dialog.press(*keys)
        assert place in dialog.text


async def test_tabs_and_the_review_can_be_clicked() -> None:
    async with opened(THREE) as dialog:
        await dialog.pilot.click("#answer-tabs", offset=(35, 0))
        await dialog.pilot.pause()
        assert "question 3 of 3" in dialog.text
        await dialog.press("tab")
        await dialog.pilot.click("#answer-choices", offset=(5, 2))
        await dialog.pilot.pause()
        assert "question 2 of 3" in dialog.text


async def test_the_mouse_alone_answers() -> None:
    async with opened(SINGLE) as dialog:
        await dialog.pilot.click("#answer-choices", offset=(8, 1), times=2)
        await dialog.pilot.pause()
        assert dialog.sent.answers == (Answer(keys=("2",)),)
    async with opened(THREE) as dialog:
        for _ in range(2):
            await dialog.pilot.click("#answer-choices", offset=(8, 0), times=2)
            await dialog.pilot.pause()
        assert "question 2 of 3" in dialog.text
        assert "1 [ ]" in dialog.text, "two clicks on a box tick and untick it"
        await dialog.press("1", "tab", "1", "tab")
        assert "❯ Submit" in dialog.text
        await dialog.pilot.click("#answer-choices", offset=(4, 7))
        await dialog.pilot.pause()
        assert len(dialog.sent.answers) == 3


# The other kinds


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["enter"], AnswerRequest(target="ENG-21", answers=(Answer(keys=("allow",)),))),
        (["2", "enter"], AnswerRequest(target="ENG-21", answers=(Answer(keys=("allow_always",)),))),
        (["3", "enter"], AnswerRequest(target="ENG-21", deny=True)),
        (["3", "n", *"no", "enter"], AnswerRequest(target="ENG-21", deny=True, text="no")),
        (["n", *"ok", "enter"], AnswerRequest(target="ENG-21", answers=(Answer(keys=("allow",), note="ok"),))),
    ],
)
async def test_permissions(keys: list[str], expected: AnswerRequest) -> None:
    async with opened(PERMISSION) as dialog:
        assert "git push --force-with-lease origin eng-40" in dialog.text
        await dialog.press(*keys)
        assert dialog.sent == replace(expected, question_id=PERMISSION.id)


async def test_a_permission_takes_neither_own_words_nor_a_talk() -> None:
    async with opened(PERMISSION) as dialog:
        await dialog.press("w")
        assert "takes no words of your own" in dialog.text
        await dialog.press("c")
        assert "Only a question can be talked about" in dialog.text


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], Answer(keys=("approve_auto",))),
        (["2", "enter"], Answer(keys=("approve_manual",))),
        (["2", "n", *"go", "enter"], Answer(keys=("approve_manual",), note="go")),
        (["3", *"smaller", "enter"], Answer(text="smaller")),
    ],
)
async def test_plans(keys: list[str], answer: Answer) -> None:
    async with opened(PLAN) as dialog:
        await dialog.press(*keys)
        assert dialog.sent.answers == (answer,)


async def test_a_plan_scrolls_and_its_choices_stay_in_view() -> None:
    async with opened(PLAN, size=(80, 24)) as dialog:
        assert "Drop the legacy auth path" in dialog.text
        assert "Yes, and use auto mode" in dialog.text
        await dialog.press("pagedown", "ctrl+d", "pagedown", "pagedown", "pagedown")
        assert "assert not legacy" in dialog.text
        assert "Yes, and use auto mode" in dialog.text
        await dialog.press("pageup", "ctrl+u", "pageup", "pageup", "pageup")
        assert "Drop the legacy auth path" in dialog.text


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["1", "enter"], AnswerRequest(target="ENG-21", answers=(Answer(keys=("trust",)),))),
        (["space", "enter"], AnswerRequest(target="ENG-21", answers=(Answer(keys=("trust",)),))),
        (["2", "enter"], AnswerRequest(target="ENG-21", deny=True)),
    ],
)
async def test_trust(keys: list[str], expected: AnswerRequest) -> None:
    async with opened(TRUST) as dialog:
        assert "Do you trust the files in /home/ann/x?" in dialog.text
        await dialog.press(*keys)
        assert dialog.sent == replace(expected, question_id=TRUST.id)


@pytest.mark.parametrize("header", ["Folder", "API key", "Bypass"])
@pytest.mark.parametrize("keys", [["enter"], ["j", "enter"], ["2", "k", "enter"], ["enter", "enter", "enter"]])
async def test_enter_alone_answers_no_start_up_dialog(header: str, keys: list[str]) -> None:
    asked = replace(TRUST, items=(replace(TRUST.items[0], header=header),))
    async with opened(asked) as dialog:
        assert header in dialog.text
        assert "enter send" not in dialog.text
        await dialog.press(*keys)
        assert "mark a choice first" in dialog.text
        assert dialog.app.results == []
        await dialog.press("space")
        assert "enter send" in dialog.text


async def test_previews_follow_the_pointer_and_take_a_note() -> None:
    async with opened(PREVIEWS, size=(120, 40)) as dialog:
        assert "Two colum" in dialog.text
        await dialog.press("j")
        assert "+--One colum" in dialog.text
        await dialog.press("n", *"wide", "enter")
        assert dialog.sent.answers == (Answer(keys=("2",), note="wide"),)


# Foreign text and any size

HOSTILE = "[/nope] [bold]x[/] $primary \\[ 漢字 e\u0301 👩\u200d💻 שלום [link=http://e]z[/link] [@click=app.exit]q[/]"


@pytest.mark.parametrize("kind", list(QuestionKind))
async def test_foreign_text_is_only_text_at_any_size(kind: QuestionKind) -> None:
    long = f"{HOSTILE} " * 20
    keys = {QuestionKind.PERMISSION: "allow", QuestionKind.PLAN: "revise", QuestionKind.TRUST: "trust"}
    item = QuestionItem(
        header=HOSTILE,
        text=long,
        options=(
            Option(key=keys.get(kind, "1"), label=long, description=long, preview=long),
            Option(key="2", label=HOSTILE),
        ),
        takes_text=True,
    )
    asked = Question(id="q", kind=kind, items=(item, item), unanswerable=HOSTILE)
    made = asking(asked, last_words=long, issue=HOSTILE)
    app = Stage(lambda: AnswerScreen(made, target="x", drafts=Drafts(), now=lambda: NOW))
    async with app.run_test() as pilot:
        for size in (*SIZES, (30, 10), (24, 8)):
            await pilot.resize_terminal(*size)
            await pilot.press("j", "1", "n", "w", "tab", "tab", "tab", "enter")
            await pilot.pause()
            rows = app.screen._compositor.render_strips()
            assert [row.cell_length for row in rows] == [size[0]] * size[1]
            assert app.results == []


async def test_a_label_longer_than_the_dialog_is_read_to_its_end_and_hides_no_other() -> None:
    labels = [" ".join(f"{letter}{n}" for n in range(2_500)) for letter in "abcd"]
    options = tuple(Option(key=str(n), label=label) for n, label in enumerate(labels, start=1))
    asked = Question(id="q", kind=QuestionKind.QUESTION, items=(QuestionItem(text="Which?", options=options),))
    async with opened(asked, size=(60, 20)) as dialog:
        assert "❯ 1   a0 a1 a2" in dialog.text
        assert "pgdn scroll" in dialog.text
        await dialog.press("j")
        assert "❯ 2   b0 b1 b2" in dialog.text
        for _ in range(40):
            await dialog.press("pagedown")
        assert "4   d0 d1 d2" in dialog.text
        await dialog.press("pageup", "3", "enter")
        assert dialog.sent.answers == (Answer(keys=("3",)),)


async def test_the_dialog_fits_again_after_a_resize() -> None:
    async with opened(SINGLE, size=(60, 20)) as dialog:
        await dialog.pilot.resize_terminal(120, 40)
        await dialog.pilot.pause()
        assert "❯ 1   Exponential    doubles up to 1 h, with jitter" in dialog.text
