"""What is measured: ours and what it stands against, in turn, within one run."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import anyio

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.fetch import Collector, LiveSource
from legion_tui.fetch.pull_requests import PullRequests
from legion_tui.processes import CountedRunner, run_command
from legion_tui.state import Pipeline, PullRequestRef, Source, SourceHealth, Turn, Worker, decide
from legion_tui.state.assemble import Assembler, assemble
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from legion_tui.tmux import CONTROL, OneShotTmux, Socket, SteadyTmux
from legion_tui.tmux.formats import PaneReader
from legion_tui.tmux.lane import LanePaces
from tests.benchmarks.rows import Row
from tests.benchmarks.swarm import PROJECT, Swarm, swarm
from tests.fetch.fakes import FakeTracker
from tests.support.github.server import github_server
from tests.support.network import github_client

PULL_REQUESTS = 50


class LiveCycle:
    """The product's own live cycle over a swarm; in control mode too where `run` of its tmux goes on."""

    def __init__(self, over: Swarm) -> None:
        self.runner = CountedRunner()
        # The server is the benchmark's own, of whatever version: nobody loses an agent if it crashes.
        self.tmux = SteadyTmux(
            self.runner,
            Socket(over.socket),
            env=over.env,
            timeout_seconds=30.0,
            paces=LanePaces(answer_seconds=30.0),
            control_from=(0, 0),
        )
        self._live = LiveSource(self.tmux, [ClaudeCode(over.agent_folder)], PROJECT, _now)
        self._ids = tuple(issue.id for issue in over.issues)
        self.workers: tuple[Worker, ...] = ()

    async def __call__(self) -> None:
        """List the panes, read what changed in the agents' files, and judge every worker."""
        await self._live.read_panes()
        self.workers = await self._live.read_agents(self._ids, {})

    def check(self, size: int) -> None:
        """Make sure that what is measured is the whole of it."""
        found = sum(worker.issue is not None and worker.live and worker.turn is Turn.ENDED for worker in self.workers)
        if found != size or not self._live.panes.health.ok or not self._live.sightings.health.ok:
            raise SystemExit(f"{found} of {size} workers were found: nothing worth measuring")


def collector_over(over: Swarm) -> Collector:
    """The product's collector over a swarm, its issues told by a tracker that costs nothing."""

    async def no_journal() -> Journal:
        return Journal()

    tmux = OneShotTmux(run_command, Socket(over.socket), env=over.env, timeout_seconds=30.0)
    return Collector(
        live=LiveSource(tmux, [ClaudeCode(over.agent_folder)], PROJECT, _now),
        tracker=FakeTracker(*over.issues),
        pull_requests=None,
        read_journal=no_journal,
        clock=_now,
        project=PROJECT,
    )


async def live_cycles(size: int, rounds: int, stall_cycles: int) -> list[Row]:
    """The live cycle, nothing changed and a tenth changing, against what it replaces."""
    with swarm(size) as over:
        cycle = LiveCycle(over)
        await cycle()
        await cycle()
        cycle.check(size)
        before = cycle.runner.count

        async def captures() -> None:
            for pane_id in over.pane_ids:
                run_tmux(over, "capture-pane", "-p", "-t", pane_id)

        template = PaneReader().template

        async def in_turn() -> None:
            for pane_id, transcript in zip(over.pane_ids, over.transcripts, strict=True):
                run_tmux(over, "capture-pane", "-p", "-t", pane_id)
                for line in transcript.read_bytes().splitlines():
                    json.loads(line)

        async def listing() -> None:
            run_tmux(over, "list-panes", "-a", "-F", template)

        kept_open = LiveCycle(over)
        async with anyio.create_task_group() as group:
            group.start_soon(kept_open.tmux.run)
            while kept_open.tmux.transport.name != CONTROL:
                await kept_open()
            before_control = kept_open.runner.count
            times = await _in_turn(
                {
                    "cycle": cycle,
                    "control": kept_open,
                    "captures": captures,
                    "in turn": in_turn,
                    "listing": listing,
                },
                rounds,
                warmed=("cycle", "control"),
            )
            kept_open.check(size)
            group.cancel_scope.cancel()
        # Each was done twice in a round.
        spawned = (cycle.runner.count - before) / (2 * rounds)
        spawned_control = (kept_open.runner.count - before_control) / (2 * rounds)
        changing = await _changing(over, cycle, rounds)
        stall = await _longest_stall(over, stall_cycles)
        known = Known(
            project=PROJECT,
            pipeline=Pipeline(),
            reading=over.issues,
            workers=cycle.workers,
            sources=dict.fromkeys(Source, SourceHealth(ok=True, read_at=datetime.now(UTC))),
        )
        joined = _median(lambda: assemble(known), rounds)
        rejoined = _rejoined(known, rounds)
        facts = [row.facts for row in assemble(known).issues]
        decided = _median(lambda: [decide(one) for one in facts], rounds)
    return [
        Row(
            "live cycle, nothing changed",
            size,
            times["cycle"],
            against=f"{size} capture-pane processes in turn",
            theirs=times["captures"],
            faster={50: 20.0, 500: 100.0}.get(size),
        ),
        Row(
            "live cycle, nothing changed",
            size,
            times["cycle"],
            against="one agent after the other: capture-pane, read its file",
            theirs=times["in turn"],
        ),
        Row(
            "live cycle, nothing changed",
            size,
            times["cycle"],
            against="one bare list-panes process, same -F",
            theirs=times["listing"],
            times=2.0 if size == 500 else None,
        ),
        Row(
            "live cycle, nothing changed, control mode (tmux 3.8)",
            size,
            times["control"],
            against="the same by single processes",
            theirs=times["cycle"],
        ),
        Row(
            "live cycle, nothing changed, control mode (tmux 3.8)",
            size,
            times["control"],
            against="one bare list-panes process, same -F",
            theirs=times["listing"],
            times=2.0 if size == 500 else None,
        ),
        Row("live cycle, 10 % changing", size, changing),
        Row("processes per idle live cycle", size, spawned, unit="", most=1),
        Row("processes per idle live cycle, control mode (tmux 3.8)", size, spawned_control, unit="", most=1),
        Row(f"longest event-loop stall, {stall_cycles} readings, 10 % changing", size, stall, most=50),
        Row("join and decide everything", size, joined),
        Row("join and decide after 10 % changed", size, rejoined, against="join and decide everything", theirs=joined),
        Row("decide alone", size, decided),
    ]


def _rejoined(known: Known, rounds: int) -> float:
    """Return what it takes on the event loop when a tenth of the workers changed."""
    assembler = Assembler()
    assembler.assemble(known)
    busy = max(1, len(known.workers) // 10)
    taken = []
    for number in range(rounds):
        changed = tuple(replace(worker, last_words=f"turn {number}") for worker in known.workers[:busy])
        now = replace(known, workers=(*changed, *known.workers[busy:]))
        began = time.perf_counter()
        assembler.assemble(now)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


async def pull_requests(rounds: int) -> Row:
    """All pull requests as the product asks for them, against one request each."""
    refs = [PullRequestRef("github.com", "acme", f"repo-{number % 5}", number) for number in range(PULL_REQUESTS)]
    async with github_server() as github:
        for ref in refs:
            github.add(ref.owner, ref.repo, ref.number, rollup="SUCCESS", checks={"SUCCESS": 3})
        async with github_client(github.url) as client:
            source = PullRequests(client)

            async def together() -> None:
                found = (await source.read(refs)).found
                if len(found) != len(refs):
                    raise SystemExit("not every pull request was answered")

            async def one_by_one() -> None:
                for ref in refs:
                    await source.read([ref])

            times = await _in_turn({"together": together, "one_by_one": one_by_one}, rounds)
    return Row(
        "pull requests by alias (loopback, no latency)",
        PULL_REQUESTS,
        times["together"],
        against="one request each, same connection",
        theirs=times["one_by_one"],
    )


async def _in_turn(
    measured: Mapping[str, Callable[[], Awaitable[None]]], rounds: int, *, warmed: Collection[str] = ()
) -> dict[str, float]:
    """Return the median milliseconds of each; one of each in every round, so that all see the same machine.

    Those of `warmed` go on once a second in the product: they are done once more before each that is measured.
    """
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, work in measured.items():
            if name in warmed:
                # As the second before: what is done every five seconds was done a moment ago.
                await work()
            began = time.perf_counter()
            await work()
            taken[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}


async def _changing(over: Swarm, cycle: LiveCycle, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        over.go_on(0.1)
        began = time.perf_counter()
        await cycle()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


async def _longest_stall(over: Swarm, cycles: int) -> float:
    """Return for how long, at most, nothing else could run; the swarm's own writing is not counted."""
    longest = 0.0
    gc.freeze()  # as the dashboard does once it is there
    collector = collector_over(over)
    await collector.collect()
    for _ in range(cycles):
        await anyio.to_thread.run_sync(over.go_on, 0.1)
        async with anyio.create_task_group() as group:
            gaps: list[float] = []
            group.start_soon(_watch, gaps)
            await collector.collect_live()
            group.cancel_scope.cancel()
        longest = max(longest, *gaps, 0.0)
    return longest


async def _watch(gaps: list[float]) -> None:
    last = time.perf_counter()
    while True:
        try:
            await anyio.sleep(0.001)
        finally:
            now = time.perf_counter()
            gaps.append((now - last) * 1000 - 1.0)
            last = now


def _now() -> datetime:
    return datetime.now(UTC)


def _median(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def run_tmux(over: Swarm, *arguments: str) -> None:
    """Run a client of the swarm's server, as cheaply as can be."""
    # The cheapest way to run a process that there is here: what is measured against is not made slower than it is.
    subprocess.run(over.tmux(*arguments), env=over.env, stdout=subprocess.DEVNULL, timeout=60, check=True)
