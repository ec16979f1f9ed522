from __future__ import annotations

import pytest

from legion_tui.present.autopilot import flight_word, held_line, plan_lines, stopped_notice, told_lines
from legion_tui.present.line import line_width
from legion_tui.state import Action, Mode
from legion_tui.state.autopilot import Agenda, Event, EventKind, Held, Rules, Task
from legion_tui.state.standing import Flight, Standing
from tests.support.snapshots import NOW

RULES = Rules(actions=frozenset({Action.DISPATCH_PLANNER}), max_workers=1_000_000, max_rounds=5)


def test_what_it_may_and_would_do_is_told() -> None:
    rules = Rules(
        actions=RULES.actions, max_workers=3, max_rounds=2, max_cost_usd=5.0, label="auto", authors=frozenset("ba")
    )
    task = Task("ENG-1", Action.DISPATCH_PLANNER, Mode.PLAN, "7", 1)
    held = Held("ENG-2", Action.DISPATCH_PLANNER, "no free slot (1 at once)")
    assert plan_lines(rules, ["dispatch_planner"], Agenda((task,), (held,)), max_hours=8) == (
        "may run: dispatch_planner",
        "for: issues labelled auto or by a, b",
        "limits: 3 workers at once, 2 starts of a mode on an issue, 8 h, $5.00",
        "",
        "now:",
        "  ENG-1  dispatch (dispatch_planner)",
        "",
        "held back:",
        "  ENG-2  dispatch: no free slot (1 at once)",
    )


def test_nothing_to_do_is_told_too_and_what_is_much_is_cut() -> None:
    lines = plan_lines(RULES, [], Agenda())
    assert lines[0] == "may run: nothing: `actions` in config.toml is empty"
    assert lines[1:3] == ("for: all issues", "limits: the project's slots, 5 starts of a mode on an issue")
    assert lines[-1] == "now: nothing to do"
    many = Agenda(held=tuple(Held(f"ENG-{n}", Action.DISPATCH_PLANNER, "x") for n in range(200)))
    assert plan_lines(RULES, [], many)[-1] == "  and 180 more"


@pytest.mark.parametrize("width", [20, 60, 80, 120, 200])
@pytest.mark.parametrize("flight", list(Flight))
def test_the_word_crowds_nothing(flight: Flight, width: int) -> None:
    line = flight_word(Standing(flight=flight, why="漢字 " * 40), width, "…")
    assert line_width(line) <= max(width // 3, len("autopilot stopped"))
    assert bool(line) is (flight is not Flight.OFF)


def test_only_one_that_stopped_has_a_notice_and_only_one_that_flies_holds() -> None:
    held = {"ENG-1": "dispatch_planner waits: no\nfree slot"}
    assert held_line(Standing(flight=Flight.ON, held=held), "ENG-1") == (
        "autopilot: dispatch_planner waits: no free slot"
    )
    assert held_line(Standing(flight=Flight.ON, held=held), "ENG-2") == ""
    assert held_line(Standing(flight=Flight.STOPPED, held=held), "ENG-1") == ""
    assert stopped_notice(Standing(flight=Flight.ON), "A") == ""
    assert stopped_notice(Standing(flight=Flight.STOPPED, why="a\nb"), "A").endswith("stopped, A looks at it anew: a b")


def test_good_news_are_not_bad() -> None:
    done = Event(kind=EventKind.DONE, at=NOW, text="done", issue="ENG-1", action="transition_to_todo")
    assert told_lines([done]) == (("autopilot: ENG-1 to Todo done",), False)
    assert told_lines([Event(kind=EventKind.HELD, at=NOW, text="x")]) == ((), False)
