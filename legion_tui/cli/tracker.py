"""The project's tracker, whichever it is, and the ways to the services, GitHub's being that of pull requests too."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from legion_tui.cli.context import Context
from legion_tui.cli.projects import Place
from legion_tui.config import ProjectConfig
from legion_tui.network import GitHubToken, GraphQLClient, LinearToken, github_service, linear_service
from legion_tui.processes import run_command
from legion_tui.trackers import WRITES, Tracker


@dataclass(frozen=True, slots=True)
class Services:
    """The one way to each service, for whoever asks it; a connection is opened by the first question."""

    github: GraphQLClient
    linear: GraphQLClient


@asynccontextmanager
async def open_services(context: Context, config: ProjectConfig) -> AsyncIterator[Services]:
    """Yield the ways to GitHub and to Linear; nothing is connected yet."""
    section = config.github
    github = github_service(
        host=section.host, api_url=section.api_url, allowed_hosts=frozenset(context.user.github_hosts)
    )
    linear = linear_service(api_url=config.linear.api_url, allowed_hosts=frozenset(context.user.linear_hosts))
    async with (
        GraphQLClient(github, GitHubToken(context.environ, run_command, host=section.host)) as to_github,
        GraphQLClient(linear, LinearToken(context.environ)) as to_linear,
    ):
        yield Services(to_github, to_linear)


def make_tracker(place: Place, services: Services) -> Tracker:
    """Return the project's tracker; raises TrackerError for a bad filter."""
    section, host = place.config.tracker, place.config.github.host
    if section.kind == "github":
        from legion_tui.trackers.github import GitHubTracker

        return GitHubTracker(
            services.github,
            section.repo or "",
            key=place.config.project.key,
            board=section.board,
            filter_text=section.filter or "",
            statuses=section.statuses,
            allowed=WRITES[section.write or "none"],
            host=host,
        )
    if section.kind == "linear":
        from legion_tui.trackers.linear import LinearTracker

        return LinearTracker(
            services.linear,
            section.team or "",
            filter_text=section.filter or "",
            statuses=section.statuses,
            allowed=WRITES[section.write or "none"],
            host=host,
        )
    from legion_tui.trackers.local import LocalTracker

    return LocalTracker(
        place.root / section.path,
        root=place.root,
        key=place.config.project.key,
        host=host,
        allowed=WRITES[section.write or "all"],
        author=getpass.getuser(),
    )


@asynccontextmanager
async def open_tracker(context: Context) -> AsyncIterator[Tracker]:
    """Yield the project's tracker; raises ConfigError where there is no project."""
    place = context.needed_place()
    async with open_services(context, place.config) as services:
        yield make_tracker(place, services)


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
