"""The local tracker: one Markdown file per issue, for people, editors and agents alike."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import anyio

from legion_tui.errors import TrackerError
from legion_tui.state import Issue, is_issue_id, parse_pull_request_url
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.local.document import Document, new_document, to_issue
from legion_tui.trackers.local.store import Store
from legion_tui.trackers.moving import Moves
from legion_tui.trackers.protocol import Edit, NewIssue, Reading, Write, canonical_status, check_expected

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class LocalTracker(Moves):
    """Implements `Tracker` over a folder; all file work is in a thread, one call at a time."""

    kind = "local"
    possible = Write.ALL
    rate = None

    def __init__(
        self,
        folder: Path,
        *,
        root: Path,
        key: str,
        host: str = "github.com",
        allowed: Write = Write.ALL,
        author: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Take the folder, the project's root and key (`ENG`), where pull requests live, and who writes."""
        self.allowed = allowed
        self._author = author
        self._store = Store(folder, root=root, host=host)
        self._key = key
        self._host = host
        self._clock = clock
        self._one_at_a_time = anyio.Lock()

    @property
    def bytes_read(self) -> int:
        """How much of the files was read up to now."""
        return self._store.bytes_read

    async def read(self) -> Reading:
        """Return every issue and a problem for each file that is none; only changed files are read again."""
        return await self._in_thread(self._store.read)

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as its file says now; raises TrackerError with the ids that there are."""
        return await self._in_thread(lambda: self._store.find(issue_id)[1])

    async def add(self, new: NewIssue) -> Issue:
        """Write a new file; the id is the next of the project's key unless one is given."""
        self.permit(Write.CREATE, "add an issue")
        if new.id is not None and not is_issue_id(new.id):
            raise TrackerError(f"{new.id!r} is no id", "letters, digits, - and _, 64 at the most")
        title = clean_line(new.title)
        if not title:
            raise TrackerError("an issue needs a title")
        status = canonical_status(new.status)

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

    async def _move(self, issue_id: str, written: str, expect: str | None) -> Issue:
        def edit(document: Document) -> Document:
            # Under the lock of the files, so nobody of ours gets in between.
            check_expected(to_issue(document, stem=issue_id, host=self._host), expect, to=written)
            return document.with_value("status", written)

        return await self._change(issue_id, edit, keys={"status"})

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove single labels; the others stay, in their order."""
        self.permit(Write.LABELS, f"label {issue_id}")
        return await self._singly(issue_id, "labels", add, remove)

    async def assign(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove single names; the others stay, in their order."""
        self.permit(Write.ASSIGN, f"assign {issue_id}")
        me = self._author or "@me"
        added, removed = ([me if name == "@me" else name for name in names] for names in (add, remove))
        return await self._singly(issue_id, "assignees", added, removed)

    async def comment(self, issue_id: str, body: str) -> Issue:
        """Add the comment below everything else, under a heading with its time and who wrote it."""
        self.permit(Write.COMMENT, f"comment on {issue_id}")
        text = clean(body).strip()
        if not text:
            raise TrackerError("a comment needs some words")
        heading = f"{self._clock():%Y-%m-%dT%H:%M:%SZ} {self._author}".rstrip()
        return await self._change(issue_id, lambda document: document.with_comment(heading, text))

    async def _singly(self, issue_id: str, key: str, add: Collection[str], remove: Collection[str]) -> Issue:
        for word in (*add, *remove):
            if clean_line(word) != word or not word:
                raise TrackerError(f"{word!r} is nothing for {key}", remedy="one line of plain text")

        def edit(document: Document) -> Document:
            there = document.strings(key)
            words = [word for word in there if word not in remove]
            words += [word for word in dict.fromkeys(add) if word not in words]
            return document if tuple(words) == there else document.with_value(key, words)

        return await self._change(issue_id, edit, keys={key})

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Change the fields that are given."""
        self.permit(Write.EDIT, f"edit {issue_id}")
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

        keys = {key for key in ("title", "priority", "pull_request") if getattr(edit, key) is not None}
        return await self._change(issue_id, apply, keys=keys)

    async def _change(
        self, issue_id: str, edit: Callable[[Document], Document], *, keys: Collection[str] = ()
    ) -> Issue:
        return await self._in_thread(lambda: self._store.change(issue_id, edit, keys=keys))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with self._one_at_a_time:
            return await anyio.to_thread.run_sync(work)
