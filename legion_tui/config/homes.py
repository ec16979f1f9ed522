"""Where the user's own files are, as the XDG specification has it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def config_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of the user's preferences."""
    return _xdg(os.environ if environ is None else environ, "XDG_CONFIG_HOME", ".config")


def state_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of the ledger, locks and trust."""
    return _xdg(os.environ if environ is None else environ, "XDG_STATE_HOME", ".local/state")


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    given = environ.get(variable, "")
    # The XDG specification: a relative path is invalid and to be ignored.
    base = Path(given) if given.startswith("/") else Path(environ.get("HOME") or Path.home()) / below_home
    return base / "legion-tui"
