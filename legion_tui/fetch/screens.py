"""Panes' screens for whoever looks at them: taken anew only where something may have changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from async_lru import alru_cache

from legion_tui.fetch.health import Clock
from legion_tui.state import Pane
from legion_tui.tmux import Capture, Tmux

_MOST = 32


class Screens:
    """Serves one event loop. Who asks for the same screen at the same time shares it."""

    def __init__(
        self, tmux: Tmux, pane_of: Callable[[str], Pane | None], clock: Clock, *, keep_seconds: float = 10.0
    ) -> None:
        """Take the gateway and the last listing; a screen is taken anew after `keep_seconds` in any case."""
        self._tmux = tmux
        self._pane_of = pane_of
        self._clock = clock
        # By pane: what the listing said of it before its screen was taken, and when that was.
        self._seen: dict[str, tuple[tuple[object, ...], datetime]] = {}
        self._captured = alru_cache(maxsize=_MOST, ttl=keep_seconds)(self._capture)

    async def look(self, pane_id: str, *, closely: bool) -> Capture | None:
        """Return a screen, None where the pane is gone; raises TmuxError.

        `closely`: as it is at this moment. Else as it was when the listing last showed that it changed.
        """
        if closely or self._has_changed(pane_id):
            self._captured.cache_invalidate(pane_id)
            self._note(pane_id)  # before it is taken: who asks meanwhile waits for the same one
        return await self._captured(pane_id)

    async def _capture(self, pane_id: str) -> Capture | None:
        self._note(pane_id)
        return (await self._tmux.capture([pane_id], colour=True)).get(pane_id)

    def _note(self, pane_id: str) -> None:
        pane = self._pane_of(pane_id)
        self._seen = dict(list(self._seen.items())[-_MOST:])
        self._seen[pane_id] = (pane.change_key if pane is not None else (), self._clock())

    def _has_changed(self, pane_id: str) -> bool:
        pane, seen = self._pane_of(pane_id), self._seen.get(pane_id)
        if pane is None or seen is None:
            return True
        key, taken_at = seen
        # tmux counts activity in whole seconds: a second redraw within the second of the capture leaves no mark.
        return pane.change_key != key or pane.activity >= int(taken_at.timestamp())
