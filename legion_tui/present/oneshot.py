"""Tasks without a screen, as lines to read and as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from legion_tui.state.life import LifeState, Transition
from legion_tui.state.oneshot import OneshotTask, TaskOutcome, TaskPhase, tally_of
from legion_tui.state.questions import Question, QuestionKind
from legion_tui.state.text import clean, clean_line
from legion_tui.state.verdict import Verdict, VerdictKind

_MOST_OF_A_TASK = 60


def where_it_stands(task: OneshotTask) -> str:
    """Return in a word or two what a task does: its outcome once there is one."""
    if task.outcome is not None:
        return task.outcome.value
    if task.asks:
        return "asks you"
    if task.phase is TaskPhase.QUEUED:
        return "queued"
    if task.phase is TaskPhase.JUDGING:
        return "asks you to judge"
    return f"{task.phase}, idle" if task.state is LifeState.IDLE else task.phase.value


def round_of(task: OneshotTask) -> str:
    """Return the round of an audited task, as `2/5`; nothing where there is but one."""
    return f"{task.round}/{task.max_rounds}" if task.audited and task.round else ""


def name_of(task: OneshotTask) -> str:
    """Return the beginning of a task's words on one line."""
    words = clean_line(task.text)
    return words if len(words) <= _MOST_OF_A_TASK else f"{words[: _MOST_OF_A_TASK - 1]}…"


def step_line(task: OneshotTask, step: Transition) -> str:
    """Return a step of a task's life."""
    source = f"{step.source} → " if step.source is not None else ""
    return _line(task, f"{source}{step.target}: {clean_line(step.reason, limit=500)}")


def verdict_line(task: OneshotTask, verdict: Verdict) -> str:
    """Return what was judged of a task."""
    words = f": {clean_line(verdict.feedback, limit=500)}" if verdict.feedback else ""
    return _line(task, f"round {round_of(task)}, verdict {verdict.kind}{words}")


def question_line(task: OneshotTask, question: Question, session_id: str, problem: str) -> str:
    """Return what a task's agent asks, and how it is answered."""
    asked = "; ".join(f"{item.header}: {item.text}" if item.header else item.text for item in question.items)
    if problem:
        return _line(task, f"asks, and is told no, because nobody can be asked ({problem}): {clean_line(asked)}")
    keys = [option.key for item in question.items[:1] for option in item.options]
    several = " …" if len(question.items) > 1 else ""
    what = "asks" if question.kind is QuestionKind.QUESTION else f"asks ({question.kind})"
    labels = ", ".join(f"{o.key} {o.label}" for item in question.items[:1] for o in item.options)
    choice = f" --choose {'|'.join(keys)}{several}" if keys else ""
    told = f"{what}: {clean_line(asked, limit=1000)}{f' [{labels}]' if labels else ''}"
    return _line(task, f"{told}; answer: legion-tui answer {session_id}{choice}")


def sign_line(task: OneshotTask, sign: str) -> str:
    """Return anything else that is told of a task."""
    return _line(task, clean_line(sign, limit=1000))


def _line(task: OneshotTask, words: str) -> str:
    return f"task {task.number}: {words}"


def summary_line(tasks: Sequence[OneshotTask]) -> str:
    """Return how many tasks came to what."""
    tally = tally_of(tasks)
    open_ones = tally.total - tally.completed - tally.failed - tally.interrupted - tally.unclear
    parts = [
        f"{tally.total} in total",
        f"{tally.completed} completed",
        f"{tally.failed} failed",
        f"{tally.interrupted} interrupted",
        *([f"{tally.unclear} unclear"] if tally.unclear else []),
        *([f"{open_ones} under way"] if open_ones else []),
    ]
    return ", ".join(parts)


def outcome_lines(task: OneshotTask) -> Sequence[str]:
    """Return what came of a task, with its agent's last words."""
    reason = f": {clean_line(task.reason, limit=1000)}" if task.reason else ""
    rounds = f", round {round_of(task)}" if round_of(task) else ""
    cost = f", ${task.cost_usd:.2f}" if task.cost_usd is not None else ""
    said = [f"  {line}".rstrip() for line in clean(task.answer).strip().splitlines()]
    if task.outcome is TaskOutcome.UNCLEAR and task.audit:
        said += ["  its auditor:", *(f"    {line}".rstrip() for line in clean(task.audit).strip().splitlines())]
    return (f"task {task.number} ({name_of(task)}){rounds}{cost}: {where_it_stands(task)}{reason}", *said)


def task_lines(task: OneshotTask) -> Sequence[str]:
    """Return what is known of a task that is under way, for the top of what its agent tells."""
    rounds = f", round {round_of(task)}" if round_of(task) else ""
    judged = [f"verdict: {task.verdict}: {clean_line(task.feedback, limit=2000)}"] if task.verdict is not None else []
    return (f"task {task.number} of {task.run}{rounds}: {where_it_stands(task)}", clean_line(task.text), *judged)


def run_lines(tasks: Sequence[OneshotTask]) -> Sequence[str]:
    """Return a past run in short: a line for it, and one for each task."""
    began = tasks[0].created_at.astimezone(UTC)
    found = [f"{tasks[0].run}  {began:%Y-%m-%d %H:%M} UTC  {summary_line(tasks)}"]
    for task in tasks:
        reason = f": {clean_line(task.reason, limit=300)}" if task.reason else ""
        found.append(f"  {task.number}  {where_it_stands(task)}  {name_of(task)}{reason}")
    return found


def oneshot_document(run: str, folder: str, tasks: Sequence[OneshotTask]) -> dict[str, Any]:
    """Return what `oneshot --json` prints of a run."""
    tally = tally_of(tasks)
    return {
        "run": run,
        "folder": folder,
        "total": tally.total,
        "completed": tally.completed,
        "failed": tally.failed,
        "interrupted": tally.interrupted,
        "unclear": tally.unclear,
        "tasks": [_task(task) for task in tasks],
    }


def _task(task: OneshotTask) -> dict[str, Any]:
    return {
        "number": task.number,
        "task": task.text,
        "outcome": _value(task.outcome),
        "reason": task.reason,
        "state": task.state.value if task.state is not None else None,
        "phase": task.phase.value,
        "round": task.round,
        "max_rounds": task.max_rounds,
        "verdict": _value(task.verdict),
        "feedback": task.feedback,
        "answer": task.answer,
        "audit": task.audit,
        "question": task.asks or None,
        "session_id": task.session_id,
        "exit_code": task.exit_code,
        "cost_usd": task.cost_usd,
        "created_at": _time(task.created_at),
        "since": _time(task.since),
    }


def _value(word: TaskOutcome | VerdictKind | None) -> str | None:
    return word.value if word is not None else None


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
