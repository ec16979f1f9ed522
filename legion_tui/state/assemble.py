"""Join what the sources say into one snapshot: each issue with its workers, its pull request and its decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from legion_tui.state.attention import allot, attention_of
from legion_tui.state.cycles import cycle_problems
from legion_tui.state.decision import UNDECIDED_ROW, Decision, decide
from legion_tui.state.facts import IssueFacts, derive
from legion_tui.state.identity import compute_session_id, status_mode
from legion_tui.state.issues import (
    Issue,
    Problem,
    PullRequest,
    PullRequestRef,
    parse_pull_request_url,
)
from legion_tui.state.known import Known
from legion_tui.state.names import Action, IssueStatus, Label, Mode
from legion_tui.state.queueing import add_queued, with_reasons
from legion_tui.state.relations import NO_RELATIONS, Relations, relations_of
from legion_tui.state.snapshot import IssueState, Snapshot, Source
from legion_tui.state.workers import Turn, Worker, WorkerState

# What has to be known before anything can be said of a live worker.
_LIVENESS = (Source.TMUX, Source.AGENTS)


def assemble(known: Known) -> Snapshot:
    """Return the snapshot of what is known. Pure: equal input, equal snapshot."""
    return Assembler().assemble(known)


class Assembler:
    """Assembles time and again; the row of an issue of which nothing changed is the same object as before.

    Deciding is what costs, some 0.15 ms a row, and most rows do not change from one reading to the next.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._shared: tuple[object, ...] = ()
        self._rows: dict[str, tuple[tuple[object, ...], IssueState]] = {}
        self._reading: tuple[Issue, ...] = ()
        self._relations: Mapping[str, Relations] = {}
        self._cycles: tuple[Problem, ...] = ()

    def assemble(self, known: Known) -> Snapshot:
        """Return what `assemble` returns."""
        if known.reading is not self._reading:  # equal readings stay the same object from one time to the next
            self._reading = known.reading
            self._relations, self._cycles = relations_of(known.reading), cycle_problems(known.reading)
        by_issue: dict[str, list[Worker]] = {}
        sessions = []
        ids = {issue.id for issue in known.reading}
        for worker in known.workers:
            if worker.issue is not None and worker.issue in ids:
                by_issue.setdefault(worker.issue, []).append(worker)
            elif worker.live:
                sessions.append(worker)
        if known.journal is not None:
            add_queued(by_issue, (request for request in known.journal.requests if request.issue in ids))
        joined = self._join_all(known, by_issue)
        used = sum(worker.live for workers in by_issue.values() for worker in workers)
        snapshot = Snapshot(
            project=known.project,
            sources=known.sources,
            issues=allot(joined, max(0, known.slots - used)),
            sessions=tuple(sorted(sessions, key=_newest_first)),
            problems=(*known.problems, *self._cycles),
            notices=known.notices,
            queue=known.journal.queue if known.journal is not None else (),
            requests=known.journal.requests if known.journal is not None else (),
            mode_slots=known.mode_slots,
            slots_used=used,
            slots=known.slots,
        )
        return with_reasons(snapshot) if snapshot.requests else snapshot

    def _join_all(self, known: Known, by_issue: Mapping[str, Sequence[Worker]]) -> list[IssueState]:
        shared = _shared(known)
        before = self._rows if shared == self._shared else {}
        seen: dict[str, list[datetime | None]] = {}
        for issue_id, turn_at in known.seen:
            seen.setdefault(issue_id, []).append(turn_at)
        labels = known.journal.labels if known.journal is not None else {}
        sent = known.journal.issues if known.journal is not None else frozenset()
        told = known.journal.told if known.journal is not None else {}
        rows: dict[str, tuple[tuple[object, ...], IssueState]] = {}
        joined = []
        for issue in known.reading:
            workers = tuple(by_issue.get(issue.id, ()))
            relations = self._relations.get(issue.id, NO_RELATIONS)
            own = (
                issue,
                workers,
                relations,
                frozenset(seen.get(issue.id, ())),
                labels.get(issue.id),
                issue.id in sent,
                told.get(issue.id),
            )
            last = before.get(issue.id)
            row = last[1] if last is not None and last[0] == own else _join(issue, workers, relations, known)
            rows[issue.id] = own, row
            joined.append(row)
        self._shared, self._rows = shared, rows
        return joined


def _shared(known: Known) -> tuple[object, ...]:
    """Return what the row of any issue depends on."""
    unasked, answer = _never_asked(known), known.sources.get(Source.PULL_REQUESTS)
    return (
        known.project,
        known.pipeline,
        known.host,
        known.journal is None,
        unasked and (unasked, known.sources[unasked].ok),
        answer and answer.error,
        known.pull_requests,
        known.pull_request_notes,
        known.pull_request_branches,
        known.unpushed,
    )


def _join(issue: Issue, all_workers: Iterable[Worker], relations: Relations, known: Known) -> IssueState:
    labels = issue.labels | (known.journal.labels.get(issue.id, frozenset()) if known.journal else frozenset())
    workers = _worth_showing(all_workers, labels)
    ref = _pull_request_of(issue, workers, known)
    pull_request = known.pull_requests.get(ref) if ref is not None else None
    facts = IssueFacts(
        status=IssueStatus.normalize(issue.status),
        labels=labels,
        has_pr=ref is not None,
        blockers=tuple(blocker.id for blocker in relations.blocking),
        issue_state="closed" if issue.closed else "open",
        dispatched=known.journal is not None and issue.id in known.journal.issues,
        has_live_worker=any(worker.live for worker in workers),
        is_blocked=any(worker.asking for worker in workers),
        active_elsewhere=_is_elsewhere(issue, workers, labels, known),
        **_turn_facts(workers, known.unpushed),
        **_pull_request_facts(pull_request),
    )
    # The status may come from the plain facts, and which worker is finished depends on it.
    own_mode = status_mode(derive(facts, known.pipeline).status)
    at_work = [worker for worker in workers if worker.live and not _is_finished(worker, own_mode)]
    facts = replace(facts, has_live_worker=bool(at_work), worker_mode=at_work[0].mode if at_work else None)
    facts = _with_told(derive(facts, known.pipeline), pull_request, issue.id, known)
    unasked = _never_asked(known)
    decision = decide(facts, known.pipeline) if not unasked else _undecided(unasked, known)
    worker = workers[0] if workers else None
    return IssueState(
        issue=issue,
        status=facts.status,
        facts=facts,
        decision=decision,
        session_id=compute_session_id(known.project.id, issue.id, decision.mode) if known.project else "",
        attention=attention_of(facts, decision, _shown_state(workers), seen=(issue.id, facts.turn_at) in known.seen),
        labels=labels,
        since=_since(issue, worker),
        worker=worker,
        other_workers=workers[1:],
        pull_request=pull_request,
        pull_request_note=_pull_request_note(ref, pull_request, known),
        relations=relations,
    )


def _with_told(facts: IssueFacts, pull_request: PullRequest | None, issue_id: str, known: Known) -> IssueFacts:
    """Note where a worker was told this very action for this head commit: saying it again would change nothing."""
    told = known.journal.told.get(issue_id, frozenset()) if known.journal is not None else frozenset()
    if pull_request is None or not told:
        return facts
    action = decide(facts, known.pipeline).action
    if (action.value, pull_request.head) not in told:
        return facts
    return derive(replace(facts, told_for_head=True), known.pipeline)


def _worth_showing(workers: Iterable[Worker], labels: frozenset[str]) -> tuple[Worker, ...]:
    """Asking first, then live, then newest. One that left only a ledger entry counts where it should be there."""
    kept = [
        worker
        for worker in workers
        if worker.live or worker.state is not WorkerState.GONE or Label.WORKER_ACTIVE in labels or worker.turn
    ]
    return tuple(sorted(kept, key=lambda worker: (not worker.asking, not worker.live, *_newest_first(worker))))


def _shown_state(workers: tuple[Worker, ...]) -> WorkerState | None:
    """Return what the issue's row is placed by: one that waits for its turn is what comes next, whoever is idle."""
    if not workers or workers[0].asking:
        return workers[0].state if workers else None
    queued = any(worker.state is WorkerState.QUEUED for worker in workers)
    return WorkerState.QUEUED if queued else workers[0].state


def _newest_first(worker: Worker) -> tuple[float, str]:
    newest = worker.started_at or worker.activity or worker.since
    return (-newest.timestamp() if newest else 0.0, worker.session_id)


def _is_elsewhere(issue: Issue, workers: tuple[Worker, ...], labels: frozenset[str], known: Known) -> bool:
    """Whether somebody else's worker is on it: the label is there, no worker ever was, nor was one sent from here."""
    sent_from_here = known.journal is None or issue.id in known.journal.issues
    return Label.WORKER_ACTIVE in labels and not sent_from_here and not workers


def _turn_facts(workers: tuple[Worker, ...], unpushed: Mapping[str, bool]) -> dict[str, Any]:
    newest = min((worker for worker in workers if worker.turn), key=_newest_first, default=None)
    if newest is None:
        return {}
    left = unpushed.get(newest.cwd or "")
    return {"turn": newest.turn, "turn_mode": newest.mode, "turn_at": newest.turn_at, "unpushed": left}


def _is_finished(worker: Worker, own_mode: Mode) -> bool:
    """Idle, its turn over, nothing asked, and of a mode that the status has left behind."""
    over = worker.state is WorkerState.IDLE and worker.turn is Turn.ENDED and worker.question is None
    return over and worker.mode is not None and worker.mode != own_mode


def _pull_request_facts(pull_request: PullRequest | None) -> dict[str, Any]:
    if pull_request is None:
        return {}
    return {
        "pr_is_draft": pull_request.is_draft,
        "review": pull_request.review,
        "ci": pull_request.ci,
        "mergeable": pull_request.mergeable,
        "pr_state": pull_request.state.value,
        "unresolved_threads": pull_request.unresolved_threads,
        "review_requested_from_me": pull_request.review_requested_from_me,
        "head_newer_than_review": pull_request.head_newer_than_review,
    }


def _pull_request_of(issue: Issue, workers: tuple[Worker, ...], known: Known) -> PullRequestRef | None:
    """Return the pull request that a worker's own record names, else its branch's, else the issue's."""
    for worker in workers:
        named = parse_pull_request_url(worker.pull_request_url, host=known.host)
        if named is not None:
            return named
    of_branches = (known.pull_request_branches.get(worker.branch or "") for worker in workers)
    return next((ref for ref in of_branches if ref is not None), issue.pull_request)


def _pull_request_note(ref: PullRequestRef | None, found: PullRequest | None, known: Known) -> str:
    if ref is None:
        return ""
    if found is not None:
        return known.pull_request_notes.get(ref, "")
    health = known.sources.get(Source.PULL_REQUESTS)
    return known.pull_request_notes.get(ref) or (health.error if health and health.error else "not asked yet")


def _never_asked(known: Known) -> Source | None:
    for source in _LIVENESS:
        health = known.sources.get(source)
        # Before its first answer a source that does not fail yet says as little as one that does.
        if health is not None and not health.known:
            return source
    return None


def _undecided(source: Source, known: Known) -> Decision:
    asked = "was not asked yet" if known.sources[source].ok else "could not be asked"
    why = f"{source} {asked}, so nobody knows whether a worker is live; it is asked again"
    return Decision(action=Action.SKIP, mode=Mode.IMPLEMENT, row=UNDECIDED_ROW, why=why)


def _since(issue: Issue, worker: Worker | None) -> datetime | None:
    if worker is not None and worker.since is not None:
        return worker.since
    return issue.updated_at or issue.created_at
