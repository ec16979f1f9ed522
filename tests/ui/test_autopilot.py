"""The autopilot's keys: a look before it starts, a word in the header, what it did as toasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from legion_tui.state.autopilot import Event, EventKind
from legion_tui.state.standing import Flight
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, make_stage, on_stage
from tests.support.ports import FakeAutopilot
from tests.support.snapshots import NOW, first_run_snapshot, sample_snapshot
from tests.support.stage import SIZES

OFF_BY_CONFIG = "the autopilot is off: nobody switched it on; `enabled = true` under [autopilot] in your config.toml"


def event(kind: EventKind, issue: str, text: str = "", action: str = "dispatch_planner") -> Event:
    return Event(kind=kind, at=NOW, text=text, issue=issue, action=action)


def flying(flight: Flight = Flight.ON, **changes: Any) -> FakeAutopilot:
    autopilot = FakeAutopilot()
    autopilot.now(flight, **changes)
    return autopilot


async def did(stage: Stage, *events: Event) -> None:
    stage.autopilot.queue.put_nowait(events)
    await stage.settle()


@pytest.mark.parametrize("key", ["enter", "y"])
async def test_it_is_switched_on_after_a_look_at_what_it_would_do_and_off_at_once(key: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("A")
        assert "ENG-52  dispatch (dispatch_planner)" in stage.text()
        assert stage.autopilot.calls == ["preview"]
        await stage.press(key)
        assert "autopilot on" in stage.lines()[0]
        await stage.press("A")
        assert stage.autopilot.calls == ["preview", "on", "off"]
        assert "autopilot ending" in stage.lines()[0]
        # Until it has ended, it cannot be begun anew.
        await stage.press("A")
        assert stage.toasts == ["the autopilot is still ending what it has begun"]
        stage.autopilot.now(Flight.OFF)
        await did(stage, Event(kind=EventKind.ENDED, at=NOW, text="it was switched off; the workers live on"))
        assert "autopilot" not in stage.lines()[0]
        assert stage.toasts[1:] == ["autopilot ended: it was switched off; the workers live on"]


async def test_a_no_leaves_it_off() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("A", "escape")
        assert "on" not in stage.autopilot.calls
        assert "autopilot" not in stage.lines()[0]


async def test_where_the_configuration_says_no_the_key_says_how_to_mend_it() -> None:
    async with on_stage(sample_snapshot(), autopilot=FakeAutopilot(forbidden=OFF_BY_CONFIG)) as stage:
        await stage.press("A", "P")
        assert stage.toasts == [OFF_BY_CONFIG, OFF_BY_CONFIG]
        assert stage.autopilot.calls == []


async def test_without_a_project_there_is_nothing_to_do_by_itself() -> None:
    async with on_stage(first_run_snapshot()) as stage:
        await stage.press("A")
        assert stage.toasts == ["there is no project here; `legion-tui init` makes one"]


async def test_what_is_refused_in_the_preview_cannot_be_switched_on() -> None:
    async with on_stage(sample_snapshot(), autopilot=FakeAutopilot(refused="an agent is above this process")) as stage:
        await stage.press("A")
        assert "an agent is above this process" in stage.text()
        await stage.press("y", "enter")
        assert "on" not in stage.autopilot.calls


async def test_the_loser_is_told_who_has_it() -> None:
    taken = "the autopilot runs already: legion-tui run (process 7) has it"
    async with on_stage(sample_snapshot(), autopilot=FakeAutopilot(taken=taken)) as stage:
        await stage.press("A", "y")
        assert stage.toasts == [f"the autopilot was not switched on: {taken}"]
        assert "autopilot" not in stage.lines()[0]


async def test_it_is_paused_and_goes_on() -> None:
    async with on_stage(sample_snapshot(), autopilot=flying()) as stage:
        await stage.press("P")
        assert "autopilot paused" in stage.lines()[0]
        await stage.press("P")
        assert "autopilot on" in stage.lines()[0]
        assert stage.autopilot.calls == ["pause", "go on"]
        # Paused, it can be switched off too.
        await stage.press("P", "A")
        assert stage.autopilot.calls[-1] == "off"


async def test_what_is_off_cannot_be_paused() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("P")
        assert stage.toasts == ["the autopilot is off: there is nothing to pause"]
        assert stage.autopilot.calls == []


async def test_one_that_stopped_by_itself_says_why_until_somebody_looks() -> None:
    why = "5 actions failed one after the other, the last one: no tmux"
    async with on_stage(sample_snapshot(), autopilot=flying()) as stage:
        stage.autopilot.now(Flight.STOPPED, why=why)
        await did(stage, Event(kind=EventKind.ENDED, at=NOW, text=why))
        assert "autopilot stopped: 5 actions" in stage.lines()[0]
        assert f"the autopilot stopped, A looks at it anew: {why}" in stage.lines()[1]
        assert stage.toasts == [f"autopilot ended: {why}"]
        await stage.press("A", "n")
        assert "autopilot" not in "".join(stage.lines()[:2])


async def test_what_it_did_is_told_together_failures_first_and_the_rest_is_not() -> None:
    async with on_stage(sample_snapshot(), autopilot=flying()) as stage:
        await did(
            stage,
            event(EventKind.RUNS, "ENG-52", "row 7"),
            event(EventKind.DONE, "ENG-52", "started"),
            event(EventKind.WORKER, "ENG-29", "implement worker busy → idle"),
            event(EventKind.HELD, "ENG-61", "dispatch_planner waits: no free slot (2 at once)"),
            event(EventKind.FAILED, "ENG-18", "the window [b]did not open", "dispatch_merger"),
        )
        assert stage.toasts == [
            "autopilot: ENG-18 merge failed: the window [b]did not open\nautopilot: ENG-52 dispatch done: started"
        ]
        await did(stage, event(EventKind.RUNS, "ENG-52", "row 7"))
        assert len(stage.toasts) == 1
        await did(stage, *(event(EventKind.DONE, f"ENG-{number}", "started") for number in range(9)))
        assert stage.toasts[-1].endswith("autopilot: ENG-5 dispatch done: started\nand 3 more")


async def test_the_same_refusal_is_told_once() -> None:
    async with on_stage(sample_snapshot(), autopilot=flying()) as stage:
        refusal = event(EventKind.REFUSED, "ENG-52", "another dashboard is acting on ENG-52")
        await did(stage, refusal)
        await did(stage, refusal)
        assert stage.toasts == ["autopilot: ENG-52 dispatch refused: another dashboard is acting on ENG-52"]
        await did(stage, event(EventKind.DONE, "ENG-52", "started"))
        await did(stage, refusal)
        assert len(stage.toasts) == 3


@pytest.mark.parametrize("size", [(120, 40), (200, 50)])
async def test_why_says_what_it_leaves_alone(size: tuple[int, int]) -> None:
    held = {"ENG-52": "dispatch_planner waits: no free slot (2 at once)"}
    async with on_stage(sample_snapshot(), size=size, autopilot=flying(held=held)) as stage:
        stage.board.select("issue:ENG-52")
        await stage.settle()
        await stage.press("e")
        assert "autopilot: dispatch_planner waits: no free slot (2 at once)" in stage.text()
        stage.autopilot.now(Flight.OFF, held=held)
        await stage.show(sample_snapshot())
        assert "no free slot" not in stage.text()


async def test_its_keys_can_be_others() -> None:
    keys = Preferences(keymap={"autopilot": "ctrl+a"})
    async with on_stage(sample_snapshot(), preferences=keys, autopilot=flying(Flight.STOPPED, why="x")) as stage:
        assert "the autopilot stopped, ctrl+a looks at it anew: x" in stage.lines()[1]
        await stage.press("A")
        assert stage.autopilot.calls == []
        await stage.press("ctrl+a")
        assert stage.autopilot.calls == ["preview"]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("flight", "word"),
    [
        (Flight.ON, "autopilot on"),
        (Flight.PAUSED, "autopilot paused"),
        (Flight.ENDING, "autopilot ending"),
        (Flight.STOPPED, "autopilot stopped"),
    ],
)
async def test_every_size_has_the_word(flight: Flight, word: str, size: tuple[int, int]) -> None:
    stopped = "5 actions failed one after the other" if flight is Flight.STOPPED else ""
    async with on_stage(sample_snapshot(), size=size, autopilot=flying(flight, why=stopped)) as stage:
        assert word in stage.lines()[0]
        assert "4 need you" in stage.lines()[0]


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    stage = make_stage([sample_snapshot()], autopilot=flying(Flight.STOPPED, why="5 actions failed: the last: no tmux"))
    assert snap_compare(stage.app, terminal_size=size)
