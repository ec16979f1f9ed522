"""What a run asks, left where people look for it, until it is answered or withdrawn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import anyio
from anyio.abc import TaskGroup

from legion_tui.act.headless.happenings import Answered, Asking, Tell
from legion_tui.agents.headless import Asked, Headless, Pending

# An answer wakes us at once; where it cannot, it is seen after this time.
_LOOK_AGAIN_SECONDS = 0.5


class Questions:
    """The open questions of one run."""

    def __init__(
        self,
        agent: Headless,
        session_id: str,
        *,
        tell: Tell,
        send: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; `send` writes a line to the run."""
        self._agent = agent
        self._session_id = session_id
        self._tell = tell
        self._send = send
        self._clock = clock
        self._open: dict[str, anyio.CancelScope] = {}

    @property
    def waits(self) -> int:
        """How many are open."""
        return len(self._open)

    def ask(self, asked: Asked, group: TaskGroup) -> None:
        """Begin to wait for an answer."""
        scope = self._open[asked.request_id] = anyio.CancelScope()
        group.start_soon(self._wait, asked, scope)

    def withdraw(self, request_id: str) -> None:
        """Wait no longer for that answer."""
        scope = self._open.get(request_id)
        if scope is not None:
            scope.cancel()

    async def _wait(self, asked: Asked, scope: anyio.CancelScope) -> None:
        question = self._agent.question(asked, self._session_id, self._clock())
        answered = False
        try:
            with scope:
                decision = await self._decision(asked, question_told=lambda problem: Asking(question, problem))
                await self._send(self._agent.answered(asked, decision))
                answered = True
        finally:
            del self._open[asked.request_id]
        await self._tell(Answered(question, withdrawn=not answered))

    async def _decision(self, asked: Asked, *, question_told: Callable[[str], Asking]) -> Mapping[str, Any]:
        try:
            # Once begun it is finished, so that it can be removed again.
            with anyio.CancelScope(shield=True):
                pending = await anyio.to_thread.run_sync(self._agent.leave, asked, self._session_id)
        except OSError as error:
            why = error.strerror or str(error)
            await self._tell(question_told(why))
            return {"behavior": "deny", "message": f"Nobody can be asked: the question could not be kept ({why})."}
        try:
            await self._tell(question_told(""))
            return await _taken(pending)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(pending.remove)


async def _taken(pending: Pending) -> Mapping[str, Any]:
    while True:
        decision = await anyio.to_thread.run_sync(pending.take)
        if decision is not None:
            return decision
        with anyio.move_on_after(_LOOK_AGAIN_SECONDS):
            await anyio.wait_readable(pending.fileno())
