"""Assembled time and again: what comes out is what assembling at once gives, and what did not change stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state import (
    Checks,
    Mode,
    Pipeline,
    PullRequest,
    PullRequestState,
    Source,
    SourceHealth,
    Turn,
    WorkerState,
)
from legion_tui.state.assemble import Assembler, assemble
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from tests.fetch.fakes import NOW, PROJECT, issue, ref, session_id, worker

READ = SourceHealth(ok=True, read_at=NOW)
FAILED = SourceHealth(ok=False, error="no network")
NEVER = SourceHealth(ok=True)
IDS = ("ENG-1", "ENG-2", "ENG-3")

ISSUES = st.tuples(
    *(
        st.builds(
            lambda status, labels, blockers, number, name=name: replace(
                issue(name, status, *labels), blockers=blockers, pull_request=ref(number) if number else None
            ),
            st.sampled_from(["Todo", "In Progress", "Done"]),
            st.sampled_from([(), ("worker-active",), ("worker-done",)]),
            st.sampled_from([(), ("ENG-1",), ("ENG-2", "ENG-9")]),
            st.sampled_from([0, 1]),
        )
        for name in IDS
    )
)
WORKERS = st.lists(
    st.builds(
        lambda name, state, turn, at: replace(
            worker(session_id(name), state, issue=name, mode=Mode.IMPLEMENT, turn=turn),
            turn_at=NOW - timedelta(seconds=at) if turn else None,
        ),
        st.sampled_from([*IDS, "ENG-7"]),
        st.sampled_from([WorkerState.BUSY, WorkerState.IDLE, WorkerState.GONE]),
        st.sampled_from([None, Turn.ENDED, Turn.RUNNING]),
        st.sampled_from([0, 60]),
    ),
    max_size=4,
).map(tuple)
FOUND = PullRequest(
    ref=ref(1),
    state=PullRequestState.OPEN,
    is_draft=False,
    review=None,
    ci="SUCCESS",
    checks=Checks(1, 0, 0),
    mergeable="MERGEABLE",
    branch="x",
    additions=1,
    deletions=1,
)
JOURNALS = st.sampled_from(
    [
        None,
        Journal(),
        Journal(dispatched={session_id("ENG-1"): ("ENG-1", Mode.IMPLEMENT)}),
        Journal(labels={"ENG-2": frozenset({"human-approved"})}),
    ]
)
KNOWN = st.builds(
    Known,
    project=st.sampled_from([PROJECT, None]),
    pipeline=st.sampled_from([Pipeline(), Pipeline.preset("simple")]),
    reading=ISSUES,
    workers=WORKERS,
    pull_requests=st.sampled_from([{}, {ref(1): FOUND}, {ref(1): replace(FOUND, ci="FAILURE")}]),
    pull_request_notes=st.sampled_from([{}, {ref(1): "not found"}]),
    journal=JOURNALS,
    sources=st.fixed_dictionaries({source: st.sampled_from([READ, FAILED, NEVER]) for source in Source}),
    seen=st.sampled_from([frozenset(), frozenset({("ENG-1", NOW)}), frozenset({("ENG-1", None), ("ENG-2", NOW)})]),
    slots=st.sampled_from([0, 1, 5]),
)
FIELDS = ("reading", "workers", "pull_requests", "pull_request_notes", "journal", "sources", "seen", "slots", "project")


@given(KNOWN, st.lists(st.tuples(st.sampled_from(FIELDS), KNOWN), max_size=6))
def test_the_snapshot_is_the_same_as_if_nothing_was_remembered(first: Known, changes: list[tuple[str, Known]]) -> None:
    assembler, known = Assembler(), first
    assert assembler.assemble(known) == assemble(known)
    for field, other in changes:
        # One thing at a time: what else would force a new row does not hide a wrong one.
        known = replace(known, **{field: getattr(other, field)})
        assert assembler.assemble(known) == assemble(known)


def rows_of(known: Known, assembler: Assembler) -> dict[str, object]:
    return {row.id: row for row in assembler.assemble(known).issues}


@pytest.fixture
def known() -> Known:
    workers = tuple(worker(session_id(name), issue=name, mode=Mode.IMPLEMENT) for name in IDS)
    reading = tuple(issue(name, "In Progress", "worker-active") for name in IDS)
    sources = dict.fromkeys(Source, READ)
    return Known(project=PROJECT, pipeline=Pipeline(), reading=reading, workers=workers, sources=sources)


def test_only_the_row_that_changed_is_another_object(known: Known) -> None:
    assembler = Assembler()
    before = rows_of(known, assembler)
    changed = replace(known.workers[1], last_words="done")
    after = rows_of(replace(known, workers=(known.workers[0], changed, known.workers[2])), assembler)
    assert [after[name] is before[name] for name in IDS] == [True, False, True]


def test_a_row_follows_what_blocks_it(known: Known) -> None:
    assembler = Assembler()
    blocked = replace(known.reading[0], blockers=("ENG-2",))
    before = rows_of(replace(known, reading=(blocked, *known.reading[1:])), assembler)
    done = replace(known.reading[1], status="Done")
    after = rows_of(replace(known, reading=(blocked, done, known.reading[2])), assembler)
    assert after["ENG-1"] is not before["ENG-1"]
    assert after["ENG-3"] is before["ENG-3"]


def test_a_row_follows_the_title_of_its_child(known: Known) -> None:
    assembler = Assembler()
    child = replace(known.reading[1], parent="ENG-1")
    before = rows_of(replace(known, reading=(known.reading[0], child, known.reading[2])), assembler)
    renamed = replace(child, title="Another")
    snapshot = assembler.assemble(replace(known, reading=(known.reading[0], renamed, known.reading[2])))
    row = snapshot.issue("ENG-1")
    assert row is not None
    assert [one.title for one in row.relations.children] == ["Another"]
    assert snapshot.issue("ENG-3") is before["ENG-3"]
