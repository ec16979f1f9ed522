"""What lives on the machine: panes, agents, and the screens that are needed to judge them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from legion_tui.agents.protocol import Sighting
from legion_tui.errors import AgentError, TmuxError
from legion_tui.fetch import LiveSource
from legion_tui.state import Mode, Pane, Worker
from tests.fetch.fakes import NOW, PROJECT, FakeAgent, FakeClock, FakeTmux, pane, session_id, worker

ENG_1 = session_id("ENG-1")
SECOND = int(NOW.timestamp())


async def read(live: LiveSource, *issue_ids: str) -> tuple[Worker, ...]:
    await live.read_panes()
    return await live.read_agents(issue_ids, {})


async def test_a_pane_with_our_options_is_an_issues_worker() -> None:
    tmux = FakeTmux(pane("%1", issue="eng-1", mode="implement", session=ENG_1), pane("%2"))
    live = LiveSource(tmux, [FakeAgent()], PROJECT, FakeClock())
    (found,) = await read(live, "ENG-1")
    assert (found.issue, found.mode, found.pane, found.session_id) == ("ENG-1", Mode.IMPLEMENT, "%1", ENG_1)


async def test_a_window_of_legions_own_daemon_is_known_by_its_name() -> None:
    tmux = FakeTmux(pane("%1", window_name="eng-1-plan"), pane("%2", window_name="eng-9-plan"))
    agent = FakeAgent()
    live = LiveSource(tmux, [agent], PROJECT, FakeClock())
    await read(live, "ENG-1")
    assert [(one.issue, one.mode, one.pane and one.pane.pane_id) for one in agent.known] == [("ENG-1", Mode.PLAN, "%1")]


async def test_another_projects_pane_is_not_ours_although_its_issue_has_the_same_id() -> None:
    theirs = "00000000-0000-5000-8000-000000000000"
    tmux = FakeTmux(pane("%1", issue="ENG-1", mode="implement", session=theirs))
    live = LiveSource(tmux, [FakeAgent()], PROJECT, FakeClock())
    assert await read(live, "ENG-1") == ()


async def test_without_a_project_every_marked_pane_is_known() -> None:
    tmux = FakeTmux(pane("%1", issue="ENG-1", mode="implement", session=ENG_1))
    live = LiveSource(tmux, [FakeAgent()], None, FakeClock())
    assert [found.session_id for found in await read(live)] == [ENG_1]


@pytest.mark.parametrize(("issue", "mode"), [("../etc", "implement"), ("ENG-1", "rm"), ("", "implement")])
async def test_options_that_make_no_sense_are_nobodys(issue: str, mode: str) -> None:
    tmux = FakeTmux(pane("%1", issue=issue, mode=mode, session=ENG_1))
    live = LiveSource(tmux, [FakeAgent()], PROJECT, FakeClock())
    assert await read(live, "ENG-1") == ()


async def test_a_session_that_carries_an_issues_id_is_that_issues() -> None:
    agent = FakeAgent([worker(session_id("ENG-1", Mode.REVIEW)), worker("anything-else")])
    live = LiveSource(FakeTmux(), [agent], PROJECT, FakeClock())
    ours, foreign = await read(live, "ENG-1")
    assert (ours.issue, ours.mode) == ("ENG-1", Mode.REVIEW)
    assert foreign.issue is None


async def test_the_ledger_knows_a_session_by_any_id() -> None:
    live = LiveSource(FakeTmux(), [FakeAgent([worker("linked")])], PROJECT, FakeClock())
    await live.read_panes()
    (found,) = await live.read_agents(("ENG-1",), {"linked": ("ENG-1", Mode.TEST)})
    assert (found.issue, found.mode) == ("ENG-1", Mode.TEST)


async def test_no_screen_is_taken_that_nobody_needs() -> None:
    tmux = FakeTmux(pane("%1", issue="ENG-1", mode="implement", session=ENG_1))
    live = LiveSource(tmux, [FakeAgent()], PROJECT, FakeClock())
    await read(live, "ENG-1")
    assert tmux.captured == []


def on_screen(at: Pane) -> tuple[FakeTmux, FakeAgent, FakeClock, LiveSource]:
    tmux, agent, clock = FakeTmux(at), FakeAgent(screens_wanted=True), FakeClock()
    tmux.screens["%1"] = ("one",)
    return tmux, agent, clock, LiveSource(tmux, [agent], PROJECT, clock)


@pytest.mark.parametrize(
    ("later_seconds", "cursor_x", "activity", "taken_again"),
    [
        (4.9, 7, SECOND + 4, False),  # it moved, and five seconds are not over
        (5.0, 7, SECOND + 4, True),
        (5.0, 0, SECOND - 60, False),  # nothing moved since long before the screen was taken
        (600.0, 0, SECOND - 60, False),
    ],
)
async def test_a_screen_is_taken_again_when_it_moved_and_five_seconds_are_over(
    later_seconds: float, cursor_x: int, activity: int, taken_again: bool
) -> None:
    at = pane("%1", issue="ENG-1", mode="implement", session=ENG_1, activity=SECOND - 60)
    tmux, agent, clock, live = on_screen(at)
    # The first looks follow each other: what makes a screen worth one is still being drawn.
    for moves, text in enumerate(("one", "two", "three")):
        tmux.screens["%1"] = (text,)
        tmux.listing = (replace(at, cursor_y=moves),)
        await read(live, "ENG-1")
        assert agent.shown == {ENG_1: (text,)}
        clock.move(0.1)
    clock.move(-0.1)
    at = replace(at, cursor_y=2)
    tmux.screens["%1"] = ("four",)
    tmux.listing = (replace(at, cursor_x=cursor_x, activity=activity),)
    clock.move(later_seconds)
    await read(live, "ENG-1")
    assert len(tmux.captured) == (4 if taken_again else 3)
    assert agent.shown == {ENG_1: ("four",) if taken_again else ("three",)}


async def test_a_redraw_within_the_second_of_the_screen_is_not_missed() -> None:
    at = pane("%1", issue="ENG-1", mode="implement", session=ENG_1, activity=SECOND)
    tmux, agent, clock, live = on_screen(at)
    await read(live, "ENG-1")
    tmux.screens["%1"] = ("two",)  # tmux's key is the same: it counts in whole seconds
    clock.move(5)
    await read(live, "ENG-1")
    assert agent.shown == {ENG_1: ("two",)}


async def test_a_screen_that_is_no_longer_needed_is_forgotten() -> None:
    at = pane("%1", issue="ENG-1", mode="implement", session=ENG_1, activity=SECOND - 60)
    _, agent, _, live = on_screen(at)
    await read(live, "ENG-1")
    agent.screens_wanted = False
    await read(live, "ENG-1")
    assert agent.shown == {ENG_1: None}


async def test_a_screen_that_cannot_be_had_costs_only_itself() -> None:
    tmux, agent, _, live = on_screen(pane("%1", issue="ENG-1", mode="implement", session=ENG_1))
    tmux.capture_error = TmuxError("screens could not be captured")
    assert len(await read(live, "ENG-1")) == 1
    assert agent.shown == {ENG_1: None}
    assert live.panes.health.ok


async def test_no_screen_is_asked_of_a_tmux_that_does_not_answer() -> None:
    tmux, _, clock, live = on_screen(pane("%1", issue="ENG-1", mode="implement", session=ENG_1))
    await read(live, "ENG-1")
    tmux.asked.error = TmuxError("tmux does not answer")
    tmux.listing = ()
    clock.move(60)
    (found,) = await read(live, "ENG-1")
    assert found.pane == "%1"
    assert len(tmux.captured) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied", "/home/ann/.claude/sessions"), "/home/ann/.claude/sessions: "),
        (OSError("out of everything"), "out of everything"),
        (AgentError("agents", "no such folder"), "no such folder"),
    ],
)
async def test_files_that_cannot_be_read_are_named_and_the_last_agents_stay(
    error: OSError | AgentError, told: str
) -> None:
    clock = FakeClock()
    agent = FakeAgent([worker("a")])
    live = LiveSource(FakeTmux(), [agent], PROJECT, clock)
    await read(live)
    agent.error = error
    clock.move(10)
    assert [found.session_id for found in await read(live)] == ["a"]
    health = live.sightings.health
    assert not health.ok
    assert told in (health.error or "")
    assert health.read_at == NOW
    assert live.panes.health.ok


async def test_workers_are_judged_without_holding_everything_else_up() -> None:
    threads: list[int] = []

    class Noting(FakeAgent):
        def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
            threads.append(threading.get_ident())
            return super().judge(sighting, screen, now)

    live = LiveSource(FakeTmux(), [Noting([worker("s-1"), worker("s-2")])], None, FakeClock())
    assert len(await live.read_agents((), {})) == 2
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_a_linked_session_is_its_issues_worker() -> None:
    free = "11111111-2222-3333-4444-555555555555"
    live = LiveSource(FakeTmux(), [FakeAgent([worker(free), worker(ENG_1)])], PROJECT, FakeClock())
    await live.read_panes()
    linked = await live.read_agents(["ENG-1", "ENG-2"], {free: ("ENG-2", Mode.IMPLEMENT)}, linked={free})
    found = {one.session_id: (one.issue, one.mode, one.linked) for one in linked}
    assert found[free] == ("ENG-2", Mode.IMPLEMENT, True)
    assert found[ENG_1] == ("ENG-1", Mode.IMPLEMENT, False)
    assert {one.session_id: one.issue for one in await live.read_agents(["ENG-1", "ENG-2"], {})}[free] is None
