from __future__ import annotations

import pytest

from legion_tui.present.bulk import Found, bulk_bad, bulk_count, bulk_lines
from legion_tui.present.prose import width_of
from legion_tui.state import Deed, Outcome, WorkerReceipt


def receipt(outcome: Outcome, reason: str = "", issue: str | None = None) -> WorkerReceipt:
    return WorkerReceipt(deed=Deed.SEND, issue=issue, outcome=outcome, reason=reason, took_ms=100)


FOUND: Found = {
    "A-1": ("#1", receipt(Outcome.DRY_RUN)),
    "A-2": ("#2", receipt(Outcome.REFUSED, "no\nworker " + "漢字" * 200)),
    "A-3": ("#3", None),
    "A-4": ("#4", receipt(Outcome.QUEUED, "it is busy")),
}


def text(found: Found, width: int = 80, *, sent: bool = False) -> list[str]:
    return ["".join(part for part, _ in line) for line in bulk_lines(found, width, sent=sent)]


def test_before_it_is_sent_a_line_each_says_who_gets_it_when() -> None:
    lines = text(FOUND)
    assert lines[0] == "1 now, 1 once idle, 1 not, 1 to come"
    assert [line.split(" ")[0] for line in lines[1:]] == ["#1", "#4", "#2", "#3"]
    assert lines[2] == "#4  once idle: it is busy"
    assert lines[3].startswith("#2  not: no worker")


def test_after_it_was_sent_failures_come_first_by_the_name_of_the_row() -> None:
    done = {
        "A-1": ("#1", receipt(Outcome.DONE)),
        "A-2": ("#2", receipt(Outcome.REFUSED, "nobody")),
        "A-3": ("#3", receipt(Outcome.UNCONFIRMED, "late")),
    }
    assert text(done, sent=True) == [
        "1 told, 1 not confirmed, 1 not",
        "#2: nothing was sent: nobody",
        "#3: sent, not confirmed: late",
        "#1 was told · confirmed in 0.1 s",
    ]
    assert bulk_bad(done)
    assert bulk_count({"A-1": done["A-1"]}) == "1 told"
    assert not bulk_bad({"A-1": done["A-1"]})


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("width", [20, 56, 86])
def test_no_line_is_too_wide(width: int, sent: bool) -> None:
    for line in bulk_lines(FOUND, width, sent=sent, warning="w " * 90):
        assert width_of(line) <= width
