"""A whole swarm: folder, server, pull requests, workers; and a guard that takes all of it away again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import anyio

from legion_tui.agents.claude_code.launch import argv_of
from legion_tui.agents.protocol import Launch
from legion_tui.demo.github import TOKEN, PullRequestServer
from legion_tui.demo.guard import clean
from legion_tui.demo.issues import OWNER, REPOSITORY, DemoIssue, with_workers
from legion_tui.demo.project import (
    AGENT_COMMAND,
    PROJECT_ID,
    STRAYS,
    Layout,
    environment,
    make_repository,
    stray_session,
    write_files,
)
from legion_tui.errors import LegionError, UsageError
from legion_tui.processes import run_command
from legion_tui.state import compute_session_id, short_id, window_name
from legion_tui.tmux import NewWindow, OneShotTmux, Socket

_GUARD_SECONDS = 20.0
# So many issues that nobody works on are ready; the rest waits in the backlog.
_FREE_SLOTS = 2
_OPENED_AT_ONCE = 4
_LARGEST_SWARM = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo, as the dashboard is to be wired with it."""

    root: Path
    project: Path
    # For the dashboard, for commands and for workers; holds the token, which workers do not get.
    environ: Mapping[str, str]
    socket: str
    claude_config: Path
    api_url: str
    token: str = TOKEN
    agent_command: tuple[str, ...] = AGENT_COMMAND


class Swarm:
    """`async with Swarm() as demo`: everything is there inside, and nothing of it after, whatever happens.

    With `keep` the folder stays. Raises LegionError where it cannot be made; then nothing stays either.
    """

    def __init__(self, *, agents: int | None = None, keep: bool = False, environ: Mapping[str, str]) -> None:
        """Take the number of workers and the environment that the demo keeps away from."""
        if agents is not None and not 0 <= agents <= _LARGEST_SWARM:
            raise UsageError(f"--agents {agents}", f"0 to {_LARGEST_SWARM}")
        self._issues = with_workers(agents)
        self._keep = keep
        self._environ = environ
        self._guard: subprocess.Popen[bytes] | None = None
        self._layout: Layout | None = None
        self._holder = -1
        self._stack = contextlib.ExitStack()

    async def __aenter__(self) -> Demo:
        """Make and start everything."""
        try:
            return await self._start()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._end()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything, and wait until it is gone."""
        with anyio.CancelScope(shield=True):
            await self._end()

    async def _start(self) -> Demo:
        layout = self._layout = Layout(await anyio.to_thread.run_sync(self._start_guard))
        served = {i.pull_request.number: i.pull_request for i in self._issues if i.pull_request}
        github = self._stack.enter_context(PullRequestServer(OWNER, REPOSITORY, served))
        env = environment(layout, self._environ)
        slots = sum(bool(issue.play) for issue in self._issues) + _FREE_SLOTS
        plays = await anyio.to_thread.run_sync(
            lambda: write_files(layout, self._issues, api_url=github.api_url, now=datetime.now(UTC), slots=slots)
        )
        # Both ends, so that opening does not wait for a reader; this process is the only one that holds a writing end.
        self._holder = os.open(layout.guard, os.O_RDWR | os.O_CLOEXEC)
        await make_repository(layout, self._issues, env)
        tmux = OneShotTmux(run_command, Socket(str(layout.socket)), env=env, config_file=Path("/dev/null"))
        await self._open_windows(layout, tmux, env, plays)
        return Demo(
            root=layout.root,
            project=layout.project,
            environ=env,
            socket=str(layout.socket),
            claude_config=layout.config,
            api_url=github.api_url,
        )

    async def _open_windows(
        self, layout: Layout, tmux: OneShotTmux, env: Mapping[str, str], plays: Mapping[str, str]
    ) -> None:
        windows = [_worker(layout, issue) for issue in self._issues if issue.play]
        windows += [_stray(layout, name, stray_session(name)) for name, _ in STRAYS]
        # The first one starts the server.
        await tmux.open_window(windows[0])
        limit = anyio.CapacityLimiter(_OPENED_AT_ONCE)

        async def open_one(window: NewWindow) -> None:
            async with limit:
                await tmux.open_window(window)

        async with anyio.create_task_group() as group:
            for window in windows[1:]:
                group.start_soon(open_one, window)

    def _start_guard(self) -> Path:
        argv = [sys.executable, "-m", "legion_tui.demo.guard", *(["--keep"] if self._keep else [])]
        package = str(Path(__file__).parents[2])
        self._guard = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**self._environ, "PYTHONPATH": package},
            start_new_session=True,
        )
        assert self._guard.stdout is not None  # noqa: S101  a pipe was asked for
        line = self._guard.stdout.readline().decode().strip()
        if not line:
            raise LegionError("the demo's guard did not start", f"{' '.join(argv)} ended at once")
        return Path(line)

    async def _end(self) -> None:
        self._stack.close()
        if self._holder >= 0:
            os.close(self._holder)
            self._holder = -1
        await anyio.to_thread.run_sync(self._end_guard)

    def _end_guard(self) -> None:
        guard = self._guard
        if guard is None:
            return
        assert guard.stdin is not None  # noqa: S101  a pipe was asked for
        guard.stdin.close()
        if guard.stdout is not None:
            guard.stdout.close()
        try:
            ended_well = guard.wait(_GUARD_SECONDS) == 0
        except subprocess.TimeoutExpired:
            guard.kill()
            guard.wait()
            ended_well = False
        if not ended_well and self._layout is not None:
            # The guard itself was ended: its work is left to us.
            clean(self._layout.root, keep=self._keep)


def _worker(layout: Layout, issue: DemoIssue) -> NewWindow:
    session_id = compute_session_id(PROJECT_ID, issue.id, issue.mode)
    cwd = layout.worktree(issue.id) if issue.trusted else layout.root / "card-reader-sdk"
    cwd.mkdir(exist_ok=True)
    brief = layout.root / "state" / f"{issue.id}-{issue.mode}.md"
    brief.write_text(f"# {issue.id}: {issue.title}\n\n{issue.body}\n")
    name = window_name(issue.id, issue.mode)
    prompt = f"You are the {issue.mode} worker of {issue.id}. Read {brief} and do what it says."
    launch = Launch(
        command=AGENT_COMMAND,
        session_id=session_id,
        resume=False,
        prompt=prompt,
        name=name,
        permission_mode=issue.permission_mode,
    )
    return NewWindow(
        session=f"legion-{short_id(PROJECT_ID)}",
        name=name,
        cwd=str(cwd),
        argv=argv_of(launch),
        env={"LEGION_PROJECT": str(layout.project), "LEGION_ISSUE": issue.id, "LEGION_MODE": issue.mode.value},
        options={
            "@legion_issue": issue.id,
            "@legion_mode": issue.mode.value,
            "@legion_session_id": session_id,
            "@legion_agent": "claude-code",
        },
    )


def _stray(layout: Layout, name: str, session_id: str) -> NewWindow:
    prompt = f"Have a look at {name}."
    launch = Launch(command=AGENT_COMMAND, session_id=session_id, resume=False, prompt=prompt)
    cwd = str(layout.root / name)
    return NewWindow(session="notes", name=name, cwd=cwd, argv=argv_of(launch), env={}, options={})
