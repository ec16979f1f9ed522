"""Messages to stand-in agents in a real tmux: what arrives, and what must never be typed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import anyio
import pytest

from legion_tui.act.message import Messenger
from legion_tui.act.porter import Porter
from legion_tui.errors import UsageError
from legion_tui.state import Deed, MessageRequest, Outcome, WorkerReceipt, WorkerState
from legion_tui.tmux import OneShotTmux
from tests.support.hands import Post, posted
from tests.support.standin import quick
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until, until_async

pytestmark = [pytest.mark.live]

LONG = "\n".join(f"{number}. " + "words that matter, " * 7 + "漢字 ünïcode; and a #{hash}" for number in range(20))


async def send(post: Post, text: str, *, queue: bool = False, timeout_seconds: float = 10.0) -> WorkerReceipt:
    request = MessageRequest(target="it", text=text, queue=queue, timeout_seconds=timeout_seconds)
    return await Messenger(post.hands()).send(request)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
@pytest.mark.parametrize(
    "text",
    [
        "Go on; but -leave 'the' \"tests\" #{alone}",
        "first line\n\nthird line",
        "look at @app.py and tell",
        LONG,
    ],
    ids=["line", "lines", "file", "long"],
)
async def test_what_is_sent_arrives_as_it_was_written(
    private_tmux: OneShotTmux, tmp_path: Path, text: str, size: tuple[int, int]
) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", size=size, scenario=quick()) as post:
        await post.until(WorkerState.IDLE)
        receipt = await send(post, text)
        assert (receipt.outcome, receipt.reason, receipt.deed) == (Outcome.DONE, "", Deed.SEND)
        assert post.told()[1:] == [text]
        assert await post.history() == [("message", None), ("message", "done")]


async def test_a_busy_worker_is_told_nothing(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:busy", scenario=quick()) as post:
        await post.until(WorkerState.BUSY)
        await post.standin.shows("Looking at the code")
        receipt = await send(post, "go on")
        assert (receipt.outcome, receipt.reason) == (
            Outcome.REFUSED,
            "not sent: it is busy; --queue sends it once it is idle",
        )
        assert "go on" not in await post.standin.screen()
        assert await post.history() == []


async def test_a_question_that_is_open_gets_no_message_queued_or_not(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:ask", scenario=quick()) as post:
        await post.until(WorkerState.QUESTION)
        for queue in (False, True):
            receipt = await send(post, "2", queue=queue)
            assert receipt.outcome is Outcome.REFUSED
            assert "answer that first" in receipt.reason

        async def still_asks() -> bool:
            return (await post.until(WorkerState.QUESTION)).question is not None

        await until_async(still_asks)
        assert await post.ledger.queue() == ()


async def test_what_somebody_types_is_left_alone(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        await post.until(WorkerState.IDLE)
        await post.standin.tmux.paste(post.standin.pane_id, "half a thou")
        await post.standin.shows("half a thou")
        receipt = await send(post, "go on", queue=True)
        assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "not sent: text is typed in its prompt box")
        assert "❯\u00a0half a thou\n" in await post.standin.screen()
        assert len(post.told()) == 1


async def test_a_pane_in_copy_mode_gets_no_message(
    private_tmux: OneShotTmux, tmp_path: Path, tmux_command: TmuxCommand
) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        await post.until(WorkerState.IDLE)
        tmux_command("copy-mode", "-t", post.standin.pane_id)
        assert (await send(post, "go on")).reason == "not sent: its pane is in copy mode"
        tmux_command("send-keys", "-t", post.standin.pane_id, "-X", "cancel")
        assert (await send(post, "go on")).outcome is Outcome.DONE


async def test_one_that_was_killed_gets_no_message(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        worker = await post.until(WorkerState.IDLE)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        await post.standin.ended()
        assert (await send(post, "go on")).reason == "not sent: the agent's process is gone"


async def test_what_the_agent_does_not_take_down_is_not_called_done(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        await post.until(WorkerState.IDLE)
        # A menu of its own leaves no record.
        receipt = await send(post, "/config", timeout_seconds=0.5)
        assert receipt.outcome is Outcome.UNCONFIRMED
        assert "record does not show it" in receipt.reason
        assert await post.history() == [("message", None), ("message", "unconfirmed")]


@pytest.mark.parametrize("text", ["", "  \n", "a\x1b[201~b", "x" * 8001])
async def test_a_text_that_cannot_be_sent_is_wrong_usage(private_tmux: OneShotTmux, tmp_path: Path, text: str) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        with pytest.raises(UsageError):
            await send(post, text)


async def test_of_two_messages_at_once_one_is_refused(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        await post.until(WorkerState.IDLE)
        receipts: list[WorkerReceipt] = []

        async def tell(text: str) -> None:
            receipts.append(await send(post, text))

        async with anyio.create_task_group() as group:
            group.start_soon(tell, LONG)
            group.start_soon(tell, LONG.upper())
        assert sorted(receipt.outcome for receipt in receipts) == [Outcome.DONE, Outcome.REFUSED]
        assert len(post.told()) == 2


# -- what waits


def porter(post: Post) -> Porter:
    return Porter(Messenger(post.hands()), post.ledger, post.find, post.locks, every_seconds=0.05)


GATED = quick({"gated": [{"say": "One moment."}, {"gate": "more"}, {"say": "Done."}]})


async def test_what_waits_is_sent_once_the_worker_is_idle(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:gated", scenario=GATED) as post:
        await post.until(WorkerState.BUSY)
        first = await send(post, "and then the docs", queue=True)
        second = await send(post, "and the changelog", queue=True)
        assert (first.outcome, first.reason) == (Outcome.QUEUED, "it is busy")
        assert [message.text for message in await post.ledger.queue()] == ["and then the docs", "and the changelog"]

        async def nothing_waits() -> bool:
            return not await post.ledger.queue()

        async with anyio.create_task_group() as group:
            group.start_soon(porter(post).run)
            # Only one carries; the other stands by.
            group.start_soon(porter(post).run)
            await anyio.sleep(0.3)
            assert len(post.told()) == 1
            post.standin.open_gate("more")
            await until(lambda: post.told()[1:] == ["and then the docs", "and the changelog"])
            await until_async(nothing_waits)
            group.cancel_scope.cancel()
        ids = [entry.data["message"] for entry in await post.ledger.history() if "message" in entry.data]
        assert ids == [first.message_id, second.message_id]


async def test_what_waits_can_be_taken_back(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:gated", scenario=GATED) as post:
        await post.until(WorkerState.BUSY)
        await send(post, "no, leave it", queue=True)
        carrier = porter(post)
        assert await carrier.cancel(await post.ledger.queue()) == 1
        assert await carrier.cancel(await post.ledger.queue()) == 0
        post.standin.open_gate("more")
        await post.until(WorkerState.IDLE)
        await carrier._rounds(None)
        assert len(post.told()) == 1


async def test_what_waits_for_one_that_ends_is_dropped_and_told(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:gated", scenario=GATED) as post:
        worker = await post.until(WorkerState.BUSY)
        queued = await send(post, "go on", queue=True)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        await post.standin.ended()
        receipt = await porter(post).carry_until(queued.message_id)
        assert receipt is not None
        assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "the agent's process is gone")
        assert await post.ledger.queue() == ()
        assert (await post.history())[-1] == ("queue", "dropped")


async def test_what_a_message_would_meet_is_foreseen_and_nothing_is_typed(
    private_tmux: OneShotTmux, tmp_path: Path
) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        await post.until(WorkerState.IDLE)
        assert (await Messenger(post.hands()).foresee("it")).outcome is Outcome.DRY_RUN
        await post.standin.tmux.paste(post.standin.pane_id, "half a thou")
        await post.standin.shows("half a thou")
        refused = await Messenger(post.hands()).foresee("it")
        assert (refused.outcome, refused.reason) == (Outcome.REFUSED, "text is typed in its prompt box")
        assert await post.history() == []
        assert len(post.told()) == 1
