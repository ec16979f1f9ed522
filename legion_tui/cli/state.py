"""`legion-tui state`: everything known, as JSON."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from uuid import UUID

import anyio

from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.parts import Parts, open_parts
from legion_tui.errors import ConfigError, UsageError
from legion_tui.present.document import document
from legion_tui.state import Snapshot, Source


async def run(context: Context, options: argparse.Namespace) -> int:
    """Print one document, or with `--watch` one a line for every change until interrupted."""
    project_id = _checked_id(options.project_id)
    if options.issues and not project_id and context.place is None:
        raise ConfigError("no project here", "session ids need a project's id", "give --project-id UUID")
    compat = options.compat == "legion-python"
    async with open_parts(context, issues=options.issues, project_id=project_id) as parts:
        if options.watch:
            return await _watch(parts, compat=compat)
        snapshot = await parts.collector.collect()
        say_json(_document(parts, snapshot, compat=compat))
        for problem in snapshot.problems:
            warn(str(problem))
        return _exit_code(snapshot)


async def _watch(parts: Parts, *, compat: bool) -> int:
    import json

    async with anyio.create_task_group() as group:
        group.start_soon(parts.tmux.run)
        group.start_soon(parts.collector.run)
        last: Snapshot | None = None
        async for snapshot in parts.collector.snapshots():
            # Ages alone are no change: equal snapshots differ in nothing else.
            if snapshot == last or not _complete(snapshot):
                continue
            last = snapshot
            say(json.dumps(_document(parts, snapshot, compat=compat), ensure_ascii=False))
            sys.stdout.flush()
    return 0


def _complete(snapshot: Snapshot) -> bool:
    return all(health.known or not health.ok for health in snapshot.sources.values())


def _document(parts: Parts, snapshot: Snapshot, *, compat: bool) -> dict[str, Any]:
    written = document(snapshot, compat=compat, figures=parts.collector.diagnostics().sources)
    tracker = written["sources"].get(Source.TRACKER.value)
    if tracker is not None and snapshot.problems:
        named = "; ".join(str(problem) for problem in snapshot.problems)
        tracker["error"] = f"{tracker['error']}; {named}" if tracker["error"] else named
    return written


def _exit_code(snapshot: Snapshot) -> int:
    tracker = snapshot.sources.get(Source.TRACKER)
    if tracker is not None and not tracker.ok:
        warn(f"{tracker.error}" + (f"; {tracker.remedy}" if tracker.remedy else ""))
        return 1
    return 0


def _checked_id(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        return str(UUID(given))
    except ValueError:
        raise UsageError(f"--project-id {given}", "is no UUID") from None
