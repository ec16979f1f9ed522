"""One screen on an app of its own, with our themes and style sheets; what the screen gave is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from legion_tui.ui.styles import styles_dir
from legion_tui.ui.theme import DARK, LIGHT, variable_defaults

SIZES = ((60, 20), (80, 24), (120, 40), (200, 50))


class Stage(App[None]):
    """Pushes the screen that `make` returns; `results` holds what it was dismissed with."""

    def __init__(self, make: Callable[[], Screen[Any]], *, theme: str = DARK.name) -> None:
        super().__init__(css_path=sorted(styles_dir().glob("*.tcss")))
        self._make = make
        self.results: list[Any] = []
        for own in (DARK, LIGHT):
            self.register_theme(own)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def on_mount(self) -> None:
        self.push_screen(self._make(), self.results.append)


def shown(app: App[Any]) -> str:
    """The text on the glass, a line per row."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], condition: Callable[[], bool], *, tries: int = 200) -> None:
    """Wait until `condition` holds; fails after about four seconds."""
    for _ in range(tries):
        await pilot.pause(0.02)
        if condition():
            return
    raise AssertionError(f"never came to be; on the glass:\n{shown(pilot.app)}")
