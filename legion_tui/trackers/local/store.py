"""The folder of issue files: read incrementally, written atomically under a lock. Everything here blocks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from legion_tui.errors import TrackerError
from legion_tui.files import write_durably
from legion_tui.state import Issue, Problem
from legion_tui.trackers.local.document import BadDocument, Document, to_issue
from legion_tui.trackers.protocol import Reading

# Nobody writes an issue of that size by hand; it is named, not read.
LARGEST_FILE = 4_000_000
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: _Stamp
    issue: Issue | None
    problem: Problem | None


class Store:
    """All issue files of one folder. Not for two threads at a time."""

    def __init__(self, folder: Path, *, root: Path, host: str, lock_wait_seconds: float = 5.0) -> None:
        """Take the folder, the project's root (for names that a person recognises), and where pull requests live."""
        self.folder = folder
        self._root = root
        self._host = host
        self._wait = lock_wait_seconds
        self._files: dict[str, _Read] = {}

    def read(self) -> Reading:
        """Return every issue and a problem for each file that is none; only changed files are read again."""
        files: dict[str, _Read] = {}
        for name, stamp in sorted(self._listing()):
            before = self._files.get(name)
            files[name] = before if before is not None and before.stamp == stamp else self._load(name, stamp)
        self._files = files
        return self._without_twins(files)

    def find(self, issue_id: str) -> tuple[Path, Issue]:
        """Return an issue's file and what it holds now; raises TrackerError with the nearest ids."""
        reading = self.read()
        wanted = issue_id.casefold()
        kept = {id(issue) for issue in reading.issues}
        for name, entry in self._files.items():
            if entry.issue is not None and id(entry.issue) in kept and entry.issue.id.casefold() == wanted:
                return self.folder / name, entry.issue
        for problem in reading.problems:
            if Path(problem.where).stem.casefold() == wanted:
                raise TrackerError(issue_id, str(problem))
        known = ", ".join(sorted(issue.id for issue in reading.issues)[:12]) or "none yet"
        raise TrackerError(f"{issue_id}: no such issue", f"the issues are: {known}")

    def change(self, issue_id: str, edit: Callable[[Document], Document]) -> Issue:
        """Edit an issue's file against what is there now, and return what is there then; raises TrackerError."""
        with self._locked():
            path, _ = self.find(issue_id)
            try:
                before = path.read_bytes()
                after = edit(Document.parse(before)).encode()
                if after != before:
                    write_durably(path, after, mode=0o644)
            except OSError as error:
                raise TrackerError(f"{issue_id}: not written", _told(error, path), "nothing was changed") from error
            except BadDocument as error:
                raise TrackerError(f"{issue_id}: not written", f"{self._shown(path)} {error}") from None
            return self.find(issue_id)[1]

    def create(self, issue_id: str | None, key: str, make: Callable[[str], Document]) -> Issue:
        """Add a file under the next free id, or under `issue_id`; raises TrackerError where it is taken."""
        with self._locked():
            reading = self.read()
            taken = {issue.id.casefold() for issue in reading.issues}
            taken |= {Path(name).stem.casefold() for name in self._files}
            if issue_id is not None and issue_id.casefold() in taken:
                raise TrackerError(f"{issue_id}: there is one already", "nothing was written", "leave --id out")
            new_id = issue_id or _next_id(key, taken)
            path = self.folder / f"{new_id}.md"
            try:
                write_durably(path, make(new_id).encode(), mode=0o644)
            except OSError as error:
                raise TrackerError(f"{new_id}: not written", _told(error, path)) from error
            return self.find(new_id)[1]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Beside the folder, so that the lock is no issue; never removed: a removed lock is two locks.
            with FileLock(self.folder.parent / f".{self.folder.name}.lock", timeout=self._wait, mode=0o600):
                yield
        except Timeout:
            raise TrackerError(
                "issues are being written", f"the lock was not free within {self._wait:g} s", "try again"
            ) from None
        except OSError as error:
            raise TrackerError("issues cannot be written", _told(error, self.folder)) from error

    def _listing(self) -> Iterator[tuple[str, _Stamp]]:
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".md") and not entry.name.startswith("."):
                        yield entry.name, _stamp(entry)
        except FileNotFoundError:
            return
        except OSError as error:
            raise TrackerError("issues cannot be read", _told(error, self.folder)) from error

    def _load(self, name: str, stamp: _Stamp) -> _Read:
        path = self.folder / name
        try:
            if stamp[1] > LARGEST_FILE:
                raise BadDocument(f"is {stamp[1]} bytes large, {LARGEST_FILE} are read at the most")
            document = Document.parse(path.read_bytes())
            issue = to_issue(document, stem=path.stem, host=self._host, modified=_modified(stamp))
        except BadDocument as error:
            return _Read(stamp, None, Problem(self._shown(path), str(error), "mend the file; it is read again"))
        except OSError as error:
            return _Read(stamp, None, Problem(self._shown(path), error.strerror or str(error), "make it readable"))
        return _Read(stamp, issue, None)

    def _without_twins(self, files: dict[str, _Read]) -> Reading:
        first: dict[str, str] = {}
        issues = []
        problems = []
        for name, entry in files.items():
            if entry.problem is not None:
                problems.append(entry.problem)
            elif entry.issue is not None:
                twin = first.setdefault(entry.issue.id.casefold(), name)
                if twin == name:
                    issues.append(entry.issue)
                else:
                    what = f"id {entry.issue.id} is {twin}'s already"
                    problems.append(Problem(self._shown(self.folder / name), what, "give it an id of its own"))
        return Reading(tuple(issues), tuple(problems))

    def _shown(self, path: Path) -> str:
        try:
            return str(path.relative_to(self._root))
        except ValueError:
            return str(path)


def _stamp(entry: os.DirEntry[str]) -> _Stamp:
    try:
        status = entry.stat()
    except OSError:
        return (0, 0, 0)  # a dangling link, or gone since: reading it will say which
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def _modified(stamp: _Stamp) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp[2] / 1e9, UTC) if stamp[2] > 0 else None
    except (ValueError, OverflowError, OSError):  # a file system can hold years that no calendar has
        return None


def _next_id(key: str, taken: set[str]) -> str:
    pattern = re.compile(rf"{re.escape(key.casefold())}-([0-9]{{1,9}})")
    numbers = [int(match[1]) for name in taken if (match := pattern.fullmatch(name))]
    return f"{key}-{max(numbers, default=0) + 1}"


def _told(error: OSError, path: Path) -> str:
    return f"{error.filename or path}: {error.strerror or error}"
