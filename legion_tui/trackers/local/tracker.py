"""The local tracker: one Markdown file per issue, for people, editors and agents alike."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import anyio

from legion_tui.errors import TrackerError
from legion_tui.state import Issue, IssueStatus, is_issue_id, parse_pull_request_url
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.local.document import Document, new_document
from legion_tui.trackers.local.store import Store
from legion_tui.trackers.protocol import Edit, NewIssue, Reading

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class LocalTracker:
    """Implements `Tracker` over a folder; all file work is in a thread, one call at a time."""

    kind = "local"
    writable = True

    def __init__(
        self,
        folder: Path,
        *,
        root: Path,
        key: str,
        host: str = "github.com",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Take the folder, the project's root and key (`ENG`), and where pull requests live."""
        self._store = Store(folder, root=root, host=host)
        self._key = key
        self._host = host
        self._clock = clock
        self._one_at_a_time = anyio.Lock()

    async def read(self) -> Reading:
        """Return every issue and a problem for each file that is none; only changed files are read again."""
        return await self._in_thread(self._store.read)

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as its file says now; raises TrackerError with the ids that there are."""
        return await self._in_thread(lambda: self._store.find(issue_id)[1])

    async def add(self, new: NewIssue) -> Issue:
        """Write a new file; the id is the next of the project's key unless one is given."""
        if new.id is not None and not is_issue_id(new.id):
            raise TrackerError(f"{new.id!r} is no id", "letters, digits, - and _, 64 at the most")
        title = clean_line(new.title)
        if not title:
            raise TrackerError("an issue needs a title")
        status = _canonical(new.status)

        def make(issue_id: str) -> Document:
            fields: dict[str, str | int | list[str]] = {
                "id": issue_id,
                "title": title,
                "status": status,
            }
            if new.labels:
                fields["labels"] = list(dict.fromkeys(new.labels))
            if new.priority is not None:
                fields["priority"] = new.priority
            fields["created"] = self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")
            body = clean(new.body).strip()
            return new_document(fields, f"\n{body}\n" if body else "")

        return await self._in_thread(lambda: self._store.create(new.id, self._key, make))

    async def move(self, issue_id: str, status: str) -> Issue:
        """Set the status, in its canonical spelling."""
        written = _canonical(status)
        return await self._change(issue_id, lambda document: document.with_value("status", written))

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove single labels; the others stay, in their order."""
        for label in (*add, *remove):
            if clean_line(label) != label or not label:
                raise TrackerError(f"{label!r} is no label", remedy="one line of plain text")

        def edit(document: Document) -> Document:
            there = document.strings("labels")
            labels = [label for label in there if label not in remove]
            labels += [label for label in dict.fromkeys(add) if label not in labels]
            return document if tuple(labels) == there else document.with_value("labels", labels)

        return await self._change(issue_id, edit)

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Change the fields that are given."""
        if edit.pull_request and parse_pull_request_url(edit.pull_request, host=self._host) is None:
            raise TrackerError(f"{edit.pull_request!r} is no pull request's URL on {self._host}")
        if edit.title is not None and not clean_line(edit.title):
            raise TrackerError("an issue needs a title")

        def apply(document: Document) -> Document:
            if edit.title is not None:
                document = document.with_value("title", clean_line(edit.title))
            if edit.priority is not None:
                document = document.with_value("priority", edit.priority)
            if edit.pull_request is not None:
                document = document.with_value("pull_request", edit.pull_request or None)
            if edit.body is not None:
                body = clean(edit.body).strip()
                document = document.with_body(f"\n{body}\n" if body else "")
            return document

        return await self._change(issue_id, apply)

    async def _change(self, issue_id: str, edit: Callable[[Document], Document]) -> Issue:
        return await self._in_thread(lambda: self._store.change(issue_id, edit))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with self._one_at_a_time:
            return await anyio.to_thread.run_sync(work)


def _canonical(status: str) -> str:
    # Found in a file, another word is shown as it is; written from here, it would be a slip that stops the issue.
    known = IssueStatus.normalize(status)
    if known not in set(IssueStatus):
        near = difflib.get_close_matches(known, list(IssueStatus), n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of: {', '.join(IssueStatus)}"
        raise TrackerError(f"{clean_line(status, limit=80)!r} is no status", remedy=hint)
    return known
