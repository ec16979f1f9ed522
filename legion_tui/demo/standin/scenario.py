"""Which steps a prompt sets off: by a marker in the prompt, by session, by the issue that the prompt names.

The file that `LEGION_DEMO_SCENARIO` names holds JSON, every key optional: `{"plays": {name: [step…]}, "sessions":
{session id: name}, "issues": {id: name}, "first": name, "resumed": name, "default": name, "compacts": step,
"marker": "demo", "pace_seconds": 0.15}`.
`demo:NAME` anywhere in a prompt plays NAME. `sessions`, `issues` and `first` are for the first prompt of a process,
`resumed` goes before them in a session that was resumed, `default` is for all other prompts. A play of the file goes
before a built-in one of that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Scenario:
    """What happens on which prompt; without a file the built-in plays alone."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Take the parsed file."""
        self._data = data
        self.pace_seconds = float(data.get("pace_seconds", 0.15))
        self._marker = re.compile(rf"\b{re.escape(str(data.get('marker', 'demo')))}:([\w-]+)")
        self._first = True
        self._resumed = False

    @classmethod
    def load(cls, path: str) -> Scenario:
        """Read the file; an empty path is an empty scenario. Raises OSError and ValueError."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")) if path else {})

    def resume(self) -> None:
        """What comes first was played before; where a play for it is named, a resumed session goes on with that."""
        self._resumed = True

    @property
    def compacts(self) -> Mapping[str, Any]:
        """What the agent's own command `/compact` does."""
        return dict(self._data.get("compacts") or {"compact": 2})

    def steps(self, prompt: str, *, session_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the steps for the next prompt of that session."""
        first, self._first = self._first, False
        marker = self._marker.search(prompt)
        if marker is not None:
            return self._play(marker[1])
        if first and self._resumed and self._data.get("resumed"):
            return self._play(str(self._data["resumed"]))
        if first:
            own = (self._data.get("sessions") or {}).get(session_id)
            for issue, name in (self._data.get("issues") or {}).items():
                if own is None and re.search(rf"(?<![\w-]){re.escape(issue)}(?![\w-])", prompt, re.IGNORECASE):
                    own = name
            own = own or self._data.get("first")
            if own:
                return self._play(str(own))
        return self._play(str(self._data.get("default", "hello")))

    def _play(self, name: str) -> Sequence[Mapping[str, Any]]:
        found = (self._data.get("plays") or {}).get(name)
        if found is None:
            from legion_tui.demo.standin.plays import PLAYS

            found = PLAYS.get(name)
        return found if found is not None else [{"say": f"I know no play named {name}."}]
