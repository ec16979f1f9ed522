from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.present import question as model
from legion_tui.present.answer import (
    asks,
    before_lines,
    note_lines,
    place,
    preview_lines,
    row_lines,
    subject_lines,
    tab_at,
    tabs_line,
    who,
)
from legion_tui.present.answer_layout import Wanted, key_words, keys_line, share
from legion_tui.present.prose import Role, plain, width_of
from legion_tui.present.question import Draft, Drafts, ItemDraft, RowKind
from legion_tui.state import Answer, AnswerRequest, Mode, Option, Question, QuestionItem, QuestionKind, WorkerState
from tests.support.snapshots import NOW, back_off_question, question, worker

SINGLE = question(NOW, "Which?", "Exponential", "Fixed", "None", header="Back-off")
THREE = back_off_question(NOW)
PERMISSION = question(NOW, "git push\n--force", "Yes", "Yes, always", "No", kind=QuestionKind.PERMISSION, header="Bash")
PLAN = question(NOW, "# Plan\n\n1. a", "Yes, auto", "Yes, by hand", "No", kind=QuestionKind.PLAN)
TRUST = question(NOW, "Trust this folder?", "Yes", "No, exit", kind=QuestionKind.TRUST)
PREVIEWS = Question(
    id="q",
    kind=QuestionKind.QUESTION,
    items=(QuestionItem(text="Which?", options=(Option(key="1", label="A", preview="x"), Option(key="2", label="B"))),),
)


def fresh(asked: Question) -> Draft:
    return Drafts().of(asked)


def chosen(asked: Question, *numbers: int) -> Draft:
    draft = fresh(asked)
    for number in numbers:
        draft = model.choose(asked, draft, number - 1)
    return draft


def sent(asked: Question, draft: Draft) -> AnswerRequest:
    request = model.request(asked, draft, "ENG-1")
    assert request is not None
    assert request.target == "ENG-1"
    assert request.question_id == asked.id
    return request


def test_rows_are_the_agents_options_and_then_own_words() -> None:
    assert [(row.kind, row.label, row.number) for row in model.rows(SINGLE, 0)] == [
        (RowKind.OPTION, "Exponential", 1),
        (RowKind.OPTION, "Fixed", 2),
        (RowKind.OPTION, "None", 3),
        (RowKind.WORDS, "Write…", 4),
    ]


def test_a_multi_select_ends_with_a_way_on() -> None:
    assert [(row.label, row.number) for row in model.rows(THREE, 1)][-2:] == [("Write…", 3), ("Next", 0)]
    alone = replace(THREE, items=THREE.items[1:2])
    assert model.rows(alone, 0)[-1].label == "Submit"


def test_a_single_choice() -> None:
    assert model.request(SINGLE, fresh(SINGLE), "ENG-1") is None
    assert sent(SINGLE, chosen(SINGLE, 1, 2)).answers == (Answer(keys=("2",)),)


def test_own_words_take_the_place_of_a_choice_and_are_kept_when_one_is_made() -> None:
    draft = model.write(SINGLE, chosen(SINGLE, 1), "neither")
    assert sent(SINGLE, draft).answers == (Answer(text="neither"),)

    draft = model.choose(SINGLE, draft, 0)

    assert sent(SINGLE, draft).answers == (Answer(keys=("1",)),)
    assert draft.items[0].words == "neither"


def test_blank_words_are_no_answer() -> None:
    assert model.request(SINGLE, model.write(SINGLE, fresh(SINGLE), " \n "), "ENG-1") is None


def test_a_multi_select_takes_boxes_in_the_order_of_the_page_and_words_beside_them() -> None:
    multi = replace(THREE, items=THREE.items[1:2])
    assert sent(multi, chosen(multi, 2, 1)).answers == (Answer(keys=("1", "2")),)
    assert sent(multi, chosen(multi, 2, 1, 2)).answers == (Answer(keys=("1",)),)
    assert sent(multi, model.write(multi, chosen(multi, 2), "and")).answers == (Answer(keys=("2",), note="and"),)
    assert sent(multi, model.write(multi, fresh(multi), "only")).answers == (Answer(text="only"),)
    assert model.request(multi, fresh(multi), "ENG-1") is None


def test_several_questions_are_sent_when_all_are_answered() -> None:
    draft = model.choose(THREE, fresh(THREE), 0)
    assert model.unanswered(THREE, draft) == (1, 2)
    assert model.request(THREE, draft, "ENG-1") is None

    draft = model.choose(THREE, model.turn(THREE, draft, 1), 1)
    draft = model.choose(THREE, model.turn(THREE, draft, 1), 0)

    assert model.turn(THREE, draft, 1).page == 3
    assert sent(THREE, draft).answers == (Answer(keys=("1",)), Answer(keys=("2",)), Answer(keys=("1",)))


@pytest.mark.parametrize(
    ("number", "note", "expected"),
    [
        (1, "", AnswerRequest(target="ENG-1", answers=(Answer(keys=("allow",)),), question_id=PERMISSION.id)),
        (
            1,
            "then test",
            AnswerRequest(
                target="ENG-1", answers=(Answer(keys=("allow",), note="then test"),), question_id=PERMISSION.id
            ),
        ),
        (
            2,
            "ignored",
            AnswerRequest(target="ENG-1", answers=(Answer(keys=("allow_always",)),), question_id=PERMISSION.id),
        ),
        (3, "", AnswerRequest(target="ENG-1", deny=True, question_id=PERMISSION.id)),
        (3, "not now", AnswerRequest(target="ENG-1", deny=True, text="not now", question_id=PERMISSION.id)),
    ],
)
def test_permissions(number: int, note: str, expected: AnswerRequest) -> None:
    assert sent(PERMISSION, model.note(chosen(PERMISSION, number), note)) == expected


def test_plans() -> None:
    assert [row.kind for row in model.rows(PLAN, 0)] == [RowKind.OPTION, RowKind.OPTION, RowKind.WORDS]
    assert sent(PLAN, chosen(PLAN, 1)).answers == (Answer(keys=("approve_auto",)),)
    assert sent(PLAN, model.note(chosen(PLAN, 2), "mind X")).answers == (
        Answer(keys=("approve_manual",), note="mind X"),
    )
    assert sent(PLAN, model.write(PLAN, fresh(PLAN), "smaller")).answers == (Answer(text="smaller"),)


def test_trust() -> None:
    assert sent(TRUST, chosen(TRUST, 1)).answers == (Answer(keys=("trust",)),)
    assert sent(TRUST, chosen(TRUST, 2)) == AnswerRequest(target="ENG-1", deny=True, question_id=TRUST.id)


def test_notes_go_where_the_agent_takes_them() -> None:
    assert model.note_prompt(PREVIEWS, 0, model.rows(PREVIEWS, 0)[0])
    assert not model.note_prompt(SINGLE, 0, model.rows(SINGLE, 0)[0])
    assert not model.note_prompt(PERMISSION, 0, model.rows(PERMISSION, 0)[1])
    assert not model.note_prompt(TRUST, 0, model.rows(TRUST, 0)[0])
    assert sent(PREVIEWS, model.note(chosen(PREVIEWS, 1), "n")).answers == (Answer(keys=("1",), note="n"),)


def test_talking_about_it() -> None:
    assert model.talk(SINGLE, "ENG-1", " why? ") == AnswerRequest(
        target="ENG-1", chat=True, text="why?", question_id=SINGLE.id
    )
    assert model.talk(SINGLE, "ENG-1", " ").text is None


def test_drafts_are_kept_by_question_and_lose_only_choices_that_are_gone() -> None:
    drafts = Drafts()
    drafts.keep(SINGLE, model.write(SINGLE, chosen(SINGLE, 2), "mine"))
    assert drafts.of(SINGLE).items[0].words == "mine"

    drafts.keep(SINGLE, chosen(SINGLE, 2))
    fewer = replace(SINGLE, items=(replace(SINGLE.items[0], options=SINGLE.items[0].options[:1]),))
    assert drafts.of(fewer).items[0].keys == ()
    assert drafts.of(replace(SINGLE, id="other")) == fresh(SINGLE)

    drafts.keep_only([])
    assert drafts.of(SINGLE) == fresh(SINGLE)


def test_a_forgotten_draft_is_fresh() -> None:
    drafts = Drafts()
    drafts.keep(SINGLE, chosen(SINGLE, 2))
    drafts.forget(SINGLE.id)
    drafts.forget("never known")
    assert drafts.of(SINGLE) == fresh(SINGLE)


def test_the_pointer_goes_round_the_ends() -> None:
    draft = model.point(SINGLE, fresh(SINGLE), -1)
    assert draft.items[0].pointer == 3
    assert model.point(SINGLE, draft, 4).items[0].pointer == 0


def test_titles() -> None:
    asking = worker(NOW, WorkerState.QUESTION, issue="ENG-21", mode=Mode.IMPLEMENT, asks=THREE)
    assert who(asking) == "ENG-21 · implement"
    assert asks(THREE, NOW) == "asks since 4m"
    assert asks(replace(PERMISSION, asked_at=None), NOW) == "asks for permission"
    assert asks(PLAN, NOW) == "has a plan · 1m"
    assert place(THREE, fresh(THREE)) == "question 1 of 3"
    assert place(THREE, replace(fresh(THREE), page=3)) == "review"
    assert place(SINGLE, fresh(SINGLE)) == ""


def test_a_session_is_named_by_what_is_known_of_it() -> None:
    session = worker(NOW, WorkerState.QUESTION, name="dotfiles", cwd="/home/ann/dotfiles")
    assert who(session) == "dotfiles"
    assert who(replace(session, name="")) == "dotfiles"
    assert who(replace(session, name="", cwd=None)) == session.session_id[:8]


def test_tabs_tell_what_is_answered_and_can_be_clicked() -> None:
    line = tabs_line(THREE, chosen(THREE, 1), 80)
    assert plain(line) == " [x] Back-off   [ ] Limits   [ ] Storage   Review "
    assert [tab_at(THREE, fresh(THREE), 80, x) for x in (0, 13, 16, 30, 46, 79)] == [0, 0, 1, 2, 3, None]
    assert tabs_line(SINGLE, fresh(SINGLE), 80) == ()


def test_descriptions_stand_beside_where_there_is_room_and_else_below() -> None:
    wide, owners = row_lines(SINGLE, chosen(SINGLE, 2), 80)
    assert [plain(line).rstrip() for line in wide] == [
        "  1   Exponential    doubles up to 1 h, with jitter",
        "❯ 2 ✓ Fixed          every 60 s",
        "  3   None           fail at once, alert",
        "  4   Write…",
    ]
    assert owners == [0, 1, 2, 3]
    narrow, owners = row_lines(SINGLE, chosen(SINGLE, 2), 40)
    assert [plain(line) for line in narrow][:2] == ["  1   Exponential", "      doubles up to 1 h, with jitter"]
    assert owners == [0, 0, 1, 1, 2, 2, 3]


def test_a_permission_shows_the_whole_command_and_a_diff_in_its_colours() -> None:
    assert [plain(line) for line in subject_lines(PERMISSION, 0, 60)] == ["Bash", "", "▏ git push", "▏ --force"]
    diff = replace(PERMISSION, items=(replace(PERMISSION.items[0], text="@@ -1 +1 @@\n-a\n+b"),))
    assert [line[-1][1] for line in subject_lines(diff, 0, 60)[2:]] == [Role.HUNK, Role.REMOVED, Role.ADDED]


def test_the_review_repeats_all_answers() -> None:
    draft = replace(chosen(THREE, 1), page=3)
    lines, owners = row_lines(THREE, draft, 60)
    assert [plain(line) for line in lines][:4] == [
        "1  Which back-off should failed deliveries use?",
        "   → Exponential",
        "2  Which limits apply?",
        "   → not answered yet",
    ]
    assert plain(lines[-1]) == "❯ Submit"
    assert owners == [0, 0, 1, 1, 2, 2, 3, 3]


def test_previews_notes_and_last_words() -> None:
    assert [plain(line) for line in preview_lines(PREVIEWS, fresh(PREVIEWS), 40)] == ["x"]
    pointed = model.point(PREVIEWS, fresh(PREVIEWS), 1)
    assert [plain(line) for line in preview_lines(PREVIEWS, pointed, 40)] == ["no preview"]
    assert preview_lines(SINGLE, fresh(SINGLE), 40) == []
    noted = model.note(chosen(PERMISSION, 1), "then test")
    assert [plain(line) for line in note_lines(PERMISSION, noted, 40)] == ["note  then test"]
    assert note_lines(PERMISSION, model.point(PERMISSION, noted, 1), 40) == []
    talkative = worker(NOW, WorkerState.QUESTION, issue="ENG-1", last_words="word " * 80)
    before = before_lines(talkative, 40)
    assert len(before) == 4
    assert plain(before[-1]).endswith("…")
    assert before_lines(replace(talkative, last_words=""), 40) == []


def _all_first(asked: Question) -> Draft:
    draft = fresh(asked)
    for page in range(len(asked.items)):
        draft = model.choose(asked, replace(draft, page=page), 0)
    return draft


def test_tabs_are_cut_only_as_far_as_they_have_to_be() -> None:
    headers = ("Q4", "機能の選択", "Database", "A very long header that goes on")
    asked = replace(THREE, items=tuple(replace(THREE.items[0], header=header) for header in headers))
    line = plain(tabs_line(asked, fresh(asked), 76))
    assert line.startswith(" [ ] Q4   [ ] 機能の選択   [ ] Database   [ ] A very ")
    assert line.rstrip().endswith("…   Review")
    assert width_of(tabs_line(asked, fresh(asked), 56)) <= 56
    assert "A very long header that goes on" in plain(tabs_line(asked, fresh(asked), 120))


def test_keys_are_named_by_what_they_do_now() -> None:
    def words(asked: Question, draft: Draft) -> dict[str, str]:
        return dict(key_words(asked, draft))

    assert words(SINGLE, fresh(SINGLE)) == {
        "1-4": "choose",
        "enter": "send",
        "esc": "not now",
        "t": "attach",
        "c": "chat about it",
        "?": "help",
    }
    assert words(SINGLE, model.point(SINGLE, fresh(SINGLE), 3))["enter"] == "write"
    assert words(THREE, fresh(THREE))["enter"] == "next"
    assert words(THREE, replace(fresh(THREE), page=1))["enter"] == "tick"
    assert words(THREE, replace(fresh(THREE), page=3))["enter"] == "give the rest"
    given = model.request(THREE, done := _all_first(THREE), "x")
    assert given is not None
    assert words(THREE, replace(done, page=3))["enter"] == "send all"
    assert words(PREVIEWS, fresh(PREVIEWS))["n"] == "note"
    assert "enter" not in words(TRUST, fresh(TRUST))
    assert words(TRUST, chosen(TRUST, 1))["enter"] == "send"
    assert words(PERMISSION, fresh(PERMISSION))["n"] == "words"
    assert ("pgdn", "scroll") in key_words(PLAN, fresh(PLAN), scrolls=True)
    assert "c" not in words(PERMISSION, fresh(PERMISSION))
    assert key_words(SINGLE, fresh(SINGLE), blocked=True, newer=True) == [
        ("r", "show it"),
        ("t", "attach"),
        ("esc", "not now"),
        ("?", "help"),
    ]
    assert key_words(SINGLE, fresh(SINGLE), writing=True)[0] == ("enter", "send")
    assert plain(keys_line([("a", "one"), ("b", "two")], 8)) == "a one"


@given(
    st.integers(6, 60),
    st.builds(
        Wanted,
        tabs=st.sampled_from([0, 2]),
        subject=st.integers(1, 200),
        choices=st.integers(1, 40),
        preview=st.integers(0, 40),
        beside=st.booleans(),
        note=st.sampled_from([0, 1]),
        words=st.just(0),
        before=st.sampled_from([0, 5]),
        banner=st.just(0),
    ),
)
def test_question_and_choices_always_get_lines_within_the_room(room: int, wanted: Wanted) -> None:
    heights = share(room, wanted)
    assert heights.subject >= 1
    assert heights.choices >= 1
    assert heights.middle >= heights.choices
    assert heights.dialog <= room + 2
    if wanted.subject + wanted.choices + wanted.preview + wanted.tabs + wanted.note + 1 <= room:
        assert heights.subject == wanted.subject
        assert heights.choices >= wanted.choices


FOREIGN = st.text(alphabet="ab [/]漢é\n", min_size=1, max_size=200)


@given(FOREIGN, st.lists(FOREIGN, min_size=1, max_size=4), st.integers(20, 90), st.booleans())
def test_no_line_is_wider_than_the_dialog(text: str, labels: list[str], width: int, multi: bool) -> None:
    options = tuple(
        Option(key=str(n), label=label, description=label, preview=label) for n, label in enumerate(labels, 1)
    )
    item = QuestionItem(header=text, text=text, options=options, multi_select=multi, takes_text=True)
    asked = Question(id="q", kind=QuestionKind.QUESTION, items=(item, item))
    draft = model.choose(asked, fresh(asked), 0)
    lines = [
        tabs_line(asked, draft, width),
        *subject_lines(asked, 0, width),
        *row_lines(asked, draft, width)[0],
        *row_lines(asked, replace(draft, page=2), width)[0],
        *preview_lines(asked, draft, width),
    ]
    assert all(width_of(line) <= width for line in lines)
    assert not any("\n" in plain(line) for line in lines)


def test_a_question_without_items_has_nothing_to_send() -> None:
    assert model.request(replace(SINGLE, items=()), Draft(items=()), "ENG-1") is None
    bare = replace(SINGLE, items=(QuestionItem(text=""),))
    assert model.rows(bare, 0) == ()
    assert model.request(bare, Draft(items=(ItemDraft(),)), "ENG-1") is None
    assert key_words(bare, fresh(bare))[0] == ("esc", "not now")
