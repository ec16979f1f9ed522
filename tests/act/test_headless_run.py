"""One run of an agent without a screen: real processes, that answer, hang, flood, crash, ask and are ended."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from legion_tui.act.headless import (
    Active,
    Answered,
    Asking,
    Beat,
    Finished,
    Guard,
    Happening,
    Idle,
    LogEnded,
    Paces,
    Run,
    RunOrder,
    Signalled,
    Started,
    guarding,
)
from legion_tui.act.headless.marks import marked
from legion_tui.act.headless.output import Lines, Log
from legion_tui.agents.claude_code.headless import HeadlessClaudeCode
from legion_tui.agents.claude_code.hook import Spool
from legion_tui.agents.headless import Background, Began, HeadlessLaunch, Said, TurnEnded
from legion_tui.errors import LegionError
from tests.support.headless_agent import PROGRAM
from tests.support.waiting import until

_SESSION = "11111111-2222-4333-8444-555555555555"
_REPOSITORY = Path(__file__).parents[2]
_QUICK = Paces(idle_after_seconds=0.2, heartbeat_seconds=0.05, ends_within_seconds=0.3, leaves_within_seconds=0.3)
_SLOW = Paces(heartbeat_seconds=0.05)


def acts(**act: object) -> list[dict[str, object]]:
    return [{name: value} for name, value in act.items()]


class Driven:
    """One run, and everything that was told of it."""

    def __init__(self, home: Path, guard: Guard | None, *script: dict[str, object], paces: Paces = _SLOW) -> None:
        self.spool = home / "spool"
        self.mark = f"test-{os.getpid()}-{home.name}"
        self.log = home / "logs" / "worker.ndjson"
        self.told: list[Happening] = []
        self.raises: Exception | None = None
        agent = HeadlessClaudeCode(home / ".claude", {"CLAUDE_CONFIG_DIR": str(home / ".claude")}, spool=self.spool)
        order = RunOrder(
            argv=agent.argv(HeadlessLaunch(command=PROGRAM, session_id=_SESSION, resume=False)),
            cwd=str(home),
            prompt="Do it.\n" + "x" * 200_000,
            session_id=_SESSION,
            log=self.log,
            mark=self.mark,
        )
        environ = {
            **os.environ,
            "PYTHONPATH": str(_REPOSITORY),
            "HEADLESS_SCRIPT": json.dumps({"worker": [list(script)]}),
            "GITHUB_TOKEN": "secret",
        }
        self.run = Run(
            order,
            agent,
            guard=guard,
            environ=environ,
            tell=self._tell,
            clock=lambda: datetime.now(UTC),
            paces=paces,
        )

    async def _tell(self, happening: Happening) -> None:
        self.told.append(happening)
        if self.raises is not None and isinstance(happening, Said):
            raise self.raises

    async def finished(self) -> Finished:
        with anyio.fail_after(30):
            finished = await self.run.run()
        assert not marked(self.mark)
        return finished

    def of(self, *kinds: type[Any]) -> list[Any]:
        return [one for one in self.told if isinstance(one, kinds)]

    async def until_told(self, is_it: Callable[[Happening], bool]) -> Any:
        return await until(lambda: next((one for one in self.told if is_it(one)), None))


@pytest.fixture
async def guard() -> AsyncIterator[Guard]:
    async with guarding() as started:
        yield started


async def test_an_answer_is_its_end(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(say="I look.", call="make", end="All is done."))
    finished = await driven.finished()
    assert finished == Finished(answer="All is done.", exit_code=0, cost_usd=0.5)
    process = driven.of(Started)[0].process
    assert process is not None
    assert [type(one) for one in driven.of(Began, TurnEnded)] == [Began, TurnEnded]
    kept = [json.loads(line)["type"] for line in driven.log.read_text().splitlines()]
    assert kept == ["system", "assistant", "assistant", "assistant", "result"]
    assert driven.log.stat().st_mode & 0o777 == 0o600


async def test_what_it_has_no_business_with_is_kept_from_it(home: Path, guard: Guard) -> None:
    gate = home / "gate"
    driven = Driven(home, guard, *acts(gate=str(gate), end="Done."))
    async with anyio.create_task_group() as group:
        group.start_soon(driven.finished)
        started = await driven.until_told(lambda one: isinstance(one, Started))
        environ = psutil.Process(started.process.pid).environ()
        gate.touch()
    assert environ["HEADLESS_SCRIPT"]
    assert "GITHUB_TOKEN" not in environ


async def test_an_error_is_no_answer(home: Path, guard: Guard) -> None:
    finished = await Driven(home, guard, *acts(fail="Credit balance is too low")).finished()
    assert (finished.answer, finished.error) == ("", "Credit balance is too low")


async def test_one_that_crashes_tells_how(home: Path, guard: Guard) -> None:
    finished = await Driven(home, guard, *acts(stderr="no \x1b[31mmodel\n", exit=7)).finished()
    assert finished.exit_code == 7
    assert finished.error == "it ended with status 7 and without an answer: no model"


async def test_one_that_is_killed_while_it_asks_leaves_no_question(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(ask="touch a"))
    async with anyio.create_task_group() as group:

        async def kill() -> None:
            await driven.until_told(lambda one: isinstance(one, Asking))
            os.kill(driven.of(Started)[0].process.pid, signal.SIGKILL)

        group.start_soon(kill)
        finished = await driven.finished()
    assert finished.exit_code == -signal.SIGKILL
    assert finished.error == "it was ended by SIGKILL"
    assert not list(driven.spool.iterdir())


async def test_a_question_is_answered_through_the_spool(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(ask="touch a", end="Done."), paces=_QUICK)
    async with anyio.create_task_group() as group:

        async def answer() -> None:
            asking = await driven.until_told(lambda one: isinstance(one, Asking))
            assert asking.question.items[0].text == "touch a"
            # However long it takes: what waits for a person is not idle.
            beats = len(driven.of(Beat))
            await until(lambda: len(driven.of(Beat)) > beats + 8)
            spool = Spool(driven.spool)
            (waiting,) = spool.waiting()
            assert (waiting.session_id, waiting.tool_use_id) == (_SESSION, asking.question.tool_use_id)
            output = {"hookEventName": "PermissionRequest", "decision": {"behavior": "allow"}}
            assert spool.give(waiting, {"hookSpecificOutput": output})

        group.start_soon(answer)
        finished = await driven.finished()
    assert finished.answer == "Done."
    assert Said("r1: allow") in driven.told
    assert [one.withdrawn for one in driven.of(Answered)] == [False]
    kinds = [type(one) for one in driven.told]
    assert Idle not in kinds[kinds.index(Asking) : kinds.index(Answered)]
    assert not list(driven.spool.iterdir())


async def test_where_the_question_cannot_be_kept_it_is_told_so(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(ask="touch a", end="Done."))
    driven.spool.write_text("no folder")
    finished = await driven.finished()
    assert finished.answer == "Done."
    assert Said("r1: deny") in driven.told
    assert driven.of(Asking)[0].problem


async def test_silence_is_marked_and_so_is_its_end(home: Path, guard: Guard) -> None:
    gate = home / "gate"
    driven = Driven(home, guard, *acts(say="I look.", gate=str(gate), end="Done."), paces=_QUICK)
    async with anyio.create_task_group() as group:

        async def go_on() -> None:
            await driven.until_told(lambda one: isinstance(one, Idle))
            gate.touch()

        group.start_soon(go_on)
        finished = await driven.finished()
    assert finished.answer == "Done."
    assert [type(one) for one in driven.of(Idle, Active)][:2] == [Idle, Active]


async def test_who_was_stopped_does_not_take_that_for_silence(home: Path, guard: Guard) -> None:
    gate = home / "gate"
    driven = Driven(home, guard, *acts(say="I look.", gate=str(gate), end="Done."), paces=Paces(heartbeat_seconds=0.02))
    late = [0.0]
    driven.run._seconds = lambda: time.monotonic() + late[0]
    async with anyio.create_task_group() as group:

        async def go_on() -> None:
            await driven.until_told(lambda one: isinstance(one, Beat))
            # The clock goes on by an hour, as it does while the program is stopped.
            late[0] = 3600.0
            beats = len(driven.of(Beat))
            await until(lambda: len(driven.of(Beat)) > beats + 5)
            gate.touch()

        group.start_soon(go_on)
        finished = await driven.finished()
    assert finished.answer == "Done."
    assert not driven.of(Idle)


@pytest.mark.parametrize(
    ("script", "signals", "exit_code"),
    [
        (acts(say="I look.", hang=True), ["SIGINT"], 0),
        (acts(stubborn=True, say="I look.", hang=True), ["SIGINT", "SIGTERM", "SIGKILL"], -signal.SIGKILL),
    ],
    ids=["gentle", "stubborn"],
)
async def test_an_interruption_goes_as_far_as_it_must(
    home: Path, guard: Guard, script: list[dict[str, object]], signals: list[str], exit_code: int
) -> None:
    child = home / "child"
    # One that ends when it is asked gets the time that it needs.
    driven = Driven(home, guard, *acts(child=str(child)), *script, paces=_QUICK if len(signals) > 1 else _SLOW)
    async with anyio.create_task_group() as group:

        async def interrupt() -> None:
            await driven.until_told(lambda one: isinstance(one, Said))
            driven.run.interrupt("a person said so")

        group.start_soon(interrupt)
        finished = await driven.finished()
    assert [one.name for one in driven.of(Signalled)] == signals
    assert finished.exit_code == exit_code
    assert finished.interrupted == "a person said so"
    # What it had started in a session of its own is gone too.
    assert _gone(int(child.read_text()))


async def test_it_is_killed_at_once(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(say="I look.", stubborn=True, hang=True))
    async with anyio.create_task_group() as group:

        async def kill() -> None:
            await driven.until_told(lambda one: isinstance(one, Said))
            driven.run.kill("twice")

        group.start_soon(kill)
        finished = await driven.finished()
    assert [one.name for one in driven.of(Signalled)] == ["SIGKILL"]
    assert (finished.exit_code, finished.interrupted) == (-signal.SIGKILL, "twice")


async def test_one_that_is_stopped_hears_of_its_end(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(say="I look.", hang=True), paces=Paces(heartbeat_seconds=0.05))
    async with anyio.create_task_group() as group:

        async def stop() -> None:
            await driven.until_told(lambda one: isinstance(one, Said))
            os.kill(driven.of(Started)[0].process.pid, signal.SIGSTOP)
            driven.run.interrupt("a person said so")

        group.start_soon(stop)
        finished = await driven.finished()
    assert [one.name for one in driven.of(Signalled)] == ["SIGINT"]
    assert finished.exit_code == 0


async def test_an_answer_on_its_record_counts_where_its_pipe_hangs(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(record="It is all done.", hang=True), paces=_QUICK)
    finished = await driven.finished()
    assert (finished.answer, finished.error, finished.recovered) == ("It is all done.", "", True)
    assert not finished.interrupted


async def test_an_answer_on_its_record_counts_where_it_vanished(home: Path, guard: Guard) -> None:
    finished = await Driven(home, guard, *acts(record="It is all done.", die=True)).finished()
    assert (finished.answer, finished.recovered, finished.exit_code) == ("It is all done.", True, -signal.SIGKILL)


async def test_what_it_left_in_the_background_does_not_keep_it(home: Path, guard: Guard) -> None:
    child = home / "child"
    paces = Paces(idle_after_seconds=0.2, heartbeat_seconds=0.05, leaves_within_seconds=0.3, ends_within_seconds=20)
    driven = Driven(home, guard, *acts(child=str(child), background=True), paces=paces)
    finished = await driven.finished()
    assert finished.answer == "It is started."
    assert driven.of(Background) == [Background(agents=0, others=1)]
    assert [one.name for one in driven.of(Signalled)] == ["SIGTERM"]
    assert _gone(int(child.read_text()))


async def test_a_flood_and_a_line_without_end_are_taken(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(flood=20_000_000, long=5_000_000, end="Done."))
    finished = await driven.finished()
    assert finished.answer == "Done."
    assert driven.log.stat().st_size > 24_900_000


async def test_a_log_that_cannot_be_written_ends_alone(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(end="Done."))
    driven.log.mkdir(parents=True)
    finished = await driven.finished()
    assert finished.answer == "Done."
    assert "worker.ndjson" in finished.log_problem
    # Told once, as it happens.
    assert [one.problem for one in driven.of(LogEnded)] == [finished.log_problem]


async def test_nothing_is_left_where_it_cannot_be_journalled(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(say="I look.", stubborn=True, hang=True), paces=_QUICK)
    driven.raises = LegionError("the ledger could not be written")
    with pytest.raises(LegionError, match="the ledger could not be written"):
        await driven.finished()
    assert not marked(driven.mark)


async def test_nothing_is_left_of_one_that_is_cancelled(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard, *acts(say="I look.", hang=True), paces=_QUICK)
    async with anyio.create_task_group() as group:
        group.start_soon(driven.finished)
        await driven.until_told(lambda one: isinstance(one, Said))
        group.cancel_scope.cancel()
    assert not marked(driven.mark)


async def test_a_program_that_is_not_there_is_one_clear_line(home: Path, guard: Guard) -> None:
    driven = Driven(home, guard)
    driven.run._order = RunOrder(
        argv=("/nowhere/claude",), cwd=str(home), prompt="", session_id=_SESSION, log=driven.log, mark=driven.mark
    )
    with pytest.raises(LegionError, match="/nowhere/claude: No such file or directory"):
        await driven.finished()


async def test_without_its_guard_nothing_is_started(home: Path) -> None:
    async with guarding() as guard:
        process = guard._process
        process.kill()
        await process.wait()
        driven = Driven(home, guard, *acts(end="Done."))
        with pytest.raises(LegionError, match="its guard"):
            await driven.finished()
    assert not driven.told


def test_lines_are_cut_wherever_the_chunks_end() -> None:
    lines = Lines(most_bytes=5)
    found = [
        line
        for chunk in (b"a", b"b\nc", b"\n\n12345", b"\n123456", b"7\nd\n", b"1234567\n")
        for line in lines.feed(chunk)
    ]
    assert found == [b"ab", b"c", b"", b"12345", b"d"]
    assert lines.left_out == 2


def test_a_log_has_an_end(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", most_bytes=10)
    log.write(b"12345678")
    log.write(b"12345678")
    log.write(b"1")
    log.close()
    assert (tmp_path / "log").read_bytes() == b"12345678"
    assert "as much as is kept" in log.problem


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
