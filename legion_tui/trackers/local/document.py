"""One issue's Markdown file: YAML front matter and a body. Pure; an edit leaves every other byte as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import yaml

from legion_tui.state import Issue, is_issue_id, parse_pull_request_url
from legion_tui.state.text import clean, clean_line

# A front matter is a few lines; more is not one of ours, and a parser's time should not be bought with it.
LARGEST_FRONT_MATTER = 64_000
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
DEEPEST = 40
_COMMENTS = re.compile(r"^## Comments[ \t]*\r?$", re.MULTILINE)


class BadDocument(Exception):
    """The file is no issue; the text says why, and where."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One key of the front matter: where its value stands, from behind the colon to its last character."""

    start: int
    end: int
    node: yaml.Node


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text, taken apart only as far as is needed to read and edit it."""

    text: str
    matter_end: int
    body_start: int
    entries: Mapping[str, _Entry]

    @classmethod
    def parse(cls, data: bytes) -> Document:
        """Take `data` apart; raises BadDocument."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadDocument(f"is not UTF-8 at byte {error.start}") from None
        match = _FRONT_MATTER.match(text)
        if match is None:
            raise BadDocument("has no front matter between two lines of ---")
        start, end = match.span("yaml")
        return cls(text, end, match.end(), _entries(text, start, end))

    @property
    def body(self) -> str:
        """Everything below the front matter."""
        return self.text[self.body_start :]

    def string(self, key: str) -> str | None:
        """Return a scalar as it is written, None where the key is missing or empty; raises BadDocument."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        if not isinstance(entry.node, yaml.ScalarNode):
            raise BadDocument(f"{key} is not a single value")
        return str(entry.node.value) if entry.node.value not in ("", "null", "~") else None

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of scalars (a single one is split at commas); raises BadDocument."""
        entry = self.entries.get(key)
        if entry is None:
            return ()
        if isinstance(entry.node, yaml.ScalarNode):
            return tuple(part for part in re.split(r"\s*,\s*", self.string(key) or "") if part)
        items = entry.node.value if isinstance(entry.node, yaml.SequenceNode) else [entry.node]
        if not all(isinstance(item, yaml.ScalarNode) for item in items):
            raise BadDocument(f"{key} is not a list of words")
        return tuple(dict.fromkeys(str(item.value) for item in items))

    def with_value(self, key: str, value: str | int | Sequence[str] | None) -> Document:
        """Return the document with one key set (None: removed if it is there); every other byte stays."""
        entry = self.entries.get(key)
        newline = "\r\n" if "\r\n" in self.text[: self.body_start] else "\n"
        if value is None:
            if entry is None:
                return self
            line_start = self.text.rfind("\n", 0, entry.start) + 1
            line_end = self.text.find("\n", max(entry.end, entry.start)) + 1
            return self._spliced(line_start, line_end, "")
        written = _flow(list(value) if isinstance(value, (list, tuple)) else value)
        if entry is not None:
            return self._spliced(entry.start, entry.end, f" {written}")
        return self._spliced(self.matter_end, self.matter_end, f"{key}: {written}{newline}")

    def with_body(self, body: str) -> Document:
        """Return the document with another body."""
        return self._spliced(self.body_start, len(self.text), body)

    def with_comment(self, heading: str, text: str) -> Document:
        """Return the document with a comment behind everything else, below a line `## Comments`."""
        newline = "\r\n" if "\r\n" in self.text else "\n"
        title = "" if _COMMENTS.search(self.body) else "\n## Comments\n"
        before = self.body.rstrip()
        added = f"{title}\n### {heading}\n\n{text}\n"
        return self.with_body(before + ("\n" + added if before else added).replace("\n", newline))

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        return self.text.encode("utf-8")

    def _spliced(self, start: int, end: int, put: str) -> Document:
        return Document.parse((self.text[:start] + put + self.text[end:]).encode("utf-8"))


def new_document(fields: Mapping[str, str | int | Sequence[str]], body: str) -> Document:
    """Return a fresh document."""
    lines = "".join(f"{key}: {_flow(value)}\n" for key, value in fields.items())
    return Document.parse(f"---\n{lines}---\n{body}".encode())


def to_issue(document: Document, *, stem: str, host: str, modified: datetime | None = None) -> Issue:
    """Return the issue that the document is; raises BadDocument naming the key."""
    issue_id = document.string("id") or stem
    if not is_issue_id(issue_id):
        raise BadDocument(f"id {clean_line(issue_id, limit=80)!r} is none: letters, digits, - and _, 64 at most")
    title = document.string("title")
    if not title:
        raise BadDocument("has no title")
    url = document.string("pull_request")
    pull_request = parse_pull_request_url(url, host=host) if url else None
    if url and pull_request is None:
        raise BadDocument(f"pull_request {clean_line(url, limit=120)!r} is no pull request's URL on {host}")
    status = clean_line(document.string("status") or "")
    return Issue(
        id=issue_id,
        title=clean_line(title),
        status=status,
        labels=frozenset(clean_line(label) for label in document.strings("labels")),
        url=clean_line(document.string("url") or ""),
        priority=_priority(document),
        blockers=tuple(clean_line(blocker) for blocker in document.strings("blockers")),
        assignees=tuple(clean_line(name) for name in document.strings("assignees")),
        parent=clean_line(document.string("parent") or ""),
        pull_request=pull_request,
        body=clean(document.body.strip()),
        created_at=_time(document, "created"),
        updated_at=modified,
    )


def _entries(text: str, start: int, end: int) -> Mapping[str, _Entry]:
    matter = text[start:end]
    if len(matter) > LARGEST_FRONT_MATTER or _depth(matter) > DEEPEST:
        raise BadDocument("has a front matter that is too large or too deep to be one")
    try:
        root = yaml.compose(matter, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 2}: " if mark is not None else ""
        raise BadDocument(clean_line(f"{where}{error.problem or error.context or 'is not YAML'}", limit=200)) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise BadDocument(clean_line(f"front matter is not YAML: {error}", limit=200)) from None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise BadDocument("front matter is no list of keys and values")
    entries: dict[str, _Entry] = {}
    for key_node, value_node in root.value:
        key = str(key_node.value)
        if key in entries:
            raise BadDocument(f"line {key_node.start_mark.line + 2}: {clean_line(key, limit=40)} stands there twice")
        behind = key_node.end_mark.index
        at = matter.find(":", behind)
        if at < 0 or matter[behind:at].strip():  # YAML's `? key` needs none, and could not be edited in its place
            raise BadDocument(f"line {key_node.start_mark.line + 2}: {clean_line(key, limit=40)} has no colon")
        colon = start + at + 1
        last = start + len(matter[: _end_of(value_node)].rstrip())
        entries[key] = _Entry(colon, max(colon, last), value_node)
    return entries


def _depth(matter: str) -> int:
    """Return how deep flow collections could nest at the most: the parser's own stack is not to be tried."""
    deepest = depth = 0
    for character in matter:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth = max(0, depth - 1)
    return deepest


def _end_of(node: yaml.Node) -> int:
    # A block collection's own end mark is where the next thing begins, comments and blank lines included.
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end_of(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _flow(value: object) -> str:
    # Plain strings: an enumeration's member is one to us and unknown to YAML.
    value = [str(word) for word in value] if isinstance(value, (list, tuple)) else value
    value = str(value) if isinstance(value, str) else value
    written = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=float("inf"))
    return written.removesuffix("\n").removesuffix("\n...")


def _priority(document: Document) -> int | None:
    written = document.string("priority")
    if written is None:
        return None
    try:
        return int(written)
    except ValueError:
        raise BadDocument(f"priority {clean_line(written, limit=40)!r} is no number") from None


def _time(document: Document, key: str) -> datetime | None:
    written = document.string(key)
    if written is None:
        return None
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        raise BadDocument(f"{key} {clean_line(written, limit=40)!r} is no time such as 2026-11-21T04:00:00Z") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
