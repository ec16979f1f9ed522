"""A program that tries to dispatch one issue over and over: `python -m tests.support.attempts SOCKET ISSUE COUNT`.

It prints what came of each attempt, one word a line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import anyio

from legion_tui.cli.context import Context
from legion_tui.cli.parts import open_parts
from legion_tui.errors import LegionError


async def main(socket: str, issue: str, count: int) -> None:
    """Try `count` times."""
    context = Context(environ=dict(os.environ), cwd=Path.cwd(), socket_given=socket)
    async with open_parts(context) as parts:
        for _ in range(count):
            try:
                receipt = await parts.actions.run_dispatch(issue, mode="implement")
            except LegionError as error:
                sys.stdout.write(f"error: {error}\n")
            else:
                sys.stdout.write(f"{receipt.outcome}\n")


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2], int(sys.argv[3]))
