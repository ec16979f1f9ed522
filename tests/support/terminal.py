"""A program in a pane of a real tmux: keys pressed, the screen read."""

from __future__ import annotations

from dataclasses import dataclass

import anyio

from legion_tui.tmux import OneShotTmux
from tests.support.waiting import until_async


@dataclass
class Terminal:
    """One pane of a tmux server around us, in which a dashboard runs."""

    tmux: OneShotTmux
    pane: str

    async def screen(self) -> str:
        """What is in the pane."""
        captured = await self.tmux.capture([self.pane])
        return "\n".join(captured[self.pane].lines) if self.pane in captured else ""

    async def shows(self, *words: str, gone: str = "", within_seconds: float = 20.0) -> str:
        """Wait until all of these words are on the screen, and return it; the last one is told where they are not.

        `gone`: what must have left it, say a dialog that would still take the next key.
        """
        screen = ""
        with anyio.move_on_after(within_seconds):
            while True:
                screen = await self.screen()
                if all(word in screen for word in words) and not (gone and gone in screen):
                    return screen
                await anyio.sleep(0.02)
        raise AssertionError(f"{words} did not come; at last:\n{screen}")

    async def press(self, *keys: str) -> None:
        """Press keys by tmux's names for them."""
        for key in keys:
            await self.tmux.send_key(self.pane, key)

    async def selected(self) -> str:
        """The first line of the selected row, once one is painted."""

        async def look() -> str:
            return next((line for line in (await self.screen()).splitlines() if line.startswith(("▐", "⊡"))), "")

        return await until_async(look, within_seconds=20)

    async def select(self, issue: str) -> None:
        """Walk down to an issue's row, each step seen before the next; rows may change places meanwhile."""
        # No key is under way when the row is found: one that came later would move the selection off it again.
        with anyio.fail_after(40):
            while row_of(before := await self.selected()) != issue:
                await self.press("j")

                async def moved(before: str = before) -> bool:
                    return row_of(await self.selected()) != row_of(before)

                try:
                    await until_async(moved, within_seconds=3)
                except AssertionError:  # the last row: once more from the top, which is not the next step's doing
                    await self.press("g")
                    await until_async(moved, within_seconds=20)


def row_of(line: str) -> str:
    """The id in a row's first line."""
    return line.lstrip("▐⊡ ").split(" ")[0]
