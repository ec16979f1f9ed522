"""What keys do in a session: to a dialog, to the transcript view, to the prompt box."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from legion_tui.demo.standin.dialog import Dialog, Took

if TYPE_CHECKING:
    from legion_tui.demo.standin.session import Session

# A dialog that takes another's place refuses keys for so long; one that was held behind a draft, longer.
_NEXT_GRACE_SECONDS = 0.15
_HELD_GRACE_SECONDS = 0.7
# Between two presses of a key that leaves.
_AGAIN_SECONDS = 1.0
_CYCLE = ("auto", "default", "acceptEdits", "plan")


class Keyboard:
    """Takes events one by one; keeps the grace of dialogs and the notice of a key that leaves."""

    def __init__(self, session: Session) -> None:
        """Refuse nothing yet."""
        self._session = session
        self._refuse_until = 0.0
        self._leaving = ""
        self._notice_until = 0.0

    @property
    def wake_at(self) -> float | None:
        """When the notice goes away."""
        return self._notice_until if self._leaving else None

    def advance(self, now: float) -> None:
        """Take the notice away when its time is over."""
        if self._leaving and now >= self._notice_until:
            self._session.view.notice = self._leaving = ""

    def dialog_closed(self) -> None:
        """Refuse keys for a moment: another dialog may come up at once."""
        self._refuse_until = time.monotonic() + _NEXT_GRACE_SECONDS

    def dialog_released(self) -> None:
        """Refuse keys for a while: a dialog comes up where somebody was typing."""
        self._refuse_until = time.monotonic() + _HELD_GRACE_SECONDS

    def turn_over(self) -> None:
        """Refuse nothing: the first dialog of a turn takes keys at once."""
        self._refuse_until = 0.0

    def key(self, event: str) -> None:
        """Take one event."""
        view = self._session.view
        now = time.monotonic()
        if event == "ctrl+o":
            view.transcript = not view.transcript
        elif view.transcript:
            view.transcript = event != "escape"
        elif view.menu is not None:
            if view.menu.key(event) is Took.DONE:
                self._session.close_menu()
        elif view.dialog is not None:
            self._dialog(view.dialog, event, now)
        elif event in ("ctrl+c", "ctrl+d"):
            self._leave(event, now)
        elif event == "escape":
            self._session.interrupt()
        elif event == "enter":
            self._session.enter()
        elif event == "backtab":
            here = _CYCLE.index(view.mode) if view.mode in _CYCLE else -1
            self._session.set_mode(_CYCLE[(here + 1) % len(_CYCLE)])
        elif self._session.composer.key(event, now):
            view.draft = self._session.composer.text

    def _dialog(self, dialog: Dialog, event: str, now: float) -> None:
        if now < self._refuse_until:
            # A refused key starts the wait again.
            self._refuse_until = now + _NEXT_GRACE_SECONDS
            return
        took = dialog.key("escape" if event == "ctrl+c" else event)
        if took is Took.TURNED:
            self._refuse_until = now + _NEXT_GRACE_SECONDS
        elif took is Took.DONE:
            self._session.close_dialog(dialog)

    def _leave(self, event: str, now: float) -> None:
        session = self._session
        if session.busy and event == "ctrl+c":
            session.interrupt()
        elif session.composer.text and event == "ctrl+c":
            session.composer.take()
            session.view.draft = ""
        elif self._leaving == event:
            session.exit_code = 0
        else:
            self._leaving = event
            self._notice_until = now + _AGAIN_SECONDS
            session.view.notice = f"Press {event.title().replace('+', '-')} again to exit"
