"""The command line that starts the agent. Pure."""

from __future__ import annotations

from legion_tui.agents.protocol import Launch


def argv_of(launch: Launch) -> tuple[str, ...]:
    """Return the exact command line; the prompt stands behind `--`, so that none can pass for an option."""
    argv = [*launch.command, "--resume" if launch.resume else "--session-id", launch.session_id]
    for option, value in (
        ("--name", launch.name),
        ("--model", launch.model),
        ("--permission-mode", launch.permission_mode),
        ("--settings", str(launch.settings) if launch.settings is not None else None),
    ):
        if value:
            argv += [option, value]
    if launch.prompt:
        argv += ["--", launch.prompt]
    return tuple(argv)
