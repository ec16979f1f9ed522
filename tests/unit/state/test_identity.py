from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state.identity import (
    ISSUE_ID,
    compute_session_id,
    controller_session_id,
    is_issue_id,
    parse_window_name,
    short_id,
    status_mode,
    window_name,
)
from legion_tui.state.names import Mode

PROJECT = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
ISSUE_IDS = st.from_regex(ISSUE_ID, fullmatch=True)


@pytest.mark.parametrize(
    ("issue", "mode", "session_id"),
    [
        ("ENG-21", "architect", "486160de-bb5f-5691-bd61-d58e0adf84c6"),
        ("ENG-21", "plan", "5cce734b-f8a7-57da-969d-9e18f974f710"),
        ("ENG-21", "implement", "951ed81a-86da-5220-a074-9eb894bd6baa"),
        ("ENG-21", "review", "6f0b3f7b-e70f-5464-80ca-e8f315b5add1"),
        ("ENG-21", "merge", "322d1760-2f45-539f-8a11-f02257708292"),
        ("LEG-18", "architect", "63a62c29-0da1-50fe-8fe3-f01803d19fa9"),
    ],
)
def test_session_ids_are_legions(issue: str, mode: str, session_id: str) -> None:
    assert compute_session_id(PROJECT, issue, mode) == session_id
    assert compute_session_id(UUID(PROJECT), issue, Mode(mode)) == session_id
    assert compute_session_id(PROJECT.replace("-", "").upper(), issue, mode) == session_id


def test_the_controllers_session_id_is_legions() -> None:
    assert controller_session_id(PROJECT) == "341308ba-033e-5f0b-9f07-6431395b8be9"


def test_another_project_is_another_session() -> None:
    assert compute_session_id(str(UUID(int=0)), "ENG-21", "plan") == "4cc5499d-d744-51fc-814e-ebd99e48bcf3"


@given(st.uuids(), ISSUE_IDS, st.sampled_from(list(Mode)))
def test_a_session_id_is_stable_and_its_own(project: UUID, issue: str, mode: Mode) -> None:
    session_id = compute_session_id(project, issue, mode)
    assert session_id == compute_session_id(str(project), issue, mode.value)
    assert UUID(session_id).version == 5
    others = {compute_session_id(project, issue, other) for other in Mode if other is not mode}
    assert session_id not in others | {controller_session_id(project)}


def test_the_case_of_an_issue_counts() -> None:
    assert compute_session_id(PROJECT, "eng-21", "plan") != compute_session_id(PROJECT, "ENG-21", "plan")


def test_short_ids_are_legions() -> None:
    assert short_id(PROJECT) == short_id(UUID(PROJECT)) == "3kgAnyAe"
    assert short_id(str(UUID(int=0))) == "0"
    assert short_id(str(UUID(int=61))) == "z"
    assert short_id(str(UUID(int=62))) == "10"


@pytest.mark.parametrize(
    "text", ["", "ENG", "my-team_1", PROJECT[:-1], f"{PROJECT}0", f" {PROJECT}", PROJECT.replace("-", "_"), "g" * 32]
)
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a UUID"):
        short_id(text)
    with pytest.raises(ValueError, match="not a UUID"):
        compute_session_id(text, "ENG-21", "plan")
    with pytest.raises(ValueError, match="not a UUID"):
        controller_session_id(text)


@pytest.mark.parametrize("text", ["ENG-21", "a", "9", "A_b-", "x" * 64])
def test_an_issue_id(text: str) -> None:
    assert is_issue_id(text)


@pytest.mark.parametrize("text", ["", "-a", "_a", "a b", "a\n", "x" * 65, "a/b", "..", "é", "#12", "a;b"])
def test_no_issue_id(text: str) -> None:
    assert not is_issue_id(text)


def test_window_names_are_in_lower_case() -> None:
    assert window_name("ENG-21", Mode.IMPLEMENT) == "eng-21-implement"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("eng-21-implement", ("ENG-21", Mode.IMPLEMENT)),
        ("ENG-21-Plan", ("ENG-21", Mode.PLAN)),
        ("my-long-id-7-merge", ("my-long-ID-7", Mode.MERGE)),
        ("eng-21-plan-test", ("ENG-21-plan", Mode.TEST)),
        ("eng-2-implement", None),
        ("eng-21-retro", None),
        ("eng-21-", None),
        ("eng-21", None),
        ("implement", None),
        ("-implement", None),
        ("main", None),
        ("", None),
        ("dup-1-plan", None),
    ],
)
def test_a_window_name_is_split_at_its_last_hyphen(name: str, found: tuple[str, Mode] | None) -> None:
    known = ["ENG-21", "my-long-ID-7", "ENG-21-plan", "dup-1", "DUP-1"]
    assert parse_window_name(name, known) == found


@given(ISSUE_IDS, st.sampled_from(list(Mode)), st.lists(ISSUE_IDS))
def test_a_window_leads_back_to_its_issue(issue: str, mode: Mode, others: list[str]) -> None:
    known = [issue, *(other for other in others if other.casefold() != issue.casefold())]
    assert parse_window_name(window_name(issue, mode), known) == (issue, mode)


@given(st.text(), st.lists(st.text()))
def test_any_window_name_can_be_read(name: str, known: list[str]) -> None:
    found = parse_window_name(name, known)
    assert found is None or found[0] in known


@pytest.mark.parametrize(
    ("status", "mode"),
    [
        ("Backlog", "architect"),
        ("Todo", "plan"),
        ("In Progress", "implement"),
        ("Testing", "test"),
        ("Needs Review", "review"),
        ("Retro", "implement"),
        ("Done", "implement"),
        ("Triage", "implement"),
        ("whatever", "implement"),
        ("", "implement"),
    ],
)
def test_the_mode_of_a_status(status: str, mode: str) -> None:
    assert status_mode(status) == mode
