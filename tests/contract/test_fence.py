"""A worker may tell how its issue stands; it cannot answer for the user."""

from __future__ import annotations

import pytest

from legion_tui.state import Channel
from tests.contract.script import Bash, Tool
from tests.contract.scripts import GOES_ON
from tests.contract.stage import Stage

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.KEYS, "the settings of a worker are the same")]


def bash(command: str) -> Bash:
    return Bash(command=command, description="Try it")


async def test_fence(stage: Stage) -> None:
    stage.spool.mkdir()
    offer = stage.spool / "offer.json"
    offer.write_text("{}")
    refused = ("legion-tui answer ENG-1 --choose 1", "cd . && legion-tui send ENG-1 yes", "tmux send-keys -t %0 1")
    await stage.start(
        *((bash(command),) for command in refused),
        (Tool("Read", {"file_path": str(offer)}),),
        (bash("legion-tui issue list"),),
        GOES_ON,
        permission_mode="manual",
    )
    # Nobody is asked about any of it.
    await stage.until_finished()
    *commands, read, told = stage.recorded()
    assert [result.text for result in commands] == [
        f"Permission to use Bash with command {command} has been denied." for command in refused
    ]
    assert "denied by your permission settings" in read.text
    # There is no such program here; it was let run.
    assert "denied" not in told.text
