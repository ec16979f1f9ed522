"""The dashboard's autopilot over real parts: who may switch it on, and what ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from legion_tui.cli.actions import Actions
from legion_tui.cli.board_autopilot import BoardAutopilot
from legion_tui.cli.context import Context
from legion_tui.cli.parts import Parts, open_parts
from legion_tui.config import AutopilotSection
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state import ActionReceipt, Outcome
from legion_tui.state.autopilot import Event, EventKind
from legion_tui.state.standing import Flight
from legion_tui.trackers import NewIssue
from tests.support.waiting import until_async

ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
ON = AutopilotSection(enabled=True, actions=["dispatch_*"])


@pytest.fixture
async def parts(tmp_path: Path, tmux_env: dict[str, str]) -> AsyncIterator[Parts]:
    """A project of six issues that wait for a planner, and a collector that has read them."""
    folder = tmp_path / "shop"
    folder.mkdir()
    pipeline = '[pipeline]\npreset = "legion"\npull_requests = false\n'
    (folder / "legion.toml").write_text(f'[project]\nid = "{ID}"\nkey = "ENG"\n{pipeline}')
    home = tmp_path / "home"
    home.mkdir()
    environ = {"HOME": str(home), "PATH": tmux_env["PATH"], "TMUX_TMPDIR": tmux_env["TMUX_TMPDIR"]}
    async with open_parts(Context(environ=environ, cwd=folder)) as parts:
        assert parts.tracker is not None
        for number in range(6):
            await parts.tracker.add(NewIssue(title=f"Issue {number}", status="Todo"))
        await parts.collector.collect()
        yield parts


def nobody(what: str) -> None:
    """No agent is above us."""
    del what


@asynccontextmanager
async def serving(
    parts: Parts, section: AutopilotSection = ON, events: list[Event] | None = None
) -> AsyncIterator[BoardAutopilot]:
    autopilot = BoardAutopilot(parts, section, refuse=nobody)

    async def listen() -> None:
        async for more in autopilot.events():
            if events is not None:
                events.extend(more)

    async with anyio.create_task_group() as group:
        group.start_soon(autopilot.serve)
        group.start_soon(listen)
        yield autopilot
        await autopilot.let_go()
        group.cancel_scope.cancel()


async def stands(autopilot: BoardAutopilot, flight: Flight) -> None:
    async def so() -> bool:
        return autopilot.standing.flight is flight

    await until_async(so, within_seconds=20)


def doing(monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> list[str]:
    """Have every action be counted, and nothing be done."""
    done: list[str] = []

    async def run_action(self: Actions, issue: str, **given: Any) -> ActionReceipt:
        del self
        done.append(issue)
        if fails:
            raise LegionError("no tmux", "it is gone")
        return ActionReceipt(issue=issue, action=given["expected"], outcome=Outcome.DONE)

    monkeypatch.setattr(Actions, "run_action", run_action)
    return done


async def test_five_failures_in_a_row_end_it_and_it_says_so(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    done = doing(monkeypatch, fails=True)
    events: list[Event] = []
    async with serving(parts, events=events) as autopilot:
        assert await autopilot.switch_on() == ""
        await stands(autopilot, Flight.STOPPED)
        assert autopilot.standing.why.startswith("5 actions failed one after the other" if len(done) < 6 else "6")

        async def told() -> bool:
            return any(event.kind is EventKind.ENDED for event in events)

        await until_async(told)
        # Whoever looked has seen it.
        autopilot.switch_off()
        assert autopilot.standing.flight is Flight.OFF


@pytest.mark.parametrize(
    ("section", "why"),
    [
        (AutopilotSection(enabled=True, actions=["dispatch_*"], max_hours=0.0), "0 h are over"),
        (AutopilotSection(enabled=True, actions=["dispatch_*"], max_cost_usd=0.0), "the workers cost $0.00, of $0.00"),
    ],
)
async def test_its_limits_end_it(
    parts: Parts, section: AutopilotSection, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = doing(monkeypatch)
    async with serving(parts, section) as autopilot:
        assert await autopilot.switch_on() == ""
        await stands(autopilot, Flight.STOPPED)
        assert autopilot.standing.why == why
        assert done == []
        refused = (await autopilot.preview()).refused
        assert (why in refused) is (section.max_cost_usd is not None)


async def test_one_flies_at_a_time_and_the_next_is_told_who(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    doing(monkeypatch)
    async with serving(parts) as first, serving(parts) as second:
        assert await first.switch_on() == ""
        assert "another dashboard is running the autopilot: a dashboard (process " in await second.switch_on()
        assert second.standing.flight is Flight.OFF
        await first.let_go()
        assert first.standing.flight is Flight.OFF
        assert await second.switch_on() == ""


async def test_paused_or_while_nothing_is_read_nothing_is_started(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = doing(monkeypatch)
    parts.collector.pause(True)
    async with serving(parts) as autopilot:
        assert await autopilot.switch_on() == ""
        autopilot.pause(True)
        await stands(autopilot, Flight.PAUSED)
        parts.collector.pause(False)
        await parts.collector.collect()
        assert done == []
        autopilot.pause(False)

        async def begun() -> Sequence[str]:
            return done

        await until_async(begun)
        await stands(autopilot, Flight.ON)


async def test_off_by_configuration_or_below_an_agent_it_is_refused(parts: Parts) -> None:
    off = BoardAutopilot(parts, AutopilotSection(), refuse=nobody)
    for told in ((await off.preview()).refused, await off.switch_on(), off.standing.forbidden):
        assert "`enabled = true` under [autopilot] in your config.toml" in told

    def refuse(what: str) -> None:
        raise RefusedError(f"{what} is refused", "an agent is above this process")

    below = BoardAutopilot(parts, ON, refuse=refuse)
    assert "an agent is above this process" in (await below.preview()).refused
    assert "an agent is above this process" in await below.switch_on()


async def test_a_ledger_that_cannot_be_read_stops_it_and_not_the_board(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing(monkeypatch)
    async with serving(parts) as autopilot:
        (parts.folder / "ledger.ndjson").mkdir(parents=True)
        assert await autopilot.switch_on() == ""
        await stands(autopilot, Flight.STOPPED)
        assert "the ledger could not be read" in autopilot.standing.why
