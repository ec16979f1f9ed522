"""The gateway on a real server: what it promises holds in the tmux that is installed."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from legion_tui.errors import TmuxError, TmuxMissingError
from legion_tui.processes import run_command
from legion_tui.state.panes import Pane
from legion_tui.tmux import CONTROL, ONE_SHOT, NewWindow, OneShotTmux, Opened, Socket
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until, until_async

pytestmark = pytest.mark.live

HOSTILE = (
    "two  spaces",
    ";",
    "ends in;",
    "ends in\\;",
    "#(touch executed)",
    "##(x) #[y] #{pane_id} #S",
    "$HOME ${HOME} `touch executed` $(touch executed)",
    'it\'s "quoted"',
    "line one\n    line two\n# no comment\r\n\ttab",
    "~",
    "{ braces }",
    "%H%M",
    "-t",
    "--",
    "",
    "Ünïcode ✳ 日本 🙂",
    "trailing backslash\\",
)
ECHO = """import json, os, sys
open(sys.argv[1], 'w').write(json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]))
"""
WAIT = "\nimport signal; signal.pause()"


def program(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


@pytest.fixture(params=[ONE_SHOT, CONTROL])
def tmux(request: pytest.FixtureRequest, private_tmux: OneShotTmux) -> OneShotTmux:
    """The gateway over either transport: what it promises is the same."""
    chosen: OneShotTmux = private_tmux if request.param == ONE_SHOT else request.getfixturevalue("settled_tmux")
    return chosen


async def opened(
    tmux: OneShotTmux,
    argv: tuple[str, ...],
    *,
    session: str = "work",
    name: str = "eng-1-plan",
    cwd: str = "/",
    env: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    remain_on_exit: bool = True,
) -> Opened:
    window = NewWindow(
        session=session,
        name=name,
        cwd=cwd,
        argv=argv,
        env=env or {},
        options=options or {},
        remain_on_exit=remain_on_exit,
    )
    return await tmux.open_window(window)


async def pane_of(tmux: OneShotTmux, pane_id: str) -> Pane:
    return next(pane for pane in await tmux.panes() if pane.pane_id == pane_id)


async def screen_with(tmux: OneShotTmux, pane_id: str, text: str) -> tuple[str, ...]:
    async def shown() -> tuple[str, ...]:
        captures = await tmux.capture([pane_id])
        lines = captures[pane_id].lines
        return lines if any(text in line for line in lines) else ()

    return await until_async(shown)


async def text_in(path: Path) -> str:
    return await until(lambda: path.read_text() if path.exists() else "")


def executed(folder: Path) -> list[Path]:
    """What a command hidden in an argument would have left behind."""
    return [path for place in (folder, Path(), Path.home()) for path in place.rglob("executed")]


@contextmanager
def attached(tmux: OneShotTmux, env: Mapping[str, str], session: str) -> Iterator[None]:
    """A terminal of its own, attached to that session."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["tmux", "-u", *tmux.socket.argv, "attach-session", "-t", f"={session}:"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**env, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield
    finally:
        process.kill()
        process.wait()
        os.close(ours)


async def test_a_glance_sees_whatever_shows_itself(tmux: OneShotTmux, tmp_path: Path) -> None:
    go = tmp_path / "go"
    script = f"until [ -e {go} ]; do sleep 0.02; done; printf '\\033]2;second\\007'; exec cat"
    first = await opened(tmux, ("sh", "-c", script))
    (pane,) = await tmux.panes()
    assert await tmux.panes(closely=False) == (pane,)
    second = await opened(tmux, ("cat",), name="eng-2-plan", options={"@legion_issue": "ENG-2"})
    glance = {one.pane_id: one for one in await tmux.panes(closely=False)}
    assert glance[second.pane_id].issue == "ENG-2"
    go.touch()

    async def titled() -> bool:
        return any(one.title == "second" for one in await tmux.panes(closely=False))

    await until_async(titled)
    assert {one.pane_id for one in await tmux.panes(closely=False)} == {first.pane_id, second.pane_id}


async def test_a_glance_at_another_server_sees_that_one(tmux: OneShotTmux, tmux_env: Mapping[str, str]) -> None:
    await opened(tmux, ("cat",), options={"@legion_issue": "ENG-1"})
    (before,) = await tmux.panes()
    await anyio.run_process(["tmux", *tmux.socket.argv, "kill-server"], env=tmux_env)
    await opened(tmux, ("cat",), options={"@legion_issue": "ENG-2"})

    async def seen() -> bool:
        return [one.issue for one in await tmux.panes(closely=False)] == ["ENG-2"]

    await until_async(seen)
    assert before.issue == "ENG-1"


async def test_what_shows_itself_nowhere_is_seen_by_a_close_one(tmux: OneShotTmux, tmux_env: Mapping[str, str]) -> None:
    window = await opened(tmux, ("cat",))
    await tmux.panes()
    rename = ["tmux", *tmux.socket.argv, "rename-window", "-t", window.window_id, "another"]
    await anyio.run_process(rename, env=tmux_env)
    assert [one.window_name for one in await tmux.panes()] == ["another"]
    assert [one.window_name for one in await tmux.panes(closely=False)] == ["another"]


async def test_without_a_server_there_is_nothing(tmux: OneShotTmux) -> None:
    assert await tmux.panes() == ()
    assert await tmux.clients() == ()
    assert await tmux.capture(["%0"]) == {}
    assert await tmux.server_pid() is None
    await tmux.set_server_option("@legion_status", "nothing")
    await tmux.kill_window("@0")
    await tmux.kill_server()


async def test_the_first_window_makes_server_and_session(
    tmux: OneShotTmux, tmux_command: TmuxCommand, tmp_path: Path
) -> None:
    options = {
        "@legion_issue": "ENG-1",
        "@legion_mode": "plan",
        "@legion_session_id": "id",
        "@legion_agent": "claude-code",
    }
    made = await opened(tmux, ("cat", "-"), cwd=str(tmp_path), options=options)
    second = await opened(tmux, ("cat", "-"), name="eng-2-test", options={"@legion_issue": "ENG-2"})
    panes = await tmux.panes()
    assert [pane.pane_id for pane in panes] == [made.pane_id, second.pane_id]
    first = panes[0]
    assert (first.window_id, first.session_name, first.window_name) == (made.window_id, "work", "eng-1-plan")
    assert (first.issue, first.mode, first.legion_session_id, first.agent) == (
        "ENG-1",
        "plan",
        "id",
        "claude-code",
    )
    assert panes[1].issue == "ENG-2"
    assert {(pane.width, pane.height) for pane in panes} == {(200, 50)}
    assert first.window_active
    assert not panes[1].window_active
    assert first.cwd == str(tmp_path)
    assert await tmux.server_pid() == int(tmux_command("display-message", "-p", "#{pid}"))
    assert f"tmux {await tmux.version()}" == tmux_command("-V")


async def test_a_window_and_its_options_are_seen_together(
    tmux: OneShotTmux, tmux_command: TmuxCommand, tmux_env: dict[str, str]
) -> None:
    """Another client that lists without a rest never finds a pane without its issue."""
    await opened(tmux, ("cat", "-"), options={"@legion_issue": "ENG-0"})
    others = 'list-panes -a -f "#{!=:#{window_name},legion-tui}" -F "[#{@legion_issue}]"'
    listing = f'while :; do tmux -u -L "$0" {others} || exit; done'
    argv = ["sh", "-c", listing, tmux.socket.name]
    async with await anyio.open_process(argv, env=tmux_env, stderr=subprocess.DEVNULL) as watcher:
        for number in range(1, 15):
            await opened(tmux, ("cat", "-"), options={"@legion_issue": f"ENG-{number}"})
        await tmux.kill_server()
        assert watcher.stdout is not None
        seen = set(b"".join([part async for part in watcher.stdout]).decode().split())
    assert "[ENG-0]" in seen
    assert "[]" not in seen


async def test_arguments_arrive_byte_for_byte(tmux: OneShotTmux, tmp_path: Path) -> None:
    hostile_folder = tmp_path / "in #(touch executed) #{pane_id} #[x] ##[y] #S; 'q'"
    hostile_folder.mkdir()
    out = tmp_path / "out.json"
    made = await opened(
        tmux,
        program(ECHO + WAIT, str(out), *HOSTILE),
        session="s #(touch executed)",
        name="n #(touch executed);",
        cwd=str(hostile_folder),
        env={"ONE": "$HOME #(touch executed);", "TWO": "a\nb"},
        options={"@legion_issue": "#(touch executed);"},
    )
    arguments, environment, cwd = json.loads(await text_in(out))
    assert arguments == list(HOSTILE)
    assert cwd == str(hostile_folder)
    assert (environment["ONE"], environment["TWO"]) == ("$HOME #(touch executed);", "a\nb")
    pane = await pane_of(tmux, made.pane_id)
    assert pane.session_name == "s #(touch executed)"
    assert pane.window_name == "n #(touch executed);"
    assert pane.issue == "#(touch executed);"
    assert pane.cwd == str(hostile_folder)
    again = tmp_path / "again.json"
    await opened(tmux, program(ECHO, str(again), *HOSTILE), session="s #(touch executed)", cwd=str(tmp_path))
    assert json.loads(await text_in(again))[0] == list(HOSTILE)
    assert not executed(tmp_path)


async def test_a_single_word_is_run_as_it_is(tmux: OneShotTmux, tmp_path: Path) -> None:
    script = tmp_path / "say hello; $(touch executed)"
    script.write_text(f"#!/bin/sh\necho started > '{tmp_path}/ran'\n")
    script.chmod(0o700)
    await opened(tmux, (str(script),), cwd=str(tmp_path))
    assert await text_in(tmp_path / "ran") == "started\n"
    assert not executed(tmp_path)


async def test_a_long_prompt_arrives_and_a_longer_one_is_refused(tmux: OneShotTmux, tmp_path: Path) -> None:
    prompt = "a line of it's own\n" * 1000
    await opened(tmux, program(ECHO, str(tmp_path / "out"), prompt))
    assert json.loads(await text_in(tmp_path / "out"))[0] == [prompt]
    before = len(await tmux.panes())
    with pytest.raises(TmuxError, match="too long"):
        await opened(tmux, program(ECHO, str(tmp_path / "out"), prompt * 2))
    assert len(await tmux.panes()) == before


async def test_a_server_of_ours_has_no_tokens_and_a_window_has_our_path(
    tmux_env: dict[str, str], private_tmux: OneShotTmux, tmux_command: TmuxCommand, tmp_path: Path
) -> None:
    env = {
        **tmux_env,
        "GITHUB_TOKEN": "t",
        "LINEAR_API_KEY": "k",
        "KEPT": "yes",
        "PATH": f"/first:{os.environ['PATH']}",
    }
    tmux = OneShotTmux(run_command, private_tmux.socket, env=env, config_file=Path("/dev/null"))
    await opened(tmux, program(ECHO, str(tmp_path / "one")), env={"LEGION_ISSUE": "ENG-1"})
    environment = json.loads(await text_in(tmp_path / "one"))[1]
    assert environment["KEPT"] == "yes"
    assert environment["LEGION_ISSUE"] == "ENG-1"
    assert not {"GITHUB_TOKEN", "LINEAR_API_KEY"} & set(environment)
    assert "GITHUB_TOKEN" not in tmux_command("show-environment", "-g")
    later = OneShotTmux(run_command, private_tmux.socket, env={**env, "PATH": f"/later:{os.environ['PATH']}"})
    await opened(later, program(ECHO, str(tmp_path / "two")))
    assert json.loads(await text_in(tmp_path / "two"))[1]["PATH"].startswith("/later:")


async def test_a_session_name_that_tmux_changes_is_found_again(tmux: OneShotTmux) -> None:
    await opened(tmux, ("cat", "-"), session="a.b:c")
    await opened(tmux, ("cat", "-"), session="a.b:c")
    assert {pane.session_name for pane in await tmux.panes()} == {"a_b_c"}


async def test_a_longer_name_is_another_session(tmux: OneShotTmux) -> None:
    await opened(tmux, ("cat", "-"), session="legion-abc")
    await opened(tmux, ("cat", "-"), session="legion")
    assert {pane.session_name for pane in await tmux.panes()} == {"legion-abc", "legion"}


async def test_dead_panes_stay_when_asked_and_tell_how_they_ended(tmux: OneShotTmux, tmux_command: TmuxCommand) -> None:
    keeper = await opened(tmux, ("cat", "-"))
    # tmux drops what it has not read of a program by the time that it notices its end.
    failed = await opened(tmux, ("sh", "-c", "echo first; echo last words; sleep 0.5; exit 3"))
    killed = await opened(tmux, ("sh", "-c", "kill -9 $$"))
    leaves = await opened(tmux, ("sh", "-c", "exit 3"), remain_on_exit=False)
    panes: dict[str, Pane] = {}

    async def all_told() -> bool:
        # tmux 3.3a misses the end of a child at times, until the next one ends.
        tmux_command("run-shell", "true")
        panes.clear()
        panes.update({pane.pane_id: pane for pane in await tmux.panes()})
        told = [panes[pane_id].dead_status is not None for pane_id in (failed.pane_id, killed.pane_id)]
        return leaves.pane_id not in panes and all(told)

    await until_async(all_told)
    assert panes[failed.pane_id].dead
    assert panes[failed.pane_id].dead_status == 3
    assert panes[killed.pane_id].dead_status == 137
    assert (panes[keeper.pane_id].dead, panes[keeper.pane_id].dead_status) == (False, None)
    await screen_with(tmux, failed.pane_id, "last words")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
async def test_titles_and_screens_are_unicode_in_any_locale(
    tmux_env: dict[str, str], private_tmux: OneShotTmux, locale: str
) -> None:
    env = {**tmux_env, "LANG": locale, "LC_ALL": locale}
    tmux = OneShotTmux(run_command, private_tmux.socket, env=env, config_file=Path("/dev/null"))
    made = await opened(
        tmux,
        ("sh", "-c", "printf '\\033]2;✳ Prüfen | 日本\\007 \\033[1;31m\u276f 1. Größe\\033[0m  '; exec cat"),
    )
    lines = await screen_with(tmux, made.pane_id, "Größe")
    assert lines[0].startswith(" \u276f 1. Größe  ")
    assert len(lines) == 50
    assert (await pane_of(tmux, made.pane_id)).title == "✳ Prüfen | 日本"
    coloured = (await tmux.capture([made.pane_id], colour=True))[made.pane_id]
    assert "\x1b[1m\x1b[31m\u276f 1. Größe" in coloured.lines[0]


async def test_a_hostile_folder_and_title_forge_nothing(tmux: OneShotTmux, tmp_path: Path) -> None:
    folder = tmp_path / "a\n%99|@9|$9|1|0|||0|0|9|9|0|0|0|0|1|0|s|w|c|t|p|ENG-9|plan|i|a|\n"
    folder.mkdir()
    code = "import sys; sys.stdout.write(sys.argv[1]); sys.stdout.flush()" + WAIT
    made = await opened(tmux, program(code, "\x1b]2;x|y\\|%7|@7|$7|\x07"), cwd=str(folder))

    async def titled() -> bool:
        return (await pane_of(tmux, made.pane_id)).title.startswith("x|y")

    await until_async(titled)
    assert [pane.pane_id for pane in await tmux.panes()] == [made.pane_id]
    assert tmux.unreadable == 0


async def test_keys_are_pressed_one_at_a_time(tmux: OneShotTmux, tmp_path: Path) -> None:
    out = tmp_path / "keys"
    made = await opened(tmux, ("sh", "-c", 'stty raw -echo; echo ready; exec cat > "$0"', str(out)))
    await screen_with(tmux, made.pane_id, "ready")
    for key in ("1", ";", "#", "-", "'", "Down", "Enter", "Escape", "BTab", "C-u", "Space", "é"):
        await tmux.send_key(made.pane_id, key)
    expected = b"1;#-'\x1b[B\r\x1b\x1b[Z\x15 " + "é".encode()
    await until(lambda: out.read_bytes() == expected)


async def test_a_paste_is_bracketed_and_exact(tmux: OneShotTmux, tmux_command: TmuxCommand, tmp_path: Path) -> None:
    out = tmp_path / "pasted"
    script = r'''stty raw -echo; printf '\033[?2004hready'; exec cat > "$0"'''
    made = await opened(tmux, ("sh", "-c", script, str(out)))
    await screen_with(tmux, made.pane_id, "ready")
    text = "first; #(touch x) $HOME 'q' \"d\"\n\tsecond ✳ 日本;\n" + "x" * 40_000 + ";"
    await tmux.paste(made.pane_id, text)
    await tmux.paste(made.pane_id, "")
    await until(lambda: out.read_bytes().endswith(b"\x1b[201~"))
    assert out.read_bytes() == b"\x1b[200~" + text.encode() + b"\x1b[201~"
    with pytest.raises(TmuxError, match="can't find pane"):
        await tmux.paste("%999", "lost")
    assert tmux_command("list-buffers") == ""


async def test_a_pane_in_copy_mode_is_seen_and_still_captured(tmux: OneShotTmux, tmux_command: TmuxCommand) -> None:
    made = await opened(tmux, ("sh", "-c", "seq 100; echo at the end; exec cat"))
    await screen_with(tmux, made.pane_id, "at the end")
    assert not (await pane_of(tmux, made.pane_id)).in_mode
    tmux_command("copy-mode", "-t", made.pane_id)
    tmux_command("send-keys", "-t", made.pane_id, "-X", "history-top")
    pane = await pane_of(tmux, made.pane_id)
    assert pane.in_mode
    assert pane.history_size > 0
    await screen_with(tmux, made.pane_id, "at the end")


async def test_a_pane_that_goes_before_its_capture_costs_no_other(tmux: OneShotTmux, tmux_command: TmuxCommand) -> None:
    windows = [await opened(tmux, ("sh", "-c", f"echo I am {n}; exec cat")) for n in range(3)]
    listed = [pane.pane_id for pane in await tmux.panes()]
    for window in windows:
        await screen_with(tmux, window.pane_id, "I am")
    tmux_command("kill-pane", "-t", windows[1].pane_id)
    captures = await tmux.capture(listed)
    assert set(captures) == {windows[0].pane_id, windows[2].pane_id}
    assert captures[windows[2].pane_id].lines[0].startswith("I am 2")
    await tmux.kill_window(windows[1].window_id)
    await tmux.kill_window(windows[2].window_id)
    assert [pane.pane_id for pane in await tmux.panes()] == [windows[0].pane_id]


async def test_more_panes_than_one_batch_holds(tmux: OneShotTmux, tmux_command: TmuxCommand) -> None:
    made = await opened(tmux, ("sh", "-c", "echo here; exec cat"))
    await screen_with(tmux, made.pane_id, "here")
    gone = [f"%{number}" for number in range(100, 240)]
    assert set(await tmux.capture([*gone, made.pane_id])) == {made.pane_id}


async def test_a_server_option_is_shown_as_it_was_given(tmux: OneShotTmux, tmux_command: TmuxCommand) -> None:
    await opened(tmux, ("cat", "-"))
    await tmux.set_server_option("@legion_status", "2 need you  5 working; #(x)")
    assert tmux_command("display-message", "-p", "#{@legion_status}") == "2 need you  5 working; #(x)"


async def test_a_client_is_listed_and_switched(tmux: OneShotTmux, tmux_env: dict[str, str]) -> None:
    home = await opened(tmux, ("cat", "-"), session="board")
    first = await opened(tmux, ("cat", "-"), session="legion-x")
    worker = await opened(tmux, ("cat", "-"), session="legion-x")
    with attached(tmux, tmux_env, "board"):
        (client,) = await until_async(tmux.clients)
        assert (client.session, client.pane_id) == ("board", home.pane_id)
        assert client.activity > 0
        await tmux.switch_client(client.name, worker.pane_id)
        (client,) = await tmux.clients()
        assert (client.session, client.pane_id) == ("legion-x", worker.pane_id)
        await tmux.switch_client(client.name, first.pane_id)
        assert (await tmux.clients())[0].pane_id == first.pane_id
        with pytest.raises(TmuxError):
            await tmux.switch_client("/dev/nowhere", worker.pane_id)


async def test_a_server_that_dies_comes_back(tmux: OneShotTmux) -> None:
    await opened(tmux, ("cat", "-"))
    pid = await tmux.server_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not _alive(pid))
    assert await tmux.panes() == ()
    await opened(tmux, ("cat", "-"), name="again")
    assert [pane.window_name for pane in await tmux.panes()] == ["again"]


async def test_a_server_without_a_session_is_as_good_as_none(tmux: OneShotTmux, tmux_command: TmuxCommand) -> None:
    made = await opened(tmux, ("cat", "-"))
    tmux_command("set-option", "-s", "exit-empty", "off")
    await tmux.kill_window(made.window_id)
    assert await tmux.panes() == ()
    assert await tmux.clients() == ()
    assert await tmux.capture([made.pane_id]) == {}
    again = await opened(tmux, ("cat", "-"))
    assert [pane.pane_id for pane in await tmux.panes()] == [again.pane_id]


async def test_a_server_that_leaves_with_its_last_window_is_started_again(tmux: OneShotTmux) -> None:
    for _ in range(25):
        made = await opened(tmux, ("cat", "-"))
        await tmux.kill_window(made.window_id)
    made = await opened(tmux, ("cat", "-"))
    assert [pane.pane_id for pane in await tmux.panes()] == [made.pane_id]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_hung_server_is_told_soon_and_taken_up_again(
    private_tmux: OneShotTmux, tmux_env: dict[str, str]
) -> None:
    await opened(private_tmux, ("cat", "-"))
    pid = await private_tmux.server_pid()
    assert pid is not None
    hasty = OneShotTmux(run_command, private_tmux.socket, env=tmux_env, timeout_seconds=0.3)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(TmuxError, match="does not answer"):
            await hasty.panes()
        assert time.monotonic() - began < 2
    finally:
        os.kill(pid, signal.SIGCONT)
    assert len(await hasty.panes()) == 1


async def test_without_tmux_the_remedy_is_named(tmux_env: dict[str, str], tmp_path: Path) -> None:
    env = {**tmux_env, "PATH": str(tmp_path)}
    tmux = OneShotTmux(run_command, Socket("x"), env=env, program=str(tmp_path / "tmux"))
    with pytest.raises(TmuxMissingError, match="apt install tmux"):
        await tmux.panes()
