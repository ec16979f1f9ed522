"""The issues that an issue belongs to, consists of and waits for, in words."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.state import Related


def named(one: Related) -> str:
    """Return `ENG-2 Retry the sender (In Progress)`, of what was not read only the id."""
    title = f" {' '.join(one.title.split())}" if one.title else ""
    return f"{one.name}{title} ({one.status or 'no status'})" if one.known else f"{one.name} (not read)"


def names(related: Sequence[Related]) -> str:
    """Return all of them on one line."""
    return ", ".join(map(named, related))


def done_count(children: Sequence[Related]) -> str:
    """Return `2 of 3 done`, and how many of them were not read, of which nobody knows."""
    done = sum(child.over for child in children)
    unread = sum(not child.known for child in children)
    return f"{done} of {len(children)} done" + (f", {unread} not read" if unread else "")
