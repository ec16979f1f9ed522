"""The detail as a screen of its own, for terminals that are too narrow to have it beside the board."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.state import Snapshot
from legion_tui.ui.ports import Collector
from legion_tui.ui.widgets.detail_pane import DetailPane, Tab, held_by_nobody
from legion_tui.ui.widgets.prose import Prose

_KEYS = [("esc", "back"), ("1-5", "page"), ("j/k", "scroll"), ("G", "follow"), ("t", "attach"), ("a", "answer")]


class DetailScreen(Screen[str | None]):
    """Shows one issue or session until it is left: gives None, or the id of the command that was asked for.

    `show` is to be called with every snapshot.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,space", "leave", "back", id="detail.leave", show=False),
        Binding("t", "leave_for('attach')", "attach", id="detail.attach", show=False),
        Binding("a", "leave_for('answer')", "answer", id="detail.answer", show=False),
    ]

    def __init__(
        self,
        collector: Collector,
        target: str,
        snapshot: Snapshot,
        *,
        now: Callable[[], datetime],
        glyphs: Glyphs = UNICODE,
        tab: Tab = Tab.SCREEN,
        held: Callable[[str], str] = held_by_nobody,
    ) -> None:
        super().__init__()
        self._pane = DetailPane(collector, now=now, glyphs=glyphs, held=held, id="detail")
        self._target = target
        self._snapshot = snapshot
        self._first_tab = tab

    def compose(self) -> ComposeResult:
        """Lay out the pane over one line of keys."""
        yield self._pane
        yield Prose(lambda width: (keys_line(_KEYS, width),), id="detail-keys")

    def on_mount(self) -> None:
        """Show the target."""
        self.show(self._snapshot)
        self._pane.tab = self._first_tab
        self._pane.take_focus()

    @property
    def target(self) -> str:
        """Which issue or session is shown."""
        return self._target

    def show(self, snapshot: Snapshot) -> None:
        """Show the target as this snapshot has it."""
        self._pane.show(self._target, snapshot)

    def action_leave(self) -> None:
        """Go back to the board."""
        self.dismiss(None)

    def action_leave_for(self, command: str) -> None:
        """Go back to the board and have it run a command on this target."""
        self.dismiss(command)
