"""Row by row of the plain facts: from what GitHub answers of a pull request to what is to be done next."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from legion_tui.fetch.pull_requests.query import build_query, parse_answer
from legion_tui.network import read_answer
from legion_tui.state import Action, Attention, Mode, Pipeline, Source, SourceHealth, Turn, Worker, WorkerState
from legion_tui.state.assemble import assemble
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from tests.fetch.fakes import NOW, PROJECT, issue, ref, session_id, worker
from tests.support.github.server import GitHubServer

HEAD, OLD = "a" * 40, "b" * 40
# A plain project, its work reviewed and merged by people; the checks count.
SIMPLE = replace(Pipeline.preset("simple"), ci_gate=True)
PASSING: dict[str, Any] = {"rollup": "SUCCESS", "checks": {"SUCCESS": 3}}
FAILING: dict[str, Any] = {"rollup": "FAILURE", "checks": {"SUCCESS": 2, "FAILURE": 1}}
CHANGES = ("bob", "CHANGES_REQUESTED")
NONE: dict[str, Any] = {}


class Case(NamedTuple):
    """What is there, and the row and action that it amounts to."""

    row: str
    action: Action
    attention: Attention
    # GitHub's own fields of the pull request, None where there is none.
    pull: dict[str, Any] | None = None
    status: str = "open"
    # What the implementer's turn does, and what it left in its folder.
    turn: Turn | None = None
    unpushed: bool | None = None
    # The action that it was told for the head commit.
    told: str = ""
    pipeline: Pipeline = SIMPLE


CASES = {
    "merged outside, the issue is still open": Case(
        "0a", Action.TRANSITION_TO_DONE, Attention.READY, {"state": "MERGED"}, turn=Turn.ENDED
    ),
    "closed unmerged": Case("0b", Action.INVESTIGATE_CLOSED_PR, Attention.NEEDS_YOU, {"state": "CLOSED"}),
    "nothing begun": Case("8a", Action.DISPATCH_IMPLEMENTER, Attention.READY),
    "ended with work that is only here": Case(
        "14a", Action.RESUME_IMPLEMENTER_TO_OPEN_PR, Attention.READY, turn=Turn.ENDED, unpushed=True
    ),
    "ended with nothing": Case("14b", Action.INVESTIGATE_NO_PR, Attention.NEEDS_YOU, turn=Turn.ENDED, unpushed=False),
    "changes asked for by a review, without a rule on the branch": Case(
        "32",
        Action.RESUME_IMPLEMENTER_FOR_CHANGES,
        Attention.READY,
        {"reviews": [(*CHANGES, HEAD)], **PASSING},
        turn=Turn.ENDED,
    ),
    "changes asked for of an older commit": Case(
        "32a",
        Action.SKIP,
        Attention.WAITING,
        {"reviewDecision": "CHANGES_REQUESTED", "reviews": [(*CHANGES, OLD)], **PASSING},
        turn=Turn.ENDED,
    ),
    "changes that it was told of for this commit": Case(
        "32b",
        Action.INVESTIGATE_STUCK,
        Attention.NEEDS_YOU,
        {"reviews": [(*CHANGES, HEAD)], **PASSING},
        turn=Turn.ENDED,
        told="resume_implementer_for_changes",
    ),
    "failing checks": Case(
        "37", Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE, Attention.READY, {**FAILING}, turn=Turn.ENDED
    ),
    "failing checks that it was told of for this commit": Case(
        "34b",
        Action.INVESTIGATE_STUCK,
        Attention.NEEDS_YOU,
        {**FAILING},
        turn=Turn.ENDED,
        told="resume_implementer_for_ci_failure",
    ),
    "approved by a rule, everything in order": Case(
        "35a",
        Action.MERGE_PR,
        Attention.NEEDS_YOU,
        {"reviewDecision": "APPROVED", "reviews": [("bob", "APPROVED", HEAD)], **PASSING},
        turn=Turn.ENDED,
    ),
    "approved without a rule, and there are no checks": Case(
        "35a", Action.MERGE_PR, Attention.NEEDS_YOU, {"reviews": [("bob", "APPROVED", HEAD)]}, turn=Turn.ENDED
    ),
    "approved, checks that the token may not see": Case(
        "35a",
        Action.RETRY_CI_CHECK,
        Attention.WAITING,
        {"reviews": [("bob", "APPROVED", HEAD)], "hidden": True},
        turn=Turn.ENDED,
    ),
    "approved, of a fork, merged by an agent": Case(
        "35a",
        Action.DISPATCH_MERGER,
        Attention.READY,
        {"reviews": [("bob", "APPROVED", HEAD)], "isCrossRepository": True, **PASSING},
        pipeline=replace(SIMPLE, merge="agent"),
    ),
    "approved of an older commit": Case(
        "38a", Action.SKIP, Attention.WAITING, {"reviews": [("bob", "APPROVED", OLD)], **PASSING}, turn=Turn.ENDED
    ),
    "my review is asked for": Case(
        "38a", Action.REVIEW_PR, Attention.NEEDS_YOU, {"asked_for": ["octocat", "@core"], **PASSING}
    ),
    "somebody else's review is asked for": Case(
        "38a", Action.SKIP, Attention.WAITING, {"asked_for": ["bob"], "reviewDecision": "REVIEW_REQUIRED", **PASSING}
    ),
}


def told_by_github(fields: dict[str, Any]) -> dict[str, Any]:
    """GitHub's answer to the product's own question."""
    hidden = fields.pop("hidden", False)
    github = GitHubServer()
    github.add("acme", "payments", 7, headRefOid=HEAD, **fields)
    query, _ = build_query([ref(7)])
    answer = github.execute(query)
    if hidden:
        path = ["repo0", "pr0", "commits", "nodes", 0, "commit", "statusCheckRollup"]
        answer["errors"] = [{"type": "FORBIDDEN", "path": path, "message": "Resource not accessible"}]
    return answer


@pytest.mark.parametrize("name", CASES)
def test_what_github_says_leads_to_the_row(name: str) -> None:
    case = CASES[name]
    found = {}
    if case.pull is not None:
        _, aliases = build_query([ref(7)])
        answer = told_by_github(dict(case.pull))
        found = dict(parse_answer(read_answer(json.dumps(answer).encode()), aliases).found)
    workers: tuple[Worker, ...] = ()
    if case.turn is not None:
        state = WorkerState.IDLE if case.turn is Turn.ENDED else WorkerState.BUSY
        one = worker(session_id("ENG-1"), state, issue="ENG-1", mode=Mode.IMPLEMENT, turn=case.turn)
        workers = (replace(one, cwd="/work"),)
    snapshot = assemble(
        Known(
            project=PROJECT,
            pipeline=case.pipeline,
            reading=(issue("ENG-1", case.status, pull_request=7 if case.pull is not None else None),),
            workers=workers,
            pull_requests=found,
            unpushed={} if case.unpushed is None else {"/work": case.unpushed},
            journal=Journal(told={"ENG-1": frozenset({(case.told, HEAD)})} if case.told else {}),
            sources=dict.fromkeys(Source, SourceHealth(ok=True, read_at=NOW)),
            slots=3,
        )
    )
    (row,) = snapshot.issues
    assert (row.decision.row, row.decision.action, row.attention) == (case.row, case.action, case.attention)


def test_every_plain_fact_has_its_row() -> None:
    assert {"0a", "0b", "8a", "14a", "14b", "32a", "32b", "34b", "35a", "38a"} <= {case.row for case in CASES.values()}
