"""The lines above the board: project, counts and health; under it what a person should know just now."""

from __future__ import annotations

from datetime import datetime

from legion_tui.present.autopilot import stopped_notice
from legion_tui.present.header import header_line
from legion_tui.present.notices import notice_lines
from legion_tui.present.rows import Look
from legion_tui.state import EMPTY, Snapshot
from legion_tui.state.standing import GROUNDED, Standing
from legion_tui.ui.widgets.toned import LineBar


class Header(LineBar):
    """One line."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="header")
        self._look = look

    def tell(
        self,
        snapshot: Snapshot,
        width: int,
        now: datetime,
        *,
        paused: bool,
        standing: Standing = GROUNDED,
        ordered: str = "",
    ) -> None:
        """Show how things stand."""
        glyphs, loading = self._look.glyphs, snapshot is EMPTY
        line = header_line(
            snapshot, width, glyphs, now, paused=paused, loading=loading, standing=standing, ordered=ordered
        )
        self.show((line,))


class Notices(LineBar):
    """As many lines as there is to say, mostly none."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="notices")
        self._look = look

    def tell(
        self,
        snapshot: Snapshot,
        width: int,
        now: datetime,
        *,
        paused: bool,
        problem: str,
        standing: Standing = GROUNDED,
    ) -> None:
        """Show what fails, what is old, what was left inert."""
        look = self._look
        lines = notice_lines(
            snapshot,
            width,
            look.glyphs,
            now,
            paused=paused,
            resume_key=look.key("pause"),
            problem=problem,
            stopped=stopped_notice(standing, look.key("autopilot")),
        )
        self.display = bool(lines)
        self.styles.height = len(lines)
        self.show(lines)
