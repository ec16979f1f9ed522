"""Claude Code, as it was measured from outside: its files, its screen, its keys."""

from __future__ import annotations

from legion_tui.agents.claude_code.adapter import ClaudeCode
from legion_tui.agents.claude_code.screen import at_rest

# The version that the contract tests run on.
TESTED_VERSION = "2.1.328"

__all__ = ["TESTED_VERSION", "ClaudeCode", "at_rest"]
