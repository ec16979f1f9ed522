"""The project's tracker, whichever it is, and the way to GitHub, which pull requests share with it."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from legion_tui.cli.context import Context
from legion_tui.cli.projects import Place
from legion_tui.config import ProjectConfig
from legion_tui.errors import TrackerError
from legion_tui.network import GitHubToken, GraphQLClient, github_service
from legion_tui.processes import run_command
from legion_tui.trackers import WRITES, Tracker


def make_github(context: Context, config: ProjectConfig) -> GraphQLClient:
    """Return the one way to GitHub, for whoever asks it; nothing is connected yet."""
    section = config.github
    service = github_service(
        host=section.host, api_url=section.api_url, allowed_hosts=frozenset(context.user.github_hosts)
    )
    return GraphQLClient(service, GitHubToken(context.environ, run_command, host=section.host))


def make_tracker(place: Place, github: GraphQLClient) -> Tracker:
    """Return the project's tracker; raises TrackerError for one that this version does not know, or a bad filter."""
    section, host = place.config.tracker, place.config.github.host
    if section.kind == "local":
        from legion_tui.trackers.local import LocalTracker

        return LocalTracker(
            place.root / section.path,
            root=place.root,
            key=place.config.project.key,
            host=host,
            allowed=WRITES[section.write or "all"],
            author=getpass.getuser(),
        )
    if section.kind == "github":
        from legion_tui.trackers.github import GitHubTracker

        return GitHubTracker(
            github,
            section.repo or "",
            key=place.config.project.key,
            board=section.board,
            filter_text=section.filter or "",
            statuses=section.statuses,
            allowed=WRITES[section.write or "none"],
            host=host,
        )
    raise TrackerError(f"tracker {section.kind!r}", "cannot be read by this version", 'set kind = "local" or "github"')


@asynccontextmanager
async def open_tracker(context: Context) -> AsyncIterator[Tracker]:
    """Yield the project's tracker; raises ConfigError where there is no project."""
    place = context.needed_place()
    async with make_github(context, place.config) as github:
        yield make_tracker(place, github)


def described(place: Place) -> str:
    """Return in words which issues the project's are, and what may be written of them."""
    section = place.config.tracker
    where = {"local": section.path, "github": section.repo or "", "linear": section.team or ""}[section.kind]
    parts = [f"{section.kind} {where}".rstrip()]
    if section.kind == "github" and section.board is not None:
        parts.append(f"board {section.board}")
    if section.filter and section.kind != "local":
        parts.append(f"filter {section.filter}")
    write = section.write or ("all" if section.kind == "local" else "none")
    meant = {"none": "nothing is written, our labels live in the ledger", "labels": "labels are written"}
    parts.append(meant.get(write, "everything may be written"))
    return "; ".join(parts)
