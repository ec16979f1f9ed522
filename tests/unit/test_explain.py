from __future__ import annotations

from dataclasses import replace

from legion_tui.cli.explain import explanation
from legion_tui.state import IssueState, Related, Relations
from tests.support.snapshots import sample_snapshot

SNAPSHOT = sample_snapshot()


def asking() -> IssueState:
    found = SNAPSHOT.issue("ENG-21")
    assert found is not None
    assert found.worker is not None
    return found


def test_what_a_worker_used_is_told() -> None:
    assert (
        "  used: model claude-opus-4-5; context 41 % used; tokens 18,200 in, 4,310 out; "
        "cache 912,000 read, 40,100 written; cost $1.84"
    ) in explanation(asking(), SNAPSHOT)


def test_a_version_that_is_not_covered_is_told() -> None:
    state = asking()
    assert state.worker is not None
    newer = replace(state, worker=replace(state.worker, version="2.2.0", tested=False))
    assert "  client 2.2.0 is not covered by the contract tests" in explanation(newer, SNAPSHOT)


def test_what_is_not_known_of_its_use_is_told_as_unknown() -> None:
    state = asking()
    assert state.worker is not None
    bare = replace(state, worker=replace(state.worker, model=None, tokens=None, cost_usd=None))
    told = "  used: model unknown; context unknown; tokens unknown; cache unknown; cost unknown"
    assert told in explanation(bare, SNAPSHOT)


def test_what_it_belongs_to_consists_of_and_waits_for_is_told() -> None:
    state = replace(
        asking(),
        relations=Relations(
            parent=Related("ENG-1", "ENG-1", "Webhooks", "Todo", known=True),
            children=(Related("ENG-4", "ENG-4", "A queue", "Done", known=True, over=True), Related("OPS-1", "OPS-1")),
            blockers=(Related("ENG-2", "ENG-2", "Retry the sender", "In Progress", known=True),),
        ),
    )
    lines = explanation(state, SNAPSHOT)
    assert "part of: ENG-1 Webhooks (Todo)" in lines
    assert "children: 1 of 2 done, 1 not read: ENG-4 A queue (Done), OPS-1 (not read)" in lines
    assert "blocked by: ENG-2 Retry the sender (In Progress)" in lines
