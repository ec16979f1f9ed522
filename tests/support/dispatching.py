"""Everything that acts, put together over a private tmux, the local tracker and the tiny agent."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from legion_tui.act.advance import Advancer
from legion_tui.act.crew import CrewReader
from legion_tui.act.dispatch import Dispatcher
from legion_tui.act.headless import Holding
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.merging import PullRequestMerging
from legion_tui.act.order import DispatchSettings, ModeSettings
from legion_tui.act.parking import Parking
from legion_tui.act.prompting import Prompting
from legion_tui.act.worktrees import Worktrees
from legion_tui.processes import run_command
from legion_tui.state import (
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Attention,
    IssueFacts,
    IssueState,
    IssueStatus,
    Label,
    Mode,
    Pane,
    Pipeline,
    Project,
    Worker,
    compute_session_id,
    decide,
    status_mode,
)
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers.github import Merger
from legion_tui.trackers.local import LocalTracker
from tests.support.network import github_client
from tests.support.tiny_agent import PROGRAM, TinyAgent, at_rest
from tests.support.waiting import until_async

# Nothing here is asked of GitHub.
_NO_GITHUB = "http://127.0.0.1:9/graphql"
PROJECT_ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Workshop:
    """A project in `root`, and everything that acts on it. `facts` is added to what `decide` is told."""

    tmux: OneShotTmux
    root: Path
    slots: int = 10
    command: tuple[str, ...] = PROGRAM
    confirm_seconds: float = 10.0
    worktrees: bool = False
    tells: bool = True
    hooks: bool = False
    pipeline: Pipeline = field(default_factory=Pipeline)
    modes: dict[Mode, ModeSettings] | None = None
    holding: Holding | None = None

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.agent = TinyAgent(self.root.parent / "agent")
        self.tracker = LocalTracker(self.root / ".legion" / "issues", root=self.root, key="ENG")
        self.state = self.root.parent / "state"
        self.ledger = Ledger(self.state, clock=now)
        self.locks = Locks(self.state / "locks", wait_seconds=0.3)
        self.project = Project(id=PROJECT_ID, short_id="3kgAnyAe", key="ENG", root=str(self.root), name="shop")
        self.crew = CrewReader(self.tmux, self.agent, self.ledger, PROJECT_ID, clock=now)
        self.parking = Parking(self.tmux, self.ledger)
        self.facts: dict[str, object] = {}
        self.dispatcher = Dispatcher(
            tmux=self.tmux,
            agent=self.agent,
            tracker=self.tracker,
            ledger=self.ledger,
            locks=self.locks,
            crew=self.crew,
            worktrees=Worktrees(
                runner=run_command,
                project_root=self.root,
                environ=dict(os.environ),
                marks=self.state / "unfinished",
                kind="git" if self.worktrees else "none",
            ),
            settings=DispatchSettings(
                project=self.project,
                session="legion-3kgAnyAe",
                command=self.command,
                briefs=self.state / "briefs",
                modes=self.modes or {},
                slots=self.slots,
                confirm_seconds=self.confirm_seconds,
                agent_settings=self.state / "agent-settings.json" if self.hooks else None,
                refused=("answer",),
            ),
            environ=dict(os.environ),
            clock=now,
            prompting=Prompting(self.tmux, self.crew, at_rest, clock=now) if self.tells else None,
            holding=self.holding,
        )
        self.advancer = Advancer(
            dispatcher=self.dispatcher,
            crew=self.crew,
            parking=self.parking,
            tracker=self.tracker,
            ledger=self.ledger,
            locks=self.locks,
            decide=self.decide,
            answer=self.answer,
            merging=PullRequestMerging(Merger(github_client(_NO_GITHUB)), self.tracker, self.ledger),
            project_id=PROJECT_ID,
        )

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        """The tiny agent asks nothing that could be answered."""
        return AnswerReceipt(
            issue=request.target, question_id="", outcome=AnswerOutcome.REFUSED, reason="nothing asked"
        )

    def git(self) -> None:
        """Make the project a repository with one commit."""
        for arguments in (("init", "-q", "-b", "main"), ("commit", "-q", "--allow-empty", "-m", "first")):
            subprocess.run(["git", "-C", str(self.root), *arguments], check=True, timeout=20)

    def session_id(self, issue: str, mode: str) -> str:
        return compute_session_id(PROJECT_ID, issue, mode)

    async def decide(self, issue_id: str, *, older: bool = False) -> IssueState:
        """What the reading side would say, of these few parts, which keep nothing older."""
        del older
        issue = await self.tracker.get(issue_id)
        members = (await self.crew.read()).of(issue.id)
        workers: Sequence[Worker] = [member.worker for member in members]
        own = status_mode(IssueStatus.normalize(issue.status))
        at_work = [member.worker for member in members if not (member.finished and member.worker.mode != own)]
        facts = IssueFacts(
            status=IssueStatus.normalize(issue.status),
            labels=issue.labels | await self.ledger.labels_of(issue.id),
            has_live_worker=bool(at_work),
            worker_mode=at_work[0].mode if at_work else None,
            is_blocked=any(worker.asking for worker in workers),
            has_pr=issue.pull_request is not None,
        )
        facts = replace(facts, **self.facts)  # type: ignore[arg-type]
        decision = decide(facts, self.pipeline)
        return IssueState(
            issue=issue,
            status=facts.status,
            facts=facts,
            decision=decision,
            session_id=self.session_id(issue.id, decision.mode),
            attention=Attention.READY,
            worker=workers[0] if workers else None,
        )

    async def labels(self, issue_id: str) -> set[str]:
        return set((await self.tracker.get(issue_id)).labels)

    async def label(self, issue_id: str, *add: Label) -> None:
        await self.tracker.label(issue_id, add=[str(label) for label in add])

    async def panes(self) -> dict[str, Pane]:
        """The panes by window name; a test has no two of one name."""
        return {pane.window_name: pane for pane in await self.tmux.panes()}

    async def idle(self, issue_id: str, mode: str) -> None:
        """Wait until that worker is idle at an empty box."""

        async def rests() -> bool:
            member = (await self.crew.read()).in_session(self.session_id(issue_id, mode))
            if member is None or not member.finished or member.worker.pane is None:
                return False
            captures = await self.tmux.capture([member.worker.pane], colour=True)
            return at_rest(captures[member.worker.pane].lines)

        await until_async(rests)

    async def told(self) -> list[str]:
        """What the ledger tells of what was done, one line an entry."""
        return [entry.text for entry in await self.ledger.history() if entry.kind != "life"]

    async def life(self, issue: str, mode: str) -> list[str]:
        """The states that the life of a worker went through."""
        session_id = self.session_id(issue, mode)
        notes = [entry.data for entry in await self.ledger.history(issue) if entry.kind == "life"]
        return [str(data["to"]) for data in notes if data["session_id"] == session_id]
