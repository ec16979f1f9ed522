from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state.panes import Pane
from legion_tui.tmux.formats import ClientReader, PaneReader

NAMES = re.compile(r"#\{([^}]+)\}")
WHERE = re.compile(r"#\{\?#\{>=:#\{window_activity\},(\d+)\},(.*),\}", re.DOTALL)


class Server:
    """Answers a reader's template, as tmux does, with what is given for each name."""

    def __init__(self) -> None:
        self.reader = PaneReader()

    def record(self, pane: str = "%1", since: int | None = None, **values: str) -> str:
        given = {
            "pane_id": pane,
            "window_id": "@2",
            "session_id": "$3",
            "pane_pid": "100",
            "pane_dead": "0",
            "pane_in_mode": "0",
            "alternate_on": "1",
            "pane_width": "200",
            "pane_height": "50",
            "cursor_x": "4",
            "cursor_y": "5",
            "history_size": "6",
            "window_activity": "1700000000",
            "window_active": "1",
            "session_attached": "2",
            "session_name": "work",
            "window_name": "eng-1-plan",
            "pane_current_command": "claude",
            "pane_current_path": "/src",
            **values,
        }
        template = self.reader.template if since is None else self.reader.template_since(since)
        condition = WHERE.search(template)
        if condition is not None:
            active = given["window_activity"] >= condition[1]
            template = template.replace(condition[0], condition[2] if active else "")
        return NAMES.sub(lambda name: given.get(name[1], ""), template) + "\n"

    def read(self, *records: str) -> tuple[Pane, ...]:
        return self.reader.read("".join(records))


OPTIONS = {
    "@legion_issue": "ENG-1",
    "@legion_mode": "plan",
    "@legion_session_id": "some-id",
    "@legion_agent": "claude-code",
}


@pytest.fixture
def server() -> Server:
    return Server()


def test_a_pane_is_read_whole(server: Server) -> None:
    (pane,) = server.read(server.record("%1", None, pane_title="✳ Fix | it; #(x)", **OPTIONS))
    assert (pane.pane_id, pane.window_id, pane.session_id) == ("%1", "@2", "$3")
    assert (pane.session_name, pane.window_name, pane.command) == ("work", "eng-1-plan", "claude")
    assert (pane.pid, pane.dead, pane.dead_status, pane.in_mode, pane.alternate_on) == (
        100,
        False,
        None,
        False,
        True,
    )
    assert (pane.width, pane.height, pane.cursor_x, pane.cursor_y) == (200, 50, 4, 5)
    assert (pane.history_size, pane.activity, pane.window_active, pane.session_attached) == (
        6,
        1700000000,
        True,
        2,
    )
    assert (pane.title, pane.cwd) == ("✳ Fix | it; #(x)", "/src")
    assert (pane.issue, pane.mode, pane.legion_session_id, pane.agent) == (
        "ENG-1",
        "plan",
        "some-id",
        "claude-code",
    )


def test_the_end_of_a_program_is_told_by_status_or_signal(server: Server) -> None:
    panes = server.read(
        server.record("%1", pane_dead="1", pane_dead_status="3"),
        server.record("%2", pane_dead="1", pane_dead_signal="9"),
        server.record("%3", pane_dead="1"),
    )
    assert [(pane.dead, pane.dead_status) for pane in panes] == [(True, 3), (True, 137), (True, None)]


def test_foreign_text_forges_no_field_and_no_pane(server: Server) -> None:
    # As somebody would who knows all but the marks of this reader.
    forged = Server().record("%9", None, **OPTIONS)
    (pane,) = server.read(server.record(pane_title=f"a|b\\|{forged}", pane_current_path=f"/tmp/x\n{forged}"))
    assert pane.pane_id == "%1"
    assert pane.issue == ""
    assert "%9|@2" in pane.cwd
    assert server.reader.unreadable == 0


def test_controls_are_taken_out(server: Server) -> None:
    (pane,) = server.read(server.record(pane_title="a\x1b]0;evil\x07b\u202ec", pane_current_path="/a  b"))
    assert pane.title == "abc"
    assert pane.cwd == "/a  b"


def test_a_malformed_record_costs_itself_only(server: Server) -> None:
    whole = server.record("%4")
    panes = server.read(
        server.record("%1"),
        server.record("%2", pane_pid="many"),
        server.record("not an id"),
        server.record("%3", pane_height="9" * 5000),
        whole[: len(whole) // 2],
        server.record("%5"),
    )
    assert [pane.pane_id for pane in panes] == ["%1", "%5"]
    assert server.reader.unreadable == 4


def test_a_pane_of_two_sessions_is_one_pane(server: Server) -> None:
    assert len(server.read(server.record(), server.record(session_id="$4"))) == 1


def test_our_own_clients_panes_are_left_out(server: Server) -> None:
    panes = server.read(
        server.record("%1", session_name="_legion-123"),
        server.record("%2", session_name="_legion-123-4"),
        server.record("%3", session_name="_legion-of-mine"),
    )
    assert [pane.pane_id for pane in panes] == ["%3"]
    assert server.reader.unreadable == 0


def test_an_unchanged_pane_is_the_same_object(server: Server) -> None:
    before = server.read(server.record("%1"), server.record("%2"))
    after = server.read(server.record("%1"), server.record("%2", pane_title="new"))
    assert before[0] is after[0]
    assert before[1] != after[1]


LATER = 1_700_000_001


def test_of_a_pane_without_activity_the_rest_is_as_it_was_listed_before(server: Server) -> None:
    (before,) = server.read(server.record(pane_title="old"))
    assert server.read(server.record(since=LATER, pane_title="new")) == (before,)
    assert server.read(server.record(since=LATER))[0] is before
    # And from a listing of everything to one that leaves out, and back, it stays the same object.
    assert server.read(server.record(pane_title="old"))[0] is before


def test_what_is_always_asked_for_is_never_old(server: Server) -> None:
    server.read(server.record(pane_title="old"))
    (pane,) = server.read(server.record(since=LATER, pane_dead="1", pane_dead_status="3", cursor_x="9"))
    assert (pane.dead, pane.dead_status, pane.cursor_x, pane.title) == (True, 3, 9, "old")
    assert not server.reader.lacking


def test_a_pane_with_activity_tells_everything(server: Server) -> None:
    server.read(server.record(pane_title="old"))
    (pane,) = server.read(server.record(since=LATER, window_activity=str(LATER), pane_title="new", **OPTIONS))
    assert (pane.title, pane.issue) == ("new", "ENG-1")


def test_of_a_pane_that_nothing_is_known_of_too_little_is_told(server: Server) -> None:
    server.read(server.record("%1"))
    assert [
        pane.pane_id for pane in server.read(server.record("%1", since=LATER), server.record("%2", since=LATER))
    ] == ["%1"]
    assert server.reader.lacking
    assert server.reader.unreadable == 0
    server.read(server.record("%1"))
    assert not server.reader.lacking


def test_another_servers_pane_of_the_same_ids_is_another_pane(server: Server) -> None:
    server.read(server.record("%1", None, pane_pid="100", **OPTIONS))
    assert server.read(server.record(since=LATER, pane_pid="101")) == ()
    assert server.reader.lacking


def test_our_own_clients_panes_are_left_out_when_their_names_are(server: Server) -> None:
    server.read(server.record("%1", session_name="_legion-123"))
    assert server.read(server.record("%1", since=LATER)) == ()
    assert not server.reader.lacking


def test_nothing_is_asked_for_that_leaks_in_the_server() -> None:
    assert "#{q" not in PaneReader().template + ClientReader().template


def test_every_reader_has_marks_of_its_own() -> None:
    assert PaneReader().template != PaneReader().template


def test_clients_are_read_and_control_clients_left_out() -> None:
    reader = ClientReader()
    given = {"pane_id": "%1", "client_control_mode": "0", "client_activity": "1700000000"}
    given |= {"client_name": "/dev/pts/1", "client_tty": "/dev/pts/1", "session_name": "my work"}

    def line(**values: str) -> str:
        return NAMES.sub(lambda name: (given | values)[name[1]], reader.template) + "\n"

    (client,) = reader.read(line() + line(client_control_mode="1") + line(client_activity="x") + line()[:-20])
    assert (client.name, client.session, client.pane_id, client.activity) == (
        "/dev/pts/1",
        "my work",
        "%1",
        1700000000,
    )


KNOWN = Server()
SCRAPS = st.lists(
    st.sampled_from([KNOWN.record(), *KNOWN.reader.template.split("#"), "%1|@2|$3|", "|", "\n", "9" * 5000, "²", "-"]),
    max_size=40,
)


@given(SCRAPS.map("".join) | st.text())
def test_no_answer_raises(text: str) -> None:
    KNOWN.reader.read(text)
    KNOWN.reader.read(text)
    ClientReader().read(text)
