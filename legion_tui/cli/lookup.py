"""Who is meant: an issue with its decision, its workers, a session, read at this moment or as the board shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from legion_tui.errors import ConfigError, LegionError, RefusedError
from legion_tui.state import IssueState, Project, Snapshot, Source, Worker
from legion_tui.trackers import Tracker

if TYPE_CHECKING:
    from legion_tui.cli.parts import Parts

# What is not read now says nothing of what may be done now.
_NEEDED_TO_ACT = (Source.TRACKER, Source.TMUX, Source.AGENTS)


class Lookup:
    """Finds over `parts`; what is not there is an error that says what there is."""

    def __init__(self, parts: Parts) -> None:
        """Take the parts."""
        self._parts = parts

    @property
    def project(self) -> Project:
        """The project; ConfigError where there is none."""
        if self._parts.project is None:
            raise ConfigError("no project here", "a session has nothing to start or move", "run: legion-tui init")
        return self._parts.project

    @property
    def tracker(self) -> Tracker:
        """The tracker; ConfigError where there is none."""
        if self._parts.tracker is None:
            raise ConfigError("no project here", "there is no tracker to ask", "run: legion-tui init")
        return self._parts.tracker

    async def decide(self, issue_id: str, *, older: bool = False) -> IssueState:
        """Return everything known of one issue, read anew; RefusedError where something could not be read.

        `older`: what was read lately is good enough, to show what would be done.
        """
        snapshot = await self._parts.collector.collect(older=older)
        for source in _NEEDED_TO_ACT:
            health = snapshot.sources.get(source)
            if health is not None and not health.ok:
                raise RefusedError(f"nothing is done on {issue_id}", health.error or f"no {source}", health.remedy)
        state = snapshot.issue(issue_id)
        if state is None:
            issue = await self.tracker.get(issue_id)  # says that there is none, and which there are
            raise RefusedError(f"{issue.id} is not read yet", remedy="try again")
        return state

    async def snapshot(self) -> Snapshot:
        """Return what the board shows; a command has no board and reads now what tells of workers."""
        latest = self._parts.collector.latest
        return latest if latest.sequence else await self._parts.collector.collect(pull_requests=False)

    async def workers(self, target: str) -> list[Worker]:
        """Return the workers of an issue, the one that its row shows first, or the one of that session's id."""
        snapshot = await self.snapshot()
        state = snapshot.issue(target)
        if state is not None:
            return list(state.workers)
        workers = [worker for worker in snapshot.workers if worker.session_id == target]
        if not workers:
            await self._refuse_unknown(target)
        return workers

    async def worker(self, target: str) -> Worker | None:
        """Return the worker that the row of an issue shows, or the session of that id."""
        return next(iter(await self.workers(target)), None)

    async def holder(self, session_id: str) -> Worker | None:
        """Return the worker of a session, of an issue or of none."""
        snapshot = await self.snapshot()
        return next((worker for worker in snapshot.workers if worker.session_id == session_id), None)

    async def find(self, target: str, question_id: str | None) -> Worker | None:
        """Return who asks that question, else who asks anything, else whoever there is."""
        workers = await self.workers(target)
        asking = [worker for worker in workers if worker.question is not None]
        asked = [worker for worker in asking if worker.question and worker.question.id == question_id]
        return next(iter([*asked, *asking, *workers]), None)

    async def _refuse_unknown(self, target: str) -> None:
        if self._parts.tracker is not None:
            await self._parts.tracker.get(target)  # says which issues there are
        raise LegionError(f"{target}: no such session", remedy="`legion-tui questions` shows who waits")
