"""`legion-tui init`: make a repository a project."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import anyio

from legion_tui.cli.context import Context, say
from legion_tui.cli.origin import origin_on
from legion_tui.cli.projects import trust
from legion_tui.config import PROJECT_FILE
from legion_tui.errors import ConfigError, SourceError, UsageError
from legion_tui.files import write_durably
from legion_tui.network import GitHubToken, LinearToken
from legion_tui.processes import run_command
from legion_tui.trackers.github import key_of

_EXCLUDED = "/.legion/"
_TEMPLATE = """\
[project]
id = "{id}"
key = "{key}"

[tracker]
{tracker}

[pipeline]
preset = "{preset}"
ci_gate = {ci_gate}
"""
_LOCAL = """\
kind = "local"
path = ".legion/issues\""""
_GITHUB = """\
kind = "github"
repo = "{repo}"
{board}
# filter = "assignee:@me"     # also no:assignee author:LOGIN label:NAME -label:NAME is:open
write = "{write}"{told}
# [tracker.statuses]          # which of GitHub's words (a board's column, a label, open) is which of ours
# "In review" = "Needs Review\""""
_LINEAR = """\
kind = "linear"
team = "{team}"
# filter = "assignee:@me"     # also no:assignee author:NAME label:NAME -label:NAME project:NAME is:open
write = "{write}"{told}
# [tracker.statuses]          # which of the team's states is which status, where its name does not say so
# "QA" = "Needs Review\""""
_WRITES = {
    "none": "                # nothing is written there; also: labels, all",
    "labels": "              # worker-active, worker-done and the like; also: none, all",
    "all": "                 # labels, status, comments, new issues; also: none, labels",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a kind of tracker makes of the file: its lines, the project's key, and what is to be done next."""

    tracker: str
    key: str
    next: str
    is_local: bool = False


async def run(context: Context, options: argparse.Namespace) -> int:
    """Write `legion.toml` and the issues' folder; never overwrites, asks nothing."""
    start = (context.cwd / context.project_given).resolve() if context.project_given else context.cwd
    top = await run_command(["git", "-C", str(start), "rev-parse", "--show-toplevel"])
    root = Path(top.stdout.strip()) if top.ok else start
    file = root / PROJECT_FILE
    if file.exists():
        raise ConfigError(str(file), "is there already", "run: legion-tui")
    repo = await origin_on("github.com", root) or None
    _refuse_others(options)
    if options.tracker == "github":
        choice = await _github(context, options, repo)
    elif options.tracker == "linear":
        choice = await _linear(context, options)
    else:
        choice = _local(root, repo)
    text = _TEMPLATE.format(
        id=uuid4(),
        key=options.key or choice.key,
        tracker=choice.tracker,
        preset=options.preset,
        ci_gate="true" if repo is not None or options.tracker == "github" else "false",
    )
    await anyio.to_thread.run_sync(_write, root, file, text, choice.is_local)
    # Whoever wrote it just now need not be asked whether to believe it.
    await anyio.to_thread.run_sync(trust, file, text.encode(), context.environ)
    say(f"wrote {file}")
    say(choice.next)
    return 0


def _refuse_others(options: argparse.Namespace) -> None:
    """Raise UsageError for an option of another kind of tracker, which would be taken for granted."""
    for name, kind in (("repo", "github"), ("board", "github"), ("team", "linear")):
        if getattr(options, name) is not None and options.tracker != kind:
            raise UsageError(f"--{name}", f"is for --tracker {kind}")


def _local(root: Path, repo: str | None) -> _Choice:
    told = 'next: legion-tui issue add "First issue", then: legion-tui'
    if repo is not None:
        told += f"\n{repo} is on GitHub: to work on its issues instead, remove that file and init --tracker github"
    return _Choice(_LOCAL, key_of(root.name), told, is_local=True)


async def _github(context: Context, options: argparse.Namespace, found: str | None) -> _Choice:
    repo = _repository(options, found)
    lines = _GITHUB.format(
        repo=repo,
        board=f"board = {options.board}"
        if options.board
        else "# board = 4                   # a Projects board's number",
        write=options.write,
        told=_WRITES[options.write],
    )
    told = "next: legion-tui"
    try:
        await GitHubToken(context.environ, run_command).get()
    except SourceError as error:
        told = f"next: {error.remedy.removeprefix('set GITHUB_TOKEN or run: ')} (or set GITHUB_TOKEN), then: legion-tui"
    return _Choice(lines, key_of(repo.partition("/")[2]), told)


def _repository(options: argparse.Namespace, found: str | None) -> str:
    """Return `owner/name` as it was given, or as the remote says; the file's own check is the last word on it."""
    repo: str | None = options.repo or found
    if repo is None:
        raise ConfigError("no repository", "the remote origin is none on github.com", "give --repo OWNER/NAME")
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]{1,100}", repo) is None:
        raise UsageError(f"--repo {repo}", "is no repository", "--repo OWNER/NAME")
    return repo


async def _linear(context: Context, options: argparse.Namespace) -> _Choice:
    if options.team is None:
        raise UsageError("--team", "is needed", "what the identifiers of its issues begin with: --team ENG")
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", options.team) is None:
        raise UsageError(f"--team {options.team}", "is no team's key", "--team ENG")
    team = options.team.upper()
    told = "next: legion-tui"
    try:
        await LinearToken(context.environ).get()
    except SourceError as error:
        told = f"next: {error.remedy}, then: legion-tui"
    return _Choice(_LINEAR.format(team=team, write=options.write, told=_WRITES[options.write]), team, told)


def _write(root: Path, file: Path, text: str, local: bool) -> None:
    try:
        write_durably(file, text.encode(), mode=0o644)
        if local:
            (root / ".legion" / "issues").mkdir(parents=True, exist_ok=True)
        exclude = root / ".git" / "info" / "exclude"
        if (root / ".git").is_dir():
            exclude.parent.mkdir(exist_ok=True)
            there = exclude.read_text("utf-8") if exclude.exists() else ""
            if _EXCLUDED not in there.splitlines():
                between = "" if not there or there.endswith("\n") else "\n"
                write_durably(exclude, f"{there}{between}{_EXCLUDED}\n".encode(), mode=0o644)
    except OSError as error:
        raise ConfigError(str(error.filename or root), error.strerror or "cannot be written") from None
