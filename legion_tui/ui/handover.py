"""Handing the terminal to another program and taking it back: the one place where that is done."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import anyio
from textual.app import App, SuspendNotSupported

# Runs a program on the terminal; returns why it could not, an empty string when it could.
HandOver = Callable[["App[Any]", Sequence[str]], Awaitable[str]]


async def hand_over(app: App[Any], argv: Sequence[str]) -> str:
    """Run `argv` on the app's terminal until it ends; meanwhile nothing is painted, and reading goes on.

    There is no time limit: a person sits in front of it.
    """
    reason = ""
    try:
        # The batch is the outer one: what changed meanwhile is painted once the terminal is ours again.
        with app.batch_update(), app.suspend():
            try:
                # An error that left the block would leave the terminal with neither of the two.
                done = await anyio.to_thread.run_sync(partial(subprocess.run, list(argv), check=False))
                reason = f"{argv[0]} ended with {done.returncode}" if done.returncode else ""
            except (OSError, ValueError) as error:
                reason = f"{argv[0]} could not be started: {error}"
    except SuspendNotSupported:
        reason = "this terminal cannot be handed over"
    return reason
