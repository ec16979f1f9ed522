"""When a row that was put to sleep wakes: at its time, or by what a person would call a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from legion_tui.present.board import Group, board_groups, folded_groups
from legion_tui.present.groups import figure
from legion_tui.present.header import counts
from legion_tui.present.inbox import inbox_lead, inbox_rows
from legion_tui.present.line import plain
from legion_tui.present.rows import Look
from legion_tui.present.snooze import asleep_word, naps
from legion_tui.present.status import status_line
from legion_tui.state import Action, IssueState, Snapshot, Source, SourceHealth, WorkerState
from legion_tui.state.snooze import Snooze, lulled, snooze_mark, woken
from tests.support.snapshots import NOW, pull_request, question, sample_snapshot, with_issue, without_issue

HOUR = timedelta(hours=1)


def issue(snapshot: Snapshot, issue_id: str = "ENG-21") -> IssueState:
    found = snapshot.issue(issue_id)
    assert found is not None
    return found


def asleep(snapshot: Snapshot, issue_id: str = "ENG-21", hours: float | None = 1) -> dict[str, Snooze]:
    until = NOW + hours * HOUR if hours is not None else None
    return {issue_id: Snooze(mark=snooze_mark(issue(snapshot, issue_id)), until=until)}


def test_it_sleeps_until_its_time() -> None:
    snapshot = sample_snapshot()
    snoozes = asleep(snapshot)
    assert woken(snoozes, snapshot, NOW) == frozenset()
    assert woken(snoozes, snapshot, NOW + HOUR - timedelta(seconds=1)) == frozenset()
    assert woken(snoozes, snapshot, NOW + HOUR) == {"ENG-21"}
    assert woken(asleep(snapshot, hours=None), snapshot, NOW + 10_000 * HOUR) == frozenset()


def _another_question(state: IssueState) -> IssueState:
    assert state.worker is not None
    return replace(state, worker=replace(state.worker, question=question(NOW, "Another one?", "Yes", "No")))


def _crashed(state: IssueState) -> IssueState:
    assert state.worker is not None
    return replace(state, worker=replace(state.worker, state=WorkerState.CRASHED, question=None))


CHANGES: dict[str, Callable[[IssueState], IssueState]] = {
    "another question": _another_question,
    "crash": _crashed,
    "status": lambda state: replace(state, status="Needs Review"),
    "labels": lambda state: replace(state, labels=frozenset({"worker-done"})),
    "next step": lambda state: replace(state, decision=replace(state.decision, action=Action.MERGE_PR)),
    "checks": lambda state: replace(state, pull_request=pull_request(412, (5, 2, 0))),
    "review": lambda state: replace(state, pull_request=pull_request(412, (5, 0, 2), review="approved")),
    "no worker": lambda state: replace(state, worker=None),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("hours", [1, None], ids=["timed", "untimed"])
def test_a_change_wakes_it_early(change: Callable[[IssueState], IssueState], hours: float | None) -> None:
    snapshot = sample_snapshot()
    snoozes = asleep(snapshot, hours=hours)
    assert woken(snoozes, with_issue(snapshot, change(issue(snapshot))), NOW) == {"ENG-21"}


def _older(state: IssueState) -> IssueState:
    assert state.worker is not None
    return replace(state, since=NOW, worker=replace(state.worker, activity=NOW, last_words="Still here."))


def test_what_is_no_change_wakes_nothing() -> None:
    snapshot = sample_snapshot()
    snoozes = asleep(snapshot)
    assert woken(snoozes, with_issue(snapshot, _older(issue(snapshot))), NOW) == frozenset()
    works = issue(snapshot, "ENG-29")
    assert works.worker is not None
    compacting = replace(works, worker=replace(works.worker, state=WorkerState.COMPACTING))
    assert woken(asleep(snapshot, "ENG-29"), with_issue(snapshot, compacting), NOW) == frozenset()


def test_nothing_is_concluded_from_what_could_not_be_read() -> None:
    snapshot = sample_snapshot()
    snoozes = asleep(snapshot)
    changed = with_issue(snapshot, _crashed(issue(snapshot)))
    for broken in (SourceHealth(ok=False, error="x", read_at=NOW), SourceHealth(ok=True)):
        for source in (Source.TRACKER, Source.TMUX, Source.AGENTS):
            blind = replace(changed, sources={**changed.sources, source: broken})
            assert woken(snoozes, blind, NOW) == frozenset()
            assert woken(snoozes, blind, NOW + HOUR) == {"ENG-21"}
    state = issue(snapshot)
    assert state.worker is not None
    unknown = replace(state, worker=replace(state.worker, state=WorkerState.UNKNOWN))
    assert woken(snoozes, with_issue(snapshot, unknown), NOW) == frozenset()
    # An issue that is not on the board just now sleeps on.
    assert woken(snoozes, without_issue(snapshot, "ENG-21"), NOW) == frozenset()
    assert lulled(without_issue(snapshot, "ENG-21"), snoozes, NOW).asleep == {}


@pytest.mark.parametrize("broken", [SourceHealth(ok=False, error="no token"), SourceHealth(ok=True)])
def test_without_pull_requests_all_else_wakes_it_and_nothing_that_hangs_on_them(broken: SourceHealth) -> None:
    snapshot = sample_snapshot()
    snoozes = asleep(snapshot)
    blind = {**snapshot.sources, Source.PULL_REQUESTS: broken}
    state = issue(snapshot)
    gone = replace(state, pull_request=None, decision=replace(state.decision, action=Action.RETRY_PR_CHECK))
    assert woken(snoozes, replace(with_issue(snapshot, gone), sources=blind), NOW) == frozenset()
    for change in (_crashed, _another_question):
        assert woken(snoozes, replace(with_issue(snapshot, change(state)), sources=blind), NOW) == {"ENG-21"}


def test_what_sleeps_is_in_a_folded_group_of_its_own_and_counts_nowhere() -> None:
    awake = sample_snapshot()
    snapshot = lulled(awake, {**asleep(awake), **asleep(awake, "ENG-34", None)}, NOW)
    groups = {group.group: group for group in board_groups(snapshot)}
    assert [row.shown_id for row in groups[Group.SNOOZED].rows] == ["ENG-21", "ENG-34"]
    assert [row.shown_id for row in groups[Group.NEEDS_YOU].rows] == ["ENG-40", "ENG-37"]
    assert not any(row.needs_you for row in groups[Group.SNOOZED].rows)
    assert Group.SNOOZED in folded_groups(snapshot)
    assert figure(groups[Group.SNOOZED], NOW, UTC) == "next wakes 16:09"
    assert counts(snapshot)["need you"] == counts(awake)["need you"] - 2
    assert status_line(awake).startswith("4 need you")
    assert status_line(snapshot).startswith("2 need you")
    assert [row.shown_id for row in inbox_rows(snapshot)] == ["ENG-40"]


def test_an_empty_inbox_tells_of_questions_that_sleep() -> None:
    awake = sample_snapshot()
    ids = ("ENG-21", "ENG-34", "ENG-40")
    snapshot = lulled(awake, {key: snooze for id in ids for key, snooze in asleep(awake, id).items()}, NOW)
    told = "\n".join(plain(line) for line in inbox_lead(snapshot, (), 80, Look()))
    assert "3 that ask are snoozed." in told


def test_a_session_of_the_machine_sleeps_too() -> None:
    awake = sample_snapshot()
    session = awake.sessions[0]
    snapshot = lulled(awake, {session.session_id: Snooze(mark=snooze_mark(session))}, NOW)
    groups = {group.group: group for group in board_groups(snapshot)}
    assert [row.subject for row in groups[Group.SNOOZED].rows] == [session]
    assert lulled(snapshot, {session.session_id: Snooze(mark=snooze_mark(session))}, NOW) is snapshot


def test_the_choices_end_when_they_say() -> None:
    vienna = timezone(timedelta(hours=1))
    found = {nap.label: nap.until for nap in naps(NOW, vienna)}
    assert found["15 minutes"] == NOW + HOUR / 4
    assert found["until something changes"] is None
    morning = found["tomorrow morning"]
    assert morning is not None
    assert morning.astimezone(vienna).strftime("%d %H:%M") == "15 09:00"
    assert asleep_word(Snooze(mark="", until=morning), NOW, vienna) == "Sun 09:00"
    assert asleep_word(Snooze(mark="", until=NOW + HOUR), NOW, vienna) == "until 17:09"
    assert asleep_word(Snooze(mark=""), NOW, vienna) == "on a change"
    local = {nap.label: nap.until for nap in naps(NOW, None)}["tomorrow morning"]
    assert local is not None
    assert local.astimezone().strftime("%H:%M") == "09:00"
