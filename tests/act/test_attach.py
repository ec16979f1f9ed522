"""Attaching with real terminals on a real server."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from legion_tui.act.attach import WAY_BACK, Attacher
from legion_tui.state import AttachReceipt, Outcome, Worker, WorkerState
from legion_tui.tmux import NewWindow, OneShotTmux, Opened
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until_async

pytestmark = pytest.mark.live


@contextmanager
def terminal(argv: Sequence[str], env: Mapping[str, str]) -> Iterator[None]:
    """A terminal of its own in which `argv` runs."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        argv,
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


async def window(tmux: OneShotTmux, session: str) -> Opened:
    new = NewWindow(session=session, name="w", cwd="/", argv=("cat", "-"), env={}, options={})
    return await tmux.open_window(new)


def worker(pane: str | None) -> Worker:
    return Worker(session_id="s", state=WorkerState.IDLE, issue="ENG-1", pane=pane)


async def shown(tmux: OneShotTmux) -> dict[str, str]:
    return {client.session: client.pane_id for client in await tmux.clients()}


async def test_outside_tmux_the_terminal_is_handed_over(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> None:
    await window(private_tmux, "legion-x")
    made = await window(private_tmux, "legion-x")
    receipt = await Attacher(private_tmux, {}).attach("ENG-1", worker(made.pane_id))
    assert receipt.outcome is Outcome.DONE
    attach = ("tmux", "-u", *private_tmux.socket.argv, "attach-session", "-t", made.pane_id)
    assert receipt.argv == ("env", "-u", "TMUX", "-u", "TMUX_PANE", *attach, *WAY_BACK)
    with terminal(receipt.argv, {**tmux_env, "TMUX": "/another,1,0"}):

        async def attached() -> bool:
            return await shown(private_tmux) == {"legion-x": made.pane_id}

        await until_async(attached)


async def test_inside_the_same_server_the_terminal_that_shows_us_is_switched(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    board = await window(private_tmux, "board")
    await window(private_tmux, "elsewhere")
    await window(private_tmux, "legion-x")
    made = await window(private_tmux, "legion-x")
    environ = {"TMUX": tmux_command("display-message", "-p", "#{socket_path},#{pid},0"), "TMUX_PANE": board.pane_id}
    attach = ("tmux", *private_tmux.socket.argv, "attach-session", "-t")
    with terminal((*attach, "=board:"), tmux_env), terminal((*attach, "=elsewhere:"), tmux_env):

        async def both() -> bool:
            return len(await private_tmux.clients()) == 2

        await until_async(both)
        elsewhere = (await shown(private_tmux))["elsewhere"]
        receipt = await Attacher(private_tmux, environ).attach("ENG-1", worker(made.pane_id))
        assert (receipt.outcome, receipt.argv) == (Outcome.DONE, ())
        assert await shown(private_tmux) == {"legion-x": made.pane_id, "elsewhere": elsewhere}
    refused = await Attacher(private_tmux, environ).attach("ENG-1", worker(made.pane_id))
    assert refused.outcome is Outcome.REFUSED
    assert "no terminal" in refused.reason


async def test_in_a_popup_of_our_own_the_terminal_below_is_switched_and_we_are_in_its_way(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand, tmp_path: Path
) -> None:
    await window(private_tmux, "board")
    made = await window(private_tmux, "legion-x")
    told = tmp_path / "told"
    with terminal(("tmux", *private_tmux.socket.argv, "attach-session", "-t", "=board:"), tmux_env):

        async def attached() -> bool:
            return len(await private_tmux.clients()) == 1

        await until_async(attached)
        # What a program in a popup is told of tmux, by this tmux.
        (client,) = await private_tmux.clients()
        await private_tmux.popup(client.name, ("sh", "-c", f"env >{told}.part; mv {told}.part {told}"))
        environ = dict(line.split("=", 1) for line in told.read_text().splitlines() if "=" in line)
        assert "TMUX_PANE" not in environ
        receipt = await Attacher(private_tmux, environ, in_popup=True).attach("ENG-1", worker(made.pane_id))
        assert (receipt.outcome, receipt.argv, receipt.covered) == (Outcome.DONE, (), True)
        assert await shown(private_tmux) == {"legion-x": made.pane_id}


async def test_as_one_likes_it_the_window_is_shown_in_a_popup_until_that_is_closed(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmux_command: TmuxCommand
) -> None:
    board = await window(private_tmux, "board")
    made = await window(private_tmux, "legion-x")
    environ = {"TMUX": tmux_command("display-message", "-p", "#{socket_path},#{pid},0"), "TMUX_PANE": board.pane_id}
    attach = ("tmux", *private_tmux.socket.argv, "attach-session", "-t", "=board:")
    done: list[AttachReceipt] = []
    with terminal(attach, tmux_env):

        async def attached() -> bool:
            return len(await private_tmux.clients()) == 1

        async def both() -> bool:
            return await shown(private_tmux) == {"board": board.pane_id, "legion-x": made.pane_id}

        async def go() -> None:
            done.append(await Attacher(private_tmux, environ, in_popup=True).attach("ENG-1", worker(made.pane_id)))

        await until_async(attached)
        async with anyio.create_task_group() as group:
            group.start_soon(go)
            await until_async(both)
            assert not done
            # As with the prefix and d.
            tmux_command("detach-client", "-s", "=legion-x:")
    assert [(receipt.outcome, receipt.covered) for receipt in done] == [(Outcome.DONE, False)]


async def test_another_server_around_us_is_not_this_one(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    made = await window(private_tmux, "legion-x")
    for around in (f"{tmp_path}/other,1,0", "odd", "a,b,c", ""):
        receipt = await Attacher(private_tmux, {"TMUX": around}).attach("ENG-1", worker(made.pane_id))
        assert made.pane_id in receipt.argv


async def test_what_has_no_window_is_refused_with_the_reason(private_tmux: OneShotTmux) -> None:
    attacher = Attacher(private_tmux, {})
    for nobody in (None, worker(None), worker("%99")):
        receipt = await attacher.attach("ENG-1", nobody)
        assert receipt.outcome is Outcome.REFUSED
        assert receipt.reason
