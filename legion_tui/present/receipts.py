"""Receipts as JSON documents and as one line to read."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from legion_tui.present.steps import action_word
from legion_tui.state import (
    ActionReceipt,
    AnswerReceipt,
    CleanReceipt,
    Deed,
    DispatchReceipt,
    GivenAnswer,
    Outcome,
    ResumeReceipt,
    WorkerReceipt,
)
from legion_tui.state.autopilot import Event
from legion_tui.state.questions import AnswerOutcome
from legion_tui.state.text import clean_line


def answer_document(receipt: AnswerReceipt) -> dict[str, Any]:
    """Return what `answer --json` prints."""
    return {
        "issue": receipt.issue,
        "question_id": receipt.question_id,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "via": receipt.via.value if receipt.via else None,
        "answers": [
            {"question": given.question, "labels": list(given.labels), "text": given.text, "note": given.note}
            for given in receipt.answers
        ],
        "took_ms": receipt.took_ms,
    }


def dispatch_document(receipt: DispatchReceipt) -> dict[str, Any]:
    """Return what `dispatch --json` prints."""
    return {
        "issue": receipt.issue,
        "mode": receipt.mode,
        "session_id": receipt.session_id,
        "pane": receipt.pane,
        "window": receipt.window,
        "cwd": receipt.cwd,
        "branch": receipt.branch,
        "argv": list(receipt.argv),
        "prompt": receipt.prompt,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
    }


def action_document(receipt: ActionReceipt) -> dict[str, Any]:
    """Return what `advance --json` prints."""
    return {
        "issue": receipt.issue,
        "action": receipt.action,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "steps": list(receipt.steps),
        "dispatch": dispatch_document(receipt.dispatch) if receipt.dispatch else None,
        "took_ms": receipt.took_ms,
    }


def event_document(event: Event) -> dict[str, Any]:
    """Return one line of what `run --json` prints."""
    return {
        "at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kind": event.kind.value,
        "issue": event.issue,
        "action": event.action,
        "text": event.text,
    }


def event_line(event: Event) -> str:
    """Return `16:40:02 ENG-21 dispatch_implementer done: started`, in this machine's own time."""
    who = " ".join(part for part in (event.issue, event.action) if part)
    what = event.kind.value if event.action else ""
    said = " ".join(part for part in (who, what) if part)
    text = clean_line(event.text, limit=500)
    return f"{event.at.astimezone():%H:%M:%S} {said}: {text}" if said else f"{event.at.astimezone():%H:%M:%S} {text}"


def worker_document(receipt: WorkerReceipt) -> dict[str, Any]:
    """Return what `send`, `interrupt` and `stop` print with `--json`."""
    return {
        "issue": receipt.issue,
        "session_id": receipt.session_id,
        "did": receipt.deed.value,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "message_id": receipt.message_id or None,
        "lives": receipt.lives if receipt.deed is Deed.STOP else None,
        "took_ms": receipt.took_ms,
    }


def resume_document(receipt: ResumeReceipt) -> dict[str, Any]:
    """Return one element of what `resume --json` prints."""
    return {
        "issue": receipt.issue,
        "mode": receipt.mode or None,
        "session_id": receipt.session_id or None,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "was": receipt.was or None,
        "last_words": receipt.last_words,
        "error": receipt.error or None,
        "dispatch": dispatch_document(receipt.dispatch) if receipt.dispatch else None,
    }


def resume_line(receipt: ResumeReceipt) -> str:
    """Return `ENG-21 resumed: implement, was crashed: “last words”`, or why not."""
    word = {Outcome.DRY_RUN: "would be resumed", Outcome.NOTHING: "left alone", Outcome.REFUSED: "not resumed"}
    facts = [receipt.mode, f"was {receipt.was}" if receipt.was else "", receipt.error, receipt.reason]
    told = ", ".join(fact for fact in facts if fact)
    line = f"{receipt.issue} {word.get(receipt.outcome, receipt.outcome.value)}" + (f": {told}" if told else "")
    return f"{line}; it said: {receipt.last_words}" if receipt.last_words else line


def cleaned_document(receipt: CleanReceipt) -> dict[str, Any]:
    """Return one element of what `clean --json` prints."""
    return {
        "issue": receipt.issue,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "worktree": receipt.path,
        "branch": receipt.branch,
        "steps": list(receipt.steps),
    }


def cleaned_line(receipt: CleanReceipt) -> str:
    """Return `ENG-21 cleaned: remove worktree …`, or why not."""
    word = {Outcome.DONE: "cleaned", Outcome.DRY_RUN: "would be cleaned"}.get(receipt.outcome, "not cleaned")
    return f"{receipt.issue} {word}: {receipt.reason or '; '.join(receipt.steps)}"


_DONE = {
    Deed.SEND: "was told",
    Deed.INTERRUPT: "was interrupted",
    Deed.STOP: "has ended",
    Deed.WITHDRAW: "was taken out of the queue",
}
_SENT = {
    Deed.SEND: "sent, not confirmed",
    Deed.INTERRUPT: "its key was pressed, not confirmed",
    Deed.STOP: "was asked to end, not confirmed",
    Deed.WITHDRAW: "was to be taken out of the queue, not confirmed",
}
_NOTHING = {
    Deed.SEND: "nothing was sent",
    Deed.INTERRUPT: "nothing was interrupted",
    Deed.STOP: "nothing was ended",
    Deed.WITHDRAW: "nothing was taken out of the queue",
}


def worker_line(receipt: WorkerReceipt) -> str:
    """Return what came of a deed to a worker in one line."""
    who = receipt.issue or receipt.session_id[:8] or "session"
    why = f": {receipt.reason}" if receipt.reason else ""
    if receipt.outcome is Outcome.DONE:
        return f"{who} {_DONE[receipt.deed]} · confirmed in {receipt.took_ms / 1000:.1f} s{why}"
    if receipt.outcome is Outcome.QUEUED:
        return f"{who}: queued{why}; it is sent once the worker is idle"
    if receipt.outcome is Outcome.UNCONFIRMED:
        return f"{who}: {_SENT[receipt.deed]}{why}"
    return f"{who}: {_NOTHING[receipt.deed]}{why}"


def answer_line(receipt: AnswerReceipt, *, session: str = "session") -> str:
    """Return `ENG-21 answered: Exponential · confirmed in 0.2 s by keys`, or why not.

    `session` is how one is named that belongs to no issue.
    """
    who = receipt.issue or session
    if receipt.outcome is AnswerOutcome.REFUSED:
        return f"{who}: nothing was typed: {receipt.reason}"
    said = "; ".join(_given(given) for given in receipt.answers) or "denied"
    by = f" by {receipt.via}" if receipt.via else ""
    why = f": {receipt.reason}" if receipt.reason else ""
    if receipt.outcome is AnswerOutcome.CONFIRMED:
        return f"{who} answered: {said} · confirmed in {receipt.took_ms / 1000:.1f} s{by}{why}"
    return f"{who} answered: {said} · sent{by}, not confirmed{why}"


def dispatch_line(receipt: DispatchReceipt) -> str:
    """Return what came of a dispatch in one line."""
    why = f": {receipt.reason}" if receipt.reason else ""
    if receipt.outcome in (Outcome.STARTED, Outcome.RESUMED):
        where = f" in {receipt.window}" if receipt.window else ""
        return f"{receipt.issue} {receipt.outcome.value}: {receipt.mode}{where}{why}"
    if receipt.outcome is Outcome.REFUSED:
        return f"{receipt.issue}: nothing was started{why}"
    return f"{receipt.issue} {receipt.outcome.value}: {receipt.mode}{why}"


def action_line(receipt: ActionReceipt) -> str:
    """Return what came of an action in one line."""
    told = receipt.reason or "; ".join(receipt.steps)
    line = f"{receipt.issue} {action_word(receipt.action)}: {receipt.outcome.value}" + (f": {told}" if told else "")
    return f"{line} · {dispatch_line(receipt.dispatch)}" if receipt.dispatch else line


def _given(given: GivenAnswer) -> str:
    words = list(given.labels)
    words += [f"“{' '.join(own.split())}”" for own in (given.text, given.note) if own]
    return ", ".join(words)
