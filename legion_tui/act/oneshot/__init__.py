"""Tasks without a screen: a worker for each, an auditor after it, round by round until it is done."""

from __future__ import annotations

from legion_tui.act.oneshot.orchestrator import Orchestrator, run_name
from legion_tui.act.oneshot.parts import Judge, OneshotParts, OneshotSettings, Told
from legion_tui.act.oneshot.records import Records
from legion_tui.act.oneshot.recovery import RUN_LOCK, Recovery, locks_of

__all__ = [
    "RUN_LOCK",
    "Judge",
    "OneshotParts",
    "OneshotSettings",
    "Orchestrator",
    "Records",
    "Recovery",
    "Told",
    "locks_of",
    "run_name",
]
