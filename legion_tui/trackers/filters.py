"""`[tracker] filter`: which issues are this project's, in words of GitHub's own search. Pure."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Collection
from dataclasses import dataclass, field

from legion_tui.errors import TrackerError
from legion_tui.state.text import clean_line

ME = "@me"
_KNOWN = ("assignee:LOGIN", "assignee:@me", "no:assignee", "author:LOGIN", "label:NAME", "-label:NAME", "is:open")


@dataclass(frozen=True, slots=True)
class Filter:
    """Every part has to hold; no part holds for every issue."""

    assignee: str | None = None
    unassigned: bool = False
    author: str | None = None
    labels: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only_open: bool = False
    # Linear's.
    project: str | None = None
    # For `@me`: whose login it is.
    me: str = field(default="", compare=False)

    @property
    def asks_who(self) -> bool:
        """Whether it has to be known whose login it is."""
        return ME in (self.assignee, self.author)

    def variables(self, me: str) -> dict[str, object]:
        """Return what GitHub's `IssueFilters` can say of it; the rest is `holds`'s."""
        told: dict[str, object] = {}
        if self.unassigned:
            told["assignee"] = None
        elif self.assignee is not None:
            told["assignee"] = _login(self.assignee, me)
        if self.author is not None:
            told["createdBy"] = _login(self.author, me)
        if self.labels:
            told["labels"] = list(self.labels)
        return told

    def holds(
        self, *, assignees: Collection[str], author: str, labels: Collection[str], is_open: bool, me: str
    ) -> bool:
        """Whether an issue is one of the project's; logins and labels matched without regard to case."""
        logins = {login.casefold() for login in assignees}
        named = {label.casefold() for label in labels}
        if self.only_open and not is_open:
            return False
        if self.unassigned and logins:
            return False
        if self.assignee is not None and _login(self.assignee, me).casefold() not in logins:
            return False
        if self.author is not None and _login(self.author, me).casefold() != author.casefold():
            return False
        wanted, unwanted = ({name.casefold() for name in names} for names in (self.labels, self.without))
        return wanted <= named and not unwanted & named


def parse_filter(text: str, *, projects: bool = False) -> Filter:
    """Return the filter that `text` spells, `project:NAME` where there are any; TrackerError names a part of none."""
    known = (*_KNOWN, *(["project:NAME"] if projects else []))
    parts: dict[str, str | bool] = {}
    labels: list[str] = []
    without: list[str] = []
    for word in _words(text):
        key, colon, value = word.partition(":")
        match key.casefold():
            case "assignee" if value:
                parts["assignee"] = value.removeprefix("@") if value != ME else ME
            case "author" if value:
                parts["author"] = value.removeprefix("@") if value != ME else ME
            case "project" if value and projects:
                parts["project"] = value
            case "label" if value:
                labels.append(value)
            case "-label" if value:
                without.append(value)
            case "no" if value.casefold() == "assignee":
                parts["unassigned"] = True
            case "is" if value.casefold() in ("open", "issue"):
                parts["only_open"] = bool(parts.get("only_open")) or value.casefold() == "open"
            case _:
                near = difflib.get_close_matches(f"{key}{colon}{value}", known, n=1, cutoff=0.4)
                hint = f"did you mean {near[0]}?" if near else f"known here: {' '.join(known)}"
                raise TrackerError(f"tracker.filter: {clean_line(word, limit=80)!r} is no part of a filter", "", hint)
    return Filter(labels=tuple(labels), without=tuple(without), **parts)  # type: ignore[arg-type]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise TrackerError("tracker.filter", str(error), 'quotes belong in pairs: label:"needs triage"') from None


def _login(given: str, me: str) -> str:
    return me if given == ME else given
