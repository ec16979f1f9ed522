"""Every source side by side, at its own pace, joined into the newest snapshot."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

from legion_tui.errors import TmuxError, TrackerError
from legion_tui.fetch import Collector, LiveSource, Paces
from legion_tui.fetch.pull_requests import PullRequests
from legion_tui.fetch.work import WorkReader
from legion_tui.network import GraphQLClient
from legion_tui.processes import run_command
from legion_tui.state import EMPTY, Action, Mode, Pipeline, Problem, Snapshot, Source, Strategy, Turn, WorkerState
from legion_tui.state.journal import Journal
from tests.fetch.fakes import (
    NOW,
    PROJECT,
    Asked,
    FakeAgent,
    FakeClock,
    FakeTmux,
    FakeTracker,
    issue,
    pane,
    ref,
    session_id,
    worker,
)
from tests.support.github.server import GitHubServer
from tests.support.graphql_server import Fault
from tests.support.network import github_client
from tests.support.waiting import until

# So rare that a test meets only the readings that it asks for.
NEVER = Paces(live_seconds=1000, tracker_seconds=1000, pull_request_seconds=1000)
# As often as can be.
ALWAYS = Paces(live_seconds=0.01, tracker_seconds=0.01, pull_request_seconds=0.01)


class FakeWork(WorkReader):
    """Worktrees that all hold work, and which were looked into."""

    def __init__(self) -> None:
        super().__init__(run_command)
        self.folders: list[tuple[str, ...]] = []

    async def read(self, folders: Iterable[str]) -> Mapping[str, bool]:
        self.folders.append(tuple(folders))
        return dict.fromkeys(self.folders[-1], True)


@dataclass
class House:
    """A collector over fakes."""

    tmux: FakeTmux = field(default_factory=FakeTmux)
    agent: FakeAgent = field(default_factory=FakeAgent)
    tracker: FakeTracker = field(default_factory=FakeTracker)
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: Asked = field(default_factory=Asked)
    journal: Journal | None = None
    paces: Paces = NEVER
    pull_requests: PullRequests | None = None
    pipeline: Pipeline = field(default_factory=Pipeline)
    work: FakeWork = field(default_factory=FakeWork)
    # How often it was looked up where workers push to.
    found: int = 0

    def collector(self) -> Collector:
        async def find_repository() -> str:
            self.found += 1
            return "acme/payments"

        async def read_journal() -> Journal | None:
            return await self.ledger.answer(self.journal)

        return Collector(
            live=LiveSource(self.tmux, [self.agent], PROJECT, self.clock),
            tracker=self.tracker,
            pull_requests=self.pull_requests,
            read_journal=read_journal,
            clock=self.clock,
            project=PROJECT,
            pipeline=self.pipeline,
            paces=self.paces,
            slots=3,
            find_repository=find_repository,
            work=self.work,
        )


# Pull requests asked of the test's server, with a token unless another environment is given.
Ask = Callable[..., PullRequests]


@pytest.fixture
async def asking(github: GitHubServer) -> AsyncIterator[Ask]:
    async with AsyncExitStack() as opened:
        made: list[GraphQLClient] = []

        def ask(environ: Mapping[str, str] | None = None) -> PullRequests:
            made.append(github_client(github.url, environ=environ))
            return PullRequests(made[-1])

        yield ask
        for client in made:
            await opened.enter_async_context(client)


@asynccontextmanager
async def running(collector: Collector) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(collector.run)
        yield
        group.cancel_scope.cancel()


async def newer(collector: Collector, wanted: Callable[[Snapshot], bool]) -> Snapshot:
    """The first snapshot that is as wanted."""
    with anyio.fail_after(10):
        async for snapshot in collector.snapshots():
            if wanted(snapshot):
                return snapshot
    raise AssertionError("no snapshot")


async def turns(times: int = 60) -> None:
    """Let everything that can go on go on."""
    for _ in range(times):
        await checkpoint()


async def test_one_collection_joins_everything(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 7, isDraft=True)
    house = House(
        tmux=FakeTmux(pane("%1", issue="ENG-1", mode="implement", session=session_id("ENG-1"))),
        agent=FakeAgent([worker("alone")]),
        tracker=FakeTracker(issue("ENG-1", "In Progress", pull_request=7), issue("ENG-2", "Todo")),
        journal=Journal(labels={"ENG-2": frozenset({"worker-done"})}),
        pull_requests=asking(),
    )
    snapshot = await house.collector().collect()
    one, two = snapshot.issue("ENG-1"), snapshot.issue("eng-2")
    assert one is not None
    assert two is not None
    assert one.worker is not None
    assert one.worker.pane == "%1"
    assert one.pull_request is not None
    assert one.pull_request.is_draft
    assert two.decision.action is Action.TRANSITION_TO_IN_PROGRESS
    assert [session.session_id for session in snapshot.sessions] == ["alone"]
    assert {source: health.ok for source, health in snapshot.sources.items()} == dict.fromkeys(Source, True)
    assert all(health.read_at == NOW for health in snapshot.sources.values())
    assert snapshot.collected_at == NOW
    assert (snapshot.slots_used, snapshot.slots) == (1, 3)
    assert [asked.times for asked in (house.tmux.asked, house.tracker.asked, house.ledger)] == [1, 1, 1]
    assert len(github.asked) == house.agent.looks == 1


async def test_what_does_not_need_another_is_asked_side_by_side() -> None:
    house = House()
    all_there = anyio.Event()
    sources = (house.tmux.asked, house.tracker.asked, house.ledger)

    def noticed() -> None:
        if all(asked.times for asked in sources):
            all_there.set()

    for asked in sources:
        asked.gate, asked.noticed = all_there, noticed
    with anyio.fail_after(10):
        await house.collector().collect()


async def test_agents_files_and_pull_requests_are_read_side_by_side(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 7)
    github.faults.append(Fault(held=True))
    was_asked = threading.Event()
    both: list[bool] = []
    house = House(
        tracker=FakeTracker(issue("ENG-1", pull_request=7)),
        agent=FakeAgent(looked=lambda: both.append(was_asked.wait(10))),
        pull_requests=asking(),
    )

    async def answer_when_both_are_under_way() -> None:
        await until(lambda: github.asked)
        was_asked.set()
        await until(lambda: house.agent.looks)
        github.held.set()

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(answer_when_both_are_under_way)
            await house.collector().collect()
    assert both == [True]


async def test_a_slow_source_delays_nobody(github: GitHubServer, asking: Ask) -> None:
    github.always = Fault(silent=True)
    house = House(tracker=FakeTracker(issue("ENG-1", pull_request=7)), paces=ALWAYS, pull_requests=asking())
    collector = house.collector()
    async with running(collector):
        await until(lambda: github.asked and house.tmux.asked.times > 5 and house.tracker.asked.times > 5)
        assert collector.latest.issue("ENG-1") is not None
        assert len(github.asked) == 1
        house.tracker.asked.gate = anyio.Event()
        asked = house.tmux.asked.times
        await until(lambda: house.tmux.asked.times > asked + 5)
        assert collector.latest.sources[Source.TMUX].ok


async def test_a_tmux_that_hangs_does_not_hold_the_tracker_up() -> None:
    house = House(tracker=FakeTracker(issue("ENG-1")), paces=ALWAYS)
    house.tmux.asked.gate = anyio.Event()
    collector = house.collector()
    async with running(collector):
        snapshot = await newer(collector, lambda it: bool(it.issues))
        assert not snapshot.sources[Source.TMUX].known
        house.tracker.reading = replace(house.tracker.reading, issues=(issue("ENG-1"), issue("ENG-2")))
        await newer(collector, lambda it: len(it.issues) == 2)
    assert house.tmux.asked.times == 1


async def test_asking_often_is_asking_once_more() -> None:
    house = House()
    house.tracker.asked.gate = anyio.Event()
    collector = house.collector()
    async with running(collector):
        await until(lambda: house.tracker.asked.times == 1)
        for _ in range(5):
            collector.refresh()
        house.tracker.asked.gate.set()
        await until(lambda: house.tracker.asked.times == 2)
        await turns()
        assert house.tracker.asked.times == 2
        collector.refresh()
        await until(lambda: house.tracker.asked.times == 3)
    assert house.tracker.asked.most_at_once == 1


@pytest.mark.parametrize("source", ["tmux", "tracker"])
async def test_no_source_is_asked_twice_at_a_time_and_who_asks_meanwhile_shares_the_next(source: str) -> None:
    house = House()
    asked = house.tmux.asked if source == "tmux" else house.tracker.asked
    asked.gate = gate = anyio.Event()
    collector = house.collector()
    async with running(collector), anyio.create_task_group() as group:
        await until(lambda: asked.times)
        for _ in range(3):
            group.start_soon(collector.collect)
        await turns()
        assert asked.times == 1
        gate.set()
        await until(lambda: asked.times == 2)
        await turns()
    assert asked.times == 2
    assert asked.most_at_once == 1


async def test_while_paused_nothing_is_asked_and_then_everything_at_once() -> None:
    house = House()
    collector = house.collector()
    async with running(collector):
        await until(lambda: collector.latest.sources.get(Source.TRACKER) and collector.latest.sequence >= 2)
        before = (house.tmux.asked.times, house.tracker.asked.times, house.ledger.times)
        collector.pause(True)
        collector.refresh()
        await turns()
        assert (house.tmux.asked.times, house.tracker.asked.times, house.ledger.times) == before
        collector.pause(False)
        await until(
            lambda: (
                (house.tmux.asked.times, house.tracker.asked.times, house.ledger.times)
                == tuple(times + 1 for times in before)
            )
        )


async def test_paused_from_the_start() -> None:
    house = House()
    collector = house.collector()
    collector.pause(True)
    async with running(collector):
        await turns()
        assert house.tmux.asked.times == house.tracker.asked.times == 0
        assert collector.latest is EMPTY
        collector.pause(False)
        await until(lambda: house.tmux.asked.times and house.tracker.asked.times)


async def test_who_is_slow_to_look_sees_the_newest_only() -> None:
    house = House()
    collector = house.collector()
    seen: list[int] = []
    await collector.collect()
    snapshots = collector.snapshots()
    seen.append((await anext(snapshots)).sequence)
    for _ in range(3):
        await collector.collect()
    seen.append((await anext(snapshots)).sequence)
    with anyio.move_on_after(0) as nothing_newer:
        await anext(snapshots)
    assert nothing_newer.cancelled_caught
    assert seen == [1, 4]


async def test_everybody_who_looks_sees_it() -> None:
    house = House()
    collector = house.collector()
    seen: list[int] = []

    async def look() -> None:
        async for snapshot in collector.snapshots():
            seen.append(snapshot.sequence)
            return

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(look)
            group.start_soon(look)
            await turns()
            await collector.collect()
    assert seen == [1, 1]


async def test_snapshots_of_the_same_things_are_equal_at_another_time() -> None:
    house = House(tracker=FakeTracker(issue("ENG-1")), agent=FakeAgent([worker("a")]))
    collector = house.collector()
    first = await collector.collect()
    house.clock.move(60)
    second = await collector.collect()
    assert second == first
    assert (second.collected_at, second.sequence) != (first.collected_at, first.sequence)
    assert second.sources[Source.TRACKER].read_at != first.sources[Source.TRACKER].read_at
    house.agent.workers = [worker("a", WorkerState.IDLE)]
    assert await collector.collect() != second


async def test_a_failure_keeps_the_last_values_and_tells_since_when() -> None:
    house = House(
        tmux=FakeTmux(pane("%1", issue="ENG-1", mode="plan", session=session_id("ENG-1", Mode.PLAN))),
        tracker=FakeTracker(issue("ENG-1")),
    )
    collector = house.collector()
    before = await collector.collect()
    house.tmux.asked.error = TmuxError("tmux does not answer", "no reply within 2 s", "look for a stopped server")
    house.tracker.asked.error = TrackerError("issues cannot be read", "disk on fire")
    house.clock.move(30)
    failed = await collector.collect()
    house.clock.move(30)
    still = await collector.collect()
    assert [(row.id, row.worker) for row in still.issues] == [(row.id, row.worker) for row in before.issues]
    health = still.sources[Source.TMUX]
    assert not health.ok
    assert health.error == "tmux does not answer: no reply within 2 s"
    assert health.remedy == "look for a stopped server"
    assert health.read_at == NOW
    assert health.failing_since == failed.sources[Source.TMUX].failing_since == failed.collected_at
    assert still.sources[Source.TRACKER].error == "issues cannot be read: disk on fire"
    assert still.sources[Source.AGENTS].ok
    house.tmux.asked.error = house.tracker.asked.error = None
    assert await collector.collect() == before


async def test_a_defect_is_not_taken_for_a_failing_source() -> None:
    house = House()

    def defect() -> None:
        raise ZeroDivisionError

    house.tracker.asked.noticed = defect
    with pytest.raises(ExceptionGroup) as caught:
        await house.collector().collect()
    assert caught.group_contains(ZeroDivisionError)


@pytest.mark.parametrize("source", [Source.TMUX, Source.AGENTS])
async def test_where_life_was_never_known_nothing_is_decided(source: Source) -> None:
    house = House(tracker=FakeTracker(issue("ENG-1", "In Progress", "worker-active"), issue("ENG-2", "Todo")))
    if source is Source.TMUX:
        house.tmux.asked.error = TmuxError("tmux does not answer")
    else:
        house.agent.error = OSError("no")
    collector = house.collector()
    snapshot = await collector.collect()
    assert {(row.decision.action, row.decision.row) for row in snapshot.issues} == {(Action.SKIP, "-")}
    assert all(row.decision.why.startswith(f"{source} could not be asked") for row in snapshot.issues)
    house.tmux.asked.error = house.agent.error = None
    await collector.collect()
    assert "-" not in {row.decision.row for row in collector.latest.issues}
    # Once known, the last value stands: a failure takes no decision back.
    house.tmux.asked.error = TmuxError("tmux does not answer")
    decided = {row.id: row.decision for row in collector.latest.issues}
    assert {row.id: row.decision for row in (await collector.collect()).issues} == decided


async def test_before_tmux_has_answered_no_worker_is_called_gone() -> None:
    house = House(tracker=FakeTracker(issue("ENG-1", "In Progress", "worker-active")))
    house.tmux.asked.gate = anyio.Event()
    collector = house.collector()
    async with running(collector):
        early = await newer(collector, lambda it: bool(it.issues))
        assert early.issues[0].decision.row == "-"
        assert "was not asked yet" in early.issues[0].decision.why
        house.tmux.asked.gate.set()
        late = await newer(collector, lambda it: it.sources[Source.AGENTS].known)
    assert late.issues[0].decision.action is Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH


async def test_broken_records_are_named_and_hide_nothing() -> None:
    problem = Problem(".legion/issues/ENG-3.md", "front matter is no YAML", "mend the file")
    house = House(tracker=FakeTracker(issue("ENG-1"), problems=(problem,)))
    snapshot = await house.collector().collect()
    assert snapshot.problems == (problem,)
    assert [row.id for row in snapshot.issues] == ["ENG-1"]
    assert snapshot.sources[Source.TRACKER].ok


async def test_without_a_token_the_source_says_so_and_the_rest_is_as_usual(github: GitHubServer, asking: Ask) -> None:
    house = House(tracker=FakeTracker(issue("ENG-1", "Needs Review", pull_request=7)), pull_requests=asking({}))
    snapshot = await house.collector().collect()
    health = snapshot.sources[Source.PULL_REQUESTS]
    assert (health.ok, health.error) == (False, "github: no GITHUB_TOKEN, and no gh")
    assert health.remedy == "set GITHUB_TOKEN or run: gh auth login"
    assert github.asked == []
    (row,) = snapshot.issues
    assert row.facts.has_pr
    assert row.pull_request is None
    assert row.pull_request_note == "github: no GITHUB_TOKEN, and no gh"
    assert all(snapshot.sources[source].ok for source in (Source.TMUX, Source.AGENTS, Source.TRACKER))


async def test_a_collection_asks_a_failing_server_once_not_twice(github: GitHubServer, asking: Ask) -> None:
    github.always = Fault(status=401)
    house = House(tracker=FakeTracker(issue("ENG-1", pull_request=7)), pull_requests=asking())
    await house.collector().collect()
    assert len(github.asked) == 1


async def test_the_last_pull_requests_stay_while_the_server_fails(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 7, isDraft=True)
    house = House(tracker=FakeTracker(issue("ENG-1", "Needs Review", pull_request=7)), pull_requests=asking())
    collector = house.collector()
    before = await collector.collect()
    github.always = Fault(status=503)
    after = await collector.collect()
    assert after.issues == before.issues
    assert after.issues[0].pull_request is not None
    health = after.sources[Source.PULL_REQUESTS]
    assert (health.ok, health.error) == (False, "github: the server failed (503)")


async def test_a_pull_request_that_is_not_there_is_explained_on_its_row(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 7)
    house = House(
        tracker=FakeTracker(issue("ENG-1", pull_request=7), issue("ENG-2", pull_request=8)),
        pull_requests=asking(),
    )
    snapshot = await house.collector().collect()
    notes = {row.id: row.pull_request_note for row in snapshot.issues}
    assert notes == {"ENG-1": "", "ENG-2": "Could not resolve to a PullRequest with the number of 8."}
    assert snapshot.sources[Source.PULL_REQUESTS].ok


async def test_a_project_without_pull_requests_is_complete(github: GitHubServer, asking: Ask) -> None:
    house = House(tracker=FakeTracker(issue("ENG-1")), pull_requests=asking())
    snapshot = await house.collector().collect()
    assert snapshot.sources[Source.PULL_REQUESTS].known
    house = House(tracker=FakeTracker(issue("ENG-1")), pull_requests=asking())
    collector = house.collector()
    async with running(collector):
        await newer(collector, lambda it: bool(it.sources) and all(one.known for one in it.sources.values()))
    assert github.asked == []


async def test_nothing_is_said_of_pull_requests_before_the_tracker_has_named_any(
    github: GitHubServer, asking: Ask
) -> None:
    house = House(tracker=FakeTracker(issue("ENG-1")), pull_requests=asking())
    house.tracker.asked.gate = gate = anyio.Event()
    collector = house.collector()
    async with running(collector):
        early = await newer(collector, lambda it: it.sources[Source.AGENTS].known)
        await turns()
        assert not early.sources[Source.PULL_REQUESTS].known
        assert not collector.latest.sources[Source.PULL_REQUESTS].known
        gate.set()
        await newer(collector, lambda it: it.sources[Source.PULL_REQUESTS].known)


async def test_a_tracker_that_fails_from_the_start_leaves_no_source_untold(github: GitHubServer, asking: Ask) -> None:
    house = House(pull_requests=asking())
    house.tracker.asked.error = TrackerError("issues cannot be read")
    collector = house.collector()
    async with running(collector):
        await newer(
            collector, lambda it: bool(it.sources) and all(one.known or not one.ok for one in it.sources.values())
        )


async def test_where_the_pipeline_has_no_pull_requests_none_is_asked_for(github: GitHubServer, asking: Ask) -> None:
    house = House(
        tracker=FakeTracker(issue("ENG-1", pull_request=7)),
        pull_requests=asking(),
        pipeline=Pipeline(pull_requests=False),
    )
    snapshot = await house.collector().collect()
    assert Source.PULL_REQUESTS not in snapshot.sources
    assert github.asked == []


@pytest.mark.parametrize("by", ["collecting", "running"])
async def test_a_pull_request_that_only_the_transcript_names_is_asked_for(
    github: GitHubServer, asking: Ask, by: str
) -> None:
    github.add("acme", "payments", 9, isDraft=True)
    house = House(tracker=FakeTracker(issue("ENG-1", "In Progress")), pull_requests=asking())
    named = worker(session_id("ENG-1"), pull_request_url="https://github.com/acme/payments/pull/9")
    collector = house.collector()

    def told(snapshot: Snapshot) -> bool:
        return bool(snapshot.issues) and snapshot.issues[0].pull_request is not None

    if by == "collecting":
        house.agent.workers = [named]
        assert told(await collector.collect())
    else:
        async with running(collector):
            await newer(collector, lambda it: all(one.known for one in it.sources.values()) and bool(it.issues))
            house.agent.workers = [named]
            collector.refresh()
            await newer(collector, told)
    assert collector.latest.issues[0].pull_request is not None
    assert collector.latest.issues[0].pull_request.ref == ref(9)


async def test_a_workers_branch_leads_to_its_pull_request(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 3, headRefName="eng-1")
    github.add("acme", "payments", 7)
    house = House(tracker=FakeTracker(issue("ENG-1", "In Progress", pull_request=7)), pull_requests=asking())
    house.agent.workers = [worker(session_id("ENG-1"), issue="ENG-1", branch="main")]
    collector = house.collector()
    async with running(collector):
        snapshot = await newer(collector, lambda it: any(row.pull_request for row in it.issues))
        assert snapshot.issues[0].pull_request is not None
        assert snapshot.issues[0].pull_request.ref == ref(7)
        assert house.found == 0
        house.agent.workers = [worker(session_id("ENG-1"), issue="ENG-1", branch="eng-1")]
        collector.refresh()
        # The branch says more than what the issue is linked with, and its repository is looked up once.
        await newer(collector, lambda it: [row.pull_request.ref for row in it.issues if row.pull_request] == [ref(3)])
        collector.refresh()
        await until(lambda: len(github.asked) >= 3)
    assert house.found == 1


async def test_a_worktree_is_looked_into_when_its_workers_turn_ends(asking: Ask) -> None:
    facts = Pipeline(signals="facts", planning=False, retro=False)
    house = House(tracker=FakeTracker(issue("ENG-1", "In Progress")), pull_requests=asking(), pipeline=facts)
    busy = replace(worker(session_id("ENG-1"), issue="ENG-1", mode=Mode.IMPLEMENT, turn=Turn.RUNNING), cwd="/work")
    house.agent.workers = [busy]
    collector = house.collector()
    async with running(collector):
        await newer(collector, lambda it: bool(it.issues) and it.issues[0].worker is not None)
        assert house.work.folders == [()]
        house.agent.workers = [replace(busy, state=WorkerState.IDLE, turn=Turn.ENDED)]
        collector.refresh()
        await newer(collector, lambda it: it.issues[0].facts.unpushed is True)
    assert house.work.folders[-1] == ("/work",)
    assert (await collector.collect()).issues[0].decision.action is Action.RESUME_IMPLEMENTER_TO_OPEN_PR


async def test_a_new_issues_pull_request_is_asked_for_at_once(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 7)
    house = House(pull_requests=asking(), paces=replace(NEVER, tracker_seconds=0.01))
    collector = house.collector()
    async with running(collector):
        await newer(collector, lambda it: all(one.known for one in it.sources.values()) and bool(it.sources))
        house.tracker.reading = replace(house.tracker.reading, issues=(issue("ENG-1", pull_request=7),))
        await newer(collector, lambda it: any(row.pull_request for row in it.issues))
        asked = house.tracker.asked.times
        await until(lambda: house.tracker.asked.times > asked + 3)
    assert len(github.asked) == 1


async def test_pull_requests_of_other_hosts_are_not_asked_for(github: GitHubServer, asking: Ask) -> None:
    elsewhere = replace(issue("ENG-1"), pull_request=replace(ref(7), host="ghe.acme.example"))
    house = House(tracker=FakeTracker(elsewhere), pull_requests=asking())
    await house.collector().collect()
    assert github.asked == []


async def test_a_turns_end_is_news_until_it_was_seen() -> None:
    ended = worker(session_id("ENG-1"), WorkerState.IDLE, turn=Turn.ENDED)
    house = House(
        tracker=FakeTracker(issue("ENG-1", "In Progress")),
        agent=FakeAgent([ended]),
        pipeline=Pipeline(),
    )
    collector = house.collector()
    before = await collector.collect()
    assert before.issues[0].attention == "needs_you"
    collector.seen("eng-1")
    after = collector.latest
    assert after.issues[0].attention == "waiting"
    assert after.sequence == before.sequence + 1
    collector.seen("ENG-1")
    collector.seen("ENG-9")
    assert collector.latest is after
    house.agent.workers = [replace(ended, turn_at=house.clock())]
    house.clock.move(60)
    house.agent.workers = [replace(ended, turn_at=house.clock())]
    assert (await collector.collect()).issues[0].attention == "needs_you"


async def test_what_the_ledger_says_of_a_session_counts() -> None:
    house = House(
        tracker=FakeTracker(issue("ENG-1", "Testing")),
        agent=FakeAgent([worker("any-id")]),
        journal=Journal(dispatched={"any-id": ("ENG-1", Mode.TEST)}),
    )
    (row,) = (await house.collector().collect()).issues
    assert row.worker is not None
    assert row.worker.session_id == "any-id"
    assert row.facts.has_live_worker


async def test_leaving_ends_every_reading() -> None:
    house = House()
    house.tracker.asked.gate = house.tmux.asked.gate = anyio.Event()
    ended: list[str] = []

    async def run(collector: Callable[[], Awaitable[None]]) -> None:
        try:
            await collector()
        finally:
            ended.append("run")

    async with anyio.create_task_group() as group:
        group.start_soon(run, house.collector().run)
        await until(lambda: house.tracker.asked.at_once and house.tmux.asked.at_once)
        group.cancel_scope.cancel()
    assert ended == ["run"]
    assert house.tracker.asked.at_once == house.tmux.asked.at_once == 0


async def test_an_older_reading_is_good_enough_to_show_what_would_be_done() -> None:
    house = House(tracker=FakeTracker(issue("ENG-1")))
    collector = house.collector()
    await collector.collect()
    asked = (house.tmux.asked.times, house.tracker.asked.times, house.agent.looks)
    assert (await collector.collect(older=True)).issue("ENG-1") is not None
    assert (house.tmux.asked.times, house.tracker.asked.times, house.agent.looks) == asked
    # What we did ourselves is seen by the next one.
    collector.refresh()
    await collector.collect(older=True)
    assert (house.tmux.asked.times, house.tracker.asked.times, house.agent.looks) == tuple(n + 1 for n in asked)


async def test_a_changed_file_of_an_agent_is_read_without_a_look_at_tmux(tmp_path: Path) -> None:
    house = House(agent=FakeAgent(folders=(tmp_path,)))
    collector = house.collector()
    async with running(collector):
        await until(lambda: collector.diagnostics().folders_watched)
        await until(lambda: house.agent.looks and collector.latest.sequence)
        house.agent.workers = [worker("a")]
        (tmp_path / "1.json").write_text("{}")
        await newer(collector, lambda it: [one.session_id for one in it.sessions] == ["a"])
        assert house.tmux.asked.times == 1
        assert collector.diagnostics().file_events == 1


async def test_while_nothing_is_painted_reading_goes_on_and_then_everything_is_read() -> None:
    house = House(paces=replace(NEVER, live_seconds=0.01))
    collector = house.collector()
    async with running(collector):
        await until(lambda: house.tmux.asked.times > 2)
        collector.rest(True)
        # The one that was due already, and no more for seconds.
        await turns()
        asked, issues = house.tmux.asked.times, house.tracker.asked.times
        await turns(300)
        assert house.tmux.asked.times <= asked + 1
        collector.rest(False)
        await until(lambda: house.tmux.asked.times > asked + 3 and house.tracker.asked.times > issues)


@pytest.mark.parametrize(("strategy", "told"), [(Strategy.CONCURRENT, False), (Strategy.PRIORITY, True)])
async def test_by_priority_what_is_selected_or_waits_is_known_before_the_rest(
    github: GitHubServer, asking: Ask, strategy: Strategy, told: bool
) -> None:
    # A row of the second chunk, which GitHub does not answer.
    numbers = range(1, 31)
    for number in numbers:
        github.add("acme", "payments", number)
    house = House(
        tracker=FakeTracker(*(issue(f"ENG-{number}", pull_request=number) for number in numbers)),
        pull_requests=asking(),
    )
    collector = house.collector()
    collector.strategy = strategy
    collector.select("ENG-30")
    github.faults = deque([None, Fault(silent=True)])
    async with running(collector):
        await until(lambda: len(github.asked) == 2)
        row = collector.latest.issue("ENG-30")
        assert row is not None
        assert (row.pull_request is not None) is told
        assert collector.diagnostics().strategy is strategy


async def test_by_priority_the_screens_of_what_waits_are_taken_first() -> None:
    ids = {"%1": "ENG-1", "%2": "ENG-2"}
    tmux = FakeTmux(*(pane(it, issue=one, mode="implement", session=session_id(one)) for it, one in ids.items()))
    tmux.screens = {"%1": ("one",), "%2": ("two",)}
    house = House(tmux=tmux, tracker=FakeTracker(issue("ENG-1"), issue("ENG-2")), agent=FakeAgent(screens_wanted=True))
    collector = house.collector()
    collector.strategy = Strategy.PRIORITY
    collector.select("ENG-2")
    await collector.collect()
    assert tmux.captured == [["%2"], ["%1"]]
    collector.strategy = Strategy.CONCURRENT
    house.clock.move(60)
    tmux.listing = tuple(replace(one, cursor_x=9) for one in tmux.listing)
    await collector.collect()
    assert tmux.captured[2:] == [["%1", "%2"]]


async def test_the_figures_tell_what_reading_cost(github: GitHubServer, asking: Ask) -> None:
    github.add("acme", "payments", 7)
    house = House(tracker=FakeTracker(issue("ENG-1", pull_request=7)), pull_requests=asking())
    collector = house.collector()
    assert collector.diagnostics().sources[Source.TMUX].timing.last_ms is None
    for _ in range(3):
        await collector.collect()
    house.tmux.asked.error = TmuxError("hangs")
    await collector.collect()
    told = collector.diagnostics()
    assert told.sources[Source.TMUX].timing.readings == 4
    assert told.sources[Source.TMUX].timing.failures == 1
    assert told.sources[Source.TRACKER].timing.failures == 0
    assert told.sources[Source.PULL_REQUESTS].cost.bytes_read > 100
    assert told.snapshots == 4
    assert told.memory_bytes > 1_000_000
    assert told.transport == "one-shot"
