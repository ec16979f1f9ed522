"""The answer hook as a process, with a real client above it and the real spool between it and us."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from legion_tui.agents.claude_code.hook import HookOffer, Spool, Waiting, hook_command
from tests.support.hook_client import SESSION, HookClient, hook_client, lives
from tests.support.waiting import until

OUTPUT = {"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": {"behavior": "allow"}}}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[HookClient]:
    yield from hook_client(tmp_path)


@pytest.fixture
def spool(client: HookClient) -> Spool:
    return Spool(client.spool)


async def bound(spool: Spool, *calls: str) -> tuple[Waiting, ...]:
    """Wait until hooks wait for just these calls, in the order of the calls' names."""
    await until(lambda: sorted(one.tool_use_id for one in spool.waiting()) == sorted(calls))
    return tuple(sorted(spool.waiting(), key=lambda one: one.tool_use_id))


async def left(client: HookClient, *pids: int) -> None:
    await until(lambda: not any(lives(pid) for pid in pids))
    assert client.requests() == []


async def test_it_prints_what_it_is_handed_and_leaves_nothing_behind(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    client.calls("t1")
    (waiting,) = await bound(spool, "t1")
    assert (waiting.pid, waiting.session_id, waiting.request.tool_name) == (pid, SESSION, "AskUserQuestion")
    assert waiting.request.tool_input == client.tool_input
    assert client.output() == ""
    assert spool.give(waiting, OUTPUT)
    await left(client, pid)
    assert json.loads(client.output()) == OUTPUT
    assert not spool.give(waiting, OUTPUT)
    assert spool.waiting() == ()


async def test_only_this_user_can_read_or_answer(client: HookClient, spool: Spool) -> None:
    client.ask()
    client.calls("t1")
    (waiting,) = await bound(spool, "t1")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (client.spool, *client.spool.rglob("*"))}
    assert modes == {path: 0o700 if path.is_dir() else 0o600 for path in modes}
    client.spool.chmod(0o755)
    assert spool.waiting() == ()
    client.spool.chmod(0o700)
    assert spool.waiting() == (waiting,)


async def test_it_does_not_wait_where_others_could_answer(client: HookClient) -> None:
    client.spool.mkdir(parents=True)
    client.spool.chmod(0o777)
    await left(client, client.ask())
    assert client.output() == ""


async def test_it_leaves_when_the_call_has_a_result(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    client.calls("t1")
    await bound(spool, "t1")
    client.result("t1")
    await left(client, pid)
    assert client.output() == ""


async def test_it_leaves_when_the_turn_was_interrupted(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    client.calls("t1")
    await bound(spool, "t1")
    said = {"type": "text", "text": "[Request interrupted by user for tool use]"}
    client.record({"type": "user", "message": {"content": [said]}})
    await left(client, pid)


async def test_it_leaves_when_its_client_is_killed(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    client.calls("t1")
    await bound(spool, "t1")
    client.process.kill()
    client.process.wait(timeout=10)
    await left(client, pid)


async def test_it_leaves_when_the_client_waits_for_nobody(client: HookClient, spool: Spool) -> None:
    # A sub-agent's call is in another file: nothing but the status file tells that it is over.
    pid = client.ask()
    await bound(spool, "")
    client.says("busy")
    await left(client, pid)


async def test_it_stays_while_another_dialog_is_up(client: HookClient, spool: Spool) -> None:
    client.calls("t1", "t2")
    client.ask()
    client.ask()
    await bound(spool, "t1", "t2")
    client.says("busy")
    client.result("t1")
    client.says("waiting")
    (waiting,) = await bound(spool, "t2")
    assert spool.give(waiting, OUTPUT)
    await left(client, *client.hooks)


async def test_equal_calls_are_told_apart_by_their_order(client: HookClient, spool: Spool) -> None:
    first, second = client.ask(), client.ask()
    client.calls("t1", "t2")
    assert [waiting.pid for waiting in await bound(spool, "t1", "t2")] == [first, second]


async def test_a_call_that_was_cut_off_before_is_not_taken_for_it(client: HookClient, spool: Spool) -> None:
    client.calls("old", message="m0")
    client.ask()
    client.calls("t1")
    await bound(spool, "t1")


async def test_the_second_hook_of_one_call_leaves(client: HookClient, spool: Spool) -> None:
    client.calls("t1")
    both = (client.ask(origin="session"), client.ask(origin="user"))
    await until(lambda: sum(map(lives, both)) == 1)
    (waiting,) = await bound(spool, "t1")
    assert spool.give(waiting, OUTPUT)
    await left(client, *both)
    assert sorted(client.output(number) != "" for number in (0, 1)) == [False, True]


async def test_the_first_answer_stays_and_can_be_taken_back(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    client.calls("t1")
    (waiting,) = await bound(spool, "t1")
    offer = HookOffer(spool, waiting, OUTPUT)
    assert not offer.withdraw()
    os.kill(pid, signal.SIGSTOP)
    assert offer.give()
    assert not HookOffer(Spool(client.spool), waiting, {}).give()
    assert offer.withdraw()
    os.kill(pid, signal.SIGCONT)
    assert offer.give()
    await left(client, pid)
    assert json.loads(client.output()) == OUTPUT


async def test_an_answer_to_another_request_is_not_printed(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    client.calls("t1")
    (waiting,) = await bound(spool, "t1")
    answer = waiting.folder / "answer.json"
    answer.write_text(json.dumps({"id": "another", "output": OUTPUT}))
    await until(lambda: not answer.exists())
    assert lives(pid)
    assert client.output() == ""


async def test_a_killed_hook_is_not_waited_for_and_swept_away_by_the_next(client: HookClient, spool: Spool) -> None:
    client.calls("t1")
    pid = client.ask()
    await bound(spool, "t1")
    (request,) = client.requests()
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not psutil.pid_exists(pid))
    assert spool.waiting() == ()
    assert request.exists()
    client.ask()
    await bound(spool, "t1")
    assert not request.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_it_leaves_cleanly_when_it_is_told_to(client: HookClient, spool: Spool, number: signal.Signals) -> None:
    pid = client.ask()
    await bound(spool, "")
    os.kill(pid, number)
    await left(client, pid)


async def test_a_request_that_is_removed_is_withdrawn(client: HookClient, spool: Spool) -> None:
    pid = client.ask()
    (waiting,) = await bound(spool, "")
    (waiting.folder / "request.json").unlink()
    await left(client, pid)


async def test_waiting_costs_next_to_nothing(client: HookClient, spool: Spool) -> None:
    process = psutil.Process(client.ask())
    client.calls("t1")
    await bound(spool, "t1")
    assert process.memory_info().rss < 32 * 1024 * 1024
    looked, spent = process.num_ctx_switches().voluntary, sum(process.cpu_times()[:2])
    await until(lambda: process.num_ctx_switches().voluntary >= looked + 6)
    assert sum(process.cpu_times()[:2]) - spent < 0.05


@pytest.mark.parametrize("payload", ["", "{", "[]", '{"session_id": 1}'])
async def test_nothing_that_it_is_told_makes_it_fail(client: HookClient, payload: str) -> None:
    odd = client.folder / "odd.json"
    odd.write_text(payload)
    status = client.folder / "status"
    command = f"({hook_command(client.spool, origin='session')}\n) < {odd}; echo $? > {status}"
    client.ask(command=command)
    await until(lambda: status.exists() and status.read_text() == "0\n")
    assert client.output() == ""
    assert client.requests() == []


async def test_it_does_nothing_once_it_is_uninstalled(client: HookClient) -> None:
    status = client.folder / "status"
    for gone in (
        hook_command(client.spool, origin="session", program=client.folder / "no 'such' file.py"),
        hook_command(client.spool, origin="session", python=str(client.folder / "no python")),
    ):
        client.ask(command=f"({gone}\n); echo $? > {status}")
        await until(lambda: status.exists() and status.read_text() == "0\n")
        status.unlink()
    assert not client.spool.exists()
