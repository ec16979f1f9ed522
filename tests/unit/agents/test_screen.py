from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.rows import DialogKind, one_line
from legion_tui.agents.claude_code.screen import Screen, at_rest, box_of, read_screen
from legion_tui.agents.claude_code.sgr import plain_lines, with_dimness
from legion_tui.agents.protocol import Box
from tests.support.claude_code import CLASSIC, FULL, SMALL, WIDE, lines, screen, screens

BOX = "─" * 80, "❯\u00a0", "─" * 80, "  ⏵⏵ auto mode on (shift+tab to cycle) · ← for agents"
DIALOGS = {
    "ask": "question",
    "askfree": "question",
    "asklong": "question",
    "askpar": "question",
    "askpaste": "question",
    "multi": "question",
    "named": "question",
    "preview": "question",
    "tabs": "question",
    "tabs_part": "review",
    "agent": "permission",
    "perm_bash": "permission",
    "perm_bash_long": "permission",
    "perm_bash_no": "permission",
    "perm_edit": "permission",
    "plan": "plan",
    "plan_reject": "plan",
    "trust": "trust",
    "apikey": "api_key",
    "bypass": "bypass",
    "onboarding": "onboarding",
    "config": "menu",
}
# The moments of those scenarios that show no dialog, and the reviews among questions.
OVER = {"answered-2", "turn-finished"}
REVIEWS = {"multi.80x24-fullscreen.review", "tabs.60x20-fullscreen.review"}


@pytest.mark.parametrize("name", screens())
def test_every_recorded_dialog_is_known_and_nothing_else_is_taken_for_one(name: str) -> None:
    scenario, _, moment = name.split(".")
    expected = None if moment in OVER else DIALOGS.get(scenario)
    expected = "review" if name in REVIEWS else expected
    dialog = read_screen(lines(name)).dialog
    assert (dialog.kind.value if dialog else None) == expected


@pytest.mark.parametrize("name", screens())
def test_without_colours_the_dialogs_read_the_same(name: str) -> None:
    coloured = read_screen(lines(name))
    plain = read_screen(plain_lines(lines(name)))
    assert plain.dialog == coloured.dialog
    assert (plain.box, plain.spinner, plain.attempt) == (coloured.box, coloured.spinner, coloured.attempt)


@pytest.mark.parametrize("size", [FULL, SMALL, WIDE, CLASSIC])
def test_a_question_at_every_size(size: str) -> None:
    dialog = screen("ask", "dialog", size).dialog
    assert dialog is not None
    assert dialog.ask == "Which database should the service use?"
    assert [(row.number, row.text, row.pointed) for row in dialog.rows] == [
        (1, "SQLite One file, no server", True),
        (2, "Postgres Needs a server", False),
        (3, "DuckDB Columnar, in process", False),
        (4, "Type something.", False),
        (5, "Chat about this", False),
    ]
    assert (dialog.clipped, dialog.tabs) == (False, (("Database", False),))


def test_a_question_whose_top_is_cut_off() -> None:
    dialog = screen("asklong", "dialog", SMALL).dialog
    assert dialog is not None
    assert (dialog.clipped, dialog.ask, dialog.pointed) == (True, "", None)
    assert [row.number for row in dialog.rows] == [2, 3, 4, 5]


def test_a_question_of_many_lines_loses_its_bars() -> None:
    dialog = screen("asklong", "after-down4").dialog
    assert dialog is not None
    assert dialog.ask.startswith("The migration from the old event store to the new one can be done in several ways,")
    assert dialog.ask.endswith("given that the nightly export must not be late?")
    assert dialog.pointed is not None
    assert dialog.pointed.text == "Chat about this"
    assert one_line(["│ First", "│", "│ ❯ 1. Second"]) == "First ❯ 1. Second"


def test_tabs_boxes_and_a_review() -> None:
    second = screen("tabs", "q2").dialog
    assert second is not None
    assert second.tabs == (("Database", True), ("Cache", False))
    back = screen("tabs", "back-to-q1").dialog
    assert back is not None
    assert [row.text for row in back.rows][1] == "Postgres ✔ Needs a server"
    boxes = screen("multi", "checked-3").dialog
    assert boxes is not None
    assert [row.checked for row in boxes.rows] == [True, False, True, False, False, None, None]
    submit = screen("multi", "submit-row").dialog
    assert submit is not None
    assert submit.pointed is not None
    assert (submit.pointed.number, submit.pointed.text) == (None, "Submit")
    review = screen("tabs_part", "review-part").dialog
    assert review is not None
    assert review.tabs == (("Database", False), ("Cache", True))
    assert "Which cache should sit in front of it? → Redis" in review.ask


def test_of_two_pointers_the_last_counts() -> None:
    dialog = screen("preview", "chat").dialog
    assert dialog is not None
    assert dialog.pointed is not None
    assert dialog.pointed.text == "Chat about this"


def test_permission_and_plan_menus() -> None:
    bash = screen("perm_bash", "dialog", SMALL).dialog
    assert bash is not None
    assert [row.text for row in bash.rows] == [
        "Yes",
        "Yes, and don't ask again for mkdir -p build and touch build/marker commands in /home/dev/shop",
        "Yes, and switch to auto mode · auto mode handles these prompts for you",
        "No",
    ]
    assert screen("perm_bash_long", "dialog", SMALL).dialog is not None
    for size in (FULL, SMALL, CLASSIC):
        plan = screen("plan", "dialog", size).dialog
        assert plan is not None
        assert [row.text for row in plan.rows] == [
            "Yes, and use auto mode",
            "Yes, manually approve edits",
            "Tell Claude what to change",
        ]


def test_startup_dialogs_have_two_rows_without_numbers() -> None:
    trust = screen("trust", "dialog").dialog
    key = screen("apikey", "dialog").dialog
    assert trust is not None
    assert key is not None
    assert [(row.text, row.pointed) for row in trust.rows] == [("No, exit", True), ("Yes, I trust this folder", False)]
    assert trust.ask.startswith("Accessing workspace: /home/dev/shop Quick safety check:")
    assert [(row.text, row.pointed) for row in key.rows] == [("Yes", False), ("No (recommended)", True)]


@pytest.mark.parametrize(
    ("scenario", "moment", "size", "draft"),
    [
        ("draft", "draft", FULL, "scn:hello do the thing"),
        ("draft", "draft-two-lines", FULL, "scn:hello do the thing second line"),
        ("draft", "big-paste", FULL, "[Pasted text #1 +7 lines]"),
        ("busy", "draft-while-busy", FULL, "x"),
        ("interrupted_early", "later", FULL, "scn:busy Change the handler."),
        ("exit", "slash-menu", CLASSIC, "/"),
        ("idle", "idle", FULL, ""),
        ("idle", "idle", CLASSIC, ""),
        ("err529", "end", FULL, ""),
        ("err400", "error", FULL, ""),
        ("queued", "queued", FULL, ""),
    ],
)
def test_a_draft_is_told_from_a_hint(scenario: str, moment: str, size: str, draft: str) -> None:
    seen = screen(scenario, moment, size)
    assert (seen.box, seen.draft) == (True, draft)


def test_what_goes_on() -> None:
    assert screen("busy", "before-output") == Screen(box=True, interruptible=True, spinner="Fermenting…")
    assert screen("busylong", "at-15s").spinner == "Wandering… (16s)"
    assert screen("busy", "draft-while-busy").interruptible is False
    retry = screen("err429", "attempt-3")
    assert (retry.attempt, retry.attempts) == (3, 10)
    assert retry.retry_reason == "429 This request would exceed your account'…"
    assert screen("draft_dialog", "held-back").held_back
    assert screen("turn", "turn-finished") == Screen(box=True)
    assert read_screen(["✻ Compacting conversation… (1s · ↓ 20 tokens)", "", *BOX]).compacting
    assert read_screen(["✻ Waiting for 2 background agents to finish", "", *BOX]).background_agents == 2


def test_how_a_turn_ended() -> None:
    for scenario, moment in (("interrupted", "interrupted"), ("perm_bash_esc", "escape"), ("escape", "declined")):
        assert screen(scenario, moment).interrupted, scenario
    assert screen("err400", "error").error == "Credit balance too low · Add funds:"
    assert screen("err529", "end").error.startswith("API Error: Repeated 529 Overloaded errors.")
    # What it said later ends an interruption and an error.
    assert not screen("askchat", "turn-finished").interrupted


def test_what_has_left() -> None:
    assert screen("exit", "pane-dead") == Screen(dead=True, left=True)
    assert screen("exit_shell", "shell-after", CLASSIC) == Screen(left=True)
    assert screen("kill9", "after") == Screen(dead=True)
    assert screen("suspended", "suspended") == Screen(suspended=True)
    assert screen("suspended", "suspended", CLASSIC) == Screen(suspended=True)
    assert screen("ctrlo", "transcript") == Screen(transcript_view=True)
    assert screen("ctrlo", "transcript-idle") == Screen(transcript_view=True)


def test_a_dialog_above_the_prompt_box_is_only_text() -> None:
    for name in screens():
        shown = plain_lines(lines(name))
        if read_screen(shown).dialog is not None:
            assert read_screen([*shown, "", *BOX]).dialog is None, name


def test_a_dialog_in_a_dead_pane_is_only_a_picture() -> None:
    shown = plain_lines(lines(f"ask.{FULL}.dialog"))
    assert read_screen([*shown, "Pane is dead (signal 9, Sat Nov 21 04:27:29 2026)"]) == Screen(dead=True)


def test_what_may_stand_below_a_footer() -> None:
    shown = plain_lines(lines(f"ask.{FULL}.dialog"))
    while not shown[-1]:
        shown = shown[:-1]
    for extra in ("auto-continue in 4s · any key to stay".rjust(80), "─" * 70 + " eng-7 ─", "  main · $0.12"):
        dialog = read_screen([*shown, extra]).dialog
        assert dialog is not None, extra
        assert dialog.kind is DialogKind.QUESTION


def test_a_list_in_the_text_of_an_option_is_no_row() -> None:
    shown = list(plain_lines(lines(f"ask.{FULL}.dialog")))
    at = next(i for i, row in enumerate(shown) if "One file, no server" in row)
    shown[at] = "     2. Postgres is the other one"
    dialog = read_screen(shown).dialog
    assert dialog is not None
    assert [row.number for row in dialog.rows] == [1, 2, 3, 4, 5]
    assert dialog.rows[1].text == "Postgres Needs a server"


def test_dimness_carries_over_line_ends_and_colours_are_none() -> None:
    rows = ["\x1b[2mdim", "still \x1b[22mnot", "\x1b[38;5;2mred \x1b[38;2;1;2;3mrgb\x1b[0;2m dim"]
    assert with_dimness(rows, 1).dim == (True,) * 6 + (False,) * 3
    assert with_dimness(rows, 2).dim == (False,) * 7 + (True,) * 4


@given(st.lists(st.text(max_size=100), max_size=30))
def test_never_raises_on_any_text(shown: list[str]) -> None:
    read_screen(shown)


_pieces = st.sampled_from(
    [row for name in screens() for row in lines(name) if row.strip()] + ["", "─" * 80, "❯ ", "❯\u00a0", "\x1b[", "│ "]
)


@given(st.lists(_pieces, max_size=40))
def test_no_dialog_is_seen_where_the_prompt_box_stands(shown: list[str]) -> None:
    seen = read_screen([*plain_lines(shown), *BOX])
    assert seen.dialog is None


@given(st.lists(_pieces, max_size=40), st.integers(0, 60))
def test_never_raises_on_shuffled_and_cut_screens(shown: list[str], width: int) -> None:
    read_screen([row[:width] for row in shown])


_prose = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="❯"), max_size=90)


@given(st.lists(_prose, max_size=30))
def test_text_without_a_pointer_is_no_dialog_to_answer(shown: list[str]) -> None:
    dialog = read_screen(shown).dialog
    assert dialog is None or dialog.kind is DialogKind.MENU


@given(st.data())
def test_never_raises_on_a_damaged_screen(data: st.DataObject) -> None:
    shown = list(lines(data.draw(st.sampled_from(screens()))))
    at = data.draw(st.integers(0, len(shown) - 1))
    shown[at] = data.draw(st.text(max_size=30)) + shown[at][data.draw(st.integers(0, 40)) :]
    del shown[: data.draw(st.integers(0, len(shown) - 1))]
    read_screen(shown)


@pytest.mark.parametrize("blank_rows", [0, 1, 30])
def test_the_rule_with_the_sessions_name_stands_at_the_panes_end(blank_rows: int) -> None:
    shown = [*plain_lines(lines(f"ask.{WIDE}.dialog")), *[""] * blank_rows, "─" * 180 + " eng-7-implement ─"]
    dialog = read_screen(shown).dialog
    assert dialog is not None
    assert dialog.kind is DialogKind.QUESTION
    assert [row.number for row in dialog.rows][:3] == [1, 2, 3]


RULE = "─" * 80


@pytest.mark.parametrize(
    ("rows", "box"),
    [
        ((RULE, "❯\u00a0", RULE), Box(shown=True)),
        ((RULE, "❯\u00a0go on", "  and on", RULE), Box(shown=True, text="go on and on")),
        ((RULE, "!\u00a0ls -la", RULE), Box(shown=True, text="!ls -la")),
        # Measured: an empty box in which a shell's command is to be written.
        ((RULE, "!\u00a0", RULE), Box(shown=True, text="!")),
        (
            ("─── ↑ 33 more " + "─" * 66, "  and on", "  to the end", RULE),
            Box(shown=True, text="and on to the end", clipped=True),
        ),
        (
            (
                "  ❯ /compact      Free up context by",
                "                  summarizing",
                "    /autocompact  Set",
                RULE,
                "❯\u00a0/com",
                RULE,
            ),
            Box(shown=True, text="/com", offers="/compact"),
        ),
        (("  ⎿  said: ❯ /compact", "  and more", RULE, "❯\u00a0/com", RULE), Box(shown=True, text="/com")),
        (("✻ Brewing… (3s)", RULE, "❯\u00a0", RULE), Box(shown=True, working=True)),
        (("⎿ Ready to code?",), Box()),
    ],
)
def test_the_prompt_box(rows: tuple[str, ...], box: Box) -> None:
    assert box_of(read_screen(("● Hello.", "", *rows, "  ⏵⏵ auto mode on (shift+tab to cycle)"))) == box


def test_only_an_empty_box_of_prompts_is_at_rest() -> None:
    footer = "  ⏵⏵ auto mode on (shift+tab to cycle)"
    assert at_rest((RULE, "❯\u00a0", RULE, footer))
    assert not at_rest((RULE, "!\u00a0", RULE, footer))
