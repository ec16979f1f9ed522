"""One task: its worker, and its auditor after each round, until it is done or cannot be."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import anyio

from legion_tui.act.headless import (
    Active,
    Answered,
    Asking,
    Finished,
    Happening,
    Idle,
    Run,
    RunOrder,
    Signalled,
    Started,
)
from legion_tui.act.oneshot.keeper import Keeper
from legion_tui.act.oneshot.parts import OneshotParts
from legion_tui.act.oneshot.prompts import (
    auditor_prompt,
    feedback_file,
    feedback_prompt,
    report_file,
    task_file,
    worker_prompt,
)
from legion_tui.act.records import Kind
from legion_tui.agents.headless import HeadlessLaunch
from legion_tui.errors import LegionError
from legion_tui.files import file_error
from legion_tui.state.life import LifeEvent, LifeState
from legion_tui.state.oneshot import OneshotTask, TaskOutcome, TaskPhase
from legion_tui.state.text import clean_line
from legion_tui.state.verdict import Verdict, VerdictKind, read_verdict

WORKER = "worker"


def mark_of(task: OneshotTask, session_id: str) -> str:
    """Return the mark of the processes of a task's worker or auditor in this round."""
    return f"{task.id}-{task.round}-{session_id}"


class TaskRunner:
    """Runs one task, once."""

    def __init__(self, task: OneshotTask, parts: OneshotParts) -> None:
        """Take the parts."""
        self._parts = parts
        self._keeper = Keeper(task, ledger=parts.ledger, records=parts.records, clock=parts.clock, tell=parts.tell)
        self._run: Run | None = None
        self._stopped = ""
        # While a person is asked: who stops the program is not asked on.
        self._judging: anyio.CancelScope | None = None
        # By question, the newest last.
        self._asks: dict[str, str] = {}
        self._spent: dict[str, float] = {}

    @property
    def task(self) -> OneshotTask:
        """The task as it stands now."""
        return self._keeper.task

    def is_stopped(self) -> bool:
        """Whether it was told to end."""
        return bool(self._stopped)

    async def enqueue(self) -> None:
        """Let it wait for its turn. LegionError."""
        await self._keeper.begin()

    async def run(self) -> None:
        """Run it to its end, which is what came of it also where something failed here."""
        try:
            if self._stopped:
                await self._keeper.end(TaskOutcome.INTERRUPTED, f"{self._stopped}: it had not begun")
                return
            await self._keeper.move((LifeEvent.START, "it is its turn", ""))
            await self._keeper.end(*await self._rounds())
        except LegionError as error:
            await self._fail(str(error))

    def stop(self, why: str, *, now: bool = False) -> None:
        """Have it end: what runs is interrupted or, `now`, killed; what has not begun does not begin."""
        self._stopped = self._stopped or why
        if self._judging is not None:
            self._judging.cancel()
        if self._run is not None:
            (self._run.kill if now else self._run.interrupt)(why)

    async def _fail(self, reason: str) -> None:
        """End it where not even that may be possible to keep: then it is told, at least."""
        try:
            await self._keeper.end(TaskOutcome.FAILED, reason)
        except LegionError:
            self._keeper.task = replace(
                self.task, phase=TaskPhase.OVER, outcome=TaskOutcome.FAILED, reason=reason, asks=""
            )

    # -- its rounds

    async def _rounds(self) -> tuple[TaskOutcome, str]:
        settings, prompt = self._parts.settings, worker_prompt(self.task.text)
        for number in range(1, self.task.max_rounds + 1):
            await self._begin_round(number)
            finished = await self._run_agent(self.task.session_id, prompt, WORKER, resume=number > 1)
            if finished.error:
                return self._without_answer(finished)
            if not settings.audited:
                return TaskOutcome.COMPLETED, "its record shows its answer" if finished.recovered else ""
            if self.is_stopped():
                return TaskOutcome.INTERRUPTED, f"{self._stopped}: its work is not audited"
            verdict = await self._verdict()
            match verdict.kind:
                case VerdictKind.DONE:
                    return TaskOutcome.COMPLETED, ""
                case VerdictKind.IMPOSSIBLE:
                    return TaskOutcome.FAILED, f"impossible: {clean_line(verdict.feedback) or 'no reason is given'}"
                case VerdictKind.UNCLEAR:
                    if self.is_stopped():
                        return TaskOutcome.INTERRUPTED, f"{self._stopped}: {verdict.feedback}"
                    return TaskOutcome.UNCLEAR, f"its verdict is unclear: {verdict.feedback}"
            prompt = feedback_prompt(await self._write(f"feedback-{number}.md", feedback_file(verdict.feedback)))
        wanted = clean_line(self.task.feedback, limit=500)
        return TaskOutcome.FAILED, f"not done after {self.task.max_rounds} rounds; still wanted: {wanted}"

    async def _begin_round(self, number: int) -> None:
        await self._keeper.change(phase=TaskPhase.WORKING, round=number, round_began_at=self._parts.clock())

    def _without_answer(self, finished: Finished) -> tuple[TaskOutcome, str]:
        if finished.interrupted:
            return TaskOutcome.INTERRUPTED, finished.interrupted
        asked = f", while it asked: {self.task.asks}" if self.task.asks else ""
        return TaskOutcome.FAILED, f"its worker gave no answer: {finished.error}{asked}"

    async def _verdict(self) -> Verdict:
        number, auditor_id = self.task.round, str(uuid.uuid4())
        await self._keeper.change(phase=TaskPhase.AUDITING, auditor_id=auditor_id)
        task = await self._write("task.md", task_file(self.task.text))
        report = await self._write(f"report-{number}.md", report_file(self.task.answer))
        prompt = auditor_prompt(task=task, report=report)
        finished = await self._run_agent(auditor_id, prompt, f"auditor-{number}", resume=False)
        if finished.error:
            why = f"was interrupted: {finished.interrupted}" if finished.interrupted else f"gave none: {finished.error}"
            verdict = Verdict(VerdictKind.UNCLEAR, f"its auditor {why}")
        else:
            verdict = read_verdict(finished.answer)
        await self._keep(verdict, "auditor")
        if verdict.kind is VerdictKind.UNCLEAR and not self.is_stopped():
            await self._keeper.change(phase=TaskPhase.JUDGING)
            judged = None
            with anyio.CancelScope() as self._judging:
                judged = await self._parts.judge(self.task, verdict, finished.answer)
            self._judging = None
            if judged is not None:
                verdict = judged
                await self._keep(verdict, "person")
        return verdict

    async def _keep(self, verdict: Verdict, by: str) -> None:
        words = clean_line(verdict.feedback, limit=2000)
        await self._keeper.note(Kind.AUDIT, verdict=verdict.kind.value, judged_by=by, feedback=words)
        await self._keeper.change(verdict=verdict.kind, feedback=verdict.feedback)
        self._parts.tell(self.task, verdict)

    # -- one run of an agent

    async def _run_agent(self, session_id: str, prompt: str, name: str, *, resume: bool) -> Finished:
        parts, settings = self._parts, self._parts.settings
        is_worker = name == WORKER
        folder = parts.records.of_task(self.task)
        fence = parts.agent.settings(reads=folder, refused=settings.refused, changes=is_worker)
        launch = HeadlessLaunch(
            command=settings.command,
            session_id=session_id,
            resume=resume,
            model=settings.model,
            permission_mode=settings.permission_mode,
            settings=await self._write(f"settings-{WORKER if is_worker else 'auditor'}.json", fence),
        )
        order = RunOrder(
            argv=parts.agent.argv(launch),
            cwd=settings.cwd,
            prompt=prompt,
            session_id=session_id,
            log=parts.records.log(self.task, name),
            mark=mark_of(self.task, session_id),
        )
        self._run = Run(
            order,
            parts.agent,
            guard=parts.guard,
            environ=parts.environ,
            tell=self._heard,
            clock=parts.clock,
            paces=settings.paces,
        )
        if self.is_stopped():
            return Finished(error="it was not started", interrupted=self._stopped)
        try:
            finished = await self._run.run()
        finally:
            self._run = None
        if finished.cost_usd is not None:
            # Of a whole session, so far: another round of the same one counts once.
            self._spent[session_id] = finished.cost_usd
        how = finished.error or ("its record shows its answer" if finished.recovered else "")
        phase = self.task.phase.value
        await self._keeper.note(Kind.RUN, phase=phase, outcome="ended", exit_code=finished.exit_code, reason=how)
        told = {"answer": finished.answer, "exit_code": finished.exit_code} if is_worker else {"audit": finished.answer}
        await self._keeper.change(cost_usd=sum(self._spent.values()) if self._spent else None, **told)
        return finished

    async def _heard(self, happening: Happening) -> None:
        keeper, state = self._keeper, self.task.state
        match happening:
            case Started(process):
                self._asks.clear()
                if state is LifeState.IDLE:
                    await keeper.move((LifeEvent.WORK, f"its {self.task.phase} begins", ""))
                await keeper.note(Kind.RUN, phase=self.task.phase.value, pid=process.pid if process else None)
            case Idle(seconds):
                if state is LifeState.RUNNING:
                    await keeper.move((LifeEvent.REST, f"nothing came of it for {seconds:.0f} s", ""))
                if self._parts.settings.interrupts_idle and self._run is not None:
                    self._run.interrupt(f"idle for {seconds:.0f} s")
            case Active() if state is LifeState.IDLE:
                await keeper.move((LifeEvent.WORK, "something came of it again", ""))
            case Asking(question) if not happening.problem:
                self._asks[question.id] = clean_line(question.text, limit=500)
                await keeper.change(asks=self._asks[question.id])
            case Answered(question):
                self._asks.pop(question.id, None)
                await keeper.change(asks=next(reversed(self._asks.values()), ""))
            case Signalled(name, why):
                await keeper.note(Kind.INTERRUPT, signal=name, reason=why)
        self._parts.tell(self.task, happening)

    async def _write(self, name: str, text: str | bytes) -> Path:
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        task = self.task
        try:
            return await anyio.to_thread.run_sync(self._parts.records.write, task, name, data)
        except OSError as error:
            raise file_error("the run was not started", error, self._parts.records.of_task(task)) from error
