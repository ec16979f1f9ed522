"""Which project a command is about, what its file says, and how much of that is believed."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from legion_tui.config import (
    PROJECT_FILE,
    ProjectConfig,
    UserConfig,
    check_autopilot,
    check_numbers,
    check_project,
    config_home,
    environment_tables,
    overlaid,
    parse,
    raw_tables,
    state_home,
    untrusted,
    without_effect,
)
from legion_tui.errors import ConfigError
from legion_tui.files import private_folder, write_durably
from legion_tui.state import Project, short_id

_ENVIRONMENT = "environment LEGION_TUI_…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project as a command finds it. `config` holds only what is believed; `inert` names what is not."""

    root: Path
    file: Path
    config: ProjectConfig
    inert: tuple[str, ...]
    # Keys that are set and do nothing with this tracker.
    without_effect: tuple[str, ...]
    # The file as it was read, which is what a person is shown and trusts.
    data: bytes
    fingerprint: str

    @property
    def trusted(self) -> bool:
        """Whether every key of the file is in force."""
        return not self.inert

    @property
    def project(self) -> Project:
        """The identity, for the snapshot."""
        section = self.config.project
        return Project(
            id=section.id,
            short_id=short_id(section.id),
            key=section.key,
            root=str(self.root),
            name=self.root.name,
            tracker=self.config.tracker.kind,
        )


def find_root(start: Path) -> Path | None:
    """Return the folder of the nearest `legion.toml`, upwards from `start`; None where there is none.

    A linked git worktree or jj workspace stands for its main checkout, so that a worker reaches the board's tracker.
    """
    found = None
    for folder in (start, *start.parents):
        if found is None and (folder / PROJECT_FILE).is_file():
            found = folder
        if (folder / ".git").exists() or (folder / ".jj").exists():
            main = main_checkout(folder)
            below = start.relative_to(folder)
            for inner in (below, *below.parents) if main is not None else ():
                if main is not None and (main / inner / PROJECT_FILE).is_file():
                    return main / inner
            if found is not None:
                break  # a repository of its own, wherever it lies
    return found


def main_checkout(folder: Path) -> Path | None:
    """Return the main checkout that a linked worktree or workspace belongs to, None where `folder` is none."""
    try:
        if (folder / ".git").is_file():
            return _main_of_worktree(folder)
        if (folder / ".jj" / "repo").is_file():
            # A secondary jj workspace names the main one's `.jj/repo`, relative to its own `.jj`.
            repo = (folder / ".jj" / (folder / ".jj" / "repo").read_text("utf-8").strip()).resolve()
            return repo.parent.parent if repo.name == "repo" else None
    except (OSError, ValueError, RuntimeError):  # unreadable; bytes that no path holds; links in a circle
        return None
    return None


def load_place(root: Path, environ: Mapping[str, str], user: UserConfig) -> Place:
    """Read and check a project's file; raises ConfigError that names file and key."""
    file = root / PROJECT_FILE
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(str(file), error.strerror or "cannot be read", "run: legion-tui init") from None
    config = parse(data, ProjectConfig, where=str(file))
    check_project(config, where=str(file))
    fingerprint = _fingerprint(file, data)
    inert: tuple[str, ...] = ()
    effective = config
    raw = raw_tables(data)
    if not (_trust_folder(environ) / fingerprint).is_file():
        effective, inert = untrusted(config, raw)
    if not _inside(root, effective.tracker.path):
        raise ConfigError(str(file), "tracker.path leads out of the repository", 'path = ".legion/issues"')
    config = with_the_users(effective, raw, inert, environ, user)
    check_project(config, where=_ENVIRONMENT)
    return Place(
        root=root,
        file=file,
        config=config,
        inert=inert,
        without_effect=without_effect(raw),
        data=data,
        fingerprint=fingerprint,
    )


def with_the_users(
    config: ProjectConfig,
    raw: Mapping[str, Any],
    inert: tuple[str, ...],
    environ: Mapping[str, str],
    user: UserConfig,
) -> ProjectConfig:
    """Return `config` with the user's defaults under what the file `raw` says, and the environment above both."""
    below = _user_tables(user)
    believed = {section: table for section, table in raw.items() if section in below}
    config = overlaid(config, _under(below, believed, inert), where=str(config_home(environ) / "config.toml"))
    return overlaid(config, environment_tables(environ, ProjectConfig), where=_ENVIRONMENT)


def user_file(environ: Mapping[str, str], given: str | None = None) -> Path:
    """Return the file of the user's preferences, which need not be there."""
    return Path(given) if given else config_home(environ) / "config.toml"


def load_user(environ: Mapping[str, str], given: str | None = None) -> UserConfig:
    """Read the user's preferences; none is all defaults. Raises ConfigError that names file and key."""
    file = user_file(environ, given)
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        if given:
            raise ConfigError(given, "there is no such file") from None
        data = b""
    except OSError as error:
        raise ConfigError(str(file), error.strerror or "cannot be read") from None
    user = parse(data, UserConfig, where=str(file))
    check_numbers(user, where=str(file))
    user = overlaid(user, environment_tables(environ, UserConfig), where=_ENVIRONMENT)
    check_numbers(user, where=_ENVIRONMENT)
    check_autopilot(user.autopilot, where=str(file))
    return user


def trust(file: Path, data: bytes, environ: Mapping[str, str]) -> None:
    """Believe `file` as long as it holds just these bytes: those that a person was shown, or that we wrote."""
    folder = private_folder(_trust_folder(environ))
    write_durably(folder / _fingerprint(file, data), f"{file.resolve()}\n".encode())


def _inside(root: Path, path: str) -> bool:
    try:
        return not _is_circle(root / path) and (root / path).resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):  # bytes that no path holds; links in a circle
        return False


def _is_circle(path: Path) -> bool:
    # `resolve` raises for links in a circle up to Python 3.12, and leaves them as they are from 3.13 on.
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _fingerprint(file: Path, data: bytes) -> str:
    return hashlib.sha256(str(file.resolve()).encode() + b"\0" + data).hexdigest()


def _trust_folder(environ: Mapping[str, str]) -> Path:
    return state_home(environ) / "trust"


def _main_of_worktree(folder: Path) -> Path | None:
    named = (folder / ".git").read_text("utf-8").strip()
    if not named.startswith("gitdir:"):
        return None
    git_dir = (folder / named.removeprefix("gitdir:").strip()).resolve()
    common = git_dir / "commondir"
    if not common.is_file():  # a submodule is a repository of its own
        return None
    repository = (git_dir / common.read_text("utf-8").strip()).resolve()
    return repository.parent if repository.name == ".git" else None


def _user_tables(user: UserConfig) -> dict[str, dict[str, Any]]:
    tables = {}
    for name in ("tmux", "agent", "worktrees", "workers", "poll"):
        section = getattr(user, name)
        if section is not None:
            defaults = msgspec.to_builtins(type(section)())
            tables[name] = {key: value for key, value in msgspec.to_builtins(section).items() if value != defaults[key]}
    return tables


def _under(
    below: Mapping[str, Mapping[str, Any]], above: Mapping[str, Mapping[str, Any]], inert: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    return {
        section: {
            key: value
            for key, value in table.items()
            if key not in above.get(section, {}) or f"{section}.{key}" in inert
        }
        for section, table in below.items()
    }
