from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import Input, TextArea

from legion_tui.ui.screens.new_issue import Edit, NewIssueDraft, NewIssueScreen
from tests.support.stage import SIZES, Stage, shown, until


def stage(*, edit: Edit | None = None, draft: NewIssueDraft | None = None) -> Stage:
    return Stage(lambda: NewIssueScreen(edit=edit, draft=draft))


@pytest.mark.parametrize("key", ["ctrl+s", "f2", "ctrl+enter"])
async def test_title_and_body_are_added_and_dispatched(key: str) -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"A title", "tab", *"one", "enter", *"two", key)
        await pilot.pause()
        assert app.results == [NewIssueDraft("A title", "one\ntwo", dispatch=True)]


async def test_enter_in_the_title_adds_without_dispatching() -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", *"body", "shift+tab", *" A title ", "enter")
        await pilot.pause()
        assert app.results == [NewIssueDraft("A title", "body", dispatch=False)]


@pytest.mark.parametrize("key", ["ctrl+s", "enter"])
async def test_an_issue_needs_a_title(key: str) -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", key)
        assert "An issue needs a title." in shown(app)
        await pilot.press("x")
        await pilot.pause()
        assert "An issue needs a title." not in shown(app)
        assert app.results == []


async def test_escape_leaves_an_empty_draft_at_once() -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None]


@pytest.mark.parametrize("keys", [["x"], ["tab", "x"]])
async def test_escape_asks_before_it_throws_a_draft_away(keys: list[str]) -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys, "escape")
        assert "esc again throws this away." in shown(app)
        await pilot.press("y")
        await pilot.pause()
        await pilot.press("escape")
        assert app.results == []
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None]


async def test_a_draft_is_taken_up_again() -> None:
    app = stage(draft=NewIssueDraft("[/nope] 漢字", "[bold]body", dispatch=True))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "[/nope] 漢字" in shown(app)
        await pilot.press("!", "enter")
        await pilot.pause()
        assert app.results == [NewIssueDraft("[/nope] 漢字!", "[bold]body", dispatch=False)]


async def test_the_editor_gets_title_and_body_and_gives_both_back() -> None:
    given: list[str] = []

    async def edit(text: str) -> str:
        given.append(text)
        return "Better title\x1b[31m\n\nline 1\nline 2\n\n"

    app = stage(edit=edit)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"Title", "tab", *"body", "ctrl+e")
        await until(pilot, lambda: app.screen.query_one(Input).value == "Better title")
        assert given == ["Title\n\nbody\n"]
        assert app.screen.query_one(TextArea).text == "line 1\nline 2"


async def test_an_editor_that_fails_changes_nothing() -> None:
    async def edit(text: str) -> None:
        return None

    app = stage(edit=edit)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"Title", "ctrl+e")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Title"


async def test_without_an_editor_it_says_so() -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"Title", "ctrl+e")
        await until(pilot, lambda: "No editor is known" in shown(app))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    draft = NewIssueDraft("Retry for the webhook sender", "Deliveries that fail are lost.", dispatch=False)
    assert snap_compare(stage(draft=draft), terminal_size=size)
