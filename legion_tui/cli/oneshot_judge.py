"""Asking a person at the terminal for a verdict that an auditor did not give clearly."""

from __future__ import annotations

import contextlib
import os
import sys
import termios

import anyio

from legion_tui.cli.oneshot_progress import Progress
from legion_tui.state.oneshot import OneshotTask
from legion_tui.state.text import clean
from legion_tui.state.verdict import Verdict, VerdictKind

_MOST_LINES = 40
_MOST_LINE_BYTES = 64 * 1024
_WORDS = {
    **dict.fromkeys(("d", "done"), VerdictKind.DONE),
    **dict.fromkeys(("r", "retry"), VerdictKind.RETRY),
    **dict.fromkeys(("i", "impossible"), VerdictKind.IMPOSSIBLE),
}


class TerminalJudge:
    """Asks one question at a time."""

    def __init__(self, progress: Progress) -> None:
        """Take what paints on the terminal, which has to be still meanwhile."""
        self._progress = progress
        self._lock = anyio.Lock()

    async def judge(self, task: OneshotTask, verdict: Verdict, answer: str) -> Verdict | None:
        """Return what the person says; None where nobody is there, or they say none of it."""
        # None where it was closed.
        if sys.stdin is None or not sys.stdin.isatty():
            return None
        async with self._lock:
            with self._progress.paused():
                return await self._asked(task, verdict, answer)

    async def _asked(self, task: OneshotTask, verdict: Verdict, answer: str) -> Verdict | None:
        lines = clean(answer).strip().splitlines()
        self._progress.say(f"task {task.number}: {verdict.feedback}. Its auditor said:")
        for line in lines[-_MOST_LINES:] or ["(nothing)"]:
            self._progress.say(f"  {line}")
        self._progress.say(
            f"task {task.number}: is it done? d(one), r(etry), i(mpossible); all else leaves it unclear:"
        )
        kind = _WORDS.get((await _line()).lower())
        if kind is None:
            return None
        if kind is not VerdictKind.RETRY:
            return Verdict(kind, "a person said so")
        words = await self._answer("what is missing? (one line)")
        return Verdict(kind, words) if words else None

    async def _answer(self, question: str) -> str:
        # What was typed before a question is there is no answer to it.
        with contextlib.suppress(termios.error):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
        self._progress.say(question)
        return await _line()


async def _line() -> str:
    """Return the next line of the terminal, without what was typed behind it."""
    await anyio.wait_readable(sys.stdin.fileno())
    data = await anyio.to_thread.run_sync(os.read, sys.stdin.fileno(), _MOST_LINE_BYTES)
    return clean(data.decode("utf-8", "replace").partition("\n")[0]).strip()
