"""The command line that starts the agent. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from legion_tui.agents.protocol import Launch

if TYPE_CHECKING:
    from legion_tui.agents.headless import HeadlessLaunch

# `--verbose` is what the stream of records wants beside it.
_STREAMS = (
    *("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"),
    *("--permission-prompt-tool", "stdio"),
)


def argv_of(launch: Launch) -> tuple[str, ...]:
    """Return the exact command line; the prompt stands behind `--`, so that none can pass for an option."""
    named = ("--name", launch.name) if launch.name else ()
    prompt = ("--", launch.prompt) if launch.prompt else ()
    return (*launch.command, *_session(launch), *named, *_options(launch), *prompt)


def headless_argv_of(launch: HeadlessLaunch) -> tuple[str, ...]:
    """Return the exact command line of a client without a screen: prompts, and answers to it, go over its pipes."""
    return (*launch.command, *_STREAMS, *_session(launch), *_options(launch))


def _session(launch: Launch | HeadlessLaunch) -> tuple[str, str]:
    return "--resume" if launch.resume else "--session-id", launch.session_id


def _options(launch: Launch | HeadlessLaunch) -> tuple[str, ...]:
    options = (
        ("--model", launch.model),
        ("--permission-mode", launch.permission_mode),
        ("--settings", str(launch.settings) if launch.settings is not None else None),
    )
    return tuple(word for option, value in options if value for word in (option, value))
