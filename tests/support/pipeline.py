"""A project whose workers go through the whole pipeline by themselves, on a private tmux server."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.support.commands import REPOSITORY

_ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
_ISSUE_COMMAND = ["{python}", "-m", "legion_tui", "issue"]
# Every worker says that it is done; the one that merges sets the status.
_PLAYS = {
    "work": [{"say": "I look at it."}, {"run": [*_ISSUE_COMMAND, "label", "{issue}", "+worker-done"]}],
    # It says what it is at, and no label.
    "rest": [{"say": "I looked at it."}],
    "merge": [{"say": "I merge it."}, {"run": [*_ISSUE_COMMAND, "move", "{issue}", "Done"]}],
}
_ALL = ["dispatch_*", "resume_*", "transition_*", "remove_worker_active_and_redispatch"]


@dataclass(frozen=True)
class PipelineProject:
    """Its folder, and the environment of the one who works there."""

    root: Path
    environ: Mapping[str, str]

    @property
    def issues(self) -> Path:
        """The folder of its issues."""
        return self.root / ".legion" / "issues"

    @property
    def ledger(self) -> Path:
        """The file of its ledger."""
        return Path(self.environ["XDG_STATE_HOME"]) / "legion-tui" / _ID / "ledger.ndjson"

    def configure(self, **autopilot: object) -> None:
        """Write the user's own configuration."""
        given = {"enabled": True, "actions": _ALL, **autopilot}
        lines = ["[autopilot]", *(f"{key} = {json.dumps(value)}" for key, value in given.items())]
        folder = Path(self.environ["XDG_CONFIG_HOME"]) / "legion-tui"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text("\n".join(lines) + "\n")

    def add_to_config(self, text: str) -> None:
        """Add to the project's own configuration."""
        with (self.root / "legion.toml").open("a") as file:
            file.write(text)

    def records(self) -> list[dict[str, Any]]:
        """Every record of the ledger, oldest first; a line that a kill cut off is none."""
        found = []
        for line in self.ledger.read_text().splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The intents of that kind, as the ledger has them."""
        return [record for record in self.records() if record["kind"] == kind and record["phase"] == "intent"]

    def unconcluded(self) -> set[str]:
        """The intents of which nothing tells what came of them."""
        phases: dict[str, set[str]] = {}
        for record in self.records():
            phases.setdefault(record["id"], set()).add(record["phase"])
        return {name for name, seen in phases.items() if seen == {"intent"}}

    def statuses(self) -> list[str]:
        """The status of each issue."""
        found = []
        for path in sorted(self.issues.glob("*.md")):
            line = next(line for line in path.read_text().splitlines() if line.startswith("status:"))
            found.append(line.partition(":")[2].strip())
        return found


class MakePipeline(Protocol):
    """`pipeline_project` in a folder that is chosen already."""

    def __call__(
        self, *, issues: int, slots: int, status: str = "Todo", idles: bool = False, worktrees: str = "none"
    ) -> PipelineProject:
        """Make the project."""
        ...


def pipeline_project(
    folder: Path, *, issues: int, slots: int, status: str = "Todo", idles: bool = False, worktrees: str = "none"
) -> PipelineProject:
    """Make the project in a new `folder` beside the socket of its tmux server; every issue is at `status`.

    `idles`: its workers end their turn and say nothing of it.
    """
    root = folder / "shop"
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA", "STATE")}
    claude = folder / "claude"
    for made in (root / ".legion" / "issues", claude, folder / "home", *map(Path, homes.values())):
        made.mkdir(parents=True)
    scenario = folder / "scenario.json"
    scenario.write_text(json.dumps({"plays": _PLAYS, "default": "rest" if idles else "work", "pace_seconds": 0.01}))
    # A folder that is trusted has all below it trusted, worktrees beside it included.
    trusted = {"hasCompletedOnboarding": True, "projects": {str(folder): {"hasTrustDialogAccepted": True}}}
    (claude / ".claude.json").write_text(json.dumps(trusted))
    command = json.dumps([sys.executable, "-m", "legion_tui.demo.standin"])
    (root / "legion.toml").write_text(
        f'[project]\nid = "{_ID}"\nkey = "ENG"\n[agent]\ncommand = {command}\nhooks = false\n'
        f'[worktrees]\nkind = "{worktrees}"\n[workers]\nmax_concurrent = {slots}\n'
        '[pipeline]\npreset = "legion"\npull_requests = false\n[modes.merge]\nprompt = "demo:merge {brief}"\n'
    )
    for number in range(1, issues + 1):
        path = root / ".legion" / "issues" / f"ENG-{number}.md"
        path.write_text(f"---\ntitle: Issue {number}\nstatus: {status}\n---\n")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "CLAUDE", "LEGION"))},
        **homes,
        "HOME": str(folder / "home"),
        "CLAUDE_CONFIG_DIR": str(claude),
        "LEGION_DEMO_SCENARIO": str(scenario),
        # Of the private server.
        "TMUX_TMPDIR": str(folder.parent),
        "PYTHONPATH": str(REPOSITORY),
    }
    project = PipelineProject(root, environ)
    project.configure()
    return project
