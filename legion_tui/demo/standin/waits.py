"""What a turn may wait for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from legion_tui.demo.standin.dialog import Dialog

if TYPE_CHECKING:
    from legion_tui.demo.standin.hooks import Asking  # costs more than the rest of the start


@dataclass(frozen=True)
class Sleep:
    """Go on after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Show:
    """Show a dialog and go on with its outcome, or with that of the hooks that were asked, whichever is first."""

    dialog: Dialog
    asking: Asking | None = None


@dataclass(frozen=True)
class Until:
    """Go on with the first value of `probe` that is not None; asked many times a second."""

    probe: Callable[[], Any]


Wait = Sleep | Show | Until
Play = Generator[Wait, Any, Any]
