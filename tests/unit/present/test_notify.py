"""Of what a person is told: each change once, in its own words, and nothing that they see or want to rest from."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from legion_tui.present.notify import Kind, News, Wishes, news, summary, unseen
from legion_tui.state import (
    EMPTY,
    Attention,
    Detail,
    IssueState,
    Question,
    QuestionKind,
    Snapshot,
    Source,
    SourceHealth,
    WorkerState,
)
from legion_tui.state.snooze import Snooze, lulled, snooze_mark
from tests.support.inboxes import answered
from tests.support.snapshots import NOW, first_run_snapshot, question, sample_snapshot, with_issue

ALL = Wishes(kinds=frozenset(Kind))


def of(snapshot: Snapshot, issue_id: str = "ENG-29") -> IssueState:
    found = snapshot.issue(issue_id)
    assert found is not None
    return found


def changed(
    snapshot: Snapshot, issue_id: str = "ENG-29", *, attention: Attention | None = None, **changes: Any
) -> Snapshot:
    """The snapshot with other facts of an issue's worker."""
    state = of(snapshot, issue_id)
    assert state.worker is not None
    state = replace(state, worker=replace(state.worker, **changes), attention=attention or state.attention)
    return with_issue(snapshot, state)


def asking(snapshot: Snapshot, asks: Question, issue_id: str = "ENG-29") -> Snapshot:
    return changed(snapshot, issue_id, state=WorkerState.QUESTION, question=asks, attention=Attention.NEEDS_YOU)


def told(before: Snapshot, after: Snapshot, wishes: Wishes = ALL) -> list[str]:
    found, _ = news(before, after, NOW, wishes, {})
    return [one.line for one in found]


def test_a_question_is_told_with_its_text() -> None:
    before = sample_snapshot()
    assert told(before, asking(before, question(NOW, "Which one?\nOr both?", "A", "B"))) == ["ENG-29 asks: Which one?"]
    push = question(NOW, "git push", "Yes", "No", kind=QuestionKind.PERMISSION, header="Bash")
    assert told(before, asking(before, push)) == ["ENG-29 asks: Bash: git push"]
    plan = question(NOW, "# It\n\n1. First\n2. Second\n", "Yes", kind=QuestionKind.PLAN)
    assert told(before, asking(before, plan)) == ["ENG-29 asks: 2 steps: First; Second"]


def test_another_question_in_its_place_is_news_and_the_same_one_is_none() -> None:
    snapshot = sample_snapshot()
    asks = question(NOW, "Another?", "A", "B")
    assert told(snapshot, asking(snapshot, asks, "ENG-21")) == ["ENG-21 asks: Another?"]
    assert told(snapshot, snapshot) == []
    later = sample_snapshot(NOW + timedelta(seconds=5))
    assert told(snapshot, later) == []


def test_what_was_there_at_the_start_is_no_news() -> None:
    assert told(EMPTY, sample_snapshot()) == []
    # Nor is what comes in with a source that is read for the first time; one that fails holds nothing up.
    snapshot = sample_snapshot()
    asks = asking(snapshot, question(NOW, "Which?", "A"))
    begun = replace(snapshot, sources={**snapshot.sources, Source.AGENTS: SourceHealth(ok=True)})
    assert told(begun, asks) == []
    failing = replace(snapshot, sources={**snapshot.sources, Source.PULL_REQUESTS: SourceHealth(ok=False, error="x")})
    assert told(failing, asks) == ["ENG-29 asks: Which?"]


def test_text_of_others_is_cleaned_and_short() -> None:
    before = sample_snapshot()
    (line,) = told(before, asking(before, question(NOW, "a\x1b]9;x\x07\u202eb " + "long " * 100, "A")))
    assert line.startswith("ENG-29 asks: ab long")
    assert len(line) < 230
    assert line.isprintable()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"state": WorkerState.CRASHED, "last_words": "Half done."}, "ENG-29 failed: Half done."),
        ({"state": WorkerState.ERROR, "detail": Detail(error="529 Overloaded")}, "ENG-29 failed: 529 Overloaded"),
        ({"state": WorkerState.GONE}, "ENG-29 is gone"),
        ({"state": WorkerState.IDLE, "last_words": "Done."}, "ENG-29 is idle: Done."),
    ],
)
def test_what_becomes_of_a_worker_is_told(changes: dict[str, Any], line: str) -> None:
    before = sample_snapshot()
    after = changed(before, **changes)
    assert told(before, after) == [line]
    assert told(after, after) == []


def test_what_needs_a_person_without_a_question_is_told_once_it_does() -> None:
    before = sample_snapshot()
    merging = replace(of(before, "ENG-12"), attention=Attention.NEEDS_YOU)
    assert told(before, with_issue(before, merging)) == ["ENG-12 needs you: Needs Review, CI pending"]
    # One that was answered and needs a person still is not told anew; that was the person.
    after = with_issue(before, replace(of(answered(before, "ENG-21"), "ENG-21"), attention=Attention.NEEDS_YOU))
    assert told(before, after) == []


def test_a_session_of_the_machine_is_told_by_its_name() -> None:
    before = first_run_snapshot()
    busy = before.sessions[1]
    asks = replace(busy, state=WorkerState.QUESTION, question=question(NOW, "Go on?", "Yes", "No"))
    after = replace(before, sessions=(before.sessions[0], asks, before.sessions[2]))
    assert told(before, after) == ["infra-notes asks: Go on?"]
    # One that comes and asks at once is news too.
    alone = replace(before, sessions=())
    assert told(alone, before) == ["dotfiles asks: Delete the old branch?"]


def test_only_what_is_wished_for_is_told() -> None:
    before = sample_snapshot()
    idle = changed(before, state=WorkerState.IDLE)
    assert told(before, idle, Wishes()) == []
    asks = asking(before, question(NOW, "Which?", "A"))
    assert told(before, asks, Wishes()) == ["ENG-29 asks: Which?"]
    assert told(before, asks, Wishes(kinds=frozenset({Kind.FAILED}))) == []


def test_what_sleeps_is_no_news_and_what_wakes_is() -> None:
    snapshot = sample_snapshot()
    mark = snooze_mark(of(snapshot, "ENG-21"))
    asleep = lulled(snapshot, {"ENG-21": Snooze(mark=mark, until=NOW + timedelta(hours=1))}, NOW)
    assert told(snapshot, asleep) == []
    assert told(asleep, asleep) == []
    already = {(Kind.ASKS, "ENG-21", of(snapshot, "ENG-21").worker.question.id): NOW}  # type: ignore[union-attr]
    found, _ = news(asleep, snapshot, NOW, ALL, already)
    assert [one.line for one in found] == ["ENG-21 asks: Which back-off should failed deliveries use?"]


def steps(*snapshots: Snapshot, wishes: Wishes = ALL, apart: float = 1.0) -> list[str]:
    """All that is told over several snapshots, so many seconds apart."""
    memory: dict[tuple[Kind, str, str], datetime] = {}
    lines: list[str] = []
    for number, (before, after) in enumerate(itertools.pairwise(snapshots)):
        found, memory = news(before, after, NOW + timedelta(seconds=number * apart), wishes, memory)
        lines += [one.line for one in found]
    return lines


def test_a_question_that_flickers_is_told_once() -> None:
    before = sample_snapshot()
    asks = asking(before, question(NOW, "Which?", "A"))
    assert steps(before, asks, before, asks, before, asks, apart=4_000) == ["ENG-29 asks: Which?"]


@pytest.mark.parametrize(
    ("state", "minutes"), [(WorkerState.CRASHED, 5), (WorkerState.IDLE, 5), (WorkerState.GONE, 30)]
)
def test_a_cooldown_holds_back_the_same_again(state: WorkerState, minutes: int) -> None:
    before = sample_snapshot()
    after = changed(before, state=state)
    # Told, back, again: two steps later.
    assert len(steps(before, after, before, after, apart=minutes * 30 - 1)) == 1
    assert len(steps(before, after, before, after, apart=minutes * 30)) == 2
    none = Wishes(kinds=frozenset(Kind), cooldown_seconds=dict.fromkeys(Kind, 0.0))
    assert len(steps(before, after, before, after, wishes=none)) == 2


def test_what_was_told_is_forgotten_after_a_day() -> None:
    before = sample_snapshot()
    old = {(Kind.ASKS, "ENG-1", "x"): NOW - timedelta(days=2), (Kind.ASKS, "ENG-2", "y"): NOW}
    _, memory = news(before, before, NOW, ALL, old)
    assert set(memory) == {(Kind.ASKS, "ENG-2", "y")}


def test_nothing_is_told_of_a_pane_that_is_shown() -> None:
    one = News(kind=Kind.ASKS, target="ENG-1", name="ENG-1", pane="%1")
    other = News(kind=Kind.ASKS, target="ENG-2", name="ENG-2", pane="%2")
    nowhere = News(kind=Kind.ASKS, target="ENG-3", name="ENG-3")
    assert unseen((one, other, nowhere), frozenset({"%1", ""})) == (other, nowhere)


def test_several_are_one_message() -> None:
    asks = [News(kind=Kind.ASKS, target=f"E-{n}", name=f"E-{n}", text="Which?") for n in range(8)]
    assert summary(asks[:1]) == ("E-0 asks", "Which?")
    title, text = summary(asks)
    assert title == "8 ask"
    assert text.splitlines()[0] == "E-0 asks: Which?"
    assert text.splitlines()[-1] == "and 2 more"
    failed = News(kind=Kind.FAILED, target="E-9", name="E-9")
    assert summary((asks[0], failed)) == ("2 need a look", "E-0 asks: Which?\nE-9 failed")


@pytest.mark.parametrize(
    ("quiet", "hour", "is_quiet"),
    [
        (None, 3, False),
        ((time(22), time(7)), 23, True),
        ((time(22), time(7)), 6, True),
        ((time(22), time(7)), 7, False),
        ((time(22), time(7)), 21, False),
        ((time(12), time(13)), 12, True),
        ((time(12), time(13)), 13, False),
    ],
)
def test_quiet_hours_go_over_midnight_too(quiet: tuple[time, time] | None, hour: int, is_quiet: bool) -> None:
    assert Wishes(quiet=quiet).is_quiet(NOW.replace(hour=hour), UTC) is is_quiet
