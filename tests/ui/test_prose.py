"""Long texts are painted line by line, and what is on the screen can still be marked with the mouse and copied."""

from __future__ import annotations

from typing import ClassVar

import anyio
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.strip import Strip

from legion_tui.present.prose import Line, Role
from legion_tui.ui.widgets.prose import Prose


class Counting(Prose):
    painted: ClassVar[list[int]] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().render_line(y)


class Reading(App[None]):
    def __init__(self, *lines: Line) -> None:
        super().__init__()
        self.prose = Counting(lambda width: lines)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"legion-muted": "#888888", "legion-key": "#888888"}

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield self.prose


async def test_only_what_is_in_sight_is_painted() -> None:
    Counting.painted.clear()
    app = Reading(*(((f"line {n}", Role.TEXT),) for n in range(50_000)))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert app.prose.size.height == 50_000
        assert max(Counting.painted) < 12
        app.prose.parent.scroll_end(animate=False)  # type: ignore[union-attr]
        await pilot.pause()
        assert max(Counting.painted) == 49_999
        assert len(set(Counting.painted)) <= 24


async def test_the_same_lines_are_not_painted_again() -> None:
    app = Reading((("as it was", Role.TEXT),))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        Counting.painted.clear()
        app.prose.show(lambda width: [(("as it was", Role.TEXT),)])
        await pilot.pause()
        assert Counting.painted == []
        app.prose.show(lambda width: [(("as it is", Role.TEXT),)])
        await pilot.pause()
        assert Counting.painted != []


async def test_what_is_marked_with_the_mouse_is_shown_and_copied() -> None:
    lines: list[Line] = [(("first ", Role.MUTED), ("line", Role.KEY)), (), (("the 漢字 third", Role.TEXT),)]
    app = Reading(*lines)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        plain = [app.prose.render_line(y) for y in range(3)]
        await pilot.mouse_down(offset=(6, 0))
        await pilot.hover(offset=(8, 2))
        await pilot.mouse_up(offset=(8, 2))
        await pilot.pause()
        assert app.screen.get_selected_text() == "line\n\nthe 漢字 "
        marked = [app.prose.render_line(y) for y in range(3)]
        assert [strip.text for strip in marked] == [strip.text for strip in plain]
        assert list(marked[0]) != list(plain[0])
        assert list(marked[2]) != list(plain[2])


async def test_pilot_waits_for_threads_and_for_timers_that_are_about_to_ring() -> None:
    told: list[str] = []

    async def work() -> None:
        await anyio.to_thread.run_sync(lambda: None)
        told.append("thread")
        await anyio.sleep(0.004)
        told.append("timer")

    app = Reading()
    async with app.run_test() as pilot:
        app.run_worker(work())
        await pilot.pause()
        assert told == ["thread", "timer"]
