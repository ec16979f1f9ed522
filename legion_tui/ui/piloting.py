"""The autopilot as the board has it: switched by keys, its events told as toasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from legion_tui.present.autopilot import held_line, told_lines
from legion_tui.state.autopilot import Event, EventKind
from legion_tui.state.standing import Flight, Standing
from legion_tui.ui.messages import AutopilotDid
from legion_tui.ui.ports import Autopilot

if TYPE_CHECKING:
    from textual.screen import Screen

    from legion_tui.ui.app import LegionApp


class Piloting:
    """Switches `autopilot`; `changed` is called where the bars show something else afterwards."""

    def __init__(self, app: LegionApp, autopilot: Autopilot, changed: Callable[[], None]) -> None:
        self._app = app
        self._autopilot = autopilot
        self._changed = changed
        # What it was refused last, by issue: the same again is no news.
        self._refused: dict[str, str] = {}

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        return self._autopilot.standing

    def held(self, issue: str) -> str:
        """Return why it leaves an issue alone, an empty string where it does not."""
        return held_line(self._autopilot.standing, issue)

    async def switch(self) -> None:
        """Switch it off; where it is off, show what it would do, and switch it on on a yes."""
        from legion_tui.ui.screens.confirm import ConfirmScreen

        if self.standing.flies:
            self._autopilot.switch_off()
            self._changed()
            return
        if self.standing.flight is Flight.ENDING:
            self._app.tell("the autopilot is still ending what it has begun", bad=True)
            return
        screen: Screen[bool] = ConfirmScreen(await self._autopilot.preview(), careful=False)
        if not await self._app.push_screen_wait(screen):
            # Whoever looked has seen why it stopped.
            self._autopilot.switch_off()
        elif why := await self._autopilot.switch_on():
            self._app.tell(f"the autopilot was not switched on: {why}", bad=True)
        self._changed()

    def pause(self) -> None:
        """Have it start nothing new, or go on."""
        self._autopilot.pause(self.standing.flight is not Flight.PAUSED)

    async def listen(self) -> None:
        """Post what it does, until cancelled."""
        async for events in self._autopilot.events():
            self._app.post_message(AutopilotDid(events))

    def hear(self, events: Sequence[Event]) -> None:
        """Tell what came of its actions; a refusal that was told already is not told again."""
        lines, bad = told_lines([event for event in events if self._is_news(event)])
        if lines:
            self._app.tell("\n".join(lines), bad=bad or self.standing.flight is Flight.STOPPED)
        self._changed()

    def _is_news(self, event: Event) -> bool:
        if event.kind is not EventKind.REFUSED:
            if event.kind in (EventKind.DONE, EventKind.FAILED):
                self._refused.pop(event.issue, None)
            return True
        before = self._refused.get(event.issue)
        self._refused[event.issue] = event.text
        return before != event.text
