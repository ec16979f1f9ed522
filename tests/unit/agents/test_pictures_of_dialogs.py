"""A picture of a dialog is none: said by the agent, printed by a command, drawn on a screen of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from legion_tui.agents.claude_code.rows import DialogKind
from legion_tui.agents.claude_code.screen import read_screen
from legion_tui.agents.claude_code.sgr import plain_lines
from tests.support.corpus import Shown, meaning_of, shown

DIALOGS = [one for one in shown() if one.kind]
QUESTION = next(one for one in shown() if one.kind == "question" and not one.meaning["dialog"]["clipped"])
PERMISSION = next(one for one in shown() if one.kind == "permission" and not one.meaning["dialog"]["clipped"])
RULE = "─" * 80
IDLE = (RULE, "❯\u00a0", RULE, "  ⏵⏵ auto mode on (shift+tab to cycle) · ← for agents")
BUSY = ("✻ Pondering… (3s · ↓ 50 tokens)", "", *IDLE[:3], "  esc to interrupt")
WITH_STATUS_LINES = (*IDLE[:3], "  ⏵⏵ auto mode on", "  main · $0.12 · 12 %", "  tmux focus-events off · add 'set -g …")


def picture(one: Shown) -> list[str]:
    found = list(plain_lines(one.lines))
    while found and not found[-1]:
        found.pop()
    return found


def said(rows: Sequence[str]) -> list[str]:
    return ["● This is what it showed:", "", *(f"  {row}".rstrip() for row in rows), ""]


def printed(rows: Sequence[str]) -> list[str]:
    head, *rest = rows
    return ["● Bash(cat screen.txt)", f"  ⎿  {head}", *(f"     {row}".rstrip() for row in rest), ""]


def verbatim(rows: Sequence[str]) -> list[str]:
    return ["❯ What does this mean?", "", *rows, ""]


@pytest.mark.parametrize("how", [said, printed, verbatim])
def test_above_the_prompt_box_it_is_text(how: Callable[[Sequence[str]], list[str]]) -> None:
    for one in DIALOGS:
        for below in (IDLE, BUSY, WITH_STATUS_LINES, (*IDLE[:1], "❯\u00a0half a thought", *IDLE[2:])):
            seen = read_screen([*how(picture(one)), *below])
            assert seen.box, one.name
            assert seen.dialog is None, one.name


def test_in_the_transcript_view_and_in_a_dead_pane_it_is_text() -> None:
    for one in DIALOGS:
        rows = said(picture(one))
        assert read_screen([*rows, RULE, "  Showing detailed transcript · ctrl+o to toggle"]).dialog is None
        assert read_screen([*rows, "Pane is dead (status 0, Thu Jan  1 00:00:00 2026)"]).dialog is None


@pytest.mark.parametrize("prompt", ["$ ", "bash-5.2$", "dev@host:~/shop$", "❯", "~/shop main ❯ git status", "# "])
def test_under_a_shells_prompt_it_is_text(prompt: str) -> None:
    for one in DIALOGS:
        seen = read_screen([f"{prompt} cat screen.txt", *picture(one), prompt])
        assert seen.dialog is None, one.name


@pytest.mark.parametrize("quoted", [QUESTION, PERMISSION], ids=["question", "permission"])
def test_above_a_dialog_it_does_not_change_what_is_read(quoted: Shown) -> None:
    for one in DIALOGS:
        # Above the others nothing of the conversation is shown.
        if not one.meaning["dialog"]["clipped"] and one.kind in ("question", "permission", "plan"):
            seen = read_screen([*said(picture(quoted)), *picture(one)])
            assert meaning_of(seen)["dialog"] == one.meaning["dialog"], one.name


def test_on_a_screen_of_ours_it_is_text() -> None:
    for one in DIALOGS:
        width = max(len(row) for row in picture(one))
        head = " ENG-7  implement  question   Which database should the service use?"
        keys = " 1-9 choose  enter answer  escape close  ? help"
        frame = [
            f"╭{'─' * (width + 2)}╮",
            *(f"│ {row.ljust(width)} │" for row in picture(one)),
            f"╰{'─' * (width + 2)}╯",
        ]
        assert read_screen([head, *frame, keys]).dialog is None, one.name
        assert read_screen([head, *(f"  {row}" for row in picture(one)), keys]).dialog is None, one.name


def test_a_picture_within_the_call_that_is_asked_for_has_no_rows_of_its_own() -> None:
    rows = picture(PERMISSION)
    rule = max(i for i, row in enumerate(rows) if row.startswith("─" * 10))
    inner = [f"   {row}".rstrip() for row in picture(QUESTION)]
    dialog = read_screen([*rows[: rule + 2], "", *inner, "", *rows[rule + 2 :]]).dialog
    assert dialog is not None
    assert dialog.kind is DialogKind.PERMISSION
    assert [row.text for row in dialog.rows] == [text for _, text, _ in PERMISSION.meaning["dialog"]["rows"]]
