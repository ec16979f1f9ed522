"""Whatever the text, every line is as wide as the board, holds nothing that a terminal would act on, and stays true."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from legion_tui.present.board import Group, GroupRows, Row, board_groups
from legion_tui.present.columns import columns
from legion_tui.present.glyphs import ASCII, UNICODE
from legion_tui.present.line import Line, plain
from legion_tui.present.rows import Look, header_line, row_lines
from legion_tui.state import (
    Action,
    Attention,
    Detail,
    IssueState,
    Mode,
    Option,
    Problem,
    QuestionKind,
    Related,
    Relations,
    Snapshot,
    Worker,
    WorkerState,
)
from tests.support.snapshots import (
    NOW,
    issue_state,
    pull_request,
    question,
    sample_snapshot,
    worker,
)

KEYS = {"answer": "a", "advance": "⏎", "attach": "t", "open": "o", "why": "e", "copy": "y", "detail": "space"}
LOOK = Look(keys=KEYS, zone=UTC)

foreign = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(categories=["Mn", "Me", "Cf", "Cc", "Lo", "So", "Zs", "Lu"]), max_size=40),
    st.sampled_from(
        [
            "",
            "fix [/nope] [bold]x[/] :smile: ${x}",
            "\x1b]0;title\x07\x1b[31mred\x9b5m",
            "日本語のタイトルはとても長いので切られます" * 3,
            "e\u0301\u0301\u0301\u0301\u0301 zalgo\u0300\u0300\u0300\u0300",
            "👩‍👩‍👧 family 👍🏽 ❤️ 🇩🇪",
            "\u202eevil\u202c \u2066x\u2069 עברית العربية",
            "a\nb\r\nc\td\u2028e",
            "x" * 10_000,
            "漢" * 5_000,
            "\ud800 lone",
        ]
    ),
)
widths = st.one_of(st.integers(min_value=1, max_value=240), st.sampled_from([60, 80, 110, 120, 200]))


def assert_sound(line: Line, width: int) -> None:
    text = plain(line)
    assert cell_len(text) == width
    assert sum(cell_len(part) for part, _ in line) == width
    hidden = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert hidden == set()


def lines_of(row: Row, width: int, look: Look = LOOK, snapshot: Snapshot | None = None) -> tuple[Line, ...]:
    group = GroupRows(row.group, (row,))
    made = columns(width, (group,), snapshot or Snapshot(), key=look.key_width)
    return row_lines(row, made, look, NOW)


@given(
    issue_id=foreign,
    title=foreign,
    status=foreign,
    asked=foreign,
    labels=st.lists(foreign, max_size=4),
    kind=st.sampled_from(QuestionKind),
    width=widths,
    ascii_glyphs=st.booleans(),
)
def test_any_issue_fits_exactly(
    *,
    issue_id: str,
    title: str,
    status: str,
    asked: str,
    labels: list[str],
    kind: QuestionKind,
    width: int,
    ascii_glyphs: bool,
) -> None:
    asks = question(NOW, asked, *labels, kind=kind, header=asked)
    working = worker(NOW, WorkerState(kind.value if kind != QuestionKind.TRUST else "startup_dialog"), asks=asks)
    issue = issue_state(NOW, "A-1", title, status, Attention.NEEDS_YOU, working=working, pr=pull_request(7))
    issue = replace(issue, issue=replace(issue.issue, id=issue_id))
    look = Look(glyphs=ASCII if ascii_glyphs else UNICODE, keys=KEYS, zone=UTC)
    for line in lines_of(Row("k", Group.NEEDS_YOU, issue), width, look):
        assert_sound(line, width)


@given(name=foreign, cwd=foreign, words=foreign, state=st.sampled_from(WorkerState), width=widths)
def test_any_session_fits_exactly(name: str, cwd: str, words: str, state: WorkerState, width: int) -> None:
    session = replace(worker(NOW, state), name=name, cwd=cwd, last_words=words)
    for line in lines_of(Row("k", Group.SESSIONS, session), width):
        assert_sound(line, width)


@given(where=foreign, what=foreign, remedy=foreign, width=widths)
def test_any_problem_fits_exactly(where: str, what: str, remedy: str, width: int) -> None:
    for line in lines_of(Row("k", Group.PROBLEMS, Problem(where, what, remedy)), width):
        assert_sound(line, width)


@given(width=st.integers(min_value=1, max_value=260))
def test_headers_fit_exactly(width: int) -> None:
    for group in board_groups(sample_snapshot()):
        assert_sound(header_line(group, width, LOOK, NOW), width)


@pytest.mark.parametrize("width", [60, 80, 100, 110, 120, 160, 200])
def test_id_state_age_and_key_are_never_dropped(width: int) -> None:
    snapshot = sample_snapshot()
    groups = board_groups(snapshot)
    made = columns(width, groups, snapshot)
    for group in groups:
        for row in group.rows:
            issue = row.issue
            if issue is None or issue.worker is None:
                continue
            first = plain(row_lines(row, made, LOOK, NOW)[0])
            assert issue.id in first
            assert UNICODE.states[issue.worker.state] in first
            assert first.split()[0] == issue.id


def with_version(tested: bool | None, state: WorkerState = WorkerState.BUSY) -> IssueState:
    working = replace(worker(NOW, state, issue="A-1", mode=Mode.PLAN), version="2.2.0", tested=tested)
    return issue_state(NOW, "A-1", "Title", "Todo", Attention.WORKING, working=working)


@pytest.mark.parametrize(
    ("width", "told"), [(60, ["*", "1m"]), (80, ["*", "1m"]), (110, ["*", "untested"]), (200, ["*", "untested"])]
)
def test_a_version_that_is_not_covered_is_marked_with_a_word_where_there_is_room(width: int, told: list[str]) -> None:
    line = plain(lines_of(Row("k", Group.WORKING, with_version(False)), width)[0])
    assert line.split("» busy")[1].split()[:2] == told


def test_only_a_live_worker_of_such_a_version_is_marked_and_no_room_is_kept_otherwise() -> None:
    quiet = [with_version(True), with_version(None), with_version(False, WorkerState.EXITED)]
    for issue in quiet:
        assert columns(200, (GroupRows(Group.WORKING, (Row("k", Group.WORKING, issue),)),), Snapshot()).version == 0
    rows = tuple(Row(str(n), Group.WORKING, issue) for n, issue in enumerate([*quiet, with_version(False)]))
    made = columns(200, (GroupRows(Group.WORKING, rows),), Snapshot())
    lines = [plain(row_lines(row, made, LOOK, NOW)[0]) for row in rows]
    assert ["* untested" in line for line in lines] == [False, False, False, True]
    assert {line.index("1m ") for line in lines} == {lines[0].index("1m ")}


def test_the_mark_of_a_version_goes_in_its_order_and_the_state_is_kept() -> None:
    rows = (Row("k", Group.WORKING, with_version(False)),)
    sample = board_groups(sample_snapshot())
    gone: list[str] = []
    for width in range(240, 20, -1):
        made = columns(width, (*sample, GroupRows(Group.WORKING, rows)), sample_snapshot())
        for line in row_lines(rows[0], made, LOOK, NOW):
            assert_sound(line, width)
        gone += [n for n in ("counts", "untested_word", "pull_word", "untested") if not getattr(made, n)]
    assert list(dict.fromkeys(gone)) == ["counts", "untested_word", "pull_word", "untested"]


def test_columns_go_in_their_order() -> None:
    snapshot = sample_snapshot()
    groups = board_groups(snapshot)
    gone: list[str] = []
    for width in range(240, 30, -1):
        made = columns(width, groups, snapshot)
        for name in ("counts", "pull_word", "mode", "bar", "status", "word", "number"):
            if not getattr(made, name) and name not in gone:
                gone.append(name)
    assert gone == ["counts", "pull_word", "mode", "bar", "status", "word", "number"]


def test_a_wider_title_moves_no_column_until_it_grows_by_eight() -> None:
    snapshot = sample_snapshot()
    before = columns(200, board_groups(snapshot), snapshot)
    longer = tuple(
        replace(issue, issue=replace(issue.issue, title=issue.issue.title + "x")) for issue in snapshot.issues
    )
    assert columns(200, board_groups(replace(snapshot, issues=longer)), snapshot).title - before.title in (0, 8)


def second_line(issue: IssueState, width: int = 110) -> str:
    return plain(lines_of(Row("k", Group.NEEDS_YOU, issue), width)[1]).strip()


def asking(kind: QuestionKind, state: WorkerState, text: str, *labels: str) -> IssueState:
    working = worker(NOW, state, issue="A-1", mode=Mode.PLAN, asks=question(NOW, text, *labels, kind=kind))
    return issue_state(NOW, "A-1", "Title", "Todo", Attention.NEEDS_YOU, working=working)


def test_a_question_is_read_with_its_choices() -> None:
    issue = asking(QuestionKind.QUESTION, WorkerState.QUESTION, "Which one?", "First", "Second")
    assert second_line(issue) == "↳ Which one?   1 First  2 Second"


def test_choices_give_way_to_the_question() -> None:
    issue = asking(QuestionKind.QUESTION, WorkerState.QUESTION, "Which one of all these?", "First", "Second")
    assert second_line(issue, 40) == "↳ Which one of all these?"


def test_a_permission_is_read_as_its_command() -> None:
    issue = asking(QuestionKind.PERMISSION, WorkerState.PERMISSION, "git push\nof everything", "Yes", "No")
    assert second_line(issue) == "↳ git push"


@pytest.mark.parametrize(
    ("plan", "gist"),
    [
        ("# Plan\n\n1. First thing\n2) Second\n- Third\n", "3 steps: First thing; Second; Third"),
        ("1. Remove `Old.auth`.\n2. **Say so**.", "2 steps: Remove Old.auth; Say so"),
        ("# Plan\n\n* Only this\n", "1 step: Only this"),
        ("# Plan\n\nJust do it.\nNow.", "Just do it."),
        ("", "a plan waits for your word"),
    ],
)
def test_a_plan_is_read_as_its_gist(plan: str, gist: str) -> None:
    assert second_line(asking(QuestionKind.PLAN, WorkerState.PLAN, plan, "Yes")) == f"↳ {gist}"


def test_an_ended_turn_is_read_as_its_last_sentence() -> None:
    working = worker(NOW, WorkerState.IDLE, issue="A-1", last_words="Nothing was to be done.")
    issue = issue_state(NOW, "A-1", "T", "Todo", Attention.NEEDS_YOU, working=working)
    assert second_line(issue) == "↳ Nothing was to be done."


def test_trouble_is_told_with_its_error() -> None:
    crashed = worker(NOW, WorkerState.CRASHED, issue="A-1", last_words="Let me look.")
    issue = issue_state(NOW, "A-1", "T", "Todo", Attention.NEEDS_YOU, working=crashed)
    assert "the process died" in second_line(issue)
    assert "Let me look." in second_line(issue, 150)


def test_a_question_that_cannot_be_answered_here_says_why() -> None:
    issue = asking(QuestionKind.QUESTION, WorkerState.QUESTION, "Which one?", "First")
    assert issue.worker is not None
    assert issue.worker.question is not None
    asks = replace(issue.worker.question, unanswerable="the pane is too small")
    issue = replace(issue, worker=replace(issue.worker, question=asks))
    assert second_line(issue) == "↳ Which one?   the pane is too small"
    assert "t answer there" in plain(lines_of(Row("k", Group.NEEDS_YOU, issue), 110)[0])


def test_why_is_told_without_the_number_of_its_row() -> None:
    issue = issue_state(NOW, "A-1", "T", "Todo", Attention.NEEDS_YOU, why="Row 14b: no pull request.")
    assert second_line(issue) == "↳ no pull request."


def test_many_options_end_where_the_line_does() -> None:
    labels = [f"Choice number {n}" for n in range(1, 10)]
    issue = asking(QuestionKind.QUESTION, WorkerState.QUESTION, "Which?", *labels)
    told = second_line(issue, 80)
    assert told.startswith("↳ Which?   1 Choice number 1  2 Choice number 2")
    assert cell_len(told) <= 80


def test_an_option_without_words_breaks_nothing() -> None:
    issue = asking(QuestionKind.QUESTION, WorkerState.QUESTION, "Which?", "")
    assert isinstance(issue.worker, Worker)
    assert Option(key="1", label="") in issue.worker.question.items[0].options  # type: ignore[union-attr]
    assert second_line(issue).startswith("↳ Which?")


def test_github_issues_are_shown_by_number() -> None:
    issue = issue_state(NOW, "PAYMENTS-12", "T", "Todo", Attention.READY, shown_id="#12")
    assert plain(lines_of(Row("k", Group.READY, issue), 80)[0]).split()[0] == "#12"


def test_a_pull_request_that_could_not_be_read_is_still_named() -> None:
    issue = issue_state(NOW, "A-1", "T", "Todo", Attention.READY, pr=pull_request(41))
    line = plain(lines_of(Row("k", Group.READY, replace(issue, pull_request=None)), 110)[0])
    assert f"#41 {UNICODE.states[WorkerState.UNKNOWN]}" in line


def held_up(*blockers: Related, action: Action = Action.SKIP, row: str = "B") -> Row:
    state = issue_state(NOW, "ENG-1", "Waits", "Todo", Attention.WAITING, action=action, row=row)
    state = replace(
        state,
        facts=replace(state.facts, blockers=tuple(one.id for one in blockers if not one.over)),
        relations=Relations(blockers=blockers),
    )
    return Row("issue:ENG-1", Group.WAITING, state)


IN_PROGRESS = Related("ENG-2", "ENG-2", "Retry the\tsender", "In Progress", known=True)


def test_a_row_that_waits_for_others_names_the_first_of_them_on_its_one_line() -> None:
    done = Related("ENG-3", "ENG-3", "A queue", "Done", known=True, over=True)
    (line,) = lines_of(held_up(done, IN_PROGRESS, Related("OPS-9", "OPS-9")), 110)
    assert "after ENG-2" in plain(line)


def test_a_blocker_goes_by_the_name_that_a_person_gives_it() -> None:
    (line,) = lines_of(held_up(replace(IN_PROGRESS, id="PAY-2", name="#2")), 110)
    assert "after #2" in plain(line)


@given(title=foreign, status=foreign, name=foreign, width=widths)
def test_any_blocker_fits_exactly(title: str, status: str, name: str, width: int) -> None:
    for line in lines_of(held_up(Related(name, name, title, status, known=True)), width):
        assert_sound(line, width)


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_a_queued_worker_says_what_it_waits_for(width: int) -> None:
    working = worker(NOW, WorkerState.QUEUED, issue="ENG-1", mode=Mode.IMPLEMENT)
    waits = replace(working, detail=Detail(waits_for="no free slot (10 at once)"))
    for shown, told in ((waits, "no free slot"), (working, "is next")):
        state = issue_state(
            NOW,
            "ENG-1",
            "Build it",
            "In Progress",
            Attention.WAITING,
            action=Action.DISPATCH_IMPLEMENTER,
            working=shown,
        )
        (line,) = lines_of(Row("issue:ENG-1", Group.WAITING, state), width)
        assert f"{UNICODE.states[WorkerState.QUEUED]} queued" in plain(line)
        # Nothing is to be pressed for it; narrow boards have no room for the word.
        assert width == 60 or told in plain(line)
        assert_sound(line, width)
