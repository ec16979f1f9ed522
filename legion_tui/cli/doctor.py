"""`legion-tui doctor`: what is found, what is missing, how to mend it."""

from __future__ import annotations

import argparse
import stat
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path

import anyio

from legion_tui import __version__
from legion_tui.agents.claude_code import TESTED_VERSION, is_tested
from legion_tui.cli.context import Context, say, say_json
from legion_tui.cli.hooks import installed, words
from legion_tui.cli.parts import Parts, open_parts
from legion_tui.cli.tracker import described
from legion_tui.config import state_home
from legion_tui.errors import ConfigError, LegionError, SourceError
from legion_tui.network import LinearToken
from legion_tui.present.diagnostics import source_words
from legion_tui.processes import MISSING, run_command
from legion_tui.state import Source
from legion_tui.state.text import clean_line
from legion_tui.tmux import ONE_SHOT, Transport

_PACKAGE = "@anthropic-ai/claude-code"
_TRANSPORT_WITHIN_SECONDS = 5.0
_LIVE_READINGS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `needed`: without it the product does not do its work."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


async def run(context: Context, options: argparse.Namespace) -> int:
    """Print every check; 1 when something that is needed is missing."""
    checks = [check async for check in _checks(context)]
    if options.json:
        say_json([asdict(check) | {"remedy": "" if check.ok else check.remedy} for check in checks])
    else:
        for check in checks:
            word = "ok     " if check.ok else ("MISSING" if check.needed else "note   ")
            say(f"{word} {check.name}: {check.found}" + (f"; {check.remedy}" if check.remedy and not check.ok else ""))
    return 0 if all(check.ok or not check.needed for check in checks) else 1


async def _checks(context: Context) -> AsyncIterator[Check]:
    yield Check("legion-tui", ok=True, found=__version__)
    try:
        place = context.place
    except ConfigError as error:
        yield Check("config", ok=False, found=f"{error.title}: {error.message}", remedy=error.remedy)
        return
    if place is None:
        yield Check("project", ok=False, found="none from here upwards", remedy="run: legion-tui init", needed=False)
    else:
        yield Check("project", ok=True, found=f"{place.project.key} {place.root}")
        inert = ", ".join(place.inert)
        yield Check("tracker", ok=True, found=described(place))
        yield Check("trust", place.trusted, f"inert: {inert}" if inert else "in force", "run: legion-tui trust", False)
    async with open_parts(context) as parts:
        async for check in _of_parts(context, parts):
            yield check
    yield _private(state_home(context.environ))


async def _of_parts(context: Context, parts: Parts) -> AsyncIterator[Check]:
    try:
        yield Check("tmux", ok=True, found=await parts.tmux.version())
    except LegionError as error:
        yield Check("tmux", ok=False, found=f"{error.title}: {error.message}".rstrip(": "), remedy=error.remedy)
    else:
        yield await _transport(parts)
    yield await _agent(parts)
    if parts.config.worktrees.kind == "jj":
        jj = await run_command(["jj", "--version"], timeout_seconds=5.0)
        found = clean_line(jj.stdout) if jj.ok else "not installed"
        yield Check("jj", jj.ok, found, 'install jj 0.35 or newer, or set worktrees.kind = "git"')
    yield await anyio.to_thread.run_sync(_hooks, context)
    gh = await run_command(["gh", "--version"], timeout_seconds=5.0)
    token = "GITHUB_TOKEN is set" if context.environ.get("GITHUB_TOKEN") else ""
    found = token or (clean_line(gh.stdout.partition("\n")[0]) if gh.ok else "neither gh nor GITHUB_TOKEN")
    if parts.config.tracker.kind == "linear":
        yield await _linear(context)
    issues_too = parts.config.tracker.kind == "github" and parts.place is not None
    what = "issues and pull requests" if issues_too else "pull requests"
    yield Check("github", bool(token) or gh.ok, found, f"for {what}: install gh and run: gh auth login", issues_too)
    snapshot = await parts.collector.collect()
    for _ in range(_LIVE_READINGS - 1):
        # What costs nobody anything is read some more times: one figure is none.
        await parts.collector.collect_live()
    figures = parts.collector.diagnostics()
    for source, health in snapshot.sources.items():
        told = f"read in {health.took_ms:g} ms, {source_words(figures.sources[source])}"
        told = told if health.ok else f"{health.error}"
        yield Check(f"source {source}", health.ok, told, health.remedy, needed=source is not Source.PULL_REQUESTS)
    for client in (parts.services.github, parts.services.linear):
        rate, name = client.rate, f"{client.service.name} budget"
        if rate is not None:
            yield Check(name, True, f"{rate.remaining} of {rate.limit} points left, new ones at {rate.reset_at}")
    for problem in snapshot.problems:
        yield Check("issue", ok=False, found=f"{problem.where}: {problem.what}", remedy=problem.remedy, needed=False)


async def _linear(context: Context) -> Check:
    try:
        await LinearToken(context.environ).get()
    except SourceError as error:
        return Check("linear", ok=False, found=error.message, remedy=error.remedy)
    given = "LINEAR_API_KEY is set" if context.environ.get("LINEAR_API_KEY") else "a key in the system keyring"
    return Check("linear", ok=True, found=given)


async def _transport(parts: Parts) -> Check:
    """Read tmux as a dashboard would."""
    used = parts.tmux.transport
    async with anyio.create_task_group() as group:
        group.start_soon(parts.tmux.run)
        with anyio.move_on_after(_TRANSPORT_WITHIN_SECONDS):
            try:
                # Nothing to read is nothing to open a client for.
                used = await parts.tmux.tried() if await parts.tmux.panes() else used
            except LegionError as error:
                used = Transport(ONE_SHOT, str(error), failing=True)
        group.cancel_scope.cancel()
    told = f"{used.name} ({used.why})" if used.why else used.name
    return Check("tmux transport", ok=not used.failing, found=told, needed=False)


async def _agent(parts: Parts) -> Check:
    command = parts.agent_command
    ran = await run_command([*command, "--version"], timeout_seconds=10.0)
    if ran.returncode == MISSING:
        return Check("agent", ok=False, found=f"{command[0]} is not installed", remedy=f"npm install -g {_PACKAGE}")
    version = clean_line(ran.stdout).split(" ")[0] if ran.ok else ""
    tested = is_tested(version)
    if tested:
        return Check("agent", ok=True, found=f"{command[0]} {version}, covered by the contract tests")
    told = f"{version} is not covered" if version else "does not tell its version, so it may not be covered"
    found = f"{command[0]} {told} by the contract tests, which run on {TESTED_VERSION}"
    remedy = f"it may be read wrongly, its rows are marked; to be sure: npm install -g {_PACKAGE}@{TESTED_VERSION}"
    return Check("agent", ok=False, found=found, remedy=remedy, needed=False)


def _hooks(context: Context) -> Check:
    remedy = "for sessions started elsewhere; without it they are answered by keys: legion-tui hooks install"
    try:
        told = installed(context)
    except LegionError as error:
        return Check("hooks", ok=False, found=f"{error.title}: {error.message}", remedy=error.remedy, needed=False)
    return Check("hooks", bool(told.commands) and not told.disabled, words(told), remedy, needed=False)


def _private(folder: Path) -> Check:
    if not folder.exists():
        return Check("permissions", ok=True, found=f"{folder} is made when it is needed")
    mode = stat.S_IMODE(folder.stat().st_mode)
    return Check("permissions", mode & 0o077 == 0, f"{folder} is {mode:04o}", f"run: chmod 700 {folder}")
