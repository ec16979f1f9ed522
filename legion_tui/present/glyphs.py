"""The glyphs: each one cell wide, also where ambiguous characters take two; none an emoji; one meaning each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from legion_tui.state import WorkerState


class PullLook(StrEnum):
    """How a pull request stands, in the word that is shown."""

    DRAFT = "draft"
    OPEN = "open"
    WANTED = "review wanted"
    CHANGES = "changes asked"
    APPROVED = "approved"
    CONFLICT = "conflict"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """One set of glyphs."""

    name: str
    ellipsis: str
    rule: str
    pointer: str
    # In the pointer's place: of a row that is marked, and of one that is selected as well.
    mark: str
    mark_here: str
    branch: str
    folded: str
    separator: str
    enter: str
    passed: str
    failed: str
    pending: str
    untested: str
    # How much was worked in a step, from nothing to all of it.
    levels: tuple[str, ...]
    states: Mapping[WorkerState, str]
    pulls: Mapping[PullLook, str]


UNICODE = Glyphs(
    name="unicode",
    ellipsis="⋯",
    rule="╌",
    pointer="▐",
    mark="⊞",
    mark_here="⊡",
    branch="↳",
    folded="▸",
    separator="⋅",
    enter="⏎",
    passed="▰",
    failed="✗",
    pending="▱",
    untested="*",
    levels=("⡀", "⡄", "⡆", "⡇"),
    states=MappingProxyType(
        {
            WorkerState.QUESTION: "?",
            WorkerState.PERMISSION: "!",
            WorkerState.PLAN: "≣",
            WorkerState.STARTUP_DIALOG: "⌂",
            WorkerState.DIALOG: "⍰",
            WorkerState.SUSPENDED: "⊟",
            WorkerState.CRASHED: "⊗",
            WorkerState.ERROR: "⊠",
            WorkerState.INTERRUPTED: "⎋",
            WorkerState.UNSUBMITTED: "✎",
            WorkerState.RATE_LIMITED: "◷",
            WorkerState.IDLE: "~",
            WorkerState.BUSY: "»",
            WorkerState.COMPACTING: "⇊",
            WorkerState.RETRYING: "↻",
            WorkerState.STARTING: "⇡",
            WorkerState.QUEUED: "⇢",
            WorkerState.EXITED: "↦",
            WorkerState.GONE: "∅",
            WorkerState.UNKNOWN: "⁇",
        }
    ),
    pulls=MappingProxyType(
        {
            PullLook.DRAFT: "◌",
            PullLook.OPEN: "◦",
            PullLook.WANTED: "◔",
            PullLook.CHANGES: "∓",
            PullLook.APPROVED: "✓",
            PullLook.CONFLICT: "↯",
            PullLook.MERGED: "⊎",
            PullLook.CLOSED: "⊘",
        }
    ),
)

ASCII = Glyphs(
    name="ascii",
    ellipsis="~",
    rule="-",
    pointer="|",
    mark="$",
    mark_here=";",
    branch="`",
    folded="+",
    separator=":",
    enter="enter",
    passed="#",
    failed="F",
    pending=".",
    untested="*",
    levels=("1", "2", "3", "4"),
    states=MappingProxyType(
        {
            WorkerState.QUESTION: "?",
            WorkerState.PERMISSION: "!",
            WorkerState.PLAN: "=",
            WorkerState.STARTUP_DIALOG: "(",
            WorkerState.DIALOG: "[",
            WorkerState.SUSPENDED: "s",
            WorkerState.CRASHED: "X",
            WorkerState.ERROR: "E",
            WorkerState.INTERRUPTED: "<",
            WorkerState.UNSUBMITTED: "_",
            WorkerState.RATE_LIMITED: "%",
            WorkerState.IDLE: "z",
            WorkerState.BUSY: ">",
            WorkerState.COMPACTING: "@",
            WorkerState.RETRYING: "&",
            WorkerState.STARTING: "^",
            WorkerState.QUEUED: ",",
            WorkerState.EXITED: "]",
            WorkerState.GONE: "0",
            WorkerState.UNKNOWN: "u",
        }
    ),
    pulls=MappingProxyType(
        {
            PullLook.DRAFT: "d",
            PullLook.OPEN: "o",
            PullLook.WANTED: "r",
            PullLook.CHANGES: "c",
            PullLook.APPROVED: "v",
            PullLook.CONFLICT: "x",
            PullLook.MERGED: "m",
            PullLook.CLOSED: "/",
        }
    ),
)


def glyphs(name: str) -> Glyphs:
    """Return the set of that name, `ascii` or `unicode`; any other name is unicode."""
    return ASCII if name == "ascii" else UNICODE
