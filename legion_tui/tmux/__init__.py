"""The one gateway to tmux: what may be asked of it, and those who ask it."""

from __future__ import annotations

from legion_tui.tmux.oneshot import OneShotTmux
from legion_tui.tmux.protocol import CONTROL, ONE_SHOT, Capture, Client, NewWindow, Opened, Socket, Tmux, Transport
from legion_tui.tmux.steady import SteadyTmux

__all__ = [
    "CONTROL",
    "ONE_SHOT",
    "Capture",
    "Client",
    "NewWindow",
    "OneShotTmux",
    "Opened",
    "Socket",
    "SteadyTmux",
    "Tmux",
    "Transport",
]
