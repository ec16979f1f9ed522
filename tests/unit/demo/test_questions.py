from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.demo.standin.cells import cell_width, plain
from legion_tui.demo.standin.dialog import Dialog, Outcome, Took
from legion_tui.demo.standin.permission import PermissionDialog
from legion_tui.demo.standin.plan import PlanDialog
from legion_tui.demo.standin.plays import PLAYS
from legion_tui.demo.standin.questions import QuestionDialog
from legion_tui.demo.standin.results import Given, answered, clarify
from legion_tui.demo.standin.startup import bypass_dialog, key_dialog, trust_dialog

EVENTS = ["up", "down", "tab", "backtab", "enter", "escape", "backspace", "ctrl+u", "text: ", "text:n", "text:12"]
EVENTS += [f"text:{n}" for n in range(1, 8)] + ["paste:own words", "paste:two\nlines"]


def asked(play: str) -> dict[str, Any]:
    found: dict[str, Any] = next(step["ask"] for step in PLAYS[play] if "ask" in step)
    return found


def press(dialog: Dialog, *events: str) -> Took:
    took = Took.NOTHING
    for event in events:
        took = dialog.key(event)
    return took


def screen(dialog: Dialog, width: int = 80, height: int = 24) -> str:
    return "\n".join(plain(row).rstrip(" ") for row in dialog.rows(width, height))


def answers(dialog: Dialog) -> list[Given]:
    assert dialog.outcome is not None
    assert dialog.outcome.verdict == "accept"
    return dialog.outcome.given


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        (["text:2"], "Postgres"),
        (["down", "down", "enter"], "DuckDB"),
        (["up", "up", "enter"], "DuckDB"),
        (["text:4", "text:hi 2", "enter"], "hi 2"),
        (["paste:a\nb", "enter"], "a\nb"),
        (["text:4", "text:x", "up", "down", "text:y", "enter"], "xy"),
    ],
)
def test_one_question(events: list[str], answer: str) -> None:
    dialog = QuestionDialog(asked("ask"))
    assert press(dialog, *events) is Took.DONE
    assert [one.answer for one in answers(dialog)] == [answer]


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        (["escape"], "stop"),
        (["text:4", "enter"], "stop"),
        (["text:5"], "clarify"),
        (["down"] * 9 + ["enter"], "clarify"),
    ],
)
def test_ways_out_of_a_question(events: list[str], verdict: str) -> None:
    dialog = QuestionDialog(asked("ask"))
    assert press(dialog, *events) is Took.DONE
    assert dialog.outcome is not None
    assert dialog.outcome.verdict == verdict


@pytest.mark.parametrize("events", [["text:23"], ["text:x"], ["text:9"], [*["down"] * 4, "text:1"]])
def test_keys_that_do_nothing_to_a_question(events: list[str]) -> None:
    dialog = QuestionDialog(asked("ask"))
    assert press(dialog, *events) is Took.NOTHING
    assert dialog.outcome is None


def test_boxes_are_ticked_and_nothing_is_committed_before_the_review() -> None:
    dialog = QuestionDialog(asked("multi"))
    press(dialog, "text:3", "text:1", "down", "text: ", "text: ", "paste:Printing", "down")
    assert "❯    Submit" in screen(dialog)
    assert press(dialog, "enter") is Took.TURNED
    assert "   → Search, Dark mode, Printing" in screen(dialog)
    press(dialog, "enter")
    (given,) = answers(dialog)
    assert (given.labels, given.text) == (["Search", "Dark mode"], "Printing")


def test_a_digit_ticks_own_words_without_going_there() -> None:
    dialog = QuestionDialog(asked("multi"))
    press(dialog, "text:5", "text:x", "text: ")
    assert "❯ 1. [✔] Dark mode" in screen(dialog)
    assert "  5. [✔] Type something" in screen(dialog)
    press(dialog, "tab", "text:1")
    assert [given.answer for given in answers(dialog)] == ["Dark mode"]


def test_tabs_are_gone_through_and_back() -> None:
    dialog = QuestionDialog(asked("tabs"))
    assert press(dialog, "text:2") is Took.TURNED
    assert "←  ☒ Database  ☐ Cache  ✔ Submit  →" in screen(dialog)
    press(dialog, "backtab")
    assert "❯ 2. Postgres ✔" in screen(dialog)
    press(dialog, "tab", "tab")
    assert "⚠ Some questions are unanswered" in screen(dialog)
    assert "Redis" not in screen(dialog)
    press(dialog, "text:1")
    assert [given.answer for given in answers(dialog)] == ["Postgres", ""]


def test_the_review_can_be_left_for_good() -> None:
    dialog = QuestionDialog(asked("tabs"))
    press(dialog, "text:1", "text:1", "down", "enter")
    assert dialog.outcome == Outcome("stop")


def test_previews_are_pointed_at_and_taken_with_a_note() -> None:
    dialog = QuestionDialog(asked("preview"))
    assert press(dialog, "text:2") is Took.CHANGED
    assert "❯ 2. Top bar                      │ +------------------+" in screen(dialog)
    assert press(dialog, "paste:lost") is Took.NOTHING
    press(dialog, "text:n", "text:more contrast", "escape")
    assert "Notes: more contrast" in screen(dialog)
    press(dialog, "down")
    assert "\n❯ Chat about this" in screen(dialog)
    press(dialog, "up", "enter")
    (given,) = answers(dialog)
    assert (given.labels, given.note) == (["Top bar"], "more contrast")
    text, record = answered(asked("preview")["questions"], [given])
    assert text.startswith('The user answered: "Which layout do you prefer?"="Top bar" selected preview:\n+---')
    assert record["annotations"]["Which layout do you prefer?"]["notes"] == "more contrast"


def test_answers_in_the_agents_words() -> None:
    questions = asked("tabs")["questions"]
    text, record = answered(questions, [Given(["Postgres"]), Given(["Redis"])])
    assert text == (
        'Your questions have been answered: "Which database should the service use?"="Postgres", '
        '"Which cache should sit in front of it?"="Redis". You can now continue with these answers in mind.'
    )
    assert record["answers"] == {
        "Which database should the service use?": "Postgres",
        "Which cache should sit in front of it?": "Redis",
    }
    assert answered(questions, [Given(), Given(["Redis"])])[1]["answers"] == {
        "Which cache should sit in front of it?": "Redis"
    }
    assert clarify(questions[:1], [Given()]).endswith(
        '- "Which database should the service use?"\n  (No answer provided)'
    )


@pytest.mark.parametrize(
    ("mode", "events", "outcome"),
    [
        ("default", ["text:1"], Outcome("accept", choice="once")),
        ("default", ["text:2"], Outcome("accept", choice="always")),
        ("default", ["text:3"], Outcome("accept", choice="auto")),
        ("default", ["text:4"], Outcome("stop", choice="no")),
        ("auto", ["text:3"], Outcome("stop", choice="no")),
        ("auto", ["up", "enter"], Outcome("stop", choice="no")),
        ("auto", ["escape"], Outcome("stop", choice="no")),
        ("auto", ["tab", "text:then 2", "enter"], Outcome("accept", words="then 2", choice="once")),
        ("auto", ["up", "tab", "paste:not so", "enter"], Outcome("reject", words="not so", choice="no")),
    ],
)
def test_a_permission(mode: str, events: list[str], outcome: Outcome) -> None:
    dialog = PermissionDialog("Bash", {"command": "make -j2", "description": "Build"}, cwd="/src", mode=mode)
    assert press(dialog, *events) is Took.DONE
    assert dialog.outcome == outcome


@pytest.mark.parametrize(
    ("tool", "tool_input", "texts"),
    [
        ("Bash", {"command": "a && b"}, [" Bash command", "2. Yes, and don't ask again for a and b commands in /src"]),
        ("Bash", {"command": "x $y"}, [" x $y", "can't be checked before it runs", "2. No"]),
        ("Edit", {"file_path": "/src/a.py", "old_string": "1", "new_string": "2"}, ["make this edit to a.py?", "+ 2"]),
        ("Write", {"file_path": "/src/b.md", "content": "# B\n"}, [" Create file", "want to create b.md?"]),
        ("WebFetch", {"url": "https://example.com/x"}, [" Fetch", "2. Yes, and don't ask again for example.com"]),
    ],
)
def test_a_permission_says_what_for(tool: str, tool_input: dict[str, str], texts: list[str]) -> None:
    shown = screen(PermissionDialog(tool, tool_input, cwd="/src", mode="auto"))
    assert [text for text in texts if text not in shown] == []


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        (["text:1"], Outcome("accept", choice="auto")),
        (["down", "enter"], Outcome("accept", choice="default")),
        (["text:3", "paste:smaller", "enter"], Outcome("reject", words="smaller")),
        (["paste:smaller", "backtab"], Outcome("accept", words="smaller", choice="auto")),
        (["text:7", "text:1", "enter"], Outcome("reject", words="1")),
        (["escape"], Outcome("stop")),
    ],
)
def test_a_plan(events: list[str], outcome: Outcome) -> None:
    dialog = PlanDialog("# Plan\n\n1. Do it.\n", "~/plan.md")
    assert press(dialog, *events) is Took.DONE
    assert dialog.outcome == outcome


def test_a_long_plan_shows_its_beginning() -> None:
    shown = screen(PlanDialog("\n".join(f"{n}. Step" for n in range(50)), "~/plan.md"))
    assert len(shown.split("\n")) <= 24
    assert "   0. Step" in shown
    assert "49. Step" not in shown
    assert "↓\n" in shown


@pytest.mark.parametrize(
    ("dialog", "events", "verdict"),
    [
        (trust_dialog("/src"), ["enter"], "stop"),
        (trust_dialog("/src"), ["down", "enter"], "accept"),
        (bypass_dialog(), ["down", "enter"], "accept"),
        (key_dialog("k" * 40), ["up", "enter"], "accept"),
        (key_dialog("k" * 40), ["text:1", "escape"], "stop"),
    ],
)
def test_a_start_up_dialog(dialog: Dialog, events: list[str], verdict: str) -> None:
    assert press(dialog, *events) is Took.DONE
    assert dialog.outcome is not None
    assert dialog.outcome.verdict == verdict


@given(
    play=st.sampled_from(["ask", "tabs", "three-tabs", "multi", "preview"]),
    events=st.lists(st.sampled_from(EVENTS), max_size=25),
    width=st.integers(30, 220),
    height=st.integers(8, 60),
)
def test_a_question_fits_and_stays_usable_whatever_is_pressed(
    play: str, events: list[str], width: int, height: int
) -> None:
    dialog = QuestionDialog(asked(play))
    for event in events:
        took = dialog.key(event)
        assert (took is Took.DONE) == (dialog.outcome is not None)
        if dialog.outcome is not None:
            break
        rows = dialog.rows(width, height)
        assert len(rows) <= height
        if width >= 60:
            assert max(cell_width(plain(row)) for row in rows) <= width
    if dialog.outcome is not None and dialog.outcome.verdict == "accept":
        assert len(dialog.outcome.given) == len(dialog.questions)
