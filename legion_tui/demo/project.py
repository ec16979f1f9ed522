"""The demo's folder: a repository with a local tracker, the agent's own folder, and an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import legion_tui
from legion_tui.demo.github import TOKEN
from legion_tui.demo.guard import CONFIG, SOCKET
from legion_tui.demo.issues import KEY, DemoIssue
from legion_tui.demo.scenes import scenario
from legion_tui.errors import LegionError
from legion_tui.processes import run_command
from legion_tui.state import compute_session_id
from legion_tui.trackers.local.document import new_document

PROJECT_ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
AGENT_COMMAND = (sys.executable, "-m", "legion_tui.demo.standin")
# Names that would lead the demo to the user's own agent, accounts, tmux or settings.
_FOREIGN = ("ANTHROPIC_", "CLAUDE", "GH_", "GITHUB_", "GIT_", "LEGION_", "LINEAR_", "TMUX", "XDG_")
# The sessions that belong to no issue: a folder, a play, and the name of a window.
STRAYS = (("docs-site", "docs-site"), ("scratch", "explorer"))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is, below one root."""

    root: Path

    @property
    def project(self) -> Path:
        """The repository."""
        return self.root / "payments"

    @property
    def config(self) -> Path:
        """The agent's own folder (`CLAUDE_CONFIG_DIR`)."""
        return self.root / CONFIG

    @property
    def socket(self) -> Path:
        """The socket of the private tmux server."""
        return self.root / SOCKET

    @property
    def guard(self) -> Path:
        """The named pipe that the demo's process holds open."""
        return self.root / "guard"

    @property
    def scenario(self) -> Path:
        """What the stand-ins play."""
        return self.root / "scenario.json"

    def worktree(self, issue_id: str) -> Path:
        """The checkout of an issue's worker."""
        return self.root / "worktrees" / issue_id


def environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the demo's dashboard, tmux server and agents: nothing in it is the user's own."""
    kept = {name: value for name, value in environ.items() if not name.startswith(_FOREIGN)}
    package = str(Path(legion_tui.__file__).parents[1])
    paths = [package, *(part for part in kept.get("PYTHONPATH", "").split(os.pathsep) if part)]
    home = layout.root / "home"
    return kept | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(layout.root / "cache"),
        "XDG_CONFIG_HOME": str(layout.root / "config"),
        "XDG_DATA_HOME": str(layout.root / "data"),
        "XDG_STATE_HOME": str(layout.root / "state"),
        "CLAUDE_CONFIG_DIR": str(layout.config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GITHUB_TOKEN": TOKEN,
        "LEGION_DEMO_GUARD": str(layout.guard),
        "LEGION_DEMO_SCENARIO": str(layout.scenario),
        # The stand-ins and the commands that they run import this very package.
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
    }


def write_files(
    layout: Layout, issues: Sequence[DemoIssue], *, api_url: str, now: datetime, slots: int
) -> dict[str, str]:
    """Write everything but the repository's history; return the play of each session. Blocks."""
    for name in ("home", "cache", "config", "data", "state", "worktrees", *(folder for folder, _ in STRAYS)):
        (layout.root / name).mkdir(mode=0o700)
    (layout.root / "home" / ".gitconfig").write_text(
        "[user]\n\tname = Ann Author\n\temail = ann@example.com\n[init]\n\tdefaultBranch = main\n"
    )
    folder = layout.project / ".legion" / "issues"
    folder.mkdir(parents=True)
    for issue in issues:
        (folder / f"{issue.id}.md").write_bytes(_document(issue, now))
    _source(layout.project)
    (layout.project / "legion.toml").write_text(_project_file(layout, api_url=api_url, slots=slots))
    layout.config.mkdir(mode=0o700)
    trusted = [layout.project, *(layout.root / name for name, _ in STRAYS)]
    (layout.config / ".claude.json").write_text(
        json.dumps(
            {
                "hasCompletedOnboarding": True,
                "projects": {str(path): {"hasTrustDialogAccepted": True} for path in trusted},
            }
        )
    )
    plays = {compute_session_id(PROJECT_ID, issue.id, issue.mode): issue.play for issue in issues if issue.play}
    plays |= {stray_session(name): play for name, play in STRAYS}
    layout.scenario.write_text(json.dumps(scenario(plays)))
    os.mkfifo(layout.guard, mode=0o600)
    return plays


def stray_session(name: str) -> str:
    """Return the id of a session that belongs to no issue."""
    return compute_session_id(PROJECT_ID, f"session-{name}", "none")


async def make_repository(layout: Layout, issues: Sequence[DemoIssue], env: Mapping[str, str]) -> None:
    """Make the repository and a worktree for every worker; plain folders where there is no git."""
    workers = [issue for issue in issues if issue.play and issue.trusted]
    if shutil.which("git", path=env.get("PATH")) is None:
        for issue in workers:
            layout.worktree(issue.id).mkdir()
        return
    await _git(layout.project, env, "init", "--quiet")
    (layout.project / ".git" / "info").mkdir(exist_ok=True)
    (layout.project / ".git" / "info" / "exclude").write_text(".legion/\n")
    await _git(layout.project, env, "add", "--all")
    await _git(layout.project, env, "commit", "--quiet", "--no-verify", "--message", "Payments as they are")
    for issue in workers:
        await _git(layout.project, env, "worktree", "add", "--quiet", "-b", issue.id, str(layout.worktree(issue.id)))


async def _git(folder: Path, env: Mapping[str, str], *arguments: str) -> None:
    done = await run_command(["git", *arguments], cwd=str(folder), env=env, timeout_seconds=30)
    if not done.ok:
        raise LegionError("the demo's repository could not be made", f"git {arguments[0]}: {done.stderr.strip()}")


def _document(issue: DemoIssue, now: datetime) -> bytes:
    fields: dict[str, str | int | list[str]] = {"id": issue.id, "title": issue.title, "status": issue.status.value}
    if issue.labels:
        fields["labels"] = list(issue.labels)
    if issue.priority is not None:
        fields["priority"] = issue.priority
    if issue.blockers:
        fields["blockers"] = list(issue.blockers)
    if issue.url:
        fields["pull_request"] = issue.url
    fields["created"] = (now - timedelta(days=issue.age_days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return new_document(fields, f"\n{issue.body}\n").encode()


def _source(project: Path) -> None:
    """Write a little source, so that the repository is one."""
    package = project / "src" / "payments"
    package.mkdir(parents=True)
    (project / "README.md").write_text("# payments\n\nTakes money, gives receipts.\n")
    (package / "__init__.py").write_text('"""Payments."""\n')
    for name in ("api", "hooks", "rates", "refunds"):
        (package / f"{name}.py").write_text(f'"""The {name} of the service."""\n\n\ndef main() -> int:\n    return 1\n')


def _project_file(layout: Layout, *, api_url: str, slots: int) -> str:
    # JSON's strings and lists of strings are TOML's too.
    return f"""\
[project]
id = "{PROJECT_ID}"
key = "{KEY}"

[tracker]
kind = "local"

[github]
api_url = {json.dumps(api_url)}

[tmux]
socket = {json.dumps(str(layout.socket))}

[agent]
command = {json.dumps(list(AGENT_COMMAND))}

[worktrees]
kind = "git"
root = "../worktrees/{{issue}}"

[workers]
max_concurrent = {slots}

[poll]
tracker_seconds = 2.0

[pipeline]
preset = "simple"
ci_gate = true
"""
