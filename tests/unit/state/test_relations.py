"""How issues belong together: whatever the tracker tells, and whatever their parents say."""

from __future__ import annotations

from dataclasses import replace

from legion_tui.state import Related, Relations
from legion_tui.state.relations import relations_of
from tests.fetch.fakes import issue


def related(issue_id: str, status: str = "Todo", *, over: bool = False) -> Related:
    return Related(issue_id, issue_id, f"Issue {issue_id}", status, known=True, over=over)


def test_children_are_those_that_the_tracker_tells_then_those_that_name_their_parent_each_once() -> None:
    top = replace(issue("ENG-1"), children=("OPS-7", "ENG-10"))
    parts = tuple(replace(issue(f"ENG-{number}"), parent="eng-1") for number in (10, 9, 2))
    found = relations_of((top, *parts))
    assert [child.id for child in found["ENG-1"].children] == ["OPS-7", "ENG-10", "ENG-2", "ENG-9"]
    assert found["ENG-1"].children[0] == Related("OPS-7", "OPS-7")
    assert found["ENG-9"] == Relations(parent=related("ENG-1"))


def test_what_is_over_is_told_and_blocks_no_more() -> None:
    found = relations_of(
        (
            issue("ENG-1", blockers=("eng-2", "ENG-3", "ENG-4", "OPS-9", "ENG-2")),
            issue("ENG-2", "In Progress"),
            issue("ENG-3", "done"),
            issue("ENG-4", closed=True),
        )
    )
    assert found["ENG-1"].blockers == (
        related("ENG-2", "In Progress"),
        related("ENG-3", "done", over=True),
        related("ENG-4", over=True),
        Related("OPS-9", "OPS-9"),
    )
    assert [one.id for one in found["ENG-1"].blocking] == ["ENG-2", "OPS-9"]


def test_one_that_is_its_own_parent_has_no_child_and_one_of_nothing_has_no_relations() -> None:
    found = relations_of((replace(issue("ENG-1"), parent="ENG-1"), issue("ENG-2")))
    assert found["ENG-1"].children == ()
    assert "ENG-2" not in found


def test_a_person_sees_the_name_that_the_tracker_gives_it() -> None:
    found = relations_of((issue("PAY-1", blockers=("PAY-2",)), replace(issue("PAY-2"), shown_id="#2")))
    assert [(one.id, one.name) for one in found["PAY-1"].blockers] == [("PAY-2", "#2")]
