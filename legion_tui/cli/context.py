"""What a command starts from: its words, the environment, the project, and the parts put together on demand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from legion_tui.cli.projects import Place, find_root, load_place, load_user, user_file
from legion_tui.config import UserConfig
from legion_tui.errors import ConfigError, UsageError


@dataclass
class Context:
    """One run of the program. Everything that is read from outside is read through it, once."""

    environ: Mapping[str, str]
    cwd: Path
    project_given: str | None = None
    config_given: str | None = None
    socket_given: str | None = None
    strategy_given: str | None = None
    verbose: bool = False
    # Overrides that the demo sets: the same dashboard over another home, server and network address.
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: argparse.Namespace, environ: Mapping[str, str]) -> Context:
        """Take the global options and the environment as they are now."""
        return cls(
            environ=dict(environ),
            cwd=Path.cwd(),
            project_given=options.project,
            config_given=options.config,
            socket_given=options.socket,
            strategy_given=options.strategy,
            verbose=bool(options.verbose),
        )

    @cached_property
    def user(self) -> UserConfig:
        """The user's preferences."""
        return load_user(self.environ, self.config_given)

    @property
    def user_file(self) -> str:
        """Where the user's preferences are."""
        return str(user_file(self.environ, self.config_given))

    @cached_property
    def place(self) -> Place | None:
        """The project, None where there is none; raises ConfigError where one was named and is none."""
        named = self.project_given or self.environ.get("LEGION_PROJECT") or None
        start = (self.cwd / named).resolve() if named else self.cwd
        if named and not start.is_dir():
            raise ConfigError(f"project {named}", "there is no such folder")
        root = find_root(start)
        if root is None and named:
            raise ConfigError(f"project {named}", "there is no legion.toml from there upwards", "run: legion-tui init")
        return load_place(root, self.environ, self.user) if root is not None else None

    def needed_place(self) -> Place:
        """Return the project; raises ConfigError that says how to get one."""
        if self.place is None:
            raise ConfigError("no project here", f"no legion.toml from {self.cwd} upwards", "run: legion-tui init")
        return self.place


def say(text: str) -> None:
    """Print a line of output."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Print a line about something that went wrong beside the point."""
    sys.stderr.write(f"legion-tui: {text}\n")


def say_json(document: Any) -> None:
    """Print a document as indented JSON, keys as they come."""
    import json

    say(json.dumps(document, indent=2, ensure_ascii=False))


def read_text(name: str, cwd: Path) -> str:
    """Return a file's text, or standard input's for `-`; raises UsageError where it cannot be read."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else (cwd / name).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise UsageError(name, error.strerror or "cannot be read") from None
    except UnicodeDecodeError as error:
        raise UsageError(name, f"is not UTF-8 at byte {error.start}") from None
