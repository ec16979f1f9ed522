"""One agent in a pane of a private tmux, read by the product's own collector; what a scenario has in its hands."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import psutil

from legion_tui.act.answer import Answerer
from legion_tui.act.interrupt import Interrupter
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.message import Hands, Messenger
from legion_tui.act.stop import Stopper
from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.protocol import Launch
from legion_tui.fetch import Collector, LiveSource
from legion_tui.processes import Ran, run_command
from legion_tui.state import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Channel,
    MessageRequest,
    Mode,
    Project,
    Question,
    QuestionKind,
    Turn,
    Worker,
    WorkerReceipt,
    WorkerState,
    compute_session_id,
    short_id,
)
from legion_tui.tmux import NewWindow, OneShotTmux
from legion_tui.trackers.local import LocalTracker
from tests.contract.cells import Cell, Driven, Renderer
from tests.contract.messages_api import MessagesApi, Result, plain_text
from tests.contract.script import MARKER, Act, Reply, scenario
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until

_REPOSITORY = Path(__file__).parents[2]
# A made-up key: the agent wants one, and nobody but our own server ever sees it.
KEY = "sk-ant-test-" + "0" * 40
_PLAY = "scenario"
PROMPT = f"Set the service up. ({MARKER}:{_PLAY})"
ISSUE = "ENG-1"
_PROJECT_ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
# Nothing but the conversation, and no address but our own.
QUIET = {
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
}
_LOOK_AGAIN_SECONDS = 0.1
# A slow machine is no defect of the agent, nor of ours.
PATIENCE_SECONDS = 45.0
_ASKING = frozenset({WorkerState.QUESTION, WorkerState.PERMISSION, WorkerState.PLAN})
# The commands of tmux by which anything reaches a program in a pane.
_TYPING = ("send-keys", "send-prefix", "paste-buffer")


class CallOffRecordError(AssertionError):
    """The client has a dialog up and keeps the call that it is about off its record: there is nothing to answer.

    Measured on the pinned version, in about one dialog of a hundred on a busy machine, whatever the product does.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a stage is built with. `program`: the real client, None for the stand-in."""

    tmux: OneShotTmux
    tmux_command: TmuxCommand
    tmux_env: Mapping[str, str]
    home: Path
    program: Path | None


class Stage:
    """One agent, its pane and what is known of it. Every wait ends with the screen in the error."""

    def __init__(self, cell: Cell, tools: Tools, stack: AsyncExitStack) -> None:
        self.cell = cell
        self.tmux = tools.tmux
        self.tmux_command = tools.tmux_command
        self.project = Project(id=_PROJECT_ID, short_id=short_id(_PROJECT_ID), key="ENG")
        self.session_id = compute_session_id(_PROJECT_ID, ISSUE, Mode.IMPLEMENT)
        self.pane_id = ""
        self.home = tools.home
        self.root = tools.home / "shop"
        self.config = tools.home / ".claude"
        self.api: MessagesApi | None = None
        self.ledger = Ledger(tools.home / "state", clock=now)
        self.spool = tools.home / "spool"
        self._shown: Worker | None = None
        # Every command of the product that types into a pane.
        self.typed: list[str] = []
        self._tmux_env = tools.tmux_env
        self.start_product()
        self._gates = tools.home / "gates"
        self._program = tools.program
        self._stack = stack

    # -- the product

    def start_product(self) -> None:
        """Start what reads and answers, as a dashboard does; once more: as one that was started again."""
        self.agent = self._reader()
        self.collector = Collector(
            live=LiveSource(self.tmux, [self.agent], self.project, now),
            tracker=LocalTracker(self.home / "issues", root=self.home, key=self.project.key),
            pull_requests=None,
            read_journal=self.ledger.journal,
            clock=now,
            project=self.project,
        )
        self._answerer = self.answerer()

    def answerer(self) -> Answerer:
        """Return one more of those who answer, as another dashboard has it."""
        locks = Locks(self.home / "locks")
        return Answerer(
            tmux=OneShotTmux(self._run_watched, self.tmux.socket, env=self._tmux_env, config_file=Path("/dev/null")),
            # Its own: offsets in the agent's files belong to one reader.
            agent=self._reader(),
            find=self._find,
            lock=lambda worker: locks.hold(worker.session_id),
            journal=self.ledger,
            clock=now,
        )

    async def send(self, text: str, *, seen: Worker, queue: bool = False) -> WorkerReceipt:
        """Tell the worker something as a person does through the product."""
        self._shown = seen
        return await Messenger(self._hands()).send(MessageRequest(target=ISSUE, text=text, queue=queue))

    async def interrupt(self, *, seen: Worker, keys: Sequence[str] = ("Escape",)) -> WorkerReceipt:
        """Stop what the worker does as a person does through the product."""
        self._shown = seen
        # A key that does nothing is waited for in vain.
        within_seconds = 5.0 if len(keys) == 1 else 2.0
        return await Interrupter(self._hands(), keys=keys, within_seconds=within_seconds).interrupt(ISSUE)

    async def stop(self, *, seen: Worker) -> WorkerReceipt:
        """End the worker as a person does through the product."""
        self._shown = seen
        hands = self._hands()
        return await Stopper(hands, Interrupter(hands)).stop(ISSUE, pid=seen.pid)

    def _hands(self) -> Hands:
        agent, locks = self._reader(), Locks(self.home / "locks")
        return Hands(
            tmux=self.tmux,
            agent=agent,
            listener=agent,
            find=self._find_worker,
            lock=lambda worker: locks.hold(worker.session_id),
            journal=self.ledger,
            clock=now,
        )

    def prompts(self) -> list[str]:
        """Return what the agent has on record as prompts."""
        told = (record for record in self._records() if record.get("type") == "user" and not record.get("isMeta"))
        said = [(record.get("message") or {}).get("content") for record in told]
        return [content for content in said if isinstance(content, str)]

    def _reader(self) -> ClaudeCode:
        return ClaudeCode(self.config, {"CLAUDE_CONFIG_DIR": str(self.config)}, spool=self.spool)

    # -- the agent

    async def start(
        self,
        *script: Act,
        prompt: str = PROMPT,
        permission_mode: str | None = None,
        trusted: bool = True,
        under_shell: bool = False,
        with_hook: bool = True,
        plays: Mapping[str, Sequence[Act]] | None = None,
        compacts: Reply = (),
        key_approved: bool = True,
        env: Mapping[str, str] | None = None,
        name: str = "",
    ) -> None:
        """Start the agent; `script` is what it does on its prompt, and without one it gets none.

        `compacts` is what the agent says to itself when it is asked to sum the conversation up after that.
        """
        self._seed(trusted=trusted, key_approved=key_approved)
        issues = self.home / "issues"
        issues.mkdir()
        (issues / f"{ISSUE}.md").write_text("---\ntitle: Set the service up\nstatus: In Progress\n---\n")
        environment = await self._agent_environment({_PLAY: script, **(plays or {})}, compacts)
        launch = Launch(
            command=self._command(),
            session_id=self.session_id,
            resume=False,
            prompt=prompt if script else "",
            name=name,
            permission_mode=permission_mode,
            settings=self._settings() if with_hook else None,
        )
        argv = self.agent.argv(launch)
        self._window = NewWindow(
            session="work",
            name="eng-1-implement",
            cwd=str(self.root),
            argv=("bash", "--norc", "--noprofile", "-i") if under_shell else argv,
            env={**environment, **(env or {})},
            options={
                "@legion_issue": ISSUE,
                "@legion_mode": Mode.IMPLEMENT,
                "@legion_session_id": self.session_id,
            },
            width=self.cell.width,
            height=self.cell.height,
        )
        self.pane_id = (await self.tmux.open_window(self._window)).pane_id
        if under_shell:
            self.type(shlex.join(argv))
            await self.press("Enter")

    async def resume_elsewhere(self) -> str:
        """Take the session up again in another window, as a person might who forgot the first; return its pane."""
        again = Launch(command=self._command(), session_id=self.session_id, resume=True, prompt="")
        window = replace(self._window, name="again", argv=self.agent.argv(again), options={})
        return (await self.tmux.open_window(window)).pane_id

    def _settings(self) -> Path | None:
        """Write what a worker is started with where it is answered by hook."""
        if self.cell.channel is not Channel.HOOK:
            return None
        file = self.home / "agent-settings.json"
        file.write_bytes(self.agent.worker_settings(("answer", "send")))
        return file

    def _command(self) -> tuple[str, ...]:
        return (str(self._program),) if self._program else (sys.executable, "-m", "legion_tui.demo.standin")

    def _seed(self, *, trusted: bool, key_approved: bool) -> None:
        self.root.mkdir(parents=True)
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.root)], check=True, timeout=10)
        self.config.mkdir(exist_ok=True)
        self._gates.mkdir()
        known = {
            "hasCompletedOnboarding": True,
            "hasSeenAutoDefaultNotice": True,
            "numStartups": 3,
            "customApiKeyResponses": {"approved": [KEY[-20:]] if key_approved else [], "rejected": []},
            "projects": {str(self.root): {"hasTrustDialogAccepted": True}} if trusted else {},
        }
        (self.config / ".claude.json").write_text(json.dumps(known))
        if not (self.config / "settings.json").exists():
            (self.config / "settings.json").write_text("{}")

    async def _agent_environment(self, plays: Mapping[str, Sequence[Act]], compacts: Reply) -> Mapping[str, str]:
        environment = {**QUIET, "HOME": str(self.home), "ANTHROPIC_API_KEY": KEY, **self.agent.environment()}
        if self.cell.renderer is Renderer.CLASSIC:
            environment["CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN"] = "1"
        if self.cell.agent is Driven.REAL:
            sums_up = {_PLAY: (*plays[_PLAY], compacts)} if compacts else {}
            self.api = await self._stack.enter_async_context(MessagesApi({**plays, **sums_up}).serving())
            return {**environment, "ANTHROPIC_BASE_URL": self.api.url}
        play = self.home / "scenario.json"
        play.write_text(json.dumps(scenario(plays, compacts=compacts)))
        return {
            **environment,
            "PYTHONPATH": str(_REPOSITORY),
            "LEGION_DEMO_SCENARIO": str(play),
            "LEGION_DEMO_GATES": str(self._gates),
        }

    def release(self, gate: str) -> None:
        """Let the agent go on."""
        (self._gates / gate).touch()
        if self.api is not None:
            self.api.release(gate)

    # -- what the product sees

    async def worker(self) -> Worker | None:
        """Return the worker as the product sees it now."""
        return (await self.collector.collect()).worker_of(ISSUE)

    async def _run_watched(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        for command in (*argv, *(stdin or b"").decode("utf-8", "replace").splitlines()):
            if any(word in command for word in _TYPING):
                self.typed.append(command)
        return await run_command(argv, stdin=stdin, env=env, cwd=cwd, timeout_seconds=timeout_seconds)

    async def _find(self, _target: str, _question_id: str | None) -> Worker | None:
        return self._shown

    async def _find_worker(self, _target: str) -> Worker | None:
        return self._shown

    async def answer(
        self,
        *answers: Answer,
        seen: Worker,
        deny: bool = False,
        chat: bool = False,
        text: str | None = None,
        by: Answerer | None = None,
    ) -> AnswerReceipt:
        """Answer as a person does through the product; `seen` is what they were shown when they made up their mind."""
        assert seen.question is not None
        self._shown = seen
        request = AnswerRequest(
            target=ISSUE,
            answers=answers,
            deny=deny,
            chat=chat,
            text=text,
            question_id=seen.question.id,
            timeout_seconds=PATIENCE_SECONDS,
        )
        receipt = await (by or self._answerer).answer(request)
        if receipt.outcome is AnswerOutcome.CONFIRMED and seen.question.kind is not QuestionKind.TRUST:
            # A channel that works never falls back to the other in silence.
            assert receipt.via is self.cell.channel, receipt
        assert receipt.via is not Channel.HOOK or not self.typed, self.typed
        return receipt

    async def until(self, state: WorkerState, *, within_seconds: float = PATIENCE_SECONDS) -> Worker:
        """Return the worker as soon as the product sees it in that state."""
        return await self.until_worker(lambda worker: worker.state is state, str(state), within_seconds=within_seconds)

    async def until_finished(self) -> Worker:
        """Return the worker as soon as its turn is over and nothing is asked."""
        return await self.until_worker(
            lambda worker: worker.state is WorkerState.IDLE and worker.turn is Turn.ENDED, "idle after its turn"
        )

    async def until_asked(self, *, after: Worker | None = None) -> tuple[Worker, Question]:
        """Return the worker and its question as soon as there is one, other than the one that it had `after`."""
        before = after.question.id if after is not None and after.question is not None else ""

        def is_asked(worker: Worker) -> bool:
            question = worker.question
            if question is None or question.id == before:
                return False
            # Nothing but keys answers a start-up dialog; no hook is needed for keys.
            return question.kind is QuestionKind.TRUST or question.channel is self.cell.channel

        worker = await self.until_answerable(is_asked)
        assert worker.question is not None
        return worker, worker.question

    async def until_answerable(self, is_asked: Callable[[Worker], bool]) -> Worker:
        """Return the worker once it is as wanted; CallOffRecordError where the client keeps from us what it asks."""
        try:
            return await self.until_worker(is_asked, "a question")
        except AssertionError as failure:
            worker = await self.worker()
            off_record = self.api is not None and worker is not None and worker.state in _ASKING and not self._asked()
            if not off_record:
                raise
            # What is not known is shown as not known, and nothing can be typed into it.
            assert worker is not None
            assert worker.question is None or worker.question.unanswerable
            raise CallOffRecordError(str(failure)) from None

    def _asked(self) -> set[str]:
        """Return the ids of the calls on record, a sub-agent's too, that have no result yet; not of starting one."""
        own = self.config.glob(f"projects/*/{self.session_id}.jsonl")
        theirs = self.config.glob(f"projects/*/{self.session_id}/**/*.jsonl")
        blocks = [block for path in (*own, *theirs) for record in _records_in(path) for block in _blocks(record)]
        over = {block["tool_use_id"] for block in blocks if block.get("type") == "tool_result"}
        return {
            block["id"]
            for block in blocks
            if block.get("type") == "tool_use" and block["name"] not in ("Agent", "Task") and block["id"] not in over
        }

    async def until_worker(
        self, wanted: Callable[[Worker], bool], what: str, *, within_seconds: float = PATIENCE_SECONDS
    ) -> Worker:
        """Return the worker as soon as it is as `wanted`."""
        seen: list[str] = []
        with anyio.move_on_after(within_seconds):
            while True:
                worker = await self.worker()
                if worker is not None and wanted(worker):
                    return worker
                told = "nobody" if worker is None else str(worker.state)
                if told not in seen[-1:]:
                    seen.append(told)
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
        raise AssertionError(f"not {what} within {within_seconds:g} s but {' -> '.join(seen)}\n{await self.evidence()}")

    async def evidence(self) -> str:
        """Return everything that helps to understand a failure."""
        worker = await self.worker()
        said = [f"{piece.rung}: {piece.value}" for piece in worker.evidence] if worker is not None else []
        problems = self.api.problems if self.api is not None else []
        records = ["its newest records:", *(_in_short(record) for record in self._records()[-12:])]
        return "\n".join([*said, *problems, *records, *(f"|{line.rstrip()}" for line in await self.screen())])

    # -- what a person does and sees

    async def screen(self) -> Sequence[str]:
        """Return the pane's lines, without colours."""
        capture = (await self.tmux.capture([self.pane_id])).get(self.pane_id)
        return capture.lines if capture is not None else ()

    async def exit_status(self) -> int | None:
        """Return how the agent ended, where tmux tells."""
        return next((pane.dead_status for pane in await self.tmux.panes() if pane.pane_id == self.pane_id), None)

    async def shows(self, text: str, *, within_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the pane shows that text, however it is wrapped."""
        wanted = "".join(text.split())
        with anyio.move_on_after(within_seconds):
            while True:
                if wanted in "".join("".join(await self.screen()).split()):
                    return
                await anyio.sleep(_LOOK_AGAIN_SECONDS / 2)
        raise AssertionError(f"{text!r} is not on the screen\n{await self.evidence()}")

    async def press(self, key: str) -> None:
        """Press a key in the pane, as a person does."""
        await self.tmux.send_key(self.pane_id, key)

    def type(self, text: str) -> None:
        """Type text in the pane, as a person does."""
        self.tmux_command("send-keys", "-t", self.pane_id, "-l", "--", text)

    async def command(self, text: str) -> None:
        """Run one of the agent's own commands, as a person does; the list of them has to be there before Enter."""
        self.type(text)
        await self.shows(f"❯\u00a0{text}")
        await self.press("Enter")

    def hooks(self) -> list[int]:
        """Return the processes of our hook that live."""
        found: list[int] = []
        for process in psutil.process_iter(["cmdline", "status"]):
            dead = process.info["status"] == psutil.STATUS_ZOMBIE
            if not dead and str(self.spool) in (process.info["cmdline"] or []):
                found.append(process.pid)
        return found

    # -- what the agent has on record

    def recorded(self) -> list[Result]:
        """Return the results of the tool calls that the agent's own transcript holds."""
        calls: dict[str, str] = {}
        found: list[Result] = []
        # Other records hold copies of what was sent.
        said = (record for record in self._records() if record.get("type") in ("user", "assistant"))
        for block in (block for record in said for block in _blocks(record)):
            if block.get("type") == "tool_use":
                calls[block["id"]] = block["name"]
            elif block.get("type") == "tool_result":
                text = plain_text(block.get("content"))
                found.append(Result(calls[block["tool_use_id"]], text, bool(block.get("is_error"))))
        return found

    def _records(self) -> list[dict[str, Any]]:
        paths = self.config.glob(f"projects/*/{self.session_id}.jsonl")
        return [record for path in paths for record in _records_in(path)]

    def received(self, tool: str) -> list[Result]:
        """Return the results of that tool that reached the API; the stand-in's records are all there is of it."""
        results = self.recorded() if self.api is None else self.api.results
        return [result for result in results if result.tool == tool]


def _records_in(path: Path) -> list[dict[str, Any]]:
    # The last line may be half written.
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.split("\n") if line]


@asynccontextmanager
async def open_stage(cell: Cell, tools: Tools, build: type[Stage] = Stage) -> AsyncIterator[Stage]:
    """Give a stage, and end what was started on it: the agent before its API."""
    async with AsyncExitStack() as stack:
        stage = build(cell, tools, stack)
        try:
            yield stage
        finally:
            await tools.tmux.kill_server()
            # Whatever happened to the agent, nothing of ours stays behind.
            await until(lambda: not stage.hooks())


def _blocks(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = (record.get("message") or {}).get("content")
    return content if isinstance(content, list) else []


def _in_short(record: Mapping[str, Any]) -> str:
    blocks = [f"{block.get('type')} {block.get('id') or block.get('tool_use_id') or ''}" for block in _blocks(record)]
    return " ".join([str(record.get("timestamp", "")), str(record.get("type")), *blocks]).strip()


def now() -> datetime:
    return datetime.now(UTC)
