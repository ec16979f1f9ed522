"""Going to a worker's window: the terminal that shows us is switched, gets a popup, or is handed over to tmux."""

from __future__ import annotations

from collections.abc import Mapping

from legion_tui.state import AttachReceipt, Outcome, Pane, Worker
from legion_tui.tmux import Client, Tmux

# One more command of the tmux that attaches: told in its status line, with the person's own prefix key.
WAY_BACK = (";", "display-message", "-d", "6000", "#{prefix} d goes back to legion-tui")


class Attacher:
    """Decides how to attach, by where we run."""

    def __init__(self, tmux: Tmux, environ: Mapping[str, str], *, in_popup: bool = False) -> None:
        """Take the gateway and the environment in which `TMUX` and `TMUX_PANE` say where we are.

        `in_popup`: rather than to switch the terminal, show the window in a popup over it, until that is closed.
        """
        self._tmux = tmux
        self._environ = environ
        self._in_popup = in_popup

    async def attach(self, target: str, worker: Worker | None) -> AttachReceipt:
        """Show the worker's pane, or return the argv that does, from anywhere; raises TmuxError."""
        if worker is None or worker.pane is None:
            return AttachReceipt(target=target, outcome=Outcome.REFUSED, reason="no worker of it is in a pane")
        pane = next((p for p in await self._tmux.panes() if p.pane_id == worker.pane), None)
        if pane is None:
            return AttachReceipt(target=target, outcome=Outcome.REFUSED, reason="its window is closed")
        if await self._is_around_us():
            client = _ours(await self._tmux.clients(), await self._own_pane())
            if client is None:
                reason = "no terminal is attached to this tmux server"
                return AttachReceipt(target=target, outcome=Outcome.REFUSED, reason=reason)
            covered = self._is_a_popup
            # One popup lies over a terminal at a time, and we would be that one.
            if self._in_popup and not covered:
                await self._tmux.popup(client.name, (*self._argv(pane), *WAY_BACK))
                return AttachReceipt(target=target, outcome=Outcome.DONE, reason="the popup is closed")
            await self._tmux.switch_client(client.name, pane.pane_id)
            shows = f"{client.tty} shows {pane.window_name}"
            return AttachReceipt(target=target, outcome=Outcome.DONE, reason=shows, covered=covered)
        return AttachReceipt(target=target, outcome=Outcome.DONE, argv=(*self._argv(pane), *WAY_BACK))

    def _argv(self, pane: Pane) -> tuple[str, ...]:
        # A pane as the target selects its window and itself.
        # Within another server's terminal, tmux would refuse to attach as long as it is told of that one.
        alone = ("env", "-u", "TMUX", "-u", "TMUX_PANE")
        return (*alone, "tmux", "-u", *self._tmux.socket.argv, "attach-session", "-t", pane.pane_id)

    @property
    def _is_a_popup(self) -> bool:
        """Whether we run in a popup: tmux tells those of itself, but of no pane (seen on 3.3a)."""
        return bool(self._environ.get("TMUX")) and not self._environ.get("TMUX_PANE")

    async def _is_around_us(self) -> bool:
        """Whether the worker's server is the one in `$TMUX`, which is `socket,pid,session`."""
        _, pid, *_ = [*self._environ.get("TMUX", "").split(","), ""]
        return pid.isdecimal() and int(pid) == await self._tmux.server_pid()

    async def _own_pane(self) -> Pane | None:
        own = self._environ.get("TMUX_PANE", "")
        return next((pane for pane in await self._tmux.panes() if pane.pane_id == own), None)


def _ours(clients: tuple[Client, ...], own: Pane | None) -> Client | None:
    """Return the terminal that shows our pane; else the one last used in our session; else the one last used."""
    session = own.session_name if own else ""
    pane_id = own.pane_id if own else ""
    return max(clients, key=lambda c: (c.pane_id == pane_id, c.session == session, c.activity), default=None)
