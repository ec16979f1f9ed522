"""How the answer dialog looks, kind by kind and size by size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from legion_tui.present.question import Drafts
from legion_tui.state import (
    AnswerOutcome,
    AnswerReceipt,
    Channel,
    Question,
)
from tests.support.answering import (
    EDIT,
    FOUR,
    MULTI,
    PERMISSION,
    PLAN,
    PREVIEWS,
    SINGLE,
    THREE,
    TRUST,
    Open,
    asking,
)
from tests.support.stage import SIZES

PICTURES: dict[str, tuple[Question, int | None, list[str]]] = {
    "single": (SINGLE, 2, []),
    "words": (SINGLE, None, ["4", *"Both, by config"]),
    "multi": (MULTI, None, ["1"]),
    "several": (THREE, None, ["1", "enter", "1"]),
    "review": (THREE, None, ["1", "enter", "1", "tab", "tab"]),
    "permission": (PERMISSION, None, []),
    "edit": (EDIT, None, []),
    "plan": (PLAN, None, []),
    "previews": (PREVIEWS, None, ["j"]),
    "four": (FOUR, None, ["2", "enter", "1", "j"]),
    "four-review": (FOUR, None, ["2", "enter", "1", "tab", "1", "enter", "1", "tab"]),
    "trust": (TRUST, None, ["enter"]),
    "by-keys": (replace(PERMISSION, channel=Channel.HOOK, asker="general-purpose"), None, ["n", *"then test"]),
    "help": (SINGLE, None, ["question_mark"]),
    "unanswerable": (replace(MULTI, unanswerable="several boxes cannot be ticked from here yet"), None, []),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["single", "multi", "several", "permission", "plan"])
def test_picture(name: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    asked, preselect, keys = PICTURES[name]
    assert snap_compare(Open(asked, Drafts(), preselect).app, press=keys, terminal_size=size)


@pytest.mark.parametrize("name", ["words", "review", "edit", "previews", "unanswerable"])
def test_picture_of_a_page(name: str, snap_compare: Callable[..., bool]) -> None:
    asked, preselect, keys = PICTURES[name]
    assert snap_compare(Open(asked, Drafts(), preselect).app, press=keys, terminal_size=(120, 40))


@pytest.mark.parametrize("name", ["four", "four-review", "previews", "trust", "by-keys", "help"])
def test_picture_of_a_page_that_is_narrow(name: str, snap_compare: Callable[..., bool]) -> None:
    asked, preselect, keys = PICTURES[name]
    assert snap_compare(Open(asked, Drafts(), preselect).app, press=keys, terminal_size=(60, 20))


def test_picture_of_another_question_in_its_place(snap_compare: Callable[..., bool]) -> None:
    dialog = Open(SINGLE, Drafts(), 2)

    async def change(pilot: Pilot[None]) -> None:
        dialog.screen.update_worker(asking(PERMISSION))

    assert snap_compare(dialog.app, run_before=change, terminal_size=(80, 24))


def test_picture_of_a_failure(snap_compare: Callable[..., bool]) -> None:
    dialog = Open(SINGLE, Drafts(), 2)
    reason = "the pane is in copy mode: q leaves it"

    async def fail(pilot: Pilot[None]) -> None:
        dialog.screen.took(AnswerReceipt(issue="ENG-21", question_id="x", outcome=AnswerOutcome.REFUSED, reason=reason))

    assert snap_compare(dialog.app, run_before=fail, terminal_size=(80, 24))
