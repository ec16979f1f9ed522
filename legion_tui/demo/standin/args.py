"""The command line, as far as the agent's own is used from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VERSION = "2.1.328"
_VALUED = {
    "--session-id": "session_id",
    "--resume": "resume",
    "-r": "resume",
    "--name": "name",
    "-n": "name",
    "--model": "model",
    "--permission-mode": "permission_mode",
    "--settings": "settings",
}


class BadArgumentsError(Exception):
    """The command line cannot be understood."""


@dataclass
class Options:
    """What was asked for on the command line."""

    session_id: str | None = None
    resume: str | None = None
    name: str | None = None
    model: str | None = None
    permission_mode: str = "auto"
    settings: str | None = None
    version: bool = False
    prompt: str | None = None


def parse(argv: Sequence[str]) -> Options:
    """Return the options in `argv`; raises BadArgumentsError with the agent's own words."""
    options = Options()
    rest = list(argv)
    words: list[str] = []
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += rest
            break
        name, equals, value = word.partition("=")
        if name in _VALUED:
            if not equals:
                if not rest:
                    raise BadArgumentsError(f"error: option '{name} <value>' argument missing")
                value = rest.pop(0)
            setattr(options, _VALUED[name], value)
        elif word in ("--version", "-v"):
            options.version = True
        elif word == "--dangerously-skip-permissions":
            options.permission_mode = "bypassPermissions"
        elif word.startswith("-") and len(word) > 1:
            raise BadArgumentsError(f"error: unknown option '{word}'")
        else:
            words.append(word)
    if words:
        options.prompt = words[0]
    if options.permission_mode == "manual":
        options.permission_mode = "default"
    return options
