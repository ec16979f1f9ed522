"""The real agent's client: one pinned version from npm, in an ignored folder of this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from legion_tui.agents.claude_code import TESTED_VERSION
from legion_tui.state.text import clean_line

PACKAGE = "@anthropic-ai/claude-code"
FOLDER = Path(__file__).parents[2] / ".contract"
# The package holds a program of some 370 MB.
_INSTALL_SECONDS = 900
_VERSION_SECONDS = 60


class ClientMissingError(Exception):
    """The client cannot be had here; its text says why, in one line."""


def installed() -> Path:
    """Return the client's program, `claude`; ClientMissingError where it is not installed."""
    program = _program()
    if not _is_whole(program):
        raise ClientMissingError("it is not installed here; `make contract` installs it")
    return program


def install() -> Path:
    """Install the client unless it is there; ClientMissingError where npm or the package cannot be had."""
    FOLDER.mkdir(exist_ok=True)
    with FileLock(FOLDER / "install.lock"):
        if not _is_whole(_program()):
            _install()
    return _program()


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ClientMissingError("npm is not on PATH")
    # Half an installation must never be taken for one: it gets its name when it is whole.
    fresh = FOLDER / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    (fresh / "package.json").write_text('{"private": true}\n')
    quiet = ("--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--fetch-retries=1")
    _run([npm, "install", "--prefix", str(fresh), *quiet, f"{PACKAGE}@{TESTED_VERSION}"], _INSTALL_SECONDS)
    version = _run([str(fresh / _PLACE), "--version"], _VERSION_SECONDS).split(" ")[0]
    if version != TESTED_VERSION:
        raise ClientMissingError(f"npm gave version {version} for {TESTED_VERSION}")
    shutil.rmtree(_home(), ignore_errors=True)
    fresh.rename(_home())


_PLACE = Path("node_modules", ".bin", "claude")


def _home() -> Path:
    return FOLDER / f"claude-code-{TESTED_VERSION}"


def _program() -> Path:
    return _home() / _PLACE


def _is_whole(program: Path) -> bool:
    return os.access(program, os.X_OK)


def _run(argv: list[str], seconds: float) -> str:
    environment = {**os.environ, "DISABLE_AUTOUPDATER": "1"}
    try:
        done = subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ClientMissingError(f"{Path(argv[0]).name} took longer than {seconds:g} s") from None
    except OSError as error:
        raise ClientMissingError(f"{Path(argv[0]).name}: {error.strerror}") from None
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()] or ["no word"]
        raise ClientMissingError(f"{Path(argv[0]).name} failed: {clean_line(words[0], limit=200)}")
    return done.stdout.strip()
