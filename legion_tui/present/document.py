"""A snapshot as the JSON document that `state` prints. Times are RFC 3339 UTC, durations say their unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from legion_tui.state import (
    Action,
    Evidence,
    IssueState,
    Label,
    Mode,
    PullRequest,
    Question,
    Snapshot,
    Source,
    SourceHealth,
    Worker,
    compute_session_id,
    legion_python,
)
from legion_tui.state.diagnostics import SourceFigures

VERSION = 1


def document(
    snapshot: Snapshot, *, compat: bool = False, figures: Mapping[Source, SourceFigures] | None = None
) -> dict[str, Any]:
    """Return the whole document; `compat` writes what Legion's last Python version would have.

    With `figures`, each source tells what its readings took and cost, too.
    """
    now = snapshot.collected_at or datetime.now(UTC)
    project = snapshot.project
    return {
        "version": VERSION,
        "collected_at": rfc3339(now),
        "project": {"id": project.id, "short_id": project.short_id, "key": project.key} if project else None,
        "sources": {
            source.value: _health(health, now) | _figures((figures or {}).get(source))
            for source, health in snapshot.sources.items()
        },
        "issues": {state.id: issue_document(state, snapshot, now, compat=compat) for state in snapshot.issues},
        "sessions": {
            worker.session_id: {**worker_document(worker, now), "question": question_document(worker.question)}
            for worker in snapshot.sessions
        },
    }


def issue_document(state: IssueState, snapshot: Snapshot, now: datetime, *, compat: bool = False) -> dict[str, Any]:
    """Return one issue: Legion's own fields first, then ours."""
    facts = state.facts
    question = state.worker.question if state.worker else None
    decision, session_id = state.decision, state.session_id
    if compat:
        decision = legion_python(decision)
        if snapshot.project is not None:
            session_id = compute_session_id(snapshot.project.id, state.id, Mode(decision.mode))
    return {
        "status": state.status,
        "labels": sorted(state.labels),
        "has_pr": facts.has_pr,
        "pr_is_draft": facts.pr_is_draft,
        "has_live_worker": facts.has_live_worker,
        "suggested_action": Action(decision.action).value,
        "session_id": session_id,
        "has_user_feedback": Label.USER_FEEDBACK_GIVEN in state.labels,
        "has_user_input_needed": Label.USER_INPUT_NEEDED in state.labels,
        "is_blocked": facts.is_blocked,
        "blocked_question": question.text if question and facts.is_blocked else None,
        "title": state.issue.title,
        "url": state.issue.url or None,
        "attention": state.attention.value,
        "since": rfc3339(state.since),
        "why": {"row": decision.row, "text": decision.why},
        "mode": Mode(decision.mode).value,
        "blockers": list(facts.blockers),
        "parent": state.issue.parent or None,
        "children": [child.id for child in state.relations.children],
        "pull_request": _pull_request(state.pull_request),
        "worker": worker_document(state.worker, now) if state.worker else None,
        "other_workers": [worker_document(worker, now) for worker in state.other_workers],
        "question": question_document(question),
    }


def worker_document(worker: Worker, now: datetime) -> dict[str, Any]:
    """Return a worker as the evidence shows it."""
    detail = worker.detail
    told = {"until": rfc3339(detail.until), "attempt": detail.attempt, "of": detail.of, "error": detail.error}
    told |= {"waits_for": detail.waits_for}
    tokens = worker.tokens
    return {
        "mode": worker.mode.value if worker.mode else None,
        "state": worker.state.value,
        "detail": {name: value for name, value in told.items() if value is not None},
        "since": rfc3339(worker.since),
        "evidence": [evidence_document(evidence, now) for evidence in worker.evidence],
        "pane": worker.pane,
        "window": worker.window,
        "pid": worker.pid,
        "session_id": worker.session_id,
        "cwd": worker.cwd,
        "branch": worker.branch,
        "activity": rfc3339(worker.activity),
        "model": worker.model,
        "version": worker.version,
        "tested": worker.tested,
        "tokens": None
        if tokens is None
        else {
            "input": tokens.input,
            "output": tokens.output,
            "cache_read": tokens.cache_read,
            "cache_write": tokens.cache_write,
            "context_percent": tokens.context_percent,
        },
        "cost_usd": worker.cost_usd,
    }


def evidence_document(evidence: Evidence, now: datetime) -> dict[str, Any]:
    """Return one piece of evidence with its age."""
    return {
        "rung": evidence.rung.value,
        "source": evidence.source,
        "value": evidence.value,
        "age_seconds": age_seconds(evidence.at, now),
    }


def question_document(question: Question | None) -> dict[str, Any] | None:
    """Return a question with its full text and options."""
    if question is None:
        return None
    return {
        "id": question.id,
        "kind": question.kind.value,
        "asked_at": rfc3339(question.asked_at),
        "channel": question.channel.value,
        "items": [
            {
                "header": item.header,
                "text": item.text,
                "multi_select": item.multi_select,
                "options": [
                    {
                        "key": option.key,
                        "label": option.label,
                        "description": option.description,
                        "preview": option.preview,
                    }
                    for option in item.options
                ],
            }
            for item in question.items
        ],
    }


def pending(snapshot: Snapshot) -> list[tuple[str | None, Worker, Question]]:
    """Return every open question with its issue (None: a session's) and worker, oldest first."""
    found: list[tuple[str | None, Worker, Question]] = []
    for state in snapshot.issues:
        for worker in state.workers:
            if worker.asking and worker.question is not None:
                found.append((state.id, worker, worker.question))
    for worker in snapshot.sessions:
        if worker.asking and worker.question is not None:
            found.append((None, worker, worker.question))
    late = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda entry: (entry[2].asked_at or entry[1].since or late, entry[2].id))


def questions_document(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return what `questions --json` prints."""
    now = snapshot.collected_at or datetime.now(UTC)
    return [
        {
            "issue": issue,
            "mode": worker.mode.value if worker.mode else None,
            "session_id": worker.session_id,
            "age_seconds": age_seconds(question.asked_at or worker.since, now),
            **(question_document(question) or {}),
        }
        for issue, worker, question in pending(snapshot)
    ]


def rfc3339(time: datetime | None) -> str | None:
    """Return a time as `2026-11-21T04:00:00Z`."""
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age_seconds(since: datetime | None, now: datetime) -> float | None:
    """Return how long ago that was, never below zero, to a tenth."""
    return None if since is None else max(0.0, round((now - since).total_seconds(), 1))


def _figures(figures: SourceFigures | None) -> dict[str, Any]:
    if figures is None:
        return {}
    timing, cost = figures.timing, figures.cost
    return {
        "p50_ms": timing.p50_ms,
        "p95_ms": timing.p95_ms,
        "readings": timing.readings,
        "failures": timing.failures,
        "bytes_read": cost.bytes_read,
        "processes": cost.processes,
    }


def _health(health: SourceHealth, now: datetime) -> dict[str, Any]:
    return {
        "ok": health.ok,
        "age_seconds": age_seconds(health.read_at, now),
        "error": health.error,
        "took_ms": health.took_ms,
    } | ({"via": health.via} if health.via else {})


def _pull_request(pull_request: PullRequest | None) -> dict[str, Any] | None:
    if pull_request is None:
        return None
    checks = pull_request.checks
    return {
        "number": pull_request.ref.number,
        "url": pull_request.ref.url,
        "state": pull_request.state.value,
        "is_draft": pull_request.is_draft,
        "review": pull_request.review,
        "head_newer_than_review": pull_request.head_newer_than_review,
        "review_requested_from_me": pull_request.review_requested_from_me,
        "unresolved_threads": pull_request.unresolved_threads,
        "ci": pull_request.ci,
        "checks": {"passed": checks.passed, "failed": checks.failed, "pending": checks.pending},
        "mergeable": pull_request.mergeable,
        "branch": pull_request.branch or None,
        "additions": pull_request.additions,
        "deletions": pull_request.deletions,
    }
