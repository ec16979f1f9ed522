"""`legion-tui hooks` and what `doctor` says of it, run as processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from legion_tui.processes import Ran, run_command

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(REPOSITORY),
        "CLAUDE_CONFIG_DIR": str(tmp_path / "agent"),
    }


async def hooks(environ: Mapping[str, str], *words: str, program: str = "tests.support.person") -> Ran:
    argv = [sys.executable, "-m", program, "hooks", *words]
    return await run_command(argv, env=environ, cwd=environ["HOME"], timeout_seconds=30)


async def test_installed_told_and_taken_out(environ: Mapping[str, str]) -> None:
    file = Path(environ["CLAUDE_CONFIG_DIR"]) / "settings.json"
    before = await hooks(environ, "status")
    assert (before.returncode, before.stdout) == (0, f"{file}: not installed\n0 waiting\n")
    assert (await hooks(environ, "install")).returncode == 0
    (entry,) = json.loads(file.read_text())["hooks"]["PermissionRequest"]
    assert f"{environ['HOME']}/.local/state/legion-tui/spool user" in entry["hooks"][0]["command"]
    assert (await hooks(environ, "status")).stdout == f"{file}: installed\n0 waiting\n"
    again = await hooks(environ, "install")
    assert (again.returncode, again.stdout) == (0, f"{file}: installed already\n")
    assert (await hooks(environ, "uninstall")).returncode == 0
    assert file.read_text() == "{}\n"


async def test_broken_settings_are_one_line(environ: Mapping[str, str]) -> None:
    file = Path(environ["CLAUDE_CONFIG_DIR"]) / "settings.json"
    file.parent.mkdir()
    file.write_text("{")
    for action in ("install", "uninstall", "status"):
        ran = await hooks(environ, action)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr == f"legion-tui: {file}: is not valid JSON: line 1; mend it: nothing was changed\n"
    assert file.read_text() == "{"


async def test_refused_for_agents(environ: Mapping[str, str]) -> None:
    agents = {**environ, "CLAUDECODE": "1", "LEGION_ISSUE": "ENG-1"}
    ran = await hooks(agents, "install", program="legion_tui")
    assert ran.returncode == 3
    assert "hooks is for people" in ran.stderr
    assert "not installed" in (await hooks(environ, "status")).stdout
