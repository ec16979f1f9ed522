from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.tmux.formats import CLIENTS, PANES, PaneReader, read_clients

SPECIAL = set("|&;<>()$`\\\"'*?[# =%")


def quoted(text: str) -> str:
    """What tmux gives for `#{q:…}`."""
    return "".join(f"\\{char}" if char in SPECIAL else char for char in text)


def record(
    pane: str = "%1",
    *,
    pid: str = "100",
    dead: str = "0|||",
    title: str = "",
    cwd: str = "/src",
    options: tuple[str, str, str, str] = ("", "", "", ""),
) -> str:
    foreign = ("work", "eng-1-plan", "claude", title, cwd, *options)
    plain = f"{pane}|@2|$3|{pid}|{dead}0|1|200|50|4|5|6|1700000000|1|2|"
    return plain + "".join(f"{quoted(field)}|" for field in foreign) + "\n"


def test_a_pane_is_read_whole() -> None:
    text = record(title="✳ Fix | it; #(x)", options=("ENG-1", "plan", "some-id", "claude-code"))
    (pane,) = PaneReader().read(text)
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
    assert pane.title == "✳ Fix | it; #(x)"
    assert (pane.issue, pane.mode, pane.legion_session_id, pane.agent) == (
        "ENG-1",
        "plan",
        "some-id",
        "claude-code",
    )


def test_the_end_of_a_program_is_told_by_status_or_signal() -> None:
    text = record("%1", dead="1|3||") + record("%2", dead="1||9|") + record("%3", dead="1|||")
    assert [(pane.dead, pane.dead_status) for pane in PaneReader().read(text)] == [
        (True, 3),
        (True, 137),
        (True, None),
    ]


def test_foreign_text_forges_no_field_and_no_pane() -> None:
    forged = record("%9", options=("ENG-9", "plan", "id", "claude-code"))
    reader = PaneReader()
    (pane,) = reader.read(record(title=f"a|b\\|{forged}", cwd=f"/tmp/x\n{forged}"))
    assert pane.pane_id == "%1"
    assert pane.issue == ""
    assert "%9|@2" in pane.cwd
    assert reader.unreadable == 0


def test_controls_are_taken_out() -> None:
    (pane,) = PaneReader().read(record(title="a\x1b]0;evil\x07b\u202ec", cwd="/a  b"))
    assert pane.title == "abc"
    assert pane.cwd == "/a  b"


def test_a_malformed_record_costs_itself_only() -> None:
    reader = PaneReader()
    text = record("%1") + record("%2", pid="many") + "%3|@1|$1|7|0\n" + record("%4").replace("/src|", "") + record("%5")
    assert [pane.pane_id for pane in reader.read(text)] == ["%1", "%5"]
    assert reader.unreadable == 3


def test_a_pane_of_two_sessions_is_one_pane() -> None:
    assert len(PaneReader().read(record() + record().replace("$3", "$4"))) == 1


def test_an_unchanged_pane_is_the_same_object() -> None:
    reader = PaneReader()
    before = reader.read(record("%1") + record("%2"))
    after = reader.read(record("%1") + record("%2", title="new"))
    assert before[0] is after[0]
    assert before[1] != after[1]


def test_templates_quote_what_programs_choose() -> None:
    for name in ("pane_title", "pane_current_path", "window_name", "session_name", "@legion_issue"):
        assert f"#{{q:{name}}}|" in PANES
    assert "#{q:client_name}|" in CLIENTS


def test_clients_are_read_and_control_clients_left_out() -> None:
    line = f"%1|@1|$1|0|1700000000|/dev/pts/1|/dev/pts/1|{quoted('my work')}|\n"
    (client,) = read_clients(line + line.replace("|0|1700", "|1|1700") + "%1|@1|$1|torn\n")
    assert (client.name, client.session, client.pane_id, client.activity) == (
        "/dev/pts/1",
        "my work",
        "%1",
        1700000000,
    )


SCRAPS = st.lists(
    st.sampled_from([record(), "%1|@2|$3|", "|", "\\", "\n", "%1", "9" * 5000, "0|", "x", "\x1b[", "²", "-"]),
    max_size=40,
)


@given(SCRAPS.map("".join) | st.text())
def test_no_answer_raises(text: str) -> None:
    reader = PaneReader()
    reader.read(text)
    reader.read(text)
    read_clients(text)
