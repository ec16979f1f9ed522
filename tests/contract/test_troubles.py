"""An API that fails, limits an agent or makes it wait is shown as what it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from legion_tui.state import Channel, Turn, WorkerState
from tests.contract.script import Failure, Gate, Reply, Retrying, Say, SubAgent
from tests.contract.scripts import GOES_ON
from tests.contract.stage import PATIENCE_SECONDS, Stage

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "nothing is answered")]

# What is read on the screen alone is looked at when the records were silent for so long.
_SILENT_SECONDS = 10.0
HELPER = SubAgent(task="Look at the tests", play="helper", gate="helper")
STARTS_ONE: Reply = (Say("A helper looks at the tests."), HELPER)


async def is_told(stage: Stage, failure: Failure, *words: str) -> None:
    """Assert that the turn ended with an error, in words that lead to its cause."""
    await stage.start(failure)
    worker = await stage.until(WorkerState.ERROR)
    assert worker.detail.error is not None
    assert all(word in worker.detail.error for word in words), worker.detail.error
    assert worker.turn is Turn.ERROR
    assert worker.question is None
    assert not worker.conflict


async def test_error_of_billing(stage: Stage) -> None:
    await is_told(stage, Failure.BILLING, "Credit balance is too low")


async def test_error_of_login(stage: Stage) -> None:
    await is_told(stage, Failure.LOGIN, "Invalid API key")


async def test_error_of_access(stage: Stage) -> None:
    await is_told(stage, Failure.FORBIDDEN, "403", "/login")


async def test_error_of_the_request(stage: Stage) -> None:
    await is_told(stage, Failure.TOO_LONG, "Prompt is too long")


async def test_error_of_the_server(stage: Stage) -> None:
    await is_told(stage, Failure.INTERNAL, "500", "Internal server error")


async def test_error_of_a_busy_server(stage: Stage) -> None:
    await is_told(stage, Failure.OVERLOADED, "529", "Overloaded")


async def test_error_of_the_rate(stage: Stage) -> None:
    # No limit of the account: nothing says when it ends.
    await is_told(stage, Failure.RATE_LIMIT, "429")


async def test_limit_with_its_reset(stage: Stage) -> None:
    await stage.start(Failure.LIMIT)
    worker = await stage.until(WorkerState.RATE_LIMITED)
    assert worker.detail.error is not None
    assert "You've hit your session limit · resets 11:30pm" in worker.detail.error
    assert worker.detail.until is not None
    assert worker.detail.until > datetime.now(UTC)


async def test_retrying(stage: Stage) -> None:
    await stage.start(Retrying(Failure.INTERNAL, "up", GOES_ON))
    worker = await stage.until(WorkerState.RETRYING, within_seconds=_SILENT_SECONDS + PATIENCE_SECONDS)
    assert worker.detail.attempt in range(1, 8)
    assert worker.detail.of == 10
    # Which of the two it shows is its own affair; in a narrow pane it cuts the longer one.
    told = (worker.detail.error or "").removesuffix("…")
    assert told
    assert any(words.startswith(told) for words in ("500 Internal server error", "API error"))
    assert worker.turn is Turn.RUNNING
    stage.release("up")
    worker = await stage.until_finished()
    assert worker.detail.attempt is None


async def test_compacting(stage: Stage) -> None:
    await stage.start((Say("It is small."),), compacts=(Gate("compact"), Say("What was done so far.")))
    await stage.until_finished()
    await stage.command("/compact")
    await stage.until(WorkerState.COMPACTING, within_seconds=_SILENT_SECONDS + PATIENCE_SECONDS)
    stage.release("compact")
    worker = await stage.until(WorkerState.IDLE)
    assert worker.session_id == stage.session_id
    assert not worker.conflict


async def test_agent_in_the_background(stage: Stage) -> None:
    plays = {HELPER.play: HELPER.script}
    await stage.start(STARTS_ONE, GOES_ON, (Say("It looked."),), permission_mode="manual", plays=plays)
    await stage.shows("Waiting for 1 background agent to finish")
    # Its turn is over on record; it is not done, and nothing of it may be taken for its result.
    worker = await stage.until_worker(
        lambda worker: any("1 agent in the background" in piece.value for piece in worker.evidence), "told of its agent"
    )
    assert worker.state is WorkerState.BUSY
    assert worker.turn is Turn.RUNNING
    assert not worker.conflict
    stage.release(HELPER.gate)
    worker = await stage.until_worker(lambda worker: worker.last_words == "It looked.", "going on")
    await stage.until_finished()
