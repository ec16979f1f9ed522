"""Writes `docs/life-cycle.md` from the machine itself: `python -m tests.diagram`."""

from __future__ import annotations

from pathlib import Path

from legion_tui.state.lifecycle import diagram

_PAGE = """# The life of a worker

What was done with a worker and what came of it, as the ledger tells it; what it does at this moment is its state on the
board. Every step is a line of `legion-tui log`, with its reason and what it was seen by. Made by
`python -m tests.diagram` from the machine in `legion_tui/state/lifecycle.py`.

```mermaid
{diagram}```

| state | means |
|---|---|
| created, queued | it was asked for; what it waits for is on its row |
| running, idle | its process is there and at work, or without activity for `workers.idle_after_seconds` |
| interrupted | a person stopped what it did; it waits to be told how to go on |
| parked | its process ended cleanly, by us or by itself after its turn; its session can be resumed |
| completed | its turn is over, and `worker-done` or the issue's status says that its part is done |
| failed | it never came up, or it was cut off; the reason says in what |

The same session may live again: after completed or failed the next start is a new life.
"""


def page() -> str:
    """Return the page."""
    return _PAGE.format(diagram=diagram())


if __name__ == "__main__":
    Path("docs").mkdir(exist_ok=True)
    Path("docs/life-cycle.md").write_text(page())
