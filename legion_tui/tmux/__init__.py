"""The one gateway to tmux: what may be asked of it, and a client that asks by single processes."""

from __future__ import annotations

from legion_tui.tmux.oneshot import OneShotTmux
from legion_tui.tmux.protocol import Capture, Client, NewWindow, Opened, Socket, Tmux

__all__ = ["Capture", "Client", "NewWindow", "OneShotTmux", "Opened", "Socket", "Tmux"]
