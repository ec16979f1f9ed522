"""The names by which issues, sessions and windows find each other."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from uuid import UUID, uuid5

from legion_tui.state.names import IssueStatus, Mode

ISSUE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{12}")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORT = 8
_NUMBER = re.compile(r"([0-9]+)")

_STATUS_MODES: dict[str, Mode] = {
    IssueStatus.BACKLOG: Mode.ARCHITECT,
    IssueStatus.TODO: Mode.PLAN,
    IssueStatus.IN_PROGRESS: Mode.IMPLEMENT,
    IssueStatus.TESTING: Mode.TEST,
    IssueStatus.NEEDS_REVIEW: Mode.REVIEW,
    IssueStatus.RETRO: Mode.IMPLEMENT,
}


def compute_session_id(project_id: str | UUID, issue_id: str, mode: str) -> str:
    """Return the UUID of the session of an issue in a mode; ValueError where the project id is no UUID.

    The issue id counts as the tracker writes it: another case is another session.
    """
    return str(uuid5(_uuid(project_id), f"{issue_id}:{mode}"))


def controller_session_id(project_id: str | UUID) -> str:
    """Return the UUID of the project's controller session; ValueError where the project id is no UUID."""
    return str(uuid5(_uuid(project_id), "controller"))


def short_id(project_id: str | UUID) -> str:
    """Return the first 8 characters of the UUID in base62, fewer where it is small; ValueError as above."""
    number = _uuid(project_id).int
    digits = ""
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits[:_SHORT] or _BASE62[0]


@functools.lru_cache(maxsize=8192)
def natural_order(issue_id: str) -> tuple[tuple[str, int], ...]:
    """Return a sort key by which ids are read: their numbers as numbers, so that ENG-9 comes before ENG-10."""
    pieces = _NUMBER.split(issue_id)
    return tuple(zip(pieces[::2], (int(piece) for piece in (*pieces[1::2], "-1")), strict=True))


def is_issue_id(text: str) -> bool:
    """Return whether `text` can be an issue's id."""
    return ISSUE_ID.fullmatch(text) is not None


def window_name(issue_id: str, mode: str) -> str:
    """Return the name of a worker's tmux window, all in lower case."""
    return f"{issue_id}-{mode}".lower()


def parse_window_name(name: str, known_ids: Iterable[str]) -> tuple[str, Mode] | None:
    """Return the known issue and the mode that a window is named after.

    None where the name has another shape, and where no known id or several (that differ in case only) fit.
    """
    issue, _, mode = name.rpartition("-")
    if mode.lower() not in list(Mode):
        return None
    folded = issue.casefold()
    found = {known for known in known_ids if known.casefold() == folded}
    return (found.pop(), Mode(mode.lower())) if len(found) == 1 else None


def status_mode(status: str) -> Mode:
    """Return the mode that works on issues of a status; implement where the status has none of its own."""
    return _STATUS_MODES.get(status, Mode.IMPLEMENT)


def _uuid(project_id: str | UUID) -> UUID:
    text = str(project_id)
    if _UUID.fullmatch(text) is None:
        raise ValueError(f"not a UUID: {text!r}")
    return UUID(text)
