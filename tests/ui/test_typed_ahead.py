"""Keys that come in one go, as they do when the machine is busy: each acts in its turn."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from legion_tui.state import WorkerState
from legion_tui.ui.screens.bulk import BulkScreen
from legion_tui.ui.screens.message import MessageScreen
from legion_tui.ui.screens.new_issue import NewIssueDraft, NewIssueScreen
from legion_tui.ui.widgets.filter import FilterLine
from legion_tui.ui.widgets.typed import TypedArea, TypedLine
from legion_tui.ui.widgets.words import Words
from tests.support.snapshots import NOW, worker

CHARACTERS = {"backspace": "\x7f", "enter": "\r", "escape": "\x1b", "space": " ", "ctrl+u": "\x15", "at": "@"}


def type_ahead(app: App[None], *keys: str) -> None:
    """Give the app all keys before it can look at the first of them."""
    for key in keys:
        app.post_message(events.Key(key, CHARACTERS.get(key, key)))


class Boxes(App[None]):
    """One box."""

    def __init__(self, box: Widget) -> None:
        super().__init__()
        self.box = box

    def compose(self) -> ComposeResult:
        yield self.box


@pytest.mark.parametrize("make", [TypedArea, TypedLine, Words, lambda: FilterLine("")])
async def test_erasing_is_not_overtaken_by_what_follows_it(make: type[TypedArea]) -> None:
    app = Boxes(make())
    async with app.run_test() as pilot:
        app.box.focus()
        await pilot.pause()
        type_ahead(app, "a", "backspace", "t", "e", "backspace", "s", "left", "o")
        await pilot.pause()
        assert written(app.box) == "tos"


def written(box: Widget) -> str:
    return box.text if isinstance(box, TypedArea) else box.value if isinstance(box, TypedLine) else ""


class Dialogs(App[None]):
    """Shows one dialog, and keeps what it gave."""

    given: list[object]

    def show(self, screen: Screen[Any]) -> None:
        self.given = []
        self.push_screen(screen, self.given.append)


async def opened(pilot: Pilot[None], screen: Screen[Any]) -> Dialogs:
    app = pilot.app
    assert isinstance(app, Dialogs)
    app.show(screen)
    await pilot.pause()
    return app


async def test_enter_sends_all_that_was_typed_before_it() -> None:
    async with Dialogs().run_test() as pilot:
        app = await opened(pilot, MessageScreen(worker(NOW, WorkerState.IDLE), ()))
        type_ahead(app, *"tests", "backspace", "enter")
        await pilot.pause()
        assert app.given == ["test"]


async def test_nothing_is_sent_to_many_before_it_is_written() -> None:
    sent: list[str] = []
    screen = BulkScreen({"A-1": "A-1"}, text="", objection=lambda text: "no" if "@" in text else "", send=sent.append)
    async with Dialogs().run_test() as pilot:
        app = await opened(pilot, screen)
        type_ahead(app, "at", "enter", "backspace", *"tests", "enter")
        await pilot.pause()
        assert sent == ["tests"]


async def test_an_issue_has_its_whole_title() -> None:
    async with Dialogs().run_test() as pilot:
        app = await opened(pilot, NewIssueScreen())
        type_ahead(app, *"titel", "backspace", "backspace", *"le", "ctrl+s")
        await pilot.pause()
        assert app.given == [NewIssueDraft("title", "", dispatch=True)]


async def test_leaving_does_not_throw_away_what_is_still_on_its_way() -> None:
    async with Dialogs().run_test() as pilot:
        app = await opened(pilot, NewIssueScreen())
        type_ahead(app, *"title", "escape")
        await pilot.pause()
        assert app.given == []
        type_ahead(app, "escape")
        await pilot.pause()
        assert app.given == [None]


async def test_a_warning_stays_until_its_text_changes() -> None:
    screen = BulkScreen({"A-1": "A-1"}, text="", objection=lambda text: "no" if "@" in text else "", send=print)
    async with Dialogs().run_test() as pilot:
        await opened(pilot, screen)
        type_ahead(pilot.app, "at", "enter")
        await pilot.pause()
        assert screen._warning == "Not sent to any: no."
        type_ahead(pilot.app, "x")
        await pilot.pause()
        assert screen._warning == ""
