"""What a worker is started with: its program, its brief, the settings of our own, and the window that holds it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

import anyio

from legion_tui.act.brief import Task, brief_path, write_brief
from legion_tui.act.order import DispatchSettings, Order
from legion_tui.agents.protocol import Agent
from legion_tui.errors import AgentError
from legion_tui.files import file_error, private_folder, write_durably
from legion_tui.state import window_name
from legion_tui.tmux import NewWindow


async def check_program(program: str, environ: Mapping[str, str]) -> None:
    """Raise AgentError where the agent's program is not there."""
    path = environ.get("PATH", os.defpath)
    if await anyio.to_thread.run_sync(lambda: shutil.which(program, path=path)) is None:
        raise AgentError(
            f"no {program} to start", "it is not on the PATH", "install it, or set agent.command in legion.toml"
        )


class Provisions:
    """Sees that it is there, or puts it there; every method raises LegionError where that cannot be."""

    def __init__(self, agent: Agent, settings: DispatchSettings, environ: Mapping[str, str]) -> None:
        """Take the parts."""
        self._agent = agent
        self._settings = settings
        self._environ = environ

    async def check_program(self) -> None:
        """Refuse a missing program before a worker is parked, or a window opened, for it."""
        await check_program(self._settings.command[0], self._environ)

    async def write_brief(self, task: Task) -> None:
        """Write what the worker is to read."""
        settings = self._settings
        try:
            await anyio.to_thread.run_sync(lambda: write_brief(settings.briefs, task, legion=settings.legion))
        except OSError as error:
            raise file_error("the brief could not be written", error, brief_path(settings.briefs, task)) from error

    async def write_settings(self) -> None:
        """Write the settings of our own that a worker is started with, anew: this version's hook may be another."""
        file = self._settings.agent_settings
        if file is None:
            return
        data = self._agent.worker_settings(self._settings.refused)
        try:
            await anyio.to_thread.run_sync(lambda: write_durably(private_folder(file.parent) / file.name, data))
        except OSError as error:
            raise file_error("the agent's settings could not be written", error, file) from error

    def environment(self, order: Order) -> Mapping[str, str]:
        """Return what tells a worker whose it is."""
        issue = order.task.issue.id
        return {
            "LEGION_PROJECT": self._settings.project.root,
            "LEGION_ISSUE": issue,
            "LEGION_MODE": order.task.mode.value,
            "LINEAR_ISSUE_ID": issue,
            **self._agent.environment(),
        }

    def window(self, order: Order) -> NewWindow:
        """Return the window to open, with all that tells whose it is."""
        issue, mode = order.task.issue.id, order.task.mode
        return NewWindow(
            session=self._settings.session,
            name=window_name(issue, mode),
            cwd=str(order.place.cwd),
            argv=order.argv,
            env=self.environment(order),
            options={
                "@legion_issue": issue,
                "@legion_mode": mode.value,
                "@legion_session_id": order.session_id,
                "@legion_agent": self._agent.kind,
            },
        )
