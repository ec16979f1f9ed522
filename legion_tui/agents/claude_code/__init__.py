"""Claude Code, as it was measured from outside: its files, its screen, its keys."""

from __future__ import annotations

from legion_tui.agents.claude_code.adapter import ClaudeCode
from legion_tui.agents.claude_code.screen import at_rest
from legion_tui.agents.claude_code.version import TESTED_VERSION, is_tested

__all__ = ["TESTED_VERSION", "ClaudeCode", "at_rest", "is_tested"]
