"""The folder of issue files: read incrementally, written atomically under a lock. Everything here blocks."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from legion_tui.errors import TrackerError
from legion_tui.files import create_durably, replace_unless_changed
from legion_tui.state import Issue, Problem
from legion_tui.state.relations import children_by_parent
from legion_tui.trackers.local.document import BadDocument, Document, to_issue
from legion_tui.trackers.local.written import Written
from legion_tui.trackers.protocol import Reading

# Nobody writes an issue of that size by hand; it is named, not read.
LARGEST_FILE = 4_000_000
# A file that was written in the moment in which it was read may have been written again with the same time and size.
_DOUBTFUL_NS = 2_000_000_000
# An editor empties a file, then fills it: what has stood for that long is whole.
_STILL_NS = 20_000_000
_NAP_SECONDS = 0.02
_LOOKS = 10
# inode, size, and the times of the last change of the contents and of anything
_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: _Stamp
    issue: Issue | None
    problem: Problem | None
    read_ns: int = 0

    def holds(self, stamp: _Stamp) -> bool:
        """Whether the file is as it was read, as far as its stamp can say."""
        return self.stamp == stamp and not 0 <= self.read_ns - stamp[2] < _DOUBTFUL_NS


class Store:
    """All issue files of one folder. Not for two threads at a time."""

    def __init__(self, folder: Path, *, root: Path, host: str, lock_wait_seconds: float = 5.0) -> None:
        """Take the folder, the project's root (for names that a person recognises), and where pull requests live."""
        self.folder = folder
        self._root = root
        self._host = host
        self._wait = lock_wait_seconds
        self._files: dict[str, _Read] = {}
        self._issues: dict[str, Issue] = {}
        self._written = Written(folder)
        self.bytes_read = 0

    def read(self) -> Reading:
        """Return every issue and a problem for each file that is none; only changed files are read again."""
        files: dict[str, _Read] = {}
        for name, stamp in sorted(self._listing()):
            before = self._files.get(name)
            files[name] = before if before is not None and before.holds(stamp) else self._load(name, stamp, before)
        self._files = files
        self._issues, problems = self._without_twins(files)
        over = self._written.problems({name: read.stamp for name, read in files.items()}, self._shown)
        return Reading(tuple(self._issues.values()), (*problems, *over))

    def find(self, issue_id: str) -> tuple[Path, Issue]:
        """Return an issue's file and what it holds now; raises TrackerError with the nearest ids."""
        reading = self.read()
        wanted = issue_id.casefold()
        for name, issue in self._issues.items():
            if issue.id.casefold() == wanted:
                return self.folder / name, issue
        for problem in reading.problems:
            if Path(problem.where).stem.casefold() == wanted:
                raise TrackerError(issue_id, str(problem))
        known = ", ".join(sorted(issue.id for issue in reading.issues)[:12]) or "none yet"
        raise TrackerError(f"{issue_id}: no such issue", f"the issues are: {known}")

    def change(self, issue_id: str, edit: Callable[[Document], Document], *, keys: Collection[str] = ()) -> Issue:
        """Edit an issue's file against what is there now, and return what is there then; raises TrackerError.

        Editors know nothing of our lock: where one saves meanwhile, the edit is made anew on what it saved. `keys` are
        those that are to be so: where they are already, what was once written to them is no longer missed.
        """
        with self._locked():
            until = time.monotonic() + self._wait
            while not self._edited(issue_id, edit, keys):
                if time.monotonic() > until:
                    raise TrackerError(
                        f"{issue_id}: not written", f"its file went on changing for {self._wait:g} s", "try again"
                    )
            return self.find(issue_id)[1]

    def _edited(self, issue_id: str, edit: Callable[[Document], Document], keys: Collection[str]) -> bool:
        """Make the edit once; False where the file changed meanwhile."""
        path = self._find_in_time(issue_id)
        try:
            _wait_until_still(path)
            before = path.read_bytes()
            if not before:
                return False  # emptied by an editor that is about to fill it
            was = Document.parse(before)
            edited = edit(was)
            after = edited.encode()
            if after == before:
                self._written.settle(path.name, keys)
                return True
            if not replace_unless_changed(path, before, after):
                return False
            self._written.note(path.name, was, edited)
            return True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise TrackerError(f"{issue_id}: not written", _told(error, path), "nothing was changed") from error
        except BadDocument as error:
            raise TrackerError(f"{issue_id}: not written", f"{self._shown(path)} {error}") from None

    def _find_in_time(self, issue_id: str) -> Path:
        """Return an issue's file; one that an editor has just taken away to save it is waited for."""
        for _ in range(3):
            with suppress(TrackerError):
                return self.find(issue_id)[0]
            time.sleep(_NAP_SECONDS)
        return self.find(issue_id)[0]

    def create(self, issue_id: str | None, key: str, make: Callable[[str], Document]) -> Issue:
        """Add a file under the next free id, or under `issue_id`; raises TrackerError where it is taken."""
        with self._locked():
            while True:
                reading = self.read()
                taken = {issue.id.casefold() for issue in reading.issues}
                taken |= {Path(name).stem.casefold() for name in self._files}
                if issue_id is not None and issue_id.casefold() in taken:
                    raise TrackerError(f"{issue_id}: there is one already", "nothing was written", "leave --id out")
                new_id = issue_id or _next_id(key, taken)
                path = self.folder / f"{new_id}.md"
                try:
                    create_durably(path, make(new_id).encode(), mode=0o644)
                except FileExistsError:
                    continue  # made by hand a moment ago, which the next look shows
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

    def _load(self, name: str, stamp: _Stamp, before: _Read | None) -> _Read:
        """Read a file; an issue that is as it was `before` stays the same object."""
        now = time.time_ns()
        loaded = self._loaded(name, stamp, now)
        for _ in range(_LOOKS):
            if loaded.problem is None or not 0 <= now - stamp[2] < _STILL_NS * _LOOKS:
                break
            # Perhaps caught between emptying and filling it.
            time.sleep(_NAP_SECONDS)
            now = time.time_ns()
            stamp = _stamp(self.folder / name)
            loaded = self._loaded(name, stamp, now)
        same = before is not None and before.issue is not None and before.issue == loaded.issue
        return replace(loaded, issue=before.issue) if before is not None and same else loaded

    def _loaded(self, name: str, stamp: _Stamp, now: int) -> _Read:
        path = self.folder / name
        try:
            if stamp[1] > LARGEST_FILE:
                raise BadDocument(f"is {stamp[1]} bytes large, {LARGEST_FILE} are read at the most")
            content = path.read_bytes()
            self.bytes_read += len(content)
            document = Document.parse(content)
            issue = to_issue(document, stem=path.stem, host=self._host, modified=_modified(stamp))
        except BadDocument as error:
            return _Read(stamp, None, Problem(self._shown(path), str(error), "mend the file; it is read again"), now)
        except OSError as error:
            return _Read(stamp, None, Problem(self._shown(path), error.strerror or str(error), "make it readable"), now)
        return _Read(stamp, issue, None, now)

    def _without_twins(self, files: dict[str, _Read]) -> tuple[dict[str, Issue], tuple[Problem, ...]]:
        first: dict[str, str] = {}
        issues: dict[str, Issue] = {}
        problems = []
        for name, entry in files.items():
            if entry.problem is not None:
                problems.append(entry.problem)
            elif entry.issue is not None:
                twin = first.setdefault(entry.issue.id.casefold(), name)
                if twin == name:
                    issues[name] = entry.issue
                else:
                    what = f"id {entry.issue.id} is {twin}'s already"
                    problems.append(Problem(self._shown(self.folder / name), what, "give it an id of its own"))
        parts = children_by_parent(issues.values())
        for name, issue in issues.items():
            children = parts.get(issue.id.casefold(), ())
            if children:
                before, whole = self._issues.get(name), replace(issue, children=children)
                # What did not change stays the same object, parents of many too.
                issues[name] = before if before is not None and before == whole else whole
        return issues, tuple(problems)

    def _shown(self, path: Path) -> str:
        try:
            return str(path.relative_to(self._root))
        except ValueError:
            return str(path)


def _wait_until_still(path: Path) -> None:
    for _ in range(_LOOKS):
        age = time.time_ns() - path.stat().st_mtime_ns
        if not 0 <= age < _STILL_NS:
            return
        time.sleep(_NAP_SECONDS)


def _stamp(entry: os.DirEntry[str] | Path) -> _Stamp:
    try:
        status = entry.stat()
    except OSError:
        return (0, 0, 0, 0)  # a dangling link, or gone since: reading it will say which
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


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
