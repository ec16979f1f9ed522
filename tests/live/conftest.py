"""Every test here has a tmux server of its own within reach."""

from __future__ import annotations

from tests.support.tmux_server import private_tmux, settled_tmux, tmux_command, tmux_env

__all__ = ["private_tmux", "settled_tmux", "tmux_command", "tmux_env"]
