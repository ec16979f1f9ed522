"""Sessions that a person links to an issue: kept in the ledger, and workers of it from the next reading on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from legion_tui.act.ledger import Ledger
from legion_tui.act.linking import Linker
from legion_tui.errors import RefusedError, TrackerError
from legion_tui.processes import process_facts
from legion_tui.state import Mode, Outcome, Worker, WorkerState
from legion_tui.state.slots import is_spare
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.waiting import until

pytestmark = pytest.mark.live
SESSION = "11111111-2222-3333-4444-555555555555"


@dataclass
class Machine:
    """A project, and a session of the machine, which is this very process unless it is told to be another."""

    shop: Workshop
    worker: Worker | None = field(
        default_factory=lambda: Worker(session_id=SESSION, state=WorkerState.IDLE, pid=os.getpid())
    )

    async def find(self, session_id: str) -> Worker | None:
        return self.worker if session_id == SESSION else None

    @property
    def linker(self) -> Linker:
        return Linker(self.shop.tracker, self.shop.ledger, self.shop.locks, self.find)

    def seen(self, status: str = "idle") -> None:
        """Have the agent's files show the session, as the agent itself writes them."""
        facts = process_facts(os.getpid())
        assert facts is not None
        record = {"pid": os.getpid(), "session": SESSION, "status": status, "turn_at": facts.started_at}
        (self.shop.agent.home / "sessions" / f"{os.getpid()}.json").write_text(json.dumps(record))


@pytest.fixture
async def machine(private_tmux: OneShotTmux, tmp_path: Path) -> Machine:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await shop.tracker.add(NewIssue(title="Build it", status="Testing", labels=("worker-done",)))
    return Machine(shop)


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that was started for an issue of some other project."""
    argv = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    environ = {**os.environ, "LEGION_ISSUE": "OPS-7"}
    with subprocess.Popen(argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


async def test_a_linked_session_is_the_issues_worker_and_takes_a_slot(machine: Machine) -> None:
    shop = machine.shop
    machine.seen()
    assert (await shop.crew.read()).live() == ()
    receipt = await machine.linker.link(SESSION, "eng-1")
    assert (receipt.issue, receipt.outcome, receipt.reason) == ("ENG-1", Outcome.DONE, "implement worker")
    # As a program that begins later reads it.
    again = Workshop(shop.tmux, shop.root)
    (member,) = (await again.crew.read()).live()
    assert (member.worker.issue, member.worker.mode, member.worker.linked) == ("ENG-1", Mode.IMPLEMENT, True)
    journal = await again.ledger.journal()
    assert journal.dispatched == {SESSION: ("ENG-1", Mode.IMPLEMENT)}
    assert journal.linked == {SESSION}
    assert (await shop.told())[-1] == f"ENG-1 link (session_id {SESSION}, mode implement)"


async def test_it_is_unlinked_again(machine: Machine) -> None:
    shop = machine.shop
    machine.seen()
    await machine.linker.link(SESSION, "ENG-1")
    receipt = await machine.linker.unlink(SESSION, "ENG-1")
    assert receipt.outcome is Outcome.DONE
    again = Workshop(shop.tmux, shop.root)
    assert (await again.crew.read()).live() == ()
    assert (await again.ledger.journal()).linked == frozenset()
    with pytest.raises(RefusedError, match="that session is not linked to it"):
        await machine.linker.unlink(SESSION, "ENG-1")


async def test_a_worker_that_was_started_from_here_is_not_unlinked(machine: Machine) -> None:
    shop = machine.shop
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    with pytest.raises(RefusedError, match="not linked"):
        await machine.linker.unlink(shop.session_id("ENG-1", "plan"), "ENG-1")


async def test_nobody_but_a_person_ends_a_linked_session(machine: Machine) -> None:
    shop = machine.shop
    machine.seen()
    await machine.linker.link(SESSION, "ENG-1")
    crew = await shop.crew.read()
    (member,) = crew.live()
    assert member.finished
    assert shop.parking.check(crew, "ENG-1") == ()
    # Its issue is past its mode, so that one of ours would be parked for another's sake.
    assert not is_spare(member.worker, "Testing")
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.TEST)
    assert receipt.outcome is Outcome.STARTED
    assert len((await shop.crew.read()).live()) == 2


async def test_one_at_work_stands_in_the_way_as_any_worker_does(machine: Machine) -> None:
    shop = machine.shop
    machine.seen("busy")
    await machine.linker.link(SESSION, "ENG-1")
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.TEST)
    assert receipt.outcome is Outcome.REFUSED
    assert "the implement worker of ENG-1 is busy" in receipt.reason


async def test_the_last_slot_is_taken_by_it(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    machine = Machine(Workshop(private_tmux, tmp_path / "shop", slots=1))
    for title in ("linked", "waits"):
        await machine.shop.tracker.add(NewIssue(title=title, status="Todo"))
    machine.seen("busy")
    await machine.linker.link(SESSION, "ENG-1")
    receipt = await machine.shop.dispatcher.dispatch("ENG-2", Mode.PLAN)
    assert receipt.outcome is Outcome.REFUSED
    assert "1 of 1 workers are live" in receipt.reason


async def test_what_is_no_session_of_none_is_refused(machine: Machine) -> None:
    idle = machine.worker
    assert idle is not None
    machine.worker = None
    with pytest.raises(RefusedError, match="it has ended"):
        await machine.linker.link(SESSION, "ENG-1")
    machine.worker = Worker(session_id=SESSION, state=WorkerState.EXITED)
    with pytest.raises(RefusedError, match="it has ended"):
        await machine.linker.link(SESSION, "ENG-1")
    machine.worker = Worker(session_id=SESSION, state=WorkerState.IDLE, issue="ENG-1", mode=Mode.PLAN)
    with pytest.raises(RefusedError, match="it is a worker of ENG-1"):
        await machine.linker.link(SESSION, "ENG-1")
    machine.worker = idle
    with pytest.raises(TrackerError, match="ENG-9"):
        await machine.linker.link(SESSION, "ENG-9")
    assert await machine.shop.ledger.history() == ()


async def test_one_that_was_linked_meanwhile_stays_where_it_is(machine: Machine) -> None:
    await machine.shop.tracker.add(NewIssue(title="other"))
    await machine.linker.link(SESSION, "ENG-2")
    with pytest.raises(RefusedError, match="it is a worker of ENG-2"):
        await machine.linker.link(SESSION, "ENG-1")


@pytest.mark.parametrize("held", ["ENG-1", SESSION], ids=["issue", "session"])
async def test_two_do_not_link_at_once(machine: Machine, held: str) -> None:
    async with Workshop(machine.shop.tmux, machine.shop.root).locks.hold(held):
        with pytest.raises(RefusedError, match=held):
            await machine.linker.link(SESSION, "ENG-1")
    assert await machine.shop.ledger.history() == ()


async def test_a_worker_of_another_project_is_never_linked(machine: Machine, other: subprocess.Popen[bytes]) -> None:
    machine.worker = Worker(session_id=SESSION, state=WorkerState.IDLE, pid=other.pid)
    with pytest.raises(RefusedError, match="it works on OPS-7 of another project"):
        await machine.linker.link(SESSION, "ENG-1")
    other.kill()
    other.wait(timeout=10)
    await until(lambda: process_facts(other.pid) is None)
    with pytest.raises(RefusedError, match="it has ended"):
        await machine.linker.link(SESSION, "ENG-1")
    assert await machine.shop.ledger.history() == ()


async def test_a_link_outlives_the_records_around_it(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    ledger = Ledger(tmp_path, clock=lambda: now - timedelta(days=90))
    await ledger.note("link", "ENG-1", session_id=SESSION, mode="implement")
    await ledger.note("link", "ENG-2", session_id="s2", mode="implement")
    await ledger.note("unlink", "ENG-2", session_id="s2")
    assert await ledger.trim(older_than=now) == 2
    assert (await Ledger(tmp_path, clock=lambda: now).journal()).dispatched == {SESSION: ("ENG-1", Mode.IMPLEMENT)}
