"""The whole trip on GitHub and on Linear: dispatch, labels, transition, next dispatch, by `advance` alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from legion_tui.demo.swarm import Demo, Swarm
from tests.support.commands import Commands
from tests.support.github.server import github_server
from tests.support.github.world import World
from tests.support.linear.server import linear_server
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
_STATUSES = {"Todo", "In Progress", "Needs Review"}


@dataclass
class Place:
    """Where the one issue is: what `[tracker]` says, the service's address, and how its own state is read."""

    tracker: str
    api_url: str
    section: str
    # Where the service itself says the issue stands, and the labels that say nothing of that.
    stands: Callable[[], tuple[str | None, set[str]]]
    is_open: Callable[[], bool]
    # Its own word for a status.
    review: str = "Needs Review"


@asynccontextmanager
async def on_github(*, board: bool) -> AsyncIterator[Place]:
    """An issue of a repository: its status is a label, or a column of a board."""
    async with github_server() as github:
        world: World = github.world
        issue = world.add_issue("Retry the sender", body="It gives up too soon.", labels=["bug"])
        item = None
        if board:
            item = world.put(world.add_project(options=("Todo", "In Progress", "In review", "Done")), issue, "Todo")
        else:
            issue.labels.append("Todo")
            world.repository().labels["todo"] = "Todo"

        def stands() -> tuple[str | None, set[str]]:
            if item is not None:
                return item.status, set(issue.labels)
            (status,) = _STATUSES & set(issue.labels)
            return status, set(issue.labels) - _STATUSES

        yield Place(
            tracker='kind = "github"\nrepo = "acme/payments"\n' + ("board = 4\n" if board else ""),
            api_url=github.url.removesuffix("/graphql"),
            section="github",
            stands=stands,
            is_open=lambda: issue.state == "OPEN",
            review="In review" if board else "Needs Review",
        )


@asynccontextmanager
async def on_linear() -> AsyncIterator[Place]:
    """An issue of a team: its status is its workflow state."""
    async with linear_server() as linear:
        issue = linear.world.add_issue(title="Retry the sender", description="It gives up too soon.", labels=("bug",))
        yield Place(
            tracker='kind = "linear"\nteam = "ENG"\n',
            api_url=linear.url,
            section="linear",
            stands=lambda: (issue.state.name, {label.name for label in issue.labels}),
            is_open=lambda: issue.state.type == "started",
            review="In Review",
        )


def lead_to(place: Place, demo: Demo) -> None:
    """Have the demo's project there, and workers that say a word and end their turn."""
    file = demo.project / "legion.toml"
    text = file.read_text().replace('[tracker]\nkind = "local"\n', f'[tracker]\n{place.tracker}write = "all"\n')
    text = re.sub(r'\[github\]\napi_url = ".*"\n', "", text)
    text = text.replace('preset = "simple"\nci_gate = true', 'preset = "legion"\nci_gate = false')
    file.write_text(f'{text}\n[{place.section}]\napi_url = "{place.api_url}"\n')
    Path(demo.environ["LEGION_DEMO_SCENARIO"]).write_text(json.dumps({"pace_seconds": 0}))


@asynccontextmanager
async def project_on(place: Place) -> AsyncIterator[Commands]:
    """The commands of a person whose project is there; no worker runs yet."""
    async with Swarm(agents=0, environ={**os.environ, "LINEAR_API_KEY": "lin_api_0"}) as demo:
        lead_to(place, demo)
        commands = Commands({**demo.environ, "LINEAR_API_KEY": "lin_api_0"}, demo.project, demo.socket)
        trusted = await commands.run("trust", "--yes")
        assert trusted.returncode == 0, trusted.stderr
        yield commands


async def work(commands: Commands, cwd: str) -> None:
    """Wait until the worker has ended its turn, and say so as it would: from its worktree, by the issue command."""

    async def rests() -> bool:
        worker = (await commands.issue("ENG-1"))["worker"]
        return worker is not None and worker["state"] == "idle"

    assert await until_async(rests, within_seconds=40)
    done = await commands.run("issue", "label", "#1", "+worker-done", "-worker-active", cwd=Path(cwd))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "where",
    [lambda: on_github(board=False), lambda: on_github(board=True), on_linear],
    ids=["labels", "board", "linear"],
)
async def test_from_todo_to_review_by_advance_alone(where: Callable[[], AbstractAsyncContextManager[Place]]) -> None:
    async with where() as place, project_on(place) as commands:
        planned = await commands.json("advance", "#1", "--json")
        assert (planned["action"], planned["dispatch"]["outcome"]) == ("dispatch_planner", "started")
        assert place.stands() == ("Todo", {"bug", "worker-active"})
        await work(commands, planned["dispatch"]["cwd"])
        assert place.stands() == ("Todo", {"bug", "worker-done"})

        begun = await commands.json("advance", "ENG-1", "--json")
        assert (begun["action"], begun["dispatch"]["mode"]) == ("transition_to_in_progress", "implement")
        assert begun["dispatch"]["outcome"] == "started"
        assert place.stands() == ("In Progress", {"bug", "worker-active"})
        assert begun["dispatch"]["session_id"] != planned["dispatch"]["session_id"]
        await work(commands, begun["dispatch"]["cwd"])

        reviewed = await commands.json("advance", "1", "--json")
        assert (reviewed["action"], reviewed["dispatch"]["mode"]) == ("transition_to_needs_review", "review")
        assert place.stands() == (place.review, {"bug", "worker-active"})
        state = await commands.issue("ENG-1")
        assert (state["status"], state["worker"]["mode"]) == ("Needs Review", "review")
        assert place.is_open()
        log = await commands.run("log", "ENG-1")
        assert log.stdout.count("started") == 3
