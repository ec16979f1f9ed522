"""The autopilot over the parts, for whoever runs one: its rules, its hours, and what it may not be run by."""

from __future__ import annotations

import time
from collections.abc import Callable, Set
from typing import TYPE_CHECKING

from legion_tui.cli.parts import Parts
from legion_tui.config import AutopilotSection
from legion_tui.errors import RefusedError
from legion_tui.state import Action, ActionReceipt
from legion_tui.state.autopilot import Event, Rules, Task, actions_of

if TYPE_CHECKING:
    from legion_tui.act.autopilot import Autopilot

_SECONDS_PER_HOUR = 3600.0


def refuse_where_off(section: AutopilotSection) -> None:
    """Raise RefusedError where the person's own configuration does not switch it on."""
    if not section.enabled:
        raise RefusedError(
            "the autopilot is off",
            "nobody switched it on",
            "`enabled = true` under [autopilot] in your config.toml",
        )


def rules_of(section: AutopilotSection, *, only: Set[Action] | None = None, max_workers: int | None = None) -> Rules:
    """Return what may be done by itself: what the configuration lists, of that `only`, within both limits."""
    listed = actions_of(section.actions)
    limits = [limit for limit in (section.max_workers, max_workers) if limit is not None]
    return Rules(
        actions=listed if only is None else listed & only,
        # The project's own limit holds in any case.
        max_workers=min(limits, default=1_000_000),
        max_rounds=section.max_rounds,
        max_cost_usd=section.max_cost_usd,
        label=section.label,
        authors=frozenset(section.authors),
    )


def make_autopilot(parts: Parts, rules: Rules, tell: Callable[[Event], None]) -> Autopilot:
    """Return an autopilot over `parts`, whose ledger is to be its own."""
    from legion_tui.act.autopilot import Autopilot  # a board does not need it to be painted

    actions = parts.actions

    async def run_action(task: Task) -> ActionReceipt:
        # What follows is decided anew, and counted.
        return await actions.run_action(task.issue, expected=task.action, follow=False, waits=False)

    return Autopilot(rules=rules, ledger=parts.ledger, run_action=run_action, tell=tell, clock=parts.clock)


def hours_over(section: AutopilotSection, seconds: Callable[[], float] = time.monotonic) -> Callable[[], str]:
    """Return what says, from now on, whether its hours are over: why it is to end, or an empty string."""
    ends = None if section.max_hours is None else seconds() + section.max_hours * _SECONDS_PER_HOUR
    return lambda: f"{section.max_hours:g} h are over" if ends is not None and seconds() >= ends else ""
