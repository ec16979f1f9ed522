"""One issue's file: what is read of it, and that an edit leaves every other byte alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.trackers.local.document import BadDocument, Document, new_document, to_issue

WRITTEN = """\
---
# how we name things: see the handbook
id: ENG-7
title: "Retry: the webhook sender"   # short
estimate:   {points: 3, by: "ana"}
labels:
  - worker-active   # set by the board
  - backend
status: In Progress
zürich: 'ja, schön'
blockers: [ENG-3, ENG-4]

priority: 2
notes: |
  several
  lines
---

# Body

--- not a fence
\ttabs and trailing spaces   \r\nand another line end
"""


def _issue(text: str) -> object:
    return to_issue(Document.parse(text.encode()), stem="ENG-7", host="github.com")


def test_a_hand_written_file_is_read() -> None:
    issue = to_issue(Document.parse(WRITTEN.encode()), stem="other", host="github.com")
    assert (issue.id, issue.title, issue.status) == ("ENG-7", "Retry: the webhook sender", "In Progress")
    assert issue.labels == {"worker-active", "backend"}
    assert issue.blockers == ("ENG-3", "ENG-4")
    assert issue.priority == 2
    assert issue.body.startswith("# Body")


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("status", "Todo", "status: In Progress", "status: Todo"),
        ("title", "A: b", '"Retry: the webhook sender"   # short', "'A: b'   # short"),
        ("priority", 1, "priority: 2", "priority: 1"),
        ("blockers", ["ENG-9"], "[ENG-3, ENG-4]", "[ENG-9]"),
        (
            "labels",
            ["backend"],
            "labels:\n  - worker-active   # set by the board\n  - backend\n",
            "labels: [backend]\n",
        ),
        (
            "pull_request",
            "https://github.com/a/b/pull/1",
            "  lines\n---",
            "  lines\npull_request: https://github.com/a/b/pull/1\n---",
        ),
    ],
)
def test_an_edit_changes_that_value_and_not_one_byte_more(key: str, value: str, before: str, after: str) -> None:
    edited = Document.parse(WRITTEN.encode()).with_value(key, value)
    assert edited.text == WRITTEN.replace(before, after, 1)


def test_an_empty_value_a_missing_key_and_windows_line_ends() -> None:
    text = "---\r\nid: A-1\r\ntitle: x\r\nlabels:\r\nstatus: Todo\r\n---\r\nbody\r\n"
    edited = Document.parse(text.encode()).with_value("labels", ["a"]).with_value("priority", 3)
    assert edited.text == text.replace("labels:", "labels: [a]").replace("Todo\r\n", "Todo\r\npriority: 3\r\n")
    assert edited.with_value("priority", None).text == text.replace("labels:", "labels: [a]")


@pytest.mark.parametrize(
    "value", ["yes", "no", "null", "~", "12", "1e3", "- a", "# x", "a: b", "'", '"', "", "ünï ☃", "{a"]
)
def test_a_value_that_yaml_would_read_otherwise_comes_back_as_it_was(value: str) -> None:
    document = Document.parse(WRITTEN.encode()).with_value("labels", [value, "plain"])
    assert document.strings("labels") == (value, "plain")


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_title_and_body_survive_a_label_edit(title: str, body: str) -> None:
    clean_title = title.encode("utf-8", "ignore").decode().strip() or "x"
    body = body.encode("utf-8", "ignore").decode()
    document = new_document({"id": "A-1", "title": clean_title, "status": "Todo"}, body)
    edited = document.with_value("labels", ["worker-done"])
    assert edited.string("title") == document.string("title")
    assert edited.body == document.body
    assert edited.strings("labels") == ("worker-done",)


@given(
    st.binary(max_size=400) | st.text(max_size=400).map(lambda text: f"---\n{text}\n---\n".encode("utf-8", "replace"))
)
def test_any_bytes_are_a_document_or_a_reason(data: bytes) -> None:
    reason = "none"
    try:
        to_issue(Document.parse(data), stem="A-1", host="github.com")
    except BadDocument as error:
        reason = str(error)
    assert reason
    assert "\n" not in reason


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no front matter", "front matter"),
        ("---\ntitle: x\n", "front matter"),
        ("---\ntitle: [x\n---\n", "line 3"),
        ("---\n- a\n---\n", "no list of keys"),
        ("---\ntitle: a\ntitle: b\n---\n", "twice"),
        ("---\n{title}\n---\n", "line 2: title has no colon"),
        ("---\n? id\ntitle: x\n---\n", "line 2: id has no colon"),
        ("---\nstatus: Todo\n---\n", "title"),
        ("---\ntitle: x\nid: a b\n---\n", "id"),
        ("---\ntitle: x\npriority: soon\n---\n", "priority"),
        ("---\ntitle: x\npull_request: nowhere\n---\n", "pull_request"),
        ("---\ntitle: x\ncreated: yesterday\n---\n", "created"),
        ("---\ntitle: x\nlabels: [[a]]\n---\n", "labels"),
        ("---\ntitle: " + "[" * 5000 + "\n---\n", "too deep"),
        ("---\ntitle: " + "x" * 70_000 + "\n---\n", "too large"),
    ],
)
def test_a_broken_file_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadDocument, match=says):
        _issue(text)


def test_a_file_that_is_not_utf8() -> None:
    with pytest.raises(BadDocument, match="byte 4"):
        Document.parse(b"---\n\xff\xfe")
