"""Agents without a screen: started, heard, asked about, interrupted, and never left behind."""

from __future__ import annotations

from legion_tui.act.headless.guard import Guard, guarding
from legion_tui.act.headless.happenings import (
    Active,
    Answered,
    Asking,
    Beat,
    Happening,
    Idle,
    LogEnded,
    Signalled,
    Started,
)
from legion_tui.act.headless.holding import Holding, HoldingSettings
from legion_tui.act.headless.order import Finished, Paces, RunOrder
from legion_tui.act.headless.run import Run

__all__ = [
    "Active",
    "Answered",
    "Asking",
    "Beat",
    "Finished",
    "Guard",
    "Happening",
    "Holding",
    "HoldingSettings",
    "Idle",
    "LogEnded",
    "Paces",
    "Run",
    "RunOrder",
    "Signalled",
    "Started",
    "guarding",
]
