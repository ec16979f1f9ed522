"""Writing into a worker's prompt box: a look, a piece, a look; and Enter only on the whole text, alone in the box."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from legion_tui.act.looking import Sight
from legion_tui.act.reach import hindrance, holds
from legion_tui.act.wording import pieces
from legion_tui.agents.protocol import Listener
from legion_tui.errors import AgentError, RefusedError, TmuxError
from legion_tui.tmux import Tmux

_LANDS_WITHIN_SECONDS = 3.0
_LOOK_EVERY_SECONDS = 0.05
# An Enter that was not taken leaves the text in the box.
_ENTER_WAITS_SECONDS = (0.5, 1.0, 1.5)


class Typist:
    """Writes one text for one worker. `typed` and `entered_at` tell how far it came, whatever is raised."""

    def __init__(
        self,
        tmux: Tmux,
        listener: Listener,
        look: Callable[[], Awaitable[Sight]],
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        seconds: Callable[[], float],
    ) -> None:
        """Take the parts; `look` reads the worker, its pane and its screen anew."""
        self._tmux = tmux
        self._listener = listener
        self._look = look
        self._clock = clock
        self._sleep = sleep
        self._seconds = seconds
        self.typed = False
        self.entered_at: datetime | None = None

    async def write(self, text: str) -> None:
        """Put the text into the box and hand it in. RefusedError where something stands in the way, TmuxError."""
        written = ""
        for piece in pieces(text):
            pane_id = await self._free(written)
            self.typed = True
            await self._tmux.paste(pane_id, piece)
            written += piece
            await self._landed(pane_id, written)
        pane_id = await self._free(written)
        self.entered_at = self._clock()
        for wait_seconds in _ENTER_WAITS_SECONDS:
            # Without an answer from tmux the key may have arrived: the records tell.
            with contextlib.suppress(TmuxError):
                await self._tmux.send_key(pane_id, "Enter")
            if await self._left(pane_id, text, wait_seconds):
                return
            # Nothing is pressed again but on the same text in a box at rest.
            with contextlib.suppress(TmuxError, AgentError):
                if await self._hindered(written):
                    return

    async def _free(self, written: str) -> str:
        sight = await self._look()
        found = hindrance(sight, self._listener.box(sight.lines), self._clock(), written=written)
        if found is not None or sight.pane is None:
            raise RefusedError("not sent", found.why if found is not None else "it has no pane")
        return sight.pane.pane_id

    async def _hindered(self, written: str) -> bool:
        sight = await self._look()
        return hindrance(sight, self._listener.box(sight.lines), self._clock(), written=written) is not None

    async def _landed(self, pane_id: str, written: str) -> None:
        deadline = self._seconds() + _LANDS_WITHIN_SECONDS
        while not await self._shows(pane_id, written):
            if self._seconds() >= deadline:
                raise RefusedError("not sent", "what was pasted does not show in its prompt box")
            await self._sleep(_LOOK_EVERY_SECONDS)

    async def _left(self, pane_id: str, text: str, within_seconds: float) -> bool:
        """Whether the text left the box in time."""
        deadline = self._seconds() + within_seconds
        while self._seconds() < deadline:
            await self._sleep(_LOOK_EVERY_SECONDS)
            with contextlib.suppress(TmuxError):
                if not await self._shows(pane_id, text):
                    return True
        return False

    async def _shows(self, pane_id: str, written: str) -> bool:
        capture = (await self._tmux.capture([pane_id], colour=True)).get(pane_id)
        box = self._listener.box(capture.lines) if capture is not None else None
        return box is not None and box.shown and holds(box, written)
