"""The whole trip on GitHub: dispatch, labels, transition, next dispatch, by `advance` alone, seen in GitHub's state."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from legion_tui.demo.swarm import Demo, Swarm
from tests.support.commands import Commands
from tests.support.github.server import GitHubServer, github_server
from tests.support.github.world import Issue, Item
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


@pytest.fixture
async def github() -> AsyncIterator[GitHubServer]:
    async with github_server() as server:
        yield server


def lead_to(github: GitHubServer, demo: Demo, *, board: bool) -> None:
    """Have the demo's project on the test's GitHub, and workers that say a word and end their turn."""
    file = demo.project / "legion.toml"
    tracker = '[tracker]\nkind = "github"\nrepo = "acme/payments"\nwrite = "all"\n'
    tracker += "board = 4\n" if board else ""
    text = file.read_text().replace('[tracker]\nkind = "local"\n', tracker)
    text = re.sub(r'api_url = ".*"', f'api_url = "{github.url.removesuffix("/graphql")}"', text)
    file.write_text(text.replace('preset = "simple"\nci_gate = true', 'preset = "legion"\nci_gate = false'))
    Path(demo.environ["LEGION_DEMO_SCENARIO"]).write_text(json.dumps({"pace_seconds": 0}))


@asynccontextmanager
async def project_on(github: GitHubServer, *, board: bool) -> AsyncIterator[Commands]:
    """The commands of a person whose project is on the test's GitHub; no worker runs yet."""
    async with Swarm(agents=0, environ=os.environ) as demo:
        lead_to(github, demo, board=board)
        commands = Commands(demo.environ, demo.project, demo.socket)
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


def stands(issue: Issue, item: Item | None) -> tuple[str | None, set[str]]:
    """Where GitHub says the issue stands, and the labels that say nothing of that."""
    statuses = {"Todo", "In Progress", "Needs Review"}
    if item is not None:
        return item.status, set(issue.labels)
    (status,) = statuses & set(issue.labels)
    return status, set(issue.labels) - statuses


@pytest.mark.parametrize("board", [False, True], ids=["labels", "board"])
async def test_from_todo_to_review_by_advance_alone(github: GitHubServer, board: bool) -> None:
    world = github.world
    item = None
    issue = world.add_issue("Retry the sender", body="It gives up too soon.", labels=["bug"])
    if board:
        item = world.put(world.add_project(options=("Todo", "In Progress", "In review", "Done")), issue, "Todo")
    else:
        issue.labels.append("Todo")
        world.repository().labels["todo"] = "Todo"
    async with project_on(github, board=board) as commands:
        planned = await commands.json("advance", "#1", "--json")
        assert (planned["action"], planned["dispatch"]["outcome"]) == ("dispatch_planner", "started")
        assert stands(issue, item) == ("Todo", {"bug", "worker-active"})
        await work(commands, planned["dispatch"]["cwd"])
        assert stands(issue, item) == ("Todo", {"bug", "worker-done"})

        begun = await commands.json("advance", "ENG-1", "--json")
        assert (begun["action"], begun["dispatch"]["mode"]) == ("transition_to_in_progress", "implement")
        assert begun["dispatch"]["outcome"] == "started"
        assert stands(issue, item) == ("In Progress", {"bug", "worker-active"})
        assert begun["dispatch"]["session_id"] != planned["dispatch"]["session_id"]
        await work(commands, begun["dispatch"]["cwd"])

        reviewed = await commands.json("advance", "1", "--json")
        assert (reviewed["action"], reviewed["dispatch"]["mode"]) == ("transition_to_needs_review", "review")
        assert stands(issue, item) == ("In review" if board else "Needs Review", {"bug", "worker-active"})
        state = await commands.issue("ENG-1")
        assert (state["status"], state["worker"]["mode"]) == ("Needs Review", "review")
        assert issue.state == "OPEN"
        log = await commands.run("log", "ENG-1")
        assert log.stdout.count("started") == 3
