"""Why a row says what it says: the decision, then every piece of evidence, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from legion_tui.present.ages import age
from legion_tui.present.prose import BLANK, Line, Part, Role, rule, wrap, wrap_text
from legion_tui.present.usage import client_words
from legion_tui.state import Action, Evidence, IssueState, Rung, Worker

_RUNGS = {
    Rung.TMUX: "tmux",
    Rung.STATUS_FILE: "status file",
    Rung.TRANSCRIPT: "transcript",
    Rung.HOOK: "hook",
    Rung.SCREEN: "screen",
}
_RUNG_CELLS = 13


def why_lines(
    issue: IssueState | None, worker: Worker | None, now: datetime, width: int, *, held: str = ""
) -> list[Line]:
    """Return the decision's row and sentence, why the autopilot leaves it, and what each source says of the worker."""
    lines: list[Line] = []
    if issue is not None:
        decision = issue.decision
        suggested = "nothing now" if decision.action is Action.SKIP else decision.action.replace("_", " ")
        lines += wrap((("Next: ", Role.LABEL), (suggested, Role.STRONG)), width)
        lines += wrap(((decision.why, Role.TEXT),), width)
        # The sentence of the table names its row; one that does not gets it here.
        if not decision.why.startswith("Row "):
            lines += wrap_text(f"row {decision.row} of the decision table", width, Role.MUTED)
        if held:
            lines += wrap_text(held, width, Role.WARN)
        lines.append(BLANK)
    if worker is None:
        return [*lines, *wrap_text("No worker, so there is no evidence of one.", width, Role.MUTED)]
    return lines + _worker_lines(worker, now, width)


def _worker_lines(worker: Worker, now: datetime, width: int) -> list[Line]:
    since = age(worker.since, now)
    state: list[Part] = [("Worker: ", Role.LABEL), (worker.state.replace("_", " "), Role.STRONG)]
    if since:
        state.append((f" for {since}", Role.TEXT))
    lines = wrap(state, width)
    lines += wrap_text(_agreement(worker.evidence, conflict=worker.conflict), width, Role.MUTED)
    if worker.tested is False:
        lines += wrap_text(f"client {client_words(worker)}: it may be read wrongly.", width, Role.WARN)
    if not worker.evidence:
        return lines
    lines += [BLANK, rule("what each source says, most trusted first", width)]
    for evidence in worker.evidence:
        lines += _evidence_lines(evidence, now, width)
    return lines


def _agreement(evidence: Sequence[Evidence], *, conflict: bool) -> str:
    against = [_RUNGS[one.rung] for one in evidence if not one.agrees]
    deciding = next((_RUNGS[one.rung] for one in evidence if one.decided), "")
    if not evidence:
        return "Nothing is known of it but that it was there."
    if against:
        return f"{deciding or 'The first'} decided; {', '.join(against)} says otherwise."
    if conflict:
        return "The sources contradict each other."
    return f"{deciding} decided; the others agree." if deciding and len(evidence) > 1 else "Nothing contradicts it."


def _evidence_lines(evidence: Evidence, now: datetime, width: int) -> list[Line]:
    mark = ("> " if evidence.decided else "  ", Role.POINTER)
    name = (_RUNGS[evidence.rung].ljust(_RUNG_CELLS), Role.STRONG if evidence.decided else Role.TEXT)
    value: list[Part] = [(evidence.value, Role.TEXT)]
    if evidence.at is not None:
        value.append((f"  {age(evidence.at, now)} ago", Role.MUTED))
    if evidence.decided:
        value.append(("  decided", Role.GOOD))
    elif not evidence.agrees:
        value.append(("  contradicts", Role.BAD))
    indent: Line = ((" " * (_RUNG_CELLS + 2), Role.TEXT),)
    lines = wrap(value, width, first=(mark, name), rest=indent)
    return lines + wrap_text(evidence.source, width, Role.MUTED, first=indent, rest=indent)
