"""A screen of rows whose keys run declared commands, each on the row that was painted."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import anyio
from textual import getters, on
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from legion_tui.present.rows import Look
from legion_tui.ui.command import Command
from legion_tui.ui.commands import BY_ID
from legion_tui.ui.reasons import Context
from legion_tui.ui.widgets.board import Board
from legion_tui.ui.widgets.footer import Footer
from legion_tui.ui.widgets.toned import TONE_CLASSES

if TYPE_CHECKING:
    from legion_tui.ui.running import Runner

# So long a key at the most waits for what the key before it opens.
_TYPED_AHEAD_SECONDS = 2.0

# The id of the widget that takes the keys.
BOARD = "board"


def _takes_keys(screen: Screen[Any], *, beside: Screen[Any]) -> bool:
    """Whether another screen is on top and ready for what is typed."""
    return screen is not beside and screen.is_mounted and (screen.AUTO_FOCUS == "" or screen.focused is not None)


class Found(NamedTuple):
    """Something that the palette finds; `key` is the one that leads there without it."""

    name: str
    about: str
    key: str
    run: Callable[[], object]


class CommandScreen(Screen[None]):
    """Has the keys of the commands in `HAS` do what those say; subclasses bind them, and say on what they act."""

    HAS: ClassVar[tuple[Command, ...]] = ()
    COMPONENT_CLASSES: ClassVar[set[str]] = {*TONE_CLASSES}
    AUTO_FOCUS: ClassVar[str | None] = "Board"

    board = getters.query_one(Board)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    @property
    def runner(self) -> Runner:
        """What runs its commands."""
        raise NotImplementedError

    def context(self) -> Context:
        """What a command would act on now."""
        raise NotImplementedError

    def reason(self, command_id: str) -> str:
        """Return why a command cannot act now, an empty string when it can."""
        return BY_ID[command_id].reason(self.context())

    def finds(self) -> Iterable[Found]:
        """What the palette finds by name beside the commands."""
        return ()

    def key_of(self, command_id: str) -> str:
        """Return the key of a command as it is shown."""
        return self._look.key(command_id)

    async def action_run(self, command_id: str, *arguments: int) -> None:
        """Run a command, or say why it cannot act. What is typed ahead waits for the dialog that a command opens."""
        self.runner.run(command_id, *arguments)
        opening = self.runner.opening
        if opening is None:
            return
        with anyio.move_on_after(_TYPED_AHEAD_SECONDS):
            # A screen has no event to wait on for when it has its focus.
            while not opening.is_finished and not _takes_keys(self.app.screen, beside=self):  # noqa: ASYNC110
                await anyio.sleep(0.002)

    def run_command(self, command_id: str) -> None:
        """Run a command, or say why it cannot act."""
        self.runner.run(command_id)

    def work(self, coroutine: Coroutine[Any, Any, object]) -> Worker[object]:
        """Do something beside the keys; what breaks is told, and the board goes on."""
        return self.run_worker(coroutine, group="commands", exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A command that broke is told, and the board goes on."""
        if event.state is WorkerState.ERROR:
            self.log.error(event.worker.error)
            self.notify(f"that failed: {event.worker.error!r}", severity="error", timeout=10, markup=False)

    @on(Footer.Pressed)
    def _footer_pressed(self, event: Footer.Pressed) -> None:
        self.run_command(event.command)
