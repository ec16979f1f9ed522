"""Control mode on a real server: what is read over it, what it leaves alone, and what happens when it fails."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import psutil
import pytest

from legion_tui.cli import main
from legion_tui.errors import TmuxError, TmuxMissingError
from legion_tui.processes import CountedRunner, run_command
from legion_tui.tmux import CONTROL, ONE_SHOT, NewWindow, OneShotTmux, Opened, Socket, SteadyTmux
from legion_tui.tmux.lane import CAPTURES_FROM, CONTROL_FROM, Lane, LanePaces, is_from
from tests.support.tmux_server import ANY_VERSION, Settled, TmuxCommand
from tests.support.waiting import until, until_async

pytestmark = pytest.mark.live

QUICK = LanePaces(answer_seconds=0.5, check_seconds=0.05, first_pause_seconds=0.02)


# In control mode whatever version is installed: the server is the test's own.
steady = partial(SteadyTmux, control_from=ANY_VERSION)


@asynccontextmanager
async def running(tmux: SteadyTmux) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(tmux.run)
        yield
        group.cancel_scope.cancel()


async def window(tmux: OneShotTmux, *argv: str, session: str = "work") -> Opened:
    wanted = NewWindow(session=session, name="w", cwd="/", argv=argv or ("cat", "-"), env={}, options={})
    return await tmux.open_window(wanted)


async def controlled(tmux: SteadyTmux) -> None:
    async def is_controlled() -> bool:
        await tmux.panes()
        return tmux.transport.name == CONTROL

    await until_async(is_controlled)


def clients_of(tmux_command: TmuxCommand) -> list[str]:
    listed = tmux_command("list-clients", "-F", "#{client_control_mode} #{session_name} #{client_flags}")
    return listed.splitlines()


def control_clients(tmux: OneShotTmux) -> list[int]:
    """The processes that speak to this server in control mode, whether it still knows them or not."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        cmdline = process.info["cmdline"] or []
        if tmux.socket.name in cmdline and "-C" in cmdline:
            found.append(process.pid)
    return found


async def test_readings_are_no_processes(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> None:
    runner = CountedRunner()
    tmux = steady(runner, private_tmux.socket, env=tmux_env)
    made = await window(private_tmux)
    async with running(tmux):
        await controlled(tmux)
        before = runner.count
        for _ in range(20):
            assert [pane.pane_id for pane in await tmux.panes()] == [made.pane_id]
            assert await tmux.clients() == ()
            assert await tmux.server_pid() == await private_tmux.server_pid()
        assert runner.count == before
    assert [pane.pane_id for pane in await tmux.panes()] == [made.pane_id]
    assert runner.count == before + 1


async def test_unchanged_panes_are_the_same_objects_over_both_transports(settled_tmux: Settled) -> None:
    await window(settled_tmux)
    (over_control,) = await settled_tmux.panes()
    lane = settled_tmux._lanes[0]
    assert lane.client is not None
    lane.client.drop("for a test")
    (by_process,) = await settled_tmux.panes()
    assert by_process is over_control


async def test_our_session_is_nobodys_and_takes_no_part_in_sizes(
    settled_tmux: Settled, private_tmux: OneShotTmux, tmux_command: TmuxCommand
) -> None:
    made = await window(private_tmux)
    tmux_command("resize-window", "-t", made.window_id, "-x", "133", "-y", "37")
    other = await window(private_tmux, session="other")
    size = ("list-windows", "-a", "-F", "#{session_name} #{window_width}x#{window_height}")
    before = tmux_command(*size).splitlines()
    await settled_tmux.settle()
    assert sorted(pane.pane_id for pane in await settled_tmux.panes()) == sorted([made.pane_id, other.pane_id])
    # Nor does a process of its own show it.
    assert len(await private_tmux.panes()) == 2
    (client,) = clients_of(tmux_command)
    control, session, flags = client.split(" ")
    assert (control, session) == ("1", f"_legion-{os.getpid()}") or session.startswith(f"_legion-{os.getpid()}-")
    assert {"no-output", "ignore-size"} <= set(flags.split(","))
    assert "work 133x37" in before
    assert set(before) < set(tmux_command(*size).splitlines())


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
async def test_titles_are_unicode_in_any_locale(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], locale: str
) -> None:
    env = {**tmux_env, "LANG": locale, "LC_ALL": locale}
    tmux = Settled(run_command, private_tmux.socket, env=env)
    async with running(tmux):
        await window(tmux, "sh", "-c", "printf '\\033]2;✳ Prüfen | 日本\\007'; exec cat")

        async def titled() -> bool:
            return (await tmux.panes())[0].title == "✳ Prüfen | 日本"

        await until_async(titled)
        assert tmux.over_control > 0


async def test_what_panes_print_does_not_come_to_us(
    settled_tmux: Settled, private_tmux: OneShotTmux, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    note = Lane._note

    def noted(self: Lane, event: str) -> None:
        events.append(event)
        note(self, event)

    monkeypatch.setattr(Lane, "_note", noted)
    await window(private_tmux, "yes", "flood")
    await settled_tmux.settle()
    for _ in range(50):
        await settled_tmux.panes()
    assert "sessions-changed" in events
    assert not {event for event in events if "output" in event}


async def test_no_server_is_started_and_none_without_sessions_is_given_one(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    tmux = steady(run_command, private_tmux.socket, env=tmux_env, paces=QUICK)
    async with running(tmux):
        for _ in range(5):
            assert await tmux.panes() == ()
            assert tmux.transport.name == ONE_SHOT
        assert await private_tmux.server_pid() is None
        tmux_command("start-server", ";", "set-option", "-s", "exit-empty", "off")
        for _ in range(5):
            assert await tmux.panes() == ()
        assert tmux.transport.why == ""
        assert tmux_command("list-sessions") == ""
        await window(private_tmux)
        await controlled(tmux)


@pytest.mark.parametrize("listing", [True, False])
async def test_two_dashboards_alone_let_the_server_end(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], listing: bool
) -> None:
    # Which of the two ways it takes depends on whether the next listing or the event is first.
    paces = QUICK if listing else LanePaces()
    first = steady(run_command, private_tmux.socket, env=tmux_env, paces=paces)
    second = steady(run_command, private_tmux.socket, env=tmux_env, paces=paces)
    made = await window(private_tmux)
    async with running(first), running(second):
        await controlled(first)
        await controlled(second)
        await private_tmux.kill_window(made.window_id)

        async def is_over() -> bool:
            if listing:
                assert await first.panes() == await second.panes() == ()
            return await private_tmux.server_pid() is None

        await until_async(is_over)
        assert await first.panes() == ()
        await window(private_tmux)
        await controlled(first)
        await controlled(second)


async def test_a_server_that_may_crash_is_not_read_in_control_mode(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    runner = CountedRunner()
    tmux = SteadyTmux(runner, private_tmux.socket, env=tmux_env)
    await window(private_tmux)
    version = tmux_command("display-message", "-p", "#{version}")
    async with running(tmux):
        await tmux.panes()
        with anyio.fail_after(10):
            transport = await tmux.tried()
        assert (transport.name == CONTROL) == is_from(version, CONTROL_FROM)
        if transport.name == ONE_SHOT:
            assert transport.why == f"tmux {version} may crash with a client in control mode, 3.8 does not"
            assert not transport.failing
            before = runner.count
            for _ in range(10):
                await tmux.panes()
            # It is not asked for its version again and again.
            assert runner.count == before + 10
            assert clients_of(tmux_command) == []


async def test_the_windows_of_a_session_that_end_together_take_nothing_else_along(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    """What crashes a server that has a client in control mode; a dashboard on it must not have one then."""
    await window(private_tmux, session="keep")
    tmux = SteadyTmux(run_command, private_tmux.socket, env=tmux_env)
    async with running(tmux):
        for _ in range(5):
            made = [await window(private_tmux, session="work") for _ in range(4)]
            tmux_command("set-option", "-g", "remain-on-exit", "off")
            for one in made:
                tmux_command("set-option", "-p", "-t", one.pane_id, "remain-on-exit", "off")
            panes = await tmux.panes()
            await tmux.tried()
            await tmux.panes()
            for pane in panes:
                if pane.session_name == "work":
                    os.kill(pane.pid, signal.SIGKILL)

            async def is_gone() -> bool:
                return {pane.session_name for pane in await tmux.panes()} <= {"keep"}

            await until_async(is_gone)
            assert [pane.session_name for pane in await private_tmux.panes()] == ["keep"]


@pytest.mark.parametrize("oldest", [ANY_VERSION, CONTROL_FROM])
async def test_doctor_tells_what_a_dashboard_would_read_by(
    private_tmux: OneShotTmux,
    tmux_command: TmuxCommand,
    oldest: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("legion_tui.cli.parts.SteadyTmux", partial(SteadyTmux, control_from=oldest))
    await window(private_tmux)
    await anyio.to_thread.run_sync(main, ["doctor", "--json", "--socket", private_tmux.socket.name])
    (check,) = (one for one in json.loads(capsys.readouterr().out) if one["name"] == "tmux transport")
    used = is_from(await private_tmux.version(), oldest)
    assert check["ok"]
    assert check["found"] == CONTROL if used else check["found"].startswith(f"{ONE_SHOT} (tmux ")
    # What it opened to try is gone.
    assert tmux_command("list-sessions", "-F", "#{session_name}") == "work"


async def test_nothing_is_left_when_it_ends(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    await window(private_tmux)
    tmux = steady(run_command, private_tmux.socket, env=tmux_env, lanes=2)
    async with running(tmux):
        await controlled(tmux)
        await until(lambda: len(clients_of(tmux_command)) == 2)
        assert len(control_clients(private_tmux)) == 2
    assert control_clients(private_tmux) == []
    assert tmux_command("list-sessions", "-F", "#{session_name}") == "work"
    assert tmux.transport.name == ONE_SHOT


DASHBOARD = """
import anyio, os, sys
from legion_tui.processes import run_command
from legion_tui.tmux import SteadyTmux, Socket
async def main():
    tmux = SteadyTmux(run_command, Socket(sys.argv[1]), env=os.environ, control_from=(0, 0))
    async with anyio.create_task_group() as group:
        group.start_soon(tmux.run)
        while tmux.transport.name != "control mode":
            await tmux.panes()
        print("ready", flush=True)
        await anyio.sleep_forever()
anyio.run(main)
"""


async def test_nothing_is_left_after_kill_9(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    await window(private_tmux)
    argv = [sys.executable, "-c", DASHBOARD, private_tmux.socket.name]
    process = await anyio.open_process(argv, env=tmux_env, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    said = b""
    with anyio.fail_after(20):
        while said != b"ready\n":
            said += await process.stdout.receive()
    (client,) = clients_of(tmux_command)
    assert f" _legion-{process.pid} " in client
    process.kill()
    await process.aclose()
    # The session goes with its pane, the client on its own.
    await until(lambda: not control_clients(private_tmux))
    await until(lambda: tmux_command("list-sessions", "-F", "#{session_name}") == "work")


async def test_a_server_that_is_killed_and_comes_back(settled_tmux: Settled, private_tmux: OneShotTmux) -> None:
    await window(settled_tmux)
    pid = await private_tmux.server_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not psutil.pid_exists(pid))
    assert await settled_tmux.panes() == ()
    assert settled_tmux.transport.name == ONE_SHOT
    again = await window(private_tmux)
    assert [pane.pane_id for pane in await settled_tmux.panes()] == [again.pane_id]
    await controlled(settled_tmux)
    assert await settled_tmux.server_pid() == await private_tmux.server_pid() != pid


async def test_another_server_on_the_same_socket_is_read_from_the_next_listing_on(
    settled_tmux: Settled, private_tmux: OneShotTmux, tmux_command: TmuxCommand
) -> None:
    await window(settled_tmux)
    socket = Path(tmux_command("display-message", "-p", "#{socket_path}"))
    first = await private_tmux.server_pid()
    assert first is not None
    aside = await anyio.Path(socket).rename(socket.with_name(f"{socket.name}-aside"))
    try:
        # As for a process of its own: there is no server behind the name.
        assert await settled_tmux.panes() == ()
        await window(private_tmux, session="second")
        assert [pane.session_name for pane in await settled_tmux.panes()] == ["second"]
        await controlled(settled_tmux)
        assert await settled_tmux.server_pid() not in (None, first)
        assert psutil.pid_exists(first)
    finally:
        await run_command(["tmux", "-S", str(aside), "kill-server"])


async def test_tmux_renamed_away_is_told_and_taken_up_again(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "tmux"
    program.write_text('#!/bin/sh\nexec tmux "$@"\n')
    program.chmod(0o700)
    tmux = steady(run_command, private_tmux.socket, env=tmux_env, paces=QUICK, program=str(program))
    await window(private_tmux)
    async with running(tmux):
        await controlled(tmux)
        away = program.rename(tmp_path / "away")
        for _ in range(3):
            with pytest.raises(TmuxMissingError):
                await tmux.panes()
        away.rename(program)
        assert len(await tmux.panes()) == 1
        await controlled(tmux)


async def test_a_hung_server_is_told_within_three_seconds_and_taken_up_again(
    private_tmux: OneShotTmux, tmux_env: dict[str, str]
) -> None:
    tmux = steady(run_command, private_tmux.socket, env=tmux_env)
    await window(private_tmux)
    server = await private_tmux.server_pid()
    assert server is not None
    async with running(tmux):
        await controlled(tmux)
        os.kill(server, signal.SIGSTOP)
        began = time.monotonic()
        try:
            # The reading that comes a second after it was stopped, at the latest.
            with pytest.raises(TmuxError, match="does not answer"):
                await tmux.panes()
            first = time.monotonic() - began
            assert tmux.transport.name == ONE_SHOT
            assert tmux.transport.why.startswith("no answer within")
            with pytest.raises(TmuxError, match="does not answer"):
                await tmux.panes()
        finally:
            os.kill(server, signal.SIGCONT)
        assert first + 1.0 < 3.0
        assert len(await tmux.panes()) == 1
        await controlled(tmux)
        # The client of before has seen that it is to go.
        listed = f"_legion-{os.getpid()}"
        assert sum(listed in pane for pane in await sessions(private_tmux, tmux_env)) == 1


async def sessions(tmux: OneShotTmux, env: Mapping[str, str]) -> list[str]:
    argv = ["tmux", *tmux.socket.argv, "list-sessions", "-F", "#{session_name}"]
    return (await run_command(argv, env=env)).stdout.splitlines()


@pytest.mark.parametrize("how", [("detach-client", "-s"), ("kill-session", "-t")])
async def test_a_client_that_is_sent_away_comes_back(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand, how: tuple[str, ...]
) -> None:
    tmux = steady(run_command, private_tmux.socket, env=tmux_env, paces=QUICK)
    await window(private_tmux)
    async with running(tmux):
        for _ in range(3):
            await controlled(tmux)
            session = clients_of(tmux_command)[0].split(" ")[1]
            tmux_command(*how, f"={session}:" if how[1] == "-t" else session)
            await until(lambda: tmux.transport.name == ONE_SHOT)
            assert tmux.transport.why
            assert len(await tmux.panes()) == 1
        await controlled(tmux)
        assert tmux.transport.why == ""


async def test_it_is_opened_anew_when_it_is_old(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    paces = LanePaces(check_seconds=0.02, recycle_seconds=0.2)
    tmux = steady(run_command, private_tmux.socket, env=tmux_env, paces=paces)
    await window(private_tmux)
    seen: set[str] = set()
    async with running(tmux):
        with anyio.fail_after(20):
            while len(seen) < 4:
                assert len(await tmux.panes()) == 1
                assert tmux.transport.why == ""
                seen |= {client.split(" ")[1] for client in clients_of(tmux_command)}


async def test_cancelled_callers_leave_the_others_their_own_answers(settled_tmux: Settled) -> None:
    await window(settled_tmux)
    client = settled_tmux._lanes[0].client
    assert client is not None
    chance = random.Random(7)  # noqa: S311
    right = []

    async def ask() -> None:
        words = [secrets.token_hex(8) for _ in range(chance.randrange(1, 40))]
        replies = await client.ask([f"display-message -p {word}\n" for word in words])
        assert [reply.text for reply in replies] == [f"{word}\n" for word in words]
        right.append(len(words))

    async def ask_and_leave() -> None:
        with anyio.move_on_after(chance.random() * 0.01):
            await ask()

    for _ in range(30):
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(ask)
                group.start_soon(ask_and_leave)
    assert len(right) >= 120
    assert settled_tmux._lanes[0].client is client
    assert client.under_way == 0


async def test_thousands_of_listings_take_no_memory_of_the_servers(
    settled_tmux: Settled, private_tmux: OneShotTmux
) -> None:
    for _ in range(20):
        await window(private_tmux)
    await settled_tmux.settle()
    pid = await private_tmux.server_pid()
    assert pid is not None
    server = psutil.Process(pid)
    for _ in range(300):
        await settled_tmux.panes()
    before, asked = server.memory_info().rss, settled_tmux.over_control
    for _ in range(2000):
        await settled_tmux.panes()
    assert settled_tmux.over_control - asked == 2000
    # What `#{q:}` left was 3700 bytes a listing of 20 panes; the heap itself settles within some 100 KB.
    assert server.memory_info().rss - before < 2000 * 300


async def test_captures_take_no_memory_of_the_servers(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> None:
    """Before tmux 3.6 they are processes of their own, for they would leak over control mode."""
    runner = CountedRunner()
    tmux = steady(runner, private_tmux.socket, env=tmux_env)
    made = await window(private_tmux)
    async with running(tmux):
        await controlled(tmux)
        safe = is_from(await tmux.version(), CAPTURES_FROM)
        pid = await private_tmux.server_pid()
        assert pid is not None
        server = psutil.Process(pid)
        for _ in range(50):
            await tmux.capture([made.pane_id])
        before, spawned = server.memory_info().rss, runner.count
        for _ in range(300):
            assert set(await tmux.capture([made.pane_id], colour=True)) == {made.pane_id}
        assert runner.count - spawned == (0 if safe else 300)
        assert server.memory_info().rss - before < 300 * 1000


# What is no tmux at all when it is asked for control mode, and the real one else.
FAKE = """#!/bin/sh
case " $* " in
*" -C "*) echo start >> "$0.starts"; {does} ;;
*) exec tmux "$@" ;;
esac
"""


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("echo 'new-session is not for you'; exit 1", "new-session is not for you"),
        ("exit 0", "it has left"),
        ("head -c 100000 /dev/urandom; exit 0", ""),
        ("echo '%begin 1 1 1'; echo '%end 1 1 1'; exec cat", ""),
        ("read line; echo '%begin 1 1 1'; echo 9; echo '%end 1 1 1'; exec cat", "its socket is not where it says"),
        ("exec cat > /dev/null", "no answer within 0.5 s"),
        ("echo '%exit go away'; exit", "go away"),
    ],
)
async def test_whatever_control_mode_does_the_reading_goes_on(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmp_path: Path, does: str, why: str
) -> None:
    program = tmp_path / "tmux"
    program.write_text(FAKE.format(does=does))
    program.chmod(0o700)
    tmux = steady(run_command, private_tmux.socket, env=tmux_env, paces=QUICK, program=str(program))
    made = await window(private_tmux)
    async with running(tmux):
        began = time.monotonic()

        async def failed() -> bool:
            assert [pane.pane_id for pane in await tmux.panes()] == [made.pane_id]
            return tmux.transport.why != ""

        await until_async(failed)
        assert tmux.transport.name == ONE_SHOT
        assert tmux.transport.failing
        assert why in tmux.transport.why

        async def often() -> bool:
            await tmux.panes()
            return len((tmp_path / "tmux.starts").read_text().splitlines()) >= 4

        await until_async(often)
        # Four tries have three pauses between them, each twice as long as the one before.
        assert time.monotonic() - began >= 0.02 * (1 + 2 + 4)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("3.6", True),
        ("3.6b", True),
        ("3.10", True),
        ("4.0", True),
        ("next-3.8", True),
        ("next-3.6", False),
        ("3.5a", False),
        ("3.3a", False),
        ("openbsd-7.8", False),
        ("master", False),
        ("", False),
    ],
)
def test_which_versions_lose_no_memory_with_captures(version: str, safe: bool) -> None:
    assert is_from(version, CAPTURES_FROM) is safe


async def test_a_socket_is_found_by_its_path_too(tmux_env: dict[str, str]) -> None:
    path = Path(tmux_env["TMUX_TMPDIR"]) / "s ocket"
    plain = OneShotTmux(run_command, Socket(str(path)), env=tmux_env, config_file=Path("/dev/null"))
    tmux = Settled(run_command, plain.socket, env=tmux_env)
    async with running(tmux):
        await window(tmux)
        assert len(await tmux.panes()) == 1
    await plain.kill_server()
