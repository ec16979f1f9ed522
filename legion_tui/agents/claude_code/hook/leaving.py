"""A question of a client without a screen, left in the spool as its hook would leave it. Blocks."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from legion_tui.agents.claude_code.hook.program import Request, private, sweep
from legion_tui.agents.claude_code.hook.spool import HEADLESS
from legion_tui.files import private_folder


class Left:
    """One request of the spool that this process answers for. Implements `Pending`."""

    def __init__(
        self,
        spool: Path,
        *,
        session_id: str,
        tool_use_id: str,
        tool_name: str,
        tool_input: Mapping[str, Any],
        suggestions: tuple[Mapping[str, Any], ...],
    ) -> None:
        """Leave the request. OSError, also where others could read or answer in the spool."""
        private_folder(spool.parent)
        private(str(spool))
        sweep(str(spool))
        self._request = Request(
            str(spool),
            {
                "origin": HEADLESS,
                "session_id": session_id,
                "tool_name": tool_name,
                "tool_input": dict(tool_input),
                "permission_suggestions": list(suggestions),
                "started_at": time.time(),
            },
        )
        try:
            # Known from the beginning, unlike to a hook: one that was started for the same call leaves.
            self._request.bind(tool_use_id)
        except OSError:
            self._request.remove()
            raise

    def fileno(self) -> int:
        """Return what becomes readable when somebody has answered."""
        return self._request.fileno()

    def take(self) -> Mapping[str, Any] | None:
        """Return the decision of an answer; None while there is none, or where it is none."""
        self._request.wait(0)
        said = self._request.take()
        output = json.loads(said) if said else None
        specific = output.get("hookSpecificOutput") if isinstance(output, dict) else None
        decision = specific.get("decision") if isinstance(specific, dict) else None
        known = isinstance(decision, dict) and decision.get("behavior") in ("allow", "deny")
        return decision if known else None

    def remove(self) -> None:
        """Leave nothing behind."""
        self._request.remove()
