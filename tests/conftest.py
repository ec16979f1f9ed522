"""What every test relies on: a clean environment, a still screen, one time zone, asyncio."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import textual.constants
from textual.widgets import Input, TextArea

os.environ["TZ"] = "UTC"
time.tzset()

# Time limits are pytest-timeout's; a slow machine is no failing property.
hypothesis.settings.register_profile(
    "legion-tui", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("legion-tui")

# What a developer's shell, a CI or an agent may have set, and what would reach the code under test.
_FOREIGN = (
    "ANTHROPIC_",
    "CLAUDE",
    "COLUMNS",  # the size of a terminal is the terminal's to say, not that of who runs the tests
    "GH_",
    "GIT_",
    "GITHUB_",
    "LEGION_",
    "LINEAR_",
    "LINES",
    "NO_COLOR",
    "TMUX",
    "XDG_",
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    homes = tmp_path_factory.mktemp("homes")
    numbers = itertools.count()
    return (homes / str(number) for number in numbers)


@pytest.fixture(autouse=True)
def home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME, with the settings of no tool in reach: not git's, tmux's, the agent's or ours."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN):
            monkeypatch.delenv(name)
    folder = next(_homes)
    folder.mkdir()
    for name, value in {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_DATA_HOME": str(folder / ".local" / "share"),
        "XDG_STATE_HOME": str(folder / ".local" / "state"),
        "CLAUDE_CONFIG_DIR": str(folder / ".claude"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ann Author",
        "GIT_AUTHOR_EMAIL": "ann@example.com",
        "GIT_COMMITTER_NAME": "Ann Author",
        "GIT_COMMITTER_EMAIL": "ann@example.com",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture(autouse=True)
def _stillness(monkeypatch: pytest.MonkeyPatch) -> None:
    """What blinks or moves would be in a snapshot or not, by chance."""
    monkeypatch.setattr(textual.constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr(TextArea, "cursor_blink", False)
