"""Legion's JSON in every shape that its own tools print."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.errors import TrackerError
from legion_tui.trackers import Write
from legion_tui.trackers.legion_json import LegionJsonTracker, parse

MCP = {
    "identifier": "ENG-21",
    "status": "In Progress",
    "labels": ["worker-active", "", 3],
    "attachments": [{"url": "https://example.org"}, {"url": "https://github.com/o/r/pull/7"}],
}
GRAPHQL = {
    "identifier": "ENG-22",
    "state": {"name": "Todo"},
    "labels": {"nodes": [{"name": "backend"}, {"id": 1}, None]},
    "title": "x\x1b[31m",
}


@pytest.mark.parametrize("document", [[MCP, GRAPHQL], {"issues": [MCP, GRAPHQL]}])
def test_both_shapes_in_both_wrappings(document: object) -> None:
    reading = parse(json.dumps(document).encode(), where="f")
    first, second = reading.issues
    assert (first.id, first.status, first.labels) == ("ENG-21", "In Progress", frozenset({"worker-active"}))
    assert first.pull_request is not None
    assert first.pull_request.number == 7
    assert (second.id, second.status, second.labels, second.title) == ("ENG-22", "Todo", frozenset({"backend"}), "x")


@pytest.mark.parametrize(
    "nothing", [{"labels": None}, {"labels": {"nodes": None}}, {"state": None}, {"attachments": None}]
)
def test_null_is_nothing(nothing: dict[str, object]) -> None:
    (issue,) = parse(json.dumps([{"identifier": "A-1", **nothing}]).encode(), where="f").issues
    assert (issue.labels, issue.status, issue.pull_request) == (frozenset(), "", None)


def test_a_record_without_identifier_is_skipped_and_named() -> None:
    reading = parse(json.dumps([{"status": "Todo"}, MCP, 3, {"identifier": "a b"}, MCP]).encode(), where="in.json")
    assert [issue.id for issue in reading.issues] == ["ENG-21"]
    assert [problem.where for problem in reading.problems] == [f"in.json record {n}" for n in (1, 3, 4, 5)]


@pytest.mark.parametrize("data", [b"", b"{", b'{"issues": {}}', b"3", b"[" * 100_000])
def test_what_is_no_list_of_issues_says_so(data: bytes) -> None:
    with pytest.raises(TrackerError, match=r"in\.json"):
        parse(data, where="in.json")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*MCP, *GRAPHQL, "name", "nodes", "url"]), inner)
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from([*MCP, *GRAPHQL]), _json), max_size=4))
def test_any_record_is_an_issue_or_a_problem(records: list[dict[str, object]]) -> None:
    reading = parse(json.dumps(records).encode(), where="f")
    assert len(reading.issues) + len(reading.problems) == len(records)


async def test_it_is_only_read() -> None:
    tracker = LegionJsonTracker(lambda: json.dumps([MCP]).encode(), where="in.json")
    assert tracker.possible == tracker.allowed == Write.NONE
    assert (await tracker.get("eng-21")).status == "In Progress"
    with pytest.raises(TrackerError, match="only read"):
        await tracker.move("ENG-21", "Done", expect="In Progress")
    for refused in (tracker.close("ENG-21"), tracker.comment("ENG-21", "x"), tracker.assign("ENG-21", add=["ann"])):
        with pytest.raises(TrackerError, match="only read"):
            await refused
