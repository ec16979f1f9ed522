"""Asking a person at the terminal before something that cannot be taken back."""

from __future__ import annotations

import sys

import anyio

from legion_tui.errors import RefusedError


def somebody_is_there() -> bool:
    """Whether there is a terminal to ask at."""
    return sys.stdin.isatty()


async def ask(question: str, *, undone: str, without: str) -> None:
    """Ask, and return on a yes; RefusedError (`undone`: not ended) on anything else.

    `without` is the command that asks nothing, for where nobody is there to be asked.
    """
    if not somebody_is_there():
        raise RefusedError(undone, "nobody is there to be asked", f"{without} asks nothing")
    sys.stderr.write(f"legion-tui: {question} [y/N] ")
    sys.stderr.flush()
    answer = await anyio.to_thread.run_sync(sys.stdin.readline)
    if answer.strip().lower() not in ("y", "yes"):
        raise RefusedError(undone, "nobody said yes")
