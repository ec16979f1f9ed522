"""The decision table, row by row, in the order in which it is read."""

from __future__ import annotations

from legion_tui.state.table import first, review, work
from legion_tui.state.table.rule import Rule

RULES: tuple[Rule, ...] = (*first.RULES, *work.RULES, *review.RULES)

# What follows the table: the approval gate, and open dependencies.
APPROVAL_ROW = "A"
BLOCKED_ROW = "B"

# Every row once, in order.
ROWS: tuple[str, ...] = (*dict.fromkeys(rule.row for rule in RULES), APPROVAL_ROW, BLOCKED_ROW)

__all__ = ["APPROVAL_ROW", "BLOCKED_ROW", "ROWS", "RULES", "Rule"]
