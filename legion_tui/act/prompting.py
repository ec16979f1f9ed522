"""Telling a live worker what to do next, by one short line in its own prompt box."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime

import anyio

from legion_tui.act.crew import CrewReader, Member
from legion_tui.agents.protocol import Known
from legion_tui.errors import AgentError, RefusedError, TmuxError
from legion_tui.state import Pane
from legion_tui.state.workers import RUNNING
from legion_tui.tmux import Tmux

_LANDS_WITHIN_SECONDS = 3.0
_CONFIRMED_WITHIN_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.1
# What is longer is shown as a paste, which the agent takes for somebody else's words.
_LONGEST = 700

# A command, or a file that would be pulled in unasked; and what is more than one line.
_NOT_PLAIN = re.compile(r"^[!/#]|(?:^|\s)@|\n")

# Whether a coloured screen shows the prompt box, empty and with the keyboard.
AtRest = Callable[[Sequence[str]], bool]


class Prompting:
    """Pastes a prompt into an idle worker's box, sees that it is there, presses Enter, sees that it is taken."""

    def __init__(self, tmux: Tmux, crew: CrewReader, at_rest: AtRest, *, clock: Callable[[], datetime]) -> None:
        """Take the gateway, the eyes, and what the agent says of its own screen."""
        self._tmux = tmux
        self._crew = crew
        self._at_rest = at_rest
        self._clock = clock

    async def tell(self, member: Member, prompt: str) -> bool:
        """Return whether the agent's own records show that it began; any error: nothing was submitted."""
        if len(prompt) > _LONGEST or _NOT_PLAIN.search(prompt):
            raise RefusedError("the prompt was not sent", "it is no short plain line", "shorten the mode's prompt")
        pane = await self._checked(member)
        await self._tmux.paste(pane.pane_id, prompt)
        if not await self._landed(pane.pane_id, prompt):
            raise RefusedError(
                "the prompt was not submitted",
                f"it does not show in the prompt box of {pane.pane_id}",
                "attach and look at the box",
            )
        sent_at = self._clock()
        # Without an answer from tmux the key may have arrived: the records tell.
        with contextlib.suppress(TmuxError):
            await self._tmux.send_key(pane.pane_id, "Enter")
        return await self._taken(member, sent_at)

    async def _checked(self, member: Member) -> Pane:
        """Return the worker's pane where it can take text, on the newest reading of everything."""
        name, pane_id = f"the {member.name} of {member.worker.issue}", member.worker.pane
        newest = await self._look(member)
        if pane_id is None or newest is None or newest.sighting.pane is None:
            raise RefusedError(f"{name} has no pane", "there is no box to write into")
        pane = newest.sighting.pane
        if not newest.finished:
            raise RefusedError(f"{name} is {newest.worker.state}", "a prompt goes to an idle worker only")
        if pane.dead or pane.in_mode or pane.shell_in_front:
            why = "its pane is in copy mode" if pane.in_mode else "the agent is not in front in its pane"
            raise RefusedError(f"{name} cannot be told", why, "attach and leave that mode")
        if not self._at_rest(await self._screen(pane_id)):
            raise RefusedError(f"{name} cannot be told", "its prompt box is not empty or not shown", "attach and look")
        return pane

    async def _landed(self, pane_id: str, prompt: str) -> bool:
        wanted = "".join(prompt.split())
        with anyio.move_on_after(_LANDS_WITHIN_SECONDS):
            while True:
                capture = (await self._tmux.capture([pane_id])).get(pane_id)
                # The box wraps and indents: only the characters count.
                if capture is not None and wanted in "".join("".join(capture.lines).split()):
                    return True
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
        return False

    async def _taken(self, member: Member, sent_at: datetime) -> bool:
        with anyio.move_on_after(_CONFIRMED_WITHIN_SECONDS):
            while True:
                newest = None
                with contextlib.suppress(TmuxError, AgentError):  # it was sent, whatever can be seen of it now
                    newest = await self._look(member)
                if newest is not None:
                    worker = newest.worker
                    began = worker.turn_at is not None and worker.turn_at >= sent_at
                    if worker.state in RUNNING or worker.asking or began:
                        return True
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
        return False

    async def _look(self, member: Member) -> Member | None:
        worker = member.worker
        known = Known(session_id=member.sighting.session_id, issue=worker.issue, mode=worker.mode)
        return await self._crew.look_at(worker.pane or "", known)

    async def _screen(self, pane_id: str) -> tuple[str, ...]:
        capture = (await self._tmux.capture([pane_id], colour=True)).get(pane_id)
        return capture.lines if capture is not None else ()
