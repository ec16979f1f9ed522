from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import graphql_sync

from legion_tui.config import ProjectConfig, check_project, parse
from legion_tui.demo.github import TOKEN, PullRequestServer, Served
from legion_tui.demo.issues import ISSUES, OWNER, REPOSITORY, with_workers
from legion_tui.demo.project import Layout, environment, write_files
from legion_tui.demo.scenes import PLAYS, scenario
from legion_tui.demo.standin.errors import api_error
from legion_tui.demo.standin.plays import PLAYS as BUILT_IN
from legion_tui.errors import ConflictError, TrackerError
from legion_tui.fetch.pull_requests.query import build_query, parse_answer
from legion_tui.network import read_answer
from legion_tui.state import PullRequestRef, PullRequestState, is_issue_id
from legion_tui.trackers.github import Merger
from legion_tui.trackers.local import LocalTracker
from tests.support.github.schema import schema
from tests.support.network import github_client

STEPS = {
    *("ask", "compact", "crash", "error", "exit", "gate", "pause", "plan", "repeat"),
    *("retry", "run", "say", "shell", "tool", "work"),
}
SERVED = {issue.pull_request.number: issue.pull_request for issue in ISSUES if issue.pull_request}


def all_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        yield step
        for key in ("chat", "revised", "steps", "calls"):
            yield from all_steps(step.get(key, ()))


@pytest.mark.parametrize("name", [*PLAYS, *BUILT_IN])
def test_every_play_holds_to_what_the_agent_allows(name: str) -> None:
    plays = {**BUILT_IN, **PLAYS}
    for step in all_steps(plays[name]):
        assert len(STEPS & set(step)) == 1, step
        if "error" in step:
            api_error(step["error"])
        if "ask" not in step:
            continue
        for asked in step["ask"] if isinstance(step["ask"], list) else [step["ask"]]:
            questions = asked["questions"]
            assert 1 <= len(questions) <= 4
            assert len({question["question"] for question in questions}) == len(questions)
            for question in questions:
                labels = [option["label"] for option in question["options"]]
                assert 2 <= len(set(labels)) == len(labels) <= 4
                assert question["header"]


def test_the_issues_are_sound() -> None:
    ids = [issue.id for issue in ISSUES]
    assert len(set(ids)) == len(ids)
    assert all(is_issue_id(issue_id) for issue_id in ids)
    assert {issue.play for issue in ISSUES} - {""} <= set(PLAYS)
    assert all(set(issue.blockers) <= set(ids) for issue in ISSUES)
    assert len(SERVED) == len([issue for issue in ISSUES if issue.pull_request])


@pytest.mark.parametrize("agents", [0, 1, 5, 12, 13, 60])
def test_so_many_workers_as_asked_for(agents: int) -> None:
    issues = with_workers(agents)
    assert len([issue for issue in issues if issue.play]) == agents
    assert len({issue.id for issue in issues}) == len(issues)
    assert [issue for issue in issues if not issue.play] == [issue for issue in ISSUES if not issue.play]
    assert {issue.play for issue in issues} - {""} <= set(PLAYS)


def test_the_scenario_is_json() -> None:
    told = json.loads(json.dumps(scenario({"session": "webhook"})))
    assert told["sessions"] == {"session": "webhook"}
    assert {told["first"], told["default"]} <= set(told["plays"])


async def test_the_folder_reads_well(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    write_files(layout, ISSUES, api_url="http://127.0.0.1:1", now=datetime.now(UTC), slots=5)
    data = (layout.project / "legion.toml").read_bytes()
    config = parse(data, ProjectConfig, where="legion.toml")
    check_project(config, where="legion.toml")
    tracker = LocalTracker(layout.project / ".legion" / "issues", root=layout.project, key="ENG")
    reading = await tracker.read()
    assert not reading.problems
    assert {issue.id for issue in reading.issues} == {issue.id for issue in ISSUES}
    assert (await tracker.get("ENG-38")).blockers == ("ENG-21",)
    assert (await tracker.get("ENG-21")).pull_request == PullRequestRef("github.com", OWNER, REPOSITORY, 412)
    assert (config.workers.max_concurrent, config.tmux.socket) == (5, str(layout.socket))
    assert config.github.api_url == "http://127.0.0.1:1"


def test_nothing_of_the_users_own_is_in_the_environment(tmp_path: Path) -> None:
    users = {
        "PATH": "/bin",
        "HOME": "/home/ann",
        "ANTHROPIC_API_KEY": "secret",
        "CLAUDE_CONFIG_DIR": "/home/ann/.claude",
        "GITHUB_TOKEN": "secret",
        "LINEAR_API_KEY": "secret",
        "LEGION_PROJECT": "/home/ann/project",
        "TMUX": "/tmp/tmux-1/default,1,0",
        "TMUX_TMPDIR": "/home/ann/tmux",
        "XDG_STATE_HOME": "/home/ann/state",
    }
    env = environment(Layout(tmp_path), users)
    assert env["PATH"] == "/bin"
    assert "secret" not in env.values()
    assert not [value for value in env.values() if "/home/ann" in value]
    assert "TMUX" not in env


@pytest.fixture(scope="module")
def github() -> Iterator[PullRequestServer]:
    with PullRequestServer(OWNER, REPOSITORY, SERVED) as server:
        yield server


def ask(server: PullRequestServer, query: str, token: str = TOKEN) -> httpx.Response:
    headers = {"Authorization": f"bearer {token}"}
    return httpx.post(f"{server.api_url}/graphql", json={"query": query}, headers=headers, trust_env=False)


def test_the_products_own_question_is_answered(github: PullRequestServer) -> None:
    refs = [PullRequestRef("github.com", OWNER, REPOSITORY, number) for number in (*SERVED, 9999)]
    refs.append(PullRequestRef("github.com", "someone", "else", 1))
    query, aliases = build_query(refs)
    answer = read_answer(ask(github, query).content)
    found = parse_answer(answer, aliases)
    retry = found.found[refs[0]]
    assert (retry.ci, retry.checks.passed, retry.checks.pending, retry.review) == ("pending", 5, 2, "review_required")
    assert {found.found[ref].state for ref in refs[:-2]} == {PullRequestState.OPEN, PullRequestState.MERGED}
    assert "9999" in found.notes[refs[-2]]
    assert "someone/else" in found.notes[refs[-1]]
    assert answer.rate is not None
    assert answer.rate.remaining == 4999


def test_the_answer_is_what_graphql_would_make_of_it(github: PullRequestServer) -> None:
    """The same records, put through a real GraphQL server with GitHub's own schema, say the same."""
    refs = [PullRequestRef("github.com", OWNER, REPOSITORY, number) for number in SERVED]
    query, aliases = build_query(refs)

    def listed(nodes: Mapping[str, Any]) -> Callable[..., Mapping[str, Any]]:
        return lambda _info, **_: nodes

    class Root:
        nameWithOwner = f"{OWNER}/{REPOSITORY}"

        def viewer(self, _info: object, **_: object) -> dict[str, Any]:
            return {"login": "you"}

        def repository(self, _info: object, **_: object) -> Root:
            return self

        def pullRequest(self, _info: object, number: int) -> dict[str, Any]:
            record = SERVED[number].record()
            lists = ("commits", "reviewRequests", "latestOpinionatedReviews", "reviewThreads")
            return {**record, **{name: listed(record[name]) for name in lists}}

        def rateLimit(self, _info: object, **_: object) -> dict[str, Any]:
            return {"cost": 1, "remaining": 4999, "limit": 5000, "resetAt": "2100-01-01T00:00:00Z"}

    real = graphql_sync(schema(), query, Root())
    assert real.errors is None
    answer = read_answer(json.dumps({"data": real.data}).encode())
    assert parse_answer(answer, aliases) == parse_answer(read_answer(ask(github, query).content), aliases)


async def test_a_pull_request_of_the_demo_is_merged_as_on_github(github: PullRequestServer) -> None:
    number = next(number for number, one in SERVED.items() if one.state == "OPEN" and one.review == "APPROVED")
    ref = PullRequestRef("github.com", OWNER, REPOSITORY, number)
    head = SERVED[ref.number].head
    async with github_client(f"{github.api_url}/graphql", environ={"GITHUB_TOKEN": TOKEN}) as client:
        merger = Merger(client)
        merge = await merger.look(ref, head=head)
        with pytest.raises(TrackerError, match="Pull Request is not mergeable"):
            await merger.merge(replace(merge, head="0" * 40))
        await merger.merge(merge)
        with pytest.raises(ConflictError, match="it is merged by now"):
            await merger.look(ref, head=head)
        with pytest.raises(TrackerError, match="it is not there"):
            await merger.look(replace(ref, number=9999), head=head)


def test_others_are_not_answered(github: PullRequestServer) -> None:
    assert ask(github, "{ }", token="other").status_code == 401
    assert httpx.get(f"{github.api_url}/", trust_env=False).status_code == 501
    assert (
        httpx.post(
            f"{github.api_url}/graphql",
            content=b"no json",
            headers={"Authorization": f"bearer {TOKEN}"},
            trust_env=False,
        ).status_code
        == 400
    )


def test_a_pull_request_without_checks_has_no_rollup() -> None:
    record = Served(number=1, title="t", branch="b").record()
    assert record["commits"]["nodes"][0]["commit"]["statusCheckRollup"] is None
