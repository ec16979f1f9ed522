"""Nothing of the screen makes a blocking call on the event loop, whatever is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockingError, blockbuster_ctx

import legion_tui.ui
from legion_tui.ui.commands import COMMANDS
from tests.support.apps import on_stage
from tests.support.snapshots import sample_snapshot

# Every blocking call that has a frame of ours above it, on a thread with a running loop, is an error.
SCANNED = ["legion_tui"]
# They leave the board, or hand the terminal over.
_LEAVES = {"quit", "attach"}


def blocking() -> Callable[[], None]:
    """A function that sleeps, as if it were the screen's own."""
    there: dict[str, Any] = {}
    source = "import time\ndef nap():\n    time.sleep(0.001)\n"
    exec(compile(source, str(Path(legion_tui.ui.__file__).with_name("nap.py")), "exec"), there)  # noqa: S102
    return there["nap"]  # type: ignore[no-any-return]


async def test_a_blocking_call_would_be_seen() -> None:
    with blockbuster_ctx(SCANNED), pytest.raises(BlockingError):
        blocking()()


async def test_every_command_leaves_the_loop_free() -> None:
    # The start reads the style sheets before there is anything that could wait.
    async with on_stage(sample_snapshot()) as stage:
        with blockbuster_ctx(SCANNED):
            for command in COMMANDS:
                if command.id in _LEAVES:
                    continue
                await stage.press(command.keys[0])
                await stage.show(sample_snapshot())
                while len(stage.app.screen_stack) > 1:
                    stage.app.screen.dismiss(None)
                    await stage.settle()
        assert not [toast for toast in stage.toasts if "Blocking" in toast]
