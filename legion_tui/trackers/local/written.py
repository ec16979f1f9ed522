"""What we wrote into the issue files of late, so that a write that an editor saved over is noticed. Blocks.

An editor that read a file before an agent wrote, and saves after, puts the old values back. Most ask first; for those
that do not nobody can tell such a save from a person's own wish. So nothing is written again: it is shown, with the
command that does it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from legion_tui.files import private_folder, write_durably
from legion_tui.state import Problem
from legion_tui.state.text import clean_line
from legion_tui.trackers.local.document import BadDocument, Document

# An editor that has been open for longer than that is not thought of.
_KEPT_SECONDS = 24 * 3600.0
# Of one file.
_MOST = 40
_KEYS = ("status", "labels", "assignees", "title", "priority", "pull_request")
_LISTS = frozenset({"labels", "assignees"})
_COMMENT = "comment"
# Two of the same second differ in their words.
_HEADING = re.compile(r"^### (?P<heading>[^\r\n]+)\s+(?P<line>[^\r\n]*)", re.MULTILINE)


class _Put(msgspec.Struct, frozen=True):
    """One value that was written in the place of another; of a comment its heading."""

    key: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class _Checked:
    stamps: tuple[object, ...]
    problems: tuple[Problem, ...]


class Written:
    """The memory of one folder of issues, in a folder beside it; whoever writes holds the folder's lock."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Remember what is written into `folder`."""
        self._folder = folder.parent / f".{folder.name}-written"
        self._issues = folder
        self._clock = clock
        self._checked: dict[str, _Checked] = {}

    def note(self, name: str, before: Document, after: Document) -> None:
        """Remember a write to the file `name`. That it cannot be remembered is no reason not to write."""
        with contextlib.suppress(OSError, BadDocument):
            old, new, now = _values(before), _values(after), self._clock()
            puts = [_Put(key, old[key], new[key], now) for key in _KEYS if old[key] != new[key]]
            puts += [_Put(_COMMENT, (), (heading,), now) for heading in _headings(after) - _headings(before)]
            if puts:
                self._keep(name, [*self._read(name), *puts])

    def settle(self, name: str, keys: Collection[str]) -> None:
        """Forget what was written to these keys: somebody said that they are meant to be as they are."""
        with contextlib.suppress(OSError):
            there = self._read(name)
            left = [put for put in there if put.key not in keys]
            if len(left) != len(there):
                self._keep(name, left)

    def problems(self, stamps: Mapping[str, object], shown: Callable[[Path], str]) -> tuple[Problem, ...]:
        """Return what was written and is not there any more; `stamps` tells of each file whether it changed."""
        checked: dict[str, _Checked] = {}
        for name, memory in self._listing():
            if name in stamps:
                now = (stamps[name], memory)
                before = self._checked.get(name)
                same = before is not None and before.stamps == now
                checked[name] = before if same and before is not None else _Checked(now, self._lost(name, shown))
        self._checked = checked
        return tuple(problem for one in checked.values() for problem in one.problems)

    def _lost(self, name: str, shown: Callable[[Path], str]) -> tuple[Problem, ...]:
        path = self._issues / name
        try:
            document = Document.parse(path.read_bytes())
            there, headings = _values(document), _headings(document)
        except (OSError, BadDocument):
            return ()  # it is a problem of its own, or gone
        issue_id = document.string("id") or path.stem
        puts = self._read(name)
        problems = []
        for key in _KEYS:
            of_key = [put for put in puts if put.key == key]
            if of_key and there[key] != of_key[-1].after and there[key] in [put.before for put in of_key]:
                last = of_key[-1].after
                what = f"{key} is again what it was before {_hour(of_key, there[key])}: {_words(last)} was saved over"
                problems.append(Problem(shown(path), what, _remedy(issue_id, key, there[key], last), readable=True))
        gone = [put for put in puts if put.key == _COMMENT and put.after[0] not in headings]
        problems += [
            Problem(
                shown(path),
                f"a comment was saved over, {clean_line(put.after[0], limit=200)}",
                "say it again",
                readable=True,
            )
            for put in gone
        ]
        return tuple(problems)

    def _listing(self) -> list[tuple[str, tuple[int, int]]]:
        try:
            with os.scandir(self._folder) as entries:
                return sorted(
                    (entry.name.removesuffix(".json"), (entry.stat().st_ino, entry.stat().st_mtime_ns))
                    for entry in entries
                    if entry.name.endswith(".md.json")
                )
        except OSError:
            return []

    def _read(self, name: str) -> list[_Put]:
        try:
            puts = msgspec.json.decode(self._file(name).read_bytes(), type=list[_Put])
        except (OSError, msgspec.DecodeError):
            return []
        return [put for put in puts if 0 <= self._clock() - put.at < _KEPT_SECONDS]

    def _keep(self, name: str, puts: Sequence[_Put]) -> None:
        if puts:
            private_folder(self._folder)
            write_durably(self._file(name), msgspec.json.encode(list(puts[-_MOST:])))
        else:
            self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _values(document: Document) -> dict[str, tuple[str, ...]]:
    return {key: _value(document, key) for key in _KEYS}


def _value(document: Document, key: str) -> tuple[str, ...]:
    if key in _LISTS:
        return tuple(sorted(document.strings(key)))
    value = document.string(key)
    return () if value is None else (value,)


def _headings(document: Document) -> set[str]:
    return {f"{found['heading'].strip()}: {found['line'].strip()}" for found in _HEADING.finditer(document.body)}


def _hour(puts: Sequence[_Put], value: tuple[str, ...]) -> str:
    first = next(put for put in puts if put.before == value)
    return f"{datetime.fromtimestamp(first.at, UTC).astimezone():%H:%M:%S}"


def _words(value: tuple[str, ...]) -> str:
    return clean_line(", ".join(value), limit=200) or "nothing"


def _remedy(issue_id: str, key: str, there: tuple[str, ...], last: tuple[str, ...]) -> str:
    """Return the commands that put it back, and that say that it is meant."""
    if key == "labels":
        gone = [label for label in last if label not in there]
        more = [label for label in there if label not in last]
        back = shlex.join([*(f"+{label}" for label in gone), *(f"-{label}" for label in more)])
        meant = shlex.join([*(f"-{label}" for label in gone), *(f"+{label}" for label in more)])
        return f"legion-tui issue label {issue_id} {back}; or, if it is meant, {meant}"
    if key == "status":
        back_to, stays = (shlex.quote(_words(value)) for value in (last, there))
        return f"legion-tui issue move {issue_id} {back_to}; or, if it is meant, {stays}"
    return "set it again, or, if it is meant, set it once more as it is"
