"""Reading: every source side by side, each with its health, joined into one snapshot."""

from __future__ import annotations

from legion_tui.fetch.collector import Collector
from legion_tui.fetch.live import LiveSource
from legion_tui.fetch.paces import Keeps, Paces

__all__ = ["Collector", "Keeps", "LiveSource", "Paces"]
