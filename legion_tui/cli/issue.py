"""`legion-tui issue`: the project's tracker, for people and for the agents that work in it."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio

from legion_tui.act.guard import PERSONS_LABELS, refuse_agents
from legion_tui.cli.arguments import TAKEN
from legion_tui.cli.context import Context, read_text, say, say_json, warn
from legion_tui.cli.tracker import open_tracker
from legion_tui.errors import TrackerError, UsageError
from legion_tui.state import Issue, IssueStatus, cycle_problems
from legion_tui.trackers import Edit, NewIssue, Tracker


async def run(context: Context, options: argparse.Namespace) -> int:
    """Carry out one action on the tracker."""
    async with open_tracker(context) as tracker:
        return await _act(context, tracker, options)


async def _act(context: Context, tracker: Tracker, options: argparse.Namespace) -> int:
    if options.action == "list":
        return await _list(tracker, as_json=options.json)
    if options.action == "show":
        return _show(await tracker.get(options.issue), as_json=options.json)
    if options.action == "add":
        return await _add(context, tracker, options)
    if options.action == "move":
        issue = await tracker.move(options.issue, options.status)
        say(f"{issue.id}: {issue.status}")
    elif options.action == "label":
        issue = await _label(tracker, options.issue, options.labels)
        say(f"{issue.id}: {', '.join(sorted(issue.labels)) or 'no labels'}")
    elif options.action == "assign":
        add, remove = _signed(options.people, "name")
        issue = await tracker.assign(options.issue, add=add, remove=remove)
        say(f"{issue.id}: {', '.join(issue.assignees) or 'nobody'}")
    elif options.action == "comment":
        text = read_text(options.body_file, context.cwd) if options.body_file else options.text or ""
        issue = await tracker.comment(options.issue, text)
        say(f"{issue.id}: commented")
    elif options.action == "close":
        issue = await tracker.close(options.issue)
        say(f"{issue.id}: {issue.status}")
    else:
        issue = await _edit(context, tracker, options)
        say(f"{issue.id}: {issue.title}")
    return 0


async def _list(tracker: Tracker, *, as_json: bool) -> int:
    reading = await tracker.read()
    for problem in (*reading.problems, *cycle_problems(reading.issues)):
        warn(str(problem))
    if as_json:
        say_json([_document(issue) for issue in reading.issues])
        return 0
    if not reading.issues and not reading.problems:
        warn("no issues yet; legion-tui issue add TITLE makes one")
    wide = max((len(issue.id) for issue in reading.issues), default=0)
    for issue in reading.issues:
        labels = f"  [{', '.join(sorted(issue.labels))}]" if issue.labels else ""
        say(f"{issue.id:<{wide}}  {issue.status or '-':<12}  {issue.title}{labels}")
    return 0


def _show(issue: Issue, *, as_json: bool) -> int:
    if as_json:
        say_json({**_document(issue), "body": issue.body})
        return 0
    say(f"{issue.id}  {issue.title}")
    facts = {
        "status": issue.status,
        "labels": ", ".join(sorted(issue.labels)),
        "priority": "" if issue.priority is None else str(issue.priority),
        "assigned to": ", ".join(issue.assignees),
        "part of": issue.parent,
        "children": ", ".join(issue.children),
        "blocked by": ", ".join(issue.blockers),
        "pull request": issue.pull_request.url if issue.pull_request else "",
        "url": issue.url,
    }
    for name, value in facts.items():
        if value:
            say(f"{name}: {value}")
    if issue.body:
        say(f"\n{issue.body}")
    return 0


async def _add(context: Context, tracker: Tracker, options: argparse.Namespace) -> int:
    refuse_agents_labels(options.label)
    body = read_text(options.body_file, context.cwd) if options.body_file else ""
    issue = await tracker.add(
        NewIssue(
            title=options.title,
            status=options.status,
            labels=tuple(options.label),
            priority=options.priority,
            body=body,
            id=options.id,
        )
    )
    say(issue.id)
    if not options.dispatch:
        return 0
    from legion_tui.cli.dispatch import dispatch_issue

    return await dispatch_issue(context, issue.id)


async def _label(tracker: Tracker, issue_id: str, words: Sequence[str]) -> Issue:
    add, remove = _signed(words, "label")
    refuse_agents_labels([*add, *remove])
    return await tracker.label(issue_id, add=add, remove=remove)


def _signed(words: Sequence[str], what: str) -> tuple[list[str], list[str]]:
    """Return what to add and what to remove of `+this -that`."""
    add: list[str] = []
    remove: list[str] = []
    for word in (word.removeprefix(TAKEN) for word in words):
        if len(word) < 2 or word[0] not in "+-":
            hint = f"+{what.upper()} adds, -{what.upper()} removes"
            raise UsageError(f"{what} {word!r}", "begins with neither + nor -", hint)
        (add if word[0] == "+" else remove).append(word[1:])
    return add, remove


def refuse_agents_labels(labels: Sequence[str]) -> None:
    """Refuse the labels that stand for a person's word when an agent says them."""
    for label in labels:
        if label in PERSONS_LABELS:
            refuse_agents(f"the label {label}")


async def _edit(context: Context, tracker: Tracker, options: argparse.Namespace) -> Issue:
    given = Edit(
        title=options.title,
        priority=options.priority,
        pull_request=options.pull_request,
        body=read_text(options.body_file, context.cwd) if options.body_file else None,
    )
    if given == Edit():
        issue = await tracker.get(options.issue)
        body = await anyio.to_thread.run_sync(_in_editor, issue, context)
        if body == issue.body:
            raise TrackerError(f"{issue.id}: nothing was changed")
        given = Edit(body=body)
    return await tracker.edit(options.issue, given)


def _in_editor(issue: Issue, context: Context) -> str:
    editor = context.environ.get("VISUAL") or context.environ.get("EDITOR")
    if not editor and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "nothing to change", "no option names any, and vi needs a terminal", "set EDITOR, or give --body-file"
        )
    editor = editor or "vi"
    with tempfile.TemporaryDirectory(prefix="legion-tui-") as folder:
        file = Path(folder) / f"{issue.id}.md"
        file.write_text(issue.body + "\n", "utf-8")
        try:
            # The person's own words for their own editor, which may hold arguments.
            subprocess.run([*shlex.split(editor), os.fspath(file)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise TrackerError(f"{editor} failed", str(error), "set EDITOR, or give --body-file") from None
        return file.read_text("utf-8").strip()


def _document(issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "title": issue.title,
        "status": IssueStatus.normalize(issue.status),
        "labels": sorted(issue.labels),
        "priority": issue.priority,
        "blockers": list(issue.blockers),
        "assignees": list(issue.assignees),
        "parent": issue.parent or None,
        "children": list(issue.children),
        "pull_request": issue.pull_request.url if issue.pull_request else None,
        "url": issue.url,
    }
