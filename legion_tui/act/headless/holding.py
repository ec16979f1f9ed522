"""Starting a worker without a screen under a holder, which outlives this program, and reading what came of it."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import msgspec

from legion_tui.act.headless.holder import VERSION, HolderOrder
from legion_tui.act.headless.order import kept_from_agents
from legion_tui.agents.headless import Headless, HeadlessLaunch
from legion_tui.errors import LegionError
from legion_tui.files import file_error, private_folder, write_durably
from legion_tui.processes import CommandRunner, run_command

_PROGRAM = "legion_tui.act.headless.holder"
# Two programs start, on a busy machine.
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingSettings:
    """Where holders keep what they hold. `reads`: what the workers may read unasked; `refused`: what they may not run.

    `agent_folder` and `agent_environment` are the agent's own; `ledger` is the folder of the project's.
    """

    folder: Path
    ledger: Path
    spool: Path
    agent_folder: Path
    agent_environment: Mapping[str, str]
    reads: Path
    refused: tuple[str, ...] = ()
    idle_after_seconds: float = 30.0
    heartbeat_seconds: float = 10.0
    user: str = ""


class Holding:
    """Starts holders. Workers of one project."""

    def __init__(
        self,
        agent: Headless,
        settings: HoldingSettings,
        environ: Mapping[str, str],
        *,
        runner: CommandRunner = run_command,
    ) -> None:
        """Take the parts."""
        self._agent = agent
        self._settings = settings
        self._environ = environ
        self._runner = runner

    def log(self, session_id: str) -> Path:
        """Return where the output of a session is kept."""
        return self._settings.folder / f"{session_id}.ndjson"

    def argv(
        self, command: tuple[str, ...], session_id: str, *, resume: bool, model: str | None, permission_mode: str | None
    ) -> tuple[str, ...]:
        """Return the exact command line of the agent."""
        return self._agent.argv(
            HeadlessLaunch(
                command=command,
                session_id=session_id,
                resume=resume,
                model=model,
                permission_mode=permission_mode,
                settings=self._agent_settings,
            )
        )

    async def start(
        self,
        *,
        argv: tuple[str, ...],
        cwd: str,
        prompt: str,
        session_id: str,
        issue: str,
        mode: str,
        environ: Mapping[str, str],
    ) -> None:
        """Start the agent under a holder of its own; LegionError where it is not there in the end."""
        settings = self._settings
        await self._write_agent_settings()
        order = HolderOrder(
            argv=argv,
            cwd=cwd,
            prompt=prompt,
            session_id=session_id,
            issue=issue,
            mode=mode,
            # Another checkout of the same project may run the same session.
            mark=f"{issue}-{session_id}-{secrets.token_hex(4)}",
            log=str(self.log(session_id)),
            result=str(self._result(session_id)),
            ledger=str(settings.ledger),
            spool=str(settings.spool),
            agent_folder=str(settings.agent_folder),
            agent_environment=dict(settings.agent_environment),
            idle_after_seconds=settings.idle_after_seconds,
            heartbeat_seconds=settings.heartbeat_seconds,
            user=settings.user,
        )
        ran = await self._runner(
            [sys.executable, "-I", "-m", _PROGRAM],
            stdin=msgspec.json.encode(order),
            env={**kept_from_agents(self._environ), **environ},
            cwd=cwd,
            timeout_seconds=_START_SECONDS,
        )
        if not ran.ok or ran.stdout.strip() != "started":
            why = ran.stderr.strip().rpartition("\n")[2] or "its holder said nothing"
            raise LegionError("the worker was not started", why)

    async def result(self, session_id: str) -> Mapping[str, Any] | None:
        """Return what came of the newest run of a session; None while it goes on, or where nothing is known of one."""

        def read() -> Mapping[str, Any] | None:
            try:
                kept = msgspec.json.decode(self._result(session_id).read_bytes())
            except (OSError, msgspec.MsgspecError):
                return None
            known = isinstance(kept, dict) and kept.get("version") == VERSION and isinstance(kept.get("result"), dict)
            return kept["result"] if known else None

        return await anyio.to_thread.run_sync(read)

    def _result(self, session_id: str) -> Path:
        return self._settings.folder / f"{session_id}.json"

    @property
    def _agent_settings(self) -> Path:
        return self._settings.folder / "agent-settings.json"

    async def _write_agent_settings(self) -> None:
        settings = self._settings
        data = self._agent.settings(reads=settings.reads, refused=settings.refused, changes=True, tracker=True)
        file = self._agent_settings
        try:
            await anyio.to_thread.run_sync(lambda: write_durably(private_folder(file.parent) / file.name, data))
        except OSError as error:
            raise file_error("the agent's settings could not be written", error, file) from error
