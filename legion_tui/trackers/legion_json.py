"""Legion's JSON as a tracker that can only be read: a list of issues, or an object that holds one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn

import anyio
import msgspec

from legion_tui.errors import TrackerError
from legion_tui.state import Issue, Problem, PullRequestRef, is_issue_id, parse_pull_request_url
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.protocol import Edit, NewIssue, Reading, Write


class LegionJsonTracker:
    """Reads Legion's input: the tool server's shape and GraphQL's, mixed as they come. Raises TrackerError."""

    kind = "legion_json"
    possible = Write.NONE
    allowed = Write.NONE
    rate = None

    def __init__(self, load: Callable[[], bytes], *, where: str, host: str = "github.com") -> None:
        """Take what gives the bytes (a file or standard input; it may block) and what to call it."""
        self._load = load
        self._where = where
        self._host = host
        self.bytes_read = 0

    async def read(self) -> Reading:
        """Return the issues, and a problem for each record without a usable identifier."""

        def read() -> Reading:
            content = self._load()
            self.bytes_read += len(content)
            return parse(content, where=self._where, host=self._host)

        try:
            return await anyio.to_thread.run_sync(read)
        except OSError as error:
            raise TrackerError(f"{self._where} cannot be read", error.strerror or str(error)) from error

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as the input has it."""
        reading = await self.read()
        for issue in reading.issues:
            if issue.id.casefold() == issue_id.casefold():
                return issue
        raise TrackerError(f"{issue_id}: no such issue in {self._where}")

    async def add(self, new: NewIssue) -> Issue:
        """Refuse: the input is somebody else's."""
        self._refuse(f"add {clean_line(new.title, limit=80)!r}")

    async def move(self, issue_id: str, status: str, *, expect: str | None = None) -> Issue:
        """Refuse: the input is somebody else's."""
        del expect
        self._refuse(f"move {issue_id} to {status}")

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Refuse: the input is somebody else's."""
        self._refuse(f"label {issue_id} {' '.join([*(f'+{name}' for name in add), *(f'-{name}' for name in remove)])}")

    async def assign(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Refuse: the input is somebody else's."""
        del add, remove
        self._refuse(f"assign {issue_id}")

    async def comment(self, issue_id: str, body: str) -> Issue:
        """Refuse: the input is somebody else's."""
        del body
        self._refuse(f"comment on {issue_id}")

    async def close(self, issue_id: str, *, expect: str | None = None) -> Issue:
        """Refuse: the input is somebody else's."""
        del expect
        self._refuse(f"close {issue_id}")

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Refuse: the input is somebody else's."""
        del edit
        self._refuse(f"edit {issue_id}")

    def _refuse(self, what: str) -> NoReturn:
        raise TrackerError(f"cannot {what}", f"{self._where} is Legion's output and only read", "write to its tracker")


def parse(data: bytes, *, where: str, host: str = "github.com") -> Reading:
    """Return what `data` holds; raises TrackerError where it is not JSON or no list of issues."""
    try:
        document = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise TrackerError(f"{where} is not JSON", clean_line(str(error), limit=200)) from None
    except RecursionError:
        raise TrackerError(f"{where} is not JSON that can be read", "nested too deeply") from None
    records = document.get("issues") if isinstance(document, dict) else document
    if not isinstance(records, list):
        raise TrackerError(f"{where} holds no issues", 'a list, or {"issues": [...]}, is read')
    issues: dict[str, Issue] = {}
    problems: list[Problem] = []
    for index, record in enumerate(records):
        issue = _issue(record, host) if isinstance(record, dict) else None
        if issue is None:
            problems.append(Problem(f"{where} record {index + 1}", _fault(record), "skipped"))
        elif issue.id in issues:
            problems.append(Problem(f"{where} record {index + 1}", f"identifier {issue.id} a second time", "skipped"))
        else:
            issues[issue.id] = issue
    return Reading(tuple(issues.values()), tuple(problems))


def _fault(record: object) -> str:
    if not isinstance(record, dict):
        return "is no object"
    identifier = record.get("identifier")
    if not identifier:
        return "has no identifier"
    return f"identifier {clean_line(str(identifier), limit=80)!r} is no id"


def _issue(record: Mapping[str, Any], host: str) -> Issue | None:
    identifier = record.get("identifier")
    if not isinstance(identifier, str) or not is_issue_id(identifier):
        return None
    priority = record.get("priority")
    return Issue(
        id=identifier,
        title=clean_line(_text(record.get("title"))),
        status=clean_line(_text(record.get("status")) or _text(_named(record.get("state")))),
        labels=frozenset(_labels(record.get("labels"))),
        url=clean_line(_text(record.get("url"))),
        priority=priority if isinstance(priority, int) and not isinstance(priority, bool) else None,
        blockers=_blockers(record),
        pull_request=_pull_request(record.get("attachments"), host),
        body=clean(_text(record.get("description"))),
        created_at=_time(record.get("createdAt")),
        updated_at=_time(record.get("updatedAt")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _named(value: object) -> object:
    return value.get("name") if isinstance(value, dict) else value


def _nodes(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        value = value.get("nodes")
    return value if isinstance(value, list) else ()


def _labels(value: object) -> Iterable[str]:
    for entry in _nodes(value):
        name = _named(entry)
        if isinstance(name, str) and name:
            yield clean_line(name)


def _blockers(record: Mapping[str, Any]) -> tuple[str, ...]:
    listed = record.get("blockedByIds") or record.get("blockedBy")
    names = (entry.get("identifier") if isinstance(entry, dict) else entry for entry in _nodes(listed))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and is_issue_id(name)))


def _pull_request(value: object, host: str) -> PullRequestRef | None:
    for entry in _nodes(value):
        url = entry.get("url") if isinstance(entry, dict) else None
        if isinstance(url, str) and (ref := parse_pull_request_url(url, host=host)) is not None:
            return ref
    return None


def _time(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.tzinfo is not None else None
