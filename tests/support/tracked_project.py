"""A project whose issues live on the test's GitHub or Linear, and the commands run in it."""

from __future__ import annotations

import importlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from legion_tui.cli.arguments import parse_arguments
from legion_tui.cli.commands import COMMANDS
from legion_tui.cli.context import Context
from legion_tui.cli.projects import trust
from legion_tui.errors import LegionError
from tests.support.network import LINEAR_KEY, TOKEN


@dataclass
class Ran:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Project:
    """A repository with a remote on github.com, without a `legion.toml` until `init`."""

    root: Path
    environ: dict[str, str]
    capture: pytest.CaptureFixture[str]

    @classmethod
    def make(cls, tmp_path: Path, capture: pytest.CaptureFixture[str], environ: dict[str, str]) -> Project:
        root = tmp_path / "shop"
        root.mkdir()
        for argv in (
            ["init", "-q", "-b", "main"],
            ["remote", "add", "origin", "git@github.com:acme/payments.git"],
        ):
            subprocess.run(["git", *argv], cwd=root, check=True, capture_output=True, timeout=30)
        sockets = tmp_path / "sockets"
        sockets.mkdir()
        given = {"GITHUB_TOKEN": TOKEN, "LINEAR_API_KEY": LINEAR_KEY, "TMUX_TMPDIR": str(sockets)}
        return cls(root, {**environ, **given}, capture)

    async def run(self, *arguments: str) -> Ran:
        """Run one command as `main` does, within this process and its event loop."""
        options = parse_arguments(COMMANDS, arguments)
        self.capture.readouterr()
        try:
            module = importlib.import_module(options.command.module)
            code = await module.run(Context(environ=dict(self.environ), cwd=self.root), options)
        except LegionError as error:
            told = self.capture.readouterr()
            return Ran(told.out, f"{told.err}{error}", error.exit_code)
        told = self.capture.readouterr()
        return Ran(told.out, told.err, code)

    async def init(self, *arguments: str, url: str) -> Ran:
        """Run `init --tracker github`, and lead its project to the test's server."""
        ran = await self.run("init", "--tracker", "github", *arguments)
        assert ran.code == 0, ran.err
        self.append(f'\n[github]\napi_url = "{url.removesuffix("/graphql")}"\n')
        return ran

    async def init_linear(self, *arguments: str, url: str) -> Ran:
        """Run `init --tracker linear`, and lead its project to the test's server."""
        ran = await self.run("init", "--tracker", "linear", "--team", "eng", *arguments)
        assert ran.code == 0, ran.err
        self.append(f'\n[linear]\napi_url = "{url}"\n')
        return ran

    def append(self, text: str) -> None:
        """Write to the end of the file, and trust it."""
        file = self.root / "legion.toml"
        file.write_text(file.read_text() + text)
        trust(file, file.read_bytes(), self.environ)
