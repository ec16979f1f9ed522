"""`legion-tui explain`: why a row says what it says."""

from __future__ import annotations

import argparse

from legion_tui.cli.context import Context, say
from legion_tui.cli.limits import thresholds
from legion_tui.cli.parts import open_parts
from legion_tui.errors import LegionError
from legion_tui.present.document import age_seconds
from legion_tui.present.kin import done_count, named, names
from legion_tui.present.usage import client_words, usage
from legion_tui.state import IssueState, Snapshot, Worker
from legion_tui.state.pulse import Thresholds, part_is_done, quiet_of


async def run(context: Context, options: argparse.Namespace) -> int:
    """Print the decision's row and sentence, and every piece of evidence with source, age and whether it agrees."""
    async with open_parts(context) as parts:
        snapshot = await parts.collector.collect()
    state = snapshot.issue(options.issue)
    if state is None:
        raise LegionError(f"{options.issue}: no such issue", remedy="`legion-tui issue list` shows them")
    for line in explanation(state, snapshot, thresholds(parts.config.workers)):
        say(line)
    return 0


def explanation(state: IssueState, snapshot: Snapshot, limits: Thresholds | None = None) -> list[str]:
    """Return the lines for one issue; `limits`: when a worker is called quiet."""
    decision = state.decision
    lines = [
        f"{state.id}  {state.issue.title}",
        f"next: {decision.action} ({decision.mode}), attention: {state.attention}",
        decision.why,
    ]
    if state.status != state.issue.status:
        lines.append(f"status: {state.status} (the tracker says: {state.issue.status or 'nothing'})")
    relations = state.relations
    if relations.parent is not None:
        lines.append(f"part of: {named(relations.parent)}")
    if relations.children:
        lines.append(f"children: {done_count(relations.children)}: {names(relations.children)}")
    if relations.blockers:
        lines.append(f"blocked by: {names(relations.blockers)}")
    if state.pull_request_note:
        lines.append(f"pull request: {state.pull_request_note}")
    for worker in state.workers:
        lines += _evidence(worker, snapshot)
        lines += _quiet(worker, state, snapshot, limits or Thresholds())
    for source, health in snapshot.sources.items():
        age = age_seconds(health.read_at, snapshot.collected_at) if snapshot.collected_at else None
        told = "ok" if health.ok else f"{health.error}"
        lines.append(f"source {source}: {told}" + (f", read {age:g} s ago" if age is not None else ""))
    return lines


def _quiet(worker: Worker, state: IssueState, snapshot: Snapshot, limits: Thresholds) -> list[str]:
    now, since = snapshot.collected_at, worker.activity or worker.since
    done = part_is_done(worker, state.status, state.labels, closed=state.issue.closed)
    if now is None or since is None or done or not (quiet := quiet_of(worker, now, limits)):
        return []
    return [f"  no record of it for {age_seconds(since, now):g} s: {quiet}"]


def _evidence(worker: Worker, snapshot: Snapshot) -> list[str]:
    lines = [f"worker {worker.mode or '-'}: {worker.state}, session {worker.session_id}, pane {worker.pane or '-'}"]
    if worker.detail.waits_for:
        lines.append(f"  waits: {worker.detail.waits_for}")
    lines.append(f"  client {client_words(worker)}")
    lines.append("  used: " + "; ".join(f"{name} {words}" for name, words in usage(worker)))
    for evidence in worker.evidence:
        age = age_seconds(evidence.at, snapshot.collected_at) if snapshot.collected_at else None
        verdict = "decided" if evidence.decided else ("agrees" if evidence.agrees else "CONTRADICTS")
        aged = f", {age:g} s old" if age is not None else ""
        lines.append(f"  {evidence.rung} · {evidence.source}: {evidence.value}{aged} ({verdict})")
    return lines
