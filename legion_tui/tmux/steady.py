"""The gateway for all day: reads over a control-mode client that is kept open, does all else by single processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio

from legion_tui.processes import CommandRunner, Ran
from legion_tui.state.diagnostics import Cost
from legion_tui.state.panes import Pane
from legion_tui.state.text import clean_line
from legion_tui.tmux.control_client import LostError
from legion_tui.tmux.control_parser import Reply
from legion_tui.tmux.escape import as_source
from legion_tui.tmux.lane import CONTROL_FROM, Lane, LanePaces
from legion_tui.tmux.oneshot import OneShotTmux
from legion_tui.tmux.protocol import CONTROL, ONE_SHOT, Socket, Transport

_MOST_LANES = 4
# Has to be answered too: a reply that ended too soon is noticed before it is believed.
_FENCE = as_source([("display-message", "-p", "")])


class SteadyTmux(OneShotTmux):
    """While `run` goes on, readings cost no process; when control mode fails, they go by single processes.

    What changes something is always a process of its own, whose end says whether it was done: nothing is ever
    done twice for want of an answer, and no foreign text is in what control mode is told.
    """

    def __init__(
        self,
        runner: CommandRunner,
        socket: Socket,
        *,
        env: Mapping[str, str],
        timeout_seconds: float = 2.0,
        config_file: Path | None = None,
        program: str = "tmux",
        lanes: int = 1,
        paces: LanePaces | None = None,
        control_from: tuple[int, int] = CONTROL_FROM,
    ) -> None:
        """Speak to the server behind `socket`, over `lanes` clients; the rest as for `OneShotTmux`.

        A server older than `control_from` is read by single processes only.
        """
        super().__init__(
            runner, socket, env=env, timeout_seconds=timeout_seconds, config_file=config_file, program=program
        )
        self._paces = paces or LanePaces()
        one_opens = anyio.Lock()
        self._lanes = tuple(
            Lane(
                self._client,
                socket,
                self._env,
                paces=self._paces,
                control_from=control_from,
                server_version=self._server_version,
                one_opens=one_opens,
            )
            for _ in range(max(1, min(lanes, _MOST_LANES)))
        )

    @property
    def transport(self) -> Transport:
        """How readings are made at this moment."""
        if any(lane.client is not None for lane in self._lanes):
            return Transport(CONTROL)
        told = next((lane for lane in self._lanes if lane.why), self._lanes[0])
        return Transport(ONE_SHOT, told.why, failing=told.failing)

    @property
    def cost(self) -> Cost:
        """What readings and writes have cost up to now, those of clients that are gone too."""
        own = super().cost
        return Cost(
            own.bytes_read + sum(lane.bytes_read for lane in self._lanes),
            own.processes + sum(lane.opened for lane in self._lanes),
        )

    async def run(self) -> None:
        """Keep clients open while there is something to read, until cancelled."""
        async with anyio.create_task_group() as group:
            for lane in self._lanes:
                group.start_soon(lane.keep)

    async def tried(self) -> Transport:
        """Return the transport when control mode was tried once; a listing with panes in it makes it be tried."""
        for lane in self._lanes:
            await lane.tried.wait()
        return self.transport

    async def panes(self, *, closely: bool = True) -> tuple[Pane, ...]:
        """Return every pane of the server in one call; no server is no pane."""
        panes = await super().panes(closely=closely)
        for lane in self._lanes:
            if not panes:
                lane.leave()
            elif lane.client is None:
                lane.want()
        return panes

    async def _read(self, command: tuple[str, ...]) -> Ran:
        replies = await self._ask([as_source([command]), _FENCE], self._lanes)
        return await super()._read(command) if replies is None else _as_process(replies[:1])

    async def _capture(self, script: Sequence[str]) -> Ran:
        replies = await self._ask(script, [lane for lane in self._lanes if lane.captures])
        return await super()._capture(script) if replies is None else _as_process(replies)

    async def _server_version(self) -> str:
        """Return the version of the server, which may be older than the program."""
        done = await super()._read(("display-message", "-p", "#{version}"))
        return clean_line(done.stdout)

    async def _ask(self, commands: Sequence[str], lanes: Sequence[Lane]) -> list[Reply] | None:
        """Return the replies, None where there is no client to ask; raises TmuxError where the server hangs."""
        lane = min((lane for lane in lanes if lane.client is not None), key=lambda lane: lane.load, default=None)
        if lane is None or not await lane.stands() or lane.client is None:
            return None
        try:
            return await lane.client.ask(commands)
        except LostError as lost:
            if lost.late:
                # A process would wait in vain as well, and keep from being told for as long again.
                raise self._late(self._paces.answer_seconds) from None
            return None


def _as_process(replies: Sequence[Reply]) -> Ran:
    """Return what a process would have given for the same commands."""
    out = "".join(reply.text for reply in replies if reply.ok)
    err = "".join(reply.text for reply in replies if not reply.ok)
    return Ran(out, err, 1 if err else 0)
