"""What tmux says about one pane."""

from __future__ import annotations

from dataclasses import dataclass

# Shells in the foreground of a worker's pane mean that the agent has left or is stopped: keys would run as commands.
SHELLS = frozenset({"sh", "bash", "zsh", "fish", "dash", "ksh", "tcsh", "csh", "nu", "xonsh", "elvish", "pwsh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One pane of the tmux server as `list-panes -a -F` tells it; ids are tmux's own (`%1`, `@1`, `$1`)."""

    pane_id: str
    window_id: str
    session_id: str
    session_name: str
    window_name: str
    pid: int
    dead: bool = False
    # 128 and the signal's number where a signal ended it; None while it lives, and where tmux missed it (3.3a does).
    dead_status: int | None = None
    command: str = ""
    title: str = ""
    cwd: str = ""
    in_mode: bool = False
    alternate_on: bool = False
    width: int = 0
    height: int = 0
    cursor_x: int = 0
    cursor_y: int = 0
    history_size: int = 0
    # `window_activity`: whole seconds since the epoch, shared by a window's panes.
    activity: int = 0
    window_active: bool = False
    session_attached: int = 0
    # Our own pane options: `@legion_issue`, `@legion_mode`, `@legion_session_id`, `@legion_agent`.
    issue: str = ""
    mode: str = ""
    legion_session_id: str = ""
    agent: str = ""

    @property
    def change_key(self) -> tuple[int, int, int, int, int, int, bool, bool]:
        """What moves when the pane's content does, as far as tmux can tell without a capture."""
        return (
            self.activity,
            self.history_size,
            self.cursor_x,
            self.cursor_y,
            self.width,
            self.height,
            self.dead,
            self.in_mode,
        )

    @property
    def shell_in_front(self) -> bool:
        """Whether the foreground command is a shell (a login shell's leading dash is ignored)."""
        return self.command.lstrip("-") in SHELLS
