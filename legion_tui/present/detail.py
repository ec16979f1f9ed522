"""The pages of the detail view as lines: the issue, its pull request, the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from legion_tui.present.ages import age
from legion_tui.present.cells import checks_bar, pull_mark, version_mark, worker_mark
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.present.kin import done_count, named
from legion_tui.present.line import Tone
from legion_tui.present.markdown import markdown_lines
from legion_tui.present.prose import BLANK, Line, Part, Role, between, text_line, wrap, wrap_text
from legion_tui.present.usage import UNKNOWN, client_words, usage
from legion_tui.state import FailedCheck, IssueState, PullRequest, Related, Worker

_LABEL_CELLS = 11
_TONES = {
    Tone.GOOD: Role.GOOD,
    Tone.WARN: Role.WARN,
    Tone.BAD: Role.BAD,
    Tone.NEEDS: Role.WARN,
    Tone.BUSY: Role.BUSY,
    Tone.MUTED: Role.MUTED,
}


def head_line(
    issue: IssueState | None, worker: Worker | None, now: datetime, width: int, glyphs: Glyphs = UNICODE
) -> Line:
    """Return who this is and how the worker is, for the top of every page; the title gives way first."""
    if issue is not None:
        left: Line = (
            (issue.issue.shown_id or issue.id, Role.STRONG),
            (f"  {' '.join(issue.issue.title.split())}", Role.TEXT),
        )
    elif worker is not None:
        left = ((worker.name or worker.session_id[:8], Role.STRONG), (f"  {worker.cwd or ''}", Role.MUTED))
    else:
        return BLANK
    return between(left, state_parts(worker, now, glyphs) if worker is not None else BLANK, width)


def state_parts(worker: Worker, now: datetime, glyphs: Glyphs = UNICODE) -> Line:
    """Return the worker's mode, state and since when, and the mark of a version that is not covered."""
    mark = worker_mark(worker, glyphs)
    parts: list[Part] = [(f"{worker.mode} ", Role.MUTED)] if worker.mode else []
    parts.append((mark.text, _TONES.get(mark.tone, Role.TEXT)))
    since = age(worker.since, now)
    if since:
        parts.append((f" {since}", Role.MUTED))
    if worker.untested:
        untested = version_mark(glyphs)
        parts.append((f" {untested.text}", _TONES.get(untested.tone, Role.TEXT)))
    return tuple(parts)


def issue_lines(issue: IssueState | None, worker: Worker | None, now: datetime, width: int) -> list[Line]:
    """Return the issue as its tracker tells it; for a session, what is known of the session."""
    if issue is None:
        lines = [] if worker is None else worker_lines(worker, now, width)
        return [*wrap_text("This session belongs to no issue.", width, Role.MUTED), BLANK, *lines]
    known = issue.issue
    lines = [
        *wrap_text(known.title, width, Role.HEADING),
        BLANK,
        *_field("status", ((known.status, Role.STRONG), *_canonical(issue)), width),
        *_field("labels", _words(sorted(known.labels)), width),
        *_field("priority", ((str(known.priority), Role.TEXT),) if known.priority is not None else (), width),
        *_field("parent", _related(issue.relations.parent), width),
        *_children(issue.relations.children, width),
        *_each("blocked by", issue.relations.blockers, width),
        *_field("url", ((known.url, Role.LINK),) if known.url else (), width),
        *_field("changed", ((f"{age(known.updated_at, now)} ago", Role.TEXT),) if known.updated_at else (), width),
        BLANK,
    ]
    body = markdown_lines(known.body, width) if known.body.strip() else [text_line("No description.", Role.MUTED)]
    if worker is None:
        return lines + body
    return [*lines, *body, BLANK, *worker_lines(worker, now, width)]


def worker_lines(worker: Worker, now: datetime, width: int) -> list[Line]:
    """Return what is known of a worker, field by field; what it used is told also where that is unknown."""
    place = " ".join(filter(None, (worker.session_name, worker.window, worker.pane)))
    fields: list[tuple[str, Line]] = [
        ("worker", state_parts(worker, now)),
        ("said", text_line(worker.last_words)),
        ("branch", text_line(worker.branch or "")),
        ("folder", text_line(worker.cwd or "")),
        ("tmux", text_line(place)),
        ("client", _client(worker)),
        *((name, text_line(words, Role.MUTED if words == UNKNOWN else Role.TEXT)) for name, words in usage(worker)),
        ("session", text_line(worker.session_id, Role.MUTED)),
    ]
    return [line for name, value in fields for line in _field(name, value, width)]


def pull_request_lines(issue: IssueState | None, width: int, glyphs: Glyphs = UNICODE) -> list[Line]:
    """Return the pull request as GitHub tells it, or why there is none to show."""
    if issue is None:
        return wrap_text("A session of no issue has no pull request here.", width, Role.MUTED)
    pull = issue.pull_request
    if pull is None:
        ref = issue.issue.pull_request
        lines = _field("number", ((f"#{ref.number}", Role.STRONG),), width) if ref else []
        lines += _field("url", ((ref.url, Role.LINK),), width) if ref else []
        said = issue.pull_request_note or ("It was not read yet." if ref else "No pull request is known.")
        return [*lines, *wrap_text(said, width, Role.WARN if issue.pull_request_note else Role.MUTED)]
    mark = pull_mark(pull, glyphs)
    # What blocks it says more than GitHub's word for it, which is told beside it where it is another.
    words = [pull.state.value, *(["draft"] if pull.is_draft else [])]
    beside = ", ".join(word for word in words if word != mark.word)
    state: Line = ((mark.text, _TONES.get(mark.tone, Role.TEXT)), (f"  {beside}" if beside else "", Role.MUTED))
    changes: Line = ((f"+{pull.additions}", Role.ADDED), ("  ", Role.TEXT), (f"-{pull.deletions}", Role.REMOVED))
    return [
        *(wrap_text(pull.title, width, Role.HEADING) if pull.title else []),
        *([BLANK] if pull.title else []),
        *_field("number", ((f"#{pull.ref.number}", Role.STRONG),), width),
        *_field("state", state, width),
        *_field("review", _review(pull), width),
        *_field("asked", _words([*(["you"] if pull.review_requested_from_me else []), *pull.reviewers]), width),
        *_field("threads", _threads(pull), width),
        *_field("checks", _checks(pull, glyphs), width),
        *(line for check in pull.failed_checks for line in _field("failed", _failed(check), width)),
        *_field("mergeable", _plain_word(pull.mergeable, "not known"), width),
        *_field("branch", text_line(f"{pull.branch} (of a fork)" if pull.from_fork else pull.branch), width),
        *_field("changes", changes, width),
        *_field("url", ((pull.ref.url, Role.LINK),), width),
        *(wrap_text(issue.pull_request_note, width, Role.WARN) if issue.pull_request_note else []),
    ]


def log_lines(log: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """Return the ledger's lines, given as (time, text), the newest last."""
    if not log:
        return wrap_text("Nothing was done here yet: what is dispatched and answered is kept here.", width, Role.MUTED)
    lines: list[Line] = []
    day = ""
    for at, text in log:
        date, _, clock = at.partition("T")
        if date != day:
            lines += [*([BLANK] if lines else []), text_line(date, Role.LABEL)]
            day = date
        first: Line = ((f"{clock.removesuffix('Z')[:8]:8}  ", Role.MUTED),)
        lines += wrap_text(text, width, first=first, rest=((" " * 10, Role.TEXT),))
    return lines


def _checks(pull: PullRequest, glyphs: Glyphs) -> Line:
    checks = pull.checks
    if not checks.total:
        return text_line("not known" if pull.ci == "unknown" else "none", Role.MUTED)
    counts = (
        (checks.passed, "passed", Role.GOOD),
        (checks.failed, "failed", Role.BAD),
        (checks.pending, "pending", Role.MUTED),
    )
    bar = tuple((text, _TONES.get(tone, Role.TEXT)) for text, tone in checks_bar(checks, glyphs))
    return (*bar, *((f"  {count} {word}", role) for count, word, role in counts if count))


def _failed(check: FailedCheck) -> Line:
    return ((check.name or "without a name", Role.BAD), *(((f"  {check.url}", Role.LINK),) if check.url else ()))


def _review(pull: PullRequest) -> Line:
    said = _plain_word(pull.review, "no review yet")
    return (*said, ("  of an older commit", Role.WARN)) if pull.head_newer_than_review else said


def _threads(pull: PullRequest) -> Line:
    return text_line(f"{pull.unresolved_threads} unresolved", Role.WARN) if pull.unresolved_threads else ()


def _client(worker: Worker) -> Line:
    told = client_words(worker)
    if worker.version is None:
        return text_line(told, Role.MUTED)
    return text_line(told, Role.WARN if worker.tested is False else Role.TEXT)


def _field(name: str, value: Line, width: int) -> list[Line]:
    if not value:
        return []
    first: Line = ((name.ljust(_LABEL_CELLS), Role.LABEL),)
    return wrap(value, width, first=first, rest=((" " * _LABEL_CELLS, Role.TEXT),))


def _children(children: Sequence[Related], width: int) -> list[Line]:
    if not children:
        return []
    counted = _field("children", text_line(done_count(children), Role.MUTED), width)
    return [*counted, *_each("", children, width)]


def _each(name: str, related: Sequence[Related], width: int) -> list[Line]:
    """Return a line, or as many as it needs, for each issue; the field's name stands before the first."""
    lines = (_field(name if number == 0 else "", _related(one), width) for number, one in enumerate(related))
    return [line for field in lines for line in field]


def _related(one: Related | None) -> Line:
    return text_line(named(one), Role.MUTED if one.over or not one.known else Role.TEXT) if one is not None else ()


def _words(words: Sequence[str]) -> Line:
    return text_line(", ".join(words))


def _canonical(issue: IssueState) -> Line:
    return ((f"  (read as {issue.status})", Role.MUTED),) if issue.status != issue.issue.status else ()


def _plain_word(word: str | None, unknown: str) -> Line:
    roles = {"approved": Role.GOOD, "mergeable": Role.GOOD, "changes_requested": Role.WARN, "conflicting": Role.BAD}
    return text_line(word.replace("_", " "), roles.get(word, Role.TEXT)) if word else text_line(unknown, Role.MUTED)
