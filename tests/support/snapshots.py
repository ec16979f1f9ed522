"""Sample snapshots: what the tests of the screen, its pictures and its screenshots show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from legion_tui.state import (
    Action,
    Attention,
    Checks,
    Decision,
    Detail,
    Evidence,
    Issue,
    IssueFacts,
    IssueState,
    Mode,
    Option,
    Problem,
    Project,
    PullRequest,
    PullRequestRef,
    PullRequestState,
    Question,
    QuestionItem,
    QuestionKind,
    Relations,
    Rung,
    Snapshot,
    Source,
    SourceHealth,
    Tokens,
    Turn,
    Worker,
    WorkerState,
    compute_session_id,
)
from legion_tui.state.relations import relations_of

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
PROJECT = Project("7b4f0862-b775-4cb0-9a67-85400c6f44a8", "3kgAnyAe", "ENG", "/home/ann/payments", "payments", "github")
MODES: Mapping[str, Mode] = {
    "Backlog": Mode.ARCHITECT,
    "Todo": Mode.PLAN,
    "In Progress": Mode.IMPLEMENT,
    "Testing": Mode.TEST,
    "Needs Review": Mode.REVIEW,
    "Retro": Mode.IMPLEMENT,
}


def ago(now: datetime, seconds: float) -> datetime:
    """The time that many seconds before `now`."""
    return now - timedelta(seconds=seconds)


def pull_request(
    number: int,
    checks: tuple[int, int, int] = (0, 0, 0),
    *,
    state: PullRequestState = PullRequestState.OPEN,
    is_draft: bool = False,
    review: str | None = None,
    mergeable: str | None = "mergeable",
) -> PullRequest:
    """A pull request of the sample repository; `checks` are passed, failed, pending."""
    counts = Checks(*checks)
    ci = "failing" if counts.failed else "pending" if counts.pending else "passing" if counts.total else None
    return PullRequest(
        ref=PullRequestRef("github.com", "acme", "payments", number),
        state=state,
        is_draft=is_draft,
        title=f"Pull request {number}",
        review=review,
        ci=ci,
        checks=counts,
        mergeable=mergeable,
        branch=f"eng-{number}",
        additions=120,
        deletions=34,
    )


def question(
    now: datetime,
    text: str,
    *labels: str,
    kind: QuestionKind = QuestionKind.QUESTION,
    header: str = "",
    age: float = 60,
    more: tuple[QuestionItem, ...] = (),
    multi_select: bool = False,
) -> Question:
    """A pending question; `labels` are its options, keyed by number or by the keys of its kind."""
    keys = {
        QuestionKind.PERMISSION: ("allow", "allow_always", "deny"),
        QuestionKind.PLAN: ("approve_auto", "approve_manual", "revise"),
        QuestionKind.TRUST: ("trust", "exit"),
    }.get(kind, tuple(str(number) for number in range(1, len(labels) + 1)))
    first = QuestionItem(
        header=header,
        text=text,
        multi_select=multi_select,
        options=tuple(
            Option(key=key, label=label, description=_DESCRIPTIONS.get(label, ""))
            for key, label in zip(keys, labels, strict=False)
        ),
        takes_text=kind is QuestionKind.QUESTION,
    )
    return Question(
        id=f"toolu_{abs(hash_of(text)):08x}",
        kind=kind,
        items=(first, *more),
        asked_at=ago(now, age),
        session_id="",
        tool_use_id="toolu_1",
    )


_DESCRIPTIONS = {
    "Exponential": "doubles up to 1 h, with jitter",
    "Fixed": "every 60 s",
    "None": "fail at once, alert",
}


def hash_of(text: str) -> int:
    """A number of `text` that is the same in every process."""
    value = 7
    for character in text:
        value = (value * 31 + ord(character)) % 0xFFFFFFFF
    return value


def worker(
    now: datetime,
    state: WorkerState,
    *,
    issue: str | None = None,
    mode: Mode | None = None,
    age: float = 60,
    asks: Question | None = None,
    detail: Detail | None = None,
    last_words: str = "",
    cwd: str = "",
    name: str = "",
) -> Worker:
    """A worker of the sample project, or a session of the machine where `issue` is None."""
    session_id = compute_session_id(PROJECT.id, issue or name or "session", mode or "session")
    return Worker(
        session_id=session_id,
        state=state,
        issue=issue,
        mode=mode,
        since=ago(now, age),
        activity=ago(now, min(age, 3)),
        detail=detail or Detail(),
        question=replace(asks, session_id=session_id) if asks else None,
        last_words=last_words,
        pane=f"%{hash_of(session_id) % 90 + 1}",
        window=f"@{hash_of(session_id) % 90 + 1}",
        session_name="legion-3kgAnyAe",
        pid=4000 + hash_of(session_id) % 999,
        cwd=cwd or f"/home/ann/payments-worktrees/{issue}",
        branch=(issue or "main").lower(),
        model="claude-opus-4-5",
        version="2.1.3",
        name=name,
        turn=Turn.ENDED if state is WorkerState.IDLE else Turn.RUNNING,
        tokens=Tokens(input=18_200, output=4_310, cache_read=912_000, cache_write=40_100, context_percent=41.0),
        cost_usd=1.84,
        evidence=(
            Evidence(rung=Rung.TMUX, source="tmux %12", value="pane alive, claude in front", at=ago(now, 1)),
            Evidence(
                rung=Rung.STATUS_FILE,
                source="sessions/4021.json",
                value=str(state.value),
                at=ago(now, age),
                decided=True,
            ),
        ),
    )


def issue_state(
    now: datetime,
    issue_id: str,
    title: str,
    status: str,
    attention: Attention,
    *,
    action: Action = Action.SKIP,
    row: str = "7",
    why: str = "",
    age: float = 300,
    working: Worker | None = None,
    pr: PullRequest | None = None,
    labels: frozenset[str] = frozenset(),
    blockers: tuple[str, ...] = (),
    body: str = "",
    shown_id: str = "",
    priority: int | None = None,
) -> IssueState:
    """One row of the board with its decision given, not decided: a screen shows what it is told."""
    mode = MODES.get(status, Mode.IMPLEMENT)
    issue = Issue(
        id=issue_id,
        title=title,
        status=status,
        labels=labels,
        url=f"https://github.com/acme/payments/issues/{issue_id.rpartition('-')[2]}",
        priority=priority,
        blockers=blockers,
        pull_request=pr.ref if pr else None,
        body=body,
        created_at=ago(now, age + 86_400),
        updated_at=ago(now, age),
        shown_id=shown_id,
    )
    return IssueState(
        issue=issue,
        relations=relations_of((issue,)).get(issue_id, Relations()),
        status=status,
        facts=IssueFacts(
            status=status,
            labels=labels,
            has_live_worker=working is not None and working.live,
            worker_mode=working.mode if working else None,
            is_blocked=working is not None and working.asking,
            has_pr=pr is not None,
            pr_is_draft=pr.is_draft if pr else None,
            blockers=blockers,
        ),
        decision=Decision(action=action, mode=mode, row=row, why=why or f"{status}, nothing to be done"),
        session_id=compute_session_id(PROJECT.id, issue_id, mode),
        attention=attention,
        since=working.since if working else ago(now, age),
        worker=working,
        pull_request=pr,
    )


def healthy(now: datetime) -> dict[Source, SourceHealth]:
    """Every source read a moment ago."""
    return {
        Source.TRACKER: SourceHealth(ok=True, read_at=ago(now, 12), took_ms=211),
        Source.TMUX: SourceHealth(ok=True, read_at=ago(now, 1), took_ms=2.1),
        Source.AGENTS: SourceHealth(ok=True, read_at=ago(now, 1), took_ms=1.4),
        Source.PULL_REQUESTS: SourceHealth(ok=True, read_at=ago(now, 12), took_ms=340),
    }


def sample_snapshot(now: datetime = NOW) -> Snapshot:
    """A working day: every group, all kinds of questions and pull requests, a broken file, sessions."""
    return Snapshot(
        project=PROJECT,
        sources=healthy(now),
        issues=_related(
            *_needs_you(now),
            *_ready(now),
            *_working(now),
            *_waiting(now),
            *(
                issue_state(
                    now,
                    f"ENG-{60 + number}",
                    title,
                    "Backlog",
                    Attention.BACKLOG,
                    action=Action.DISPATCH_ARCHITECT,
                    row="11",
                    why="Backlog, no live worker, not worker-done",
                    age=86_400 * (number + 1),
                )
                for number, title in enumerate(_BACKLOG)
            ),
            issue_state(now, "ENG-3", "Set up the ledger schema", "Done", Attention.QUIET, age=86_400 * 9),
            issue_state(
                now,
                "ENG-9",
                "Webhook signature check",
                "Done",
                Attention.QUIET,
                age=86_400 * 2,
                pr=pull_request(371, (7, 0, 0), state=PullRequestState.MERGED, review="approved"),
            ),
        ),
        sessions=(
            worker(
                now,
                WorkerState.IDLE,
                name="dotfiles",
                cwd="/home/ann/dotfiles",
                age=7_300,
                last_words="The prompt is back to one line.",
            ),
            worker(now, WorkerState.BUSY, name="infra-notes", cwd="/home/ann/src/infra", age=95),
        ),
        problems=(
            Problem(
                ".legion/issues/ENG-77.md",
                "front matter ends nowhere",
                "close it with a line that is only ---",
            ),
        ),
        slots_used=8,
        slots=10,
        collected_at=now,
        sequence=1,
    )


def _related(*issues: IssueState) -> tuple[IssueState, ...]:
    """The issues with what each knows of the others."""
    relations = relations_of(state.issue for state in issues)
    return tuple(replace(state, relations=relations.get(state.id, Relations())) for state in issues)


_BACKLOG = (
    "Partial refunds in foreign currency",
    "Audit trail for manual bookings",
    "Split settlement files by acquirer",
    "Rate limits per merchant",
    "Archive ledgers older than ten years",
)


def back_off_question(now: datetime) -> Question:
    """Three questions in one dialog, the first of them a single choice of three."""
    return question(
        now,
        "Which back-off should failed deliveries use?",
        "Exponential",
        "Fixed",
        "None",
        header="Back-off",
        age=250,
        more=(
            QuestionItem(
                header="Limits",
                text="Which limits apply?",
                multi_select=True,
                options=(Option(key="1", label="Five tries"), Option(key="2", label="One day")),
                takes_text=True,
            ),
            QuestionItem(
                header="Storage",
                text="Where are failed deliveries kept?",
                options=(
                    Option(key="1", label="Database", preview="CREATE TABLE failed_delivery (…)"),
                    Option(key="2", label="Queue", preview="failed-deliveries.fifo"),
                ),
                takes_text=True,
            ),
        ),
    )


def _needs_you(now: datetime) -> tuple[IssueState, ...]:
    plan = question(
        now,
        "# Drop the legacy auth path\n\n1. Remove the middleware\n2. Migrate open sessions\n3. Delete the table\n",
        "Yes, and auto-accept edits",
        "Yes, and manually approve edits",
        "No, keep planning",
        kind=QuestionKind.PLAN,
        age=730,
    )
    push = question(
        now,
        "git push --force-with-lease origin eng-40",
        "Yes",
        "Yes, and don't ask again for git push",
        "No",
        kind=QuestionKind.PERMISSION,
        header="Bash",
        age=41,
    )
    return (
        issue_state(
            now,
            "ENG-34",
            "Drop the legacy auth path",
            "Todo",
            Attention.NEEDS_YOU,
            row="3",
            why="a plan waits for you",
            working=worker(now, WorkerState.PLAN, issue="ENG-34", mode=Mode.PLAN, age=730, asks=plan),
        ),
        issue_state(
            now,
            "ENG-21",
            "Retry for the webhook sender",
            "In Progress",
            Attention.NEEDS_YOU,
            row="3",
            why="a question waits for you",
            working=worker(
                now,
                WorkerState.QUESTION,
                issue="ENG-21",
                mode=Mode.IMPLEMENT,
                age=250,
                asks=back_off_question(now),
                last_words="I found three places that send webhooks.",
            ),
            pr=pull_request(412, (5, 0, 2)),
            body="Deliveries that fail are lost. Retry them, with a back-off.",
        ),
        issue_state(
            now,
            "ENG-40",
            "Rotate the signing keys",
            "Needs Review",
            Attention.NEEDS_YOU,
            row="3",
            why="a permission waits for you",
            working=worker(now, WorkerState.PERMISSION, issue="ENG-40", mode=Mode.REVIEW, age=41, asks=push),
            pr=pull_request(418, (7, 0, 0), review="approved"),
        ),
        issue_state(
            now,
            "ENG-37",
            "Nightly settlement report",
            "In Progress",
            Attention.NEEDS_YOU,
            action=Action.INVESTIGATE_NO_PR,
            row="14b",
            why="In Progress, the turn ended, no pull request, nothing unpushed",
            working=worker(
                now,
                WorkerState.IDLE,
                issue="ENG-37",
                mode=Mode.IMPLEMENT,
                age=25,
                last_words="The report already exists in jobs/settle.py, so I changed nothing.",
            ),
        ),
    )


def _ready(now: datetime) -> tuple[IssueState, ...]:
    return (
        issue_state(
            now,
            "ENG-18",
            "Idempotent refunds",
            "Needs Review",
            Attention.READY,
            action=Action.DISPATCH_MERGER,
            row="35a",
            why="approved, checks pass, mergeable",
            age=7_300,
            pr=pull_request(409, (7, 0, 0), review="approved"),
        ),
        issue_state(
            now,
            "ENG-52",
            "Currency rounding",
            "Todo",
            Attention.READY,
            action=Action.DISPATCH_PLANNER,
            row="13",
            why="Todo, no live worker, not worker-done",
            age=320,
        ),
        issue_state(
            now,
            "ENG-44",
            "Statement PDF in the merchant's own language",
            "In Progress",
            Attention.READY,
            action=Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE,
            row="15",
            why="In Progress, worker-done, CI failing",
            age=1_900,
            pr=pull_request(410, (11, 2, 0), review="changes_requested"),
        ),
    )


def _working(now: datetime) -> tuple[IssueState, ...]:
    states = (
        (
            "ENG-29",
            "Ledger export",
            "In Progress",
            WorkerState.BUSY,
            372.0,
            pull_request(415, (2, 0, 5), is_draft=True),
        ),
        (
            "ENG-31",
            "Chargeback intake form",
            "Testing",
            WorkerState.COMPACTING,
            34.0,
            pull_request(402, (6, 1, 2)),
        ),
        ("ENG-48", "Sandbox accounts", "Todo", WorkerState.STARTING, 4.0, None),
    )
    return tuple(
        issue_state(
            now,
            issue_id,
            title,
            status,
            Attention.WORKING,
            row="17",
            why=f"{status}, a worker is live",
            working=worker(now, state, issue=issue_id, mode=MODES[status], age=age),
            pr=pr,
        )
        for issue_id, title, status, state, age, pr in states
    )


def _waiting(now: datetime) -> tuple[IssueState, ...]:
    return (
        issue_state(
            now,
            "ENG-33",
            "Split the invoice job",
            "In Progress",
            Attention.WAITING,
            row="17",
            why="In Progress, a worker is live",
            working=worker(
                now,
                WorkerState.RATE_LIMITED,
                issue="ENG-33",
                mode=Mode.IMPLEMENT,
                age=2_290,
                detail=Detail(until=now + timedelta(minutes=91)),
            ),
            pr=pull_request(411, (4, 1, 0), mergeable="conflicting"),
        ),
        issue_state(
            now,
            "ENG-26",
            "Payout calendar",
            "Todo",
            Attention.WAITING,
            row="B",
            why="blocked by ENG-21",
            age=90_000,
            blockers=("ENG-21",),
        ),
        issue_state(
            now,
            "ENG-12",
            "Merchant onboarding e-mail",
            "Needs Review",
            Attention.WAITING,
            action=Action.RETRY_CI_CHECK,
            row="37",
            why="Needs Review, CI pending",
            age=600,
            pr=pull_request(398, (3, 0, 4), review="review_required"),
        ),
    )


def empty_snapshot(now: datetime = NOW) -> Snapshot:
    """A project without issues; every source works."""
    return Snapshot(project=PROJECT, sources=healthy(now), slots=10, collected_at=now, sequence=1)


def first_run_snapshot(now: datetime = NOW) -> Snapshot:
    """No project here: the sessions of the machine, one of which asks."""
    asks = question(now, "Delete the old branch?", "Yes", "No", header="Branch", age=130)
    return Snapshot(
        sources={name: health for name, health in healthy(now).items() if name in (Source.TMUX, Source.AGENTS)},
        sessions=(
            worker(now, WorkerState.QUESTION, name="dotfiles", cwd="/home/ann/dotfiles", age=130, asks=asks),
            worker(now, WorkerState.BUSY, name="infra-notes", cwd="/home/ann/src/infra", age=95),
            worker(now, WorkerState.IDLE, name="blog", cwd="/home/ann/blog", age=4_000, last_words="Published."),
        ),
        collected_at=now,
        sequence=1,
    )


def failed_snapshot(now: datetime = NOW) -> Snapshot:
    """The tracker never worked, the pull requests fail for three minutes; tmux and agents are well."""
    sources = healthy(now)
    sources[Source.TRACKER] = SourceHealth(
        ok=False,
        error="the tracker could not be read: 401 Bad credentials",
        remedy="run `gh auth login`",
        failing_since=ago(now, 200),
    )
    sources[Source.PULL_REQUESTS] = SourceHealth(
        ok=False, error="login failed", remedy="run `gh auth login`", failing_since=ago(now, 200)
    )
    return replace(sample_snapshot(now), sources=sources, issues=(), problems=())


def stale_snapshot(now: datetime = NOW) -> Snapshot:
    """Everything was known once; tmux and the pull requests fail now."""
    sources = healthy(now)
    sources[Source.TMUX] = SourceHealth(
        ok=False,
        error="tmux did not answer within 2 s",
        remedy="look at the server with `tmux ls`",
        read_at=ago(now, 95),
        failing_since=ago(now, 94),
    )
    sources[Source.PULL_REQUESTS] = SourceHealth(
        ok=False,
        error="login failed",
        remedy="run `gh auth login`",
        read_at=ago(now, 260),
        failing_since=ago(now, 200),
    )
    return replace(
        sample_snapshot(now), sources=sources, notices=("legion.toml is not trusted: run `legion-tui trust`",)
    )


def large_snapshot(count: int, now: datetime = NOW) -> Snapshot:
    """`count` busy rows: for order, scrolling and speed."""
    return Snapshot(
        project=PROJECT,
        sources=healthy(now),
        issues=tuple(
            issue_state(
                now,
                f"ENG-{number}",
                f"Issue number {number}",
                "In Progress",
                Attention.WORKING,
                row="17",
                working=worker(
                    now, WorkerState.BUSY, issue=f"ENG-{number}", mode=Mode.IMPLEMENT, age=10_000.0 - number
                ),
                pr=pull_request(number, (number % 7, number % 2, 3)),
            )
            for number in range(1, count + 1)
        ),
        slots_used=count,
        slots=count,
        collected_at=now,
        sequence=1,
    )


def with_issue(snapshot: Snapshot, changed: IssueState) -> Snapshot:
    """The snapshot with one issue replaced, or added at the end."""
    kept = tuple(changed if issue.id == changed.id else issue for issue in snapshot.issues)
    if changed not in kept:
        kept = (*kept, changed)
    return replace(snapshot, issues=kept, sequence=snapshot.sequence + 1)


def without_issue(snapshot: Snapshot, issue_id: str) -> Snapshot:
    """The snapshot without one issue."""
    kept = tuple(issue for issue in snapshot.issues if issue.id != issue_id)
    return replace(snapshot, issues=kept, sequence=snapshot.sequence + 1)
