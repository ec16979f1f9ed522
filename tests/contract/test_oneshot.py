"""`oneshot` with the real agent: done, again, impossible, unclear, hung, crashed, killed while asking, many at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from tests.contract import client
from tests.contract.auditing import ECHO, AuditingApi
from tests.contract.script import Act, Ask, Asked, Bash, Choice, Failure, Gate, Say, SubAgent
from tests.contract.stage import KEY, QUIET
from tests.support.oneshot import Oneshot, agent_on_path, agents_of, most_at_once, oneshot, steps_of
from tests.support.tmux_server import bare_environment
from tests.support.waiting import until

pytestmark = [pytest.mark.contract, pytest.mark.timeout(180)]

DONE = '{"verdict": "done", "feedback": "I ran it."}'
RETRY = '{"verdict": "retry", "feedback": "The second file, @/etc/hostname, is missing."}'
IMPOSSIBLE = '{"verdict": "impossible", "feedback": "There is no such service."}'
WHICH = Ask((Asked(question="Which one?", header="One", choices=(Choice("A", "a"), Choice("B", "b"))),))


@dataclass
class Agents:
    """What a run of the command is started with, and what its agents are answered by."""

    api: AuditingApi
    environ: Mapping[str, str]
    root: Path

    def run(self, *arguments: str) -> Any:
        return oneshot(self.environ, self.root, *arguments)

    def session_files(self) -> list[Path]:
        return list(Path(self.environ["CLAUDE_CONFIG_DIR"], "sessions").glob("*.json"))

    def spooled(self) -> list[Path]:
        return list(Path(self.environ["XDG_STATE_HOME"], "legion-tui", "spool").iterdir())

    def allow_bash(self) -> None:
        settings = {"permissions": {"allow": ["Bash"]}}
        Path(self.environ["CLAUDE_CONFIG_DIR"], "settings.json").write_text(json.dumps(settings))

    def silence(self) -> None:
        """Have the agent's output go through something that lets nothing of an answer through."""
        program = Path(self.environ["PATH"].partition(":")[0], "claude")
        silent = (
            "import sys\nfor line in sys.stdin:\n    '\"type\":\"result\"' in line or print(line, end='', flush=True)"
        )
        real = program.rename(program.with_name("real"))
        program.write_text(f"#!/bin/sh\n'{real}' \"$@\" | '{sys.executable}' -c \"$(cat '{real}.py')\"\n")
        program.with_name("real.py").write_text(silent)
        program.chmod(0o700)

    def has_ended_a_turn(self) -> bool:
        found = Path(self.environ["CLAUDE_CONFIG_DIR"]).glob("projects/*/*.jsonl")
        return any('"end_turn"' in path.read_text() for path in found)

    def prompts(self, play: str) -> list[str]:
        """Return the texts of the newest request of a play that are no reminders of the agent's own."""
        body = [request.body for request in self.api.requests if request.play == play][-1]
        return [text for message in body["messages"] if message["role"] == "user" for text in _texts(message)]


def _texts(message: Mapping[str, Any]) -> Sequence[str]:
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    texts = [str(block["text"]) for block in blocks if block.get("type") == "text"]
    return [text for text in texts if not text.startswith("<system-reminder>")]


@pytest.fixture
def program() -> Path:
    try:
        return client.installed()
    except client.ClientMissingError as error:
        pytest.skip(f"the real agent is not tested: {error}")


@pytest.fixture
def bare() -> Iterator[dict[str, str]]:
    with bare_environment() as environ:
        yield environ


Start = Any


@pytest.fixture
def start(program: Path, bare: dict[str, str], home: Path) -> Start:
    @asynccontextmanager
    async def started(
        plays: Mapping[str, Sequence[Act]], verdicts: Mapping[tuple[int, int], str | Gate] | None = None
    ) -> AsyncIterator[Agents]:
        root, config = home / "shop", home / ".claude"
        root.mkdir()
        config.mkdir()
        known = {"hasCompletedOnboarding": True, "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []}}
        (config / ".claude.json").write_text(json.dumps(known))
        path = agent_on_path(home / "bin", [str(program)])
        async with AuditingApi(plays, verdicts).serving() as api:
            environ = {
                **bare,
                **QUIET,
                "PATH": f"{path}:{bare['PATH']}",
                "HOME": str(home),
                "XDG_STATE_HOME": str(home / "state"),
                "CLAUDE_CONFIG_DIR": str(config),
                "ANTHROPIC_API_KEY": KEY,
                "ANTHROPIC_BASE_URL": api.url,
            }
            yield Agents(api, environ, root)
            assert not api.problems

    return started


def outcomes(run: Oneshot) -> list[str]:
    return [task["outcome"] for task in run.document()["tasks"]]


async def test_done(start: Start) -> None:
    plays = {"one": [(Say("I look."), Bash(command="echo hi", description="Look")), (Say("It is all there."),)]}
    async with start(plays, {(1, 1): DONE}) as agents:
        # A slash that is not at the beginning of a prompt runs nothing, nor does a hyphen.
        async with agents.run("--auditor", "--json", "--", "/cost -v (play:one)") as run:
            assert await run.ended() == 0, run.lines
        (task,) = run.document()["tasks"]
        assert (task["outcome"], task["verdict"], task["feedback"]) == ("completed", "done", "I ran it.")
        assert (task["answer"], task["round"], task["exit_code"]) == ("It is all there.", 1, 0)
        assert task["cost_usd"] > 0
        assert steps_of(agents.environ) == ["created", "queued", "running", "completed"]
        # The auditor was let read the report, and nobody was asked.
        (read,) = [result for result in agents.api.results if result.tool == "Read"]
        assert "It is all there." in read.text
        assert not read.is_error
        assert not agents.session_files()


async def test_again_until_done(start: Start) -> None:
    plays = {"one": [(Say("First."),), (Say("Second."),)]}
    async with start(plays, {(1, 1): RETRY, (1, 2): DONE}) as agents:
        async with agents.run("--auditor", "Do it. (play:one)") as run:
            assert await run.ended() == 0, run.lines
        assert "task 1: round 1/5, verdict retry: The second file, @/etc/hostname, is missing." in run.lines
        assert "1 in total, 1 completed, 0 failed, 0 interrupted" in run.lines[-1]
        # The same session: the first prompt and what came of it, then where the feedback is, and not a word of it.
        first, second = [text for text in agents.prompts("one") if text.strip()]
        assert "Do it. (play:one)" in first
        assert "/task-1/feedback-1.md" in second
        assert "second file" not in second
        feedback = second.partition("written in ")[2].partition(". Read it")[0]
        words, mode = _file(feedback)
        assert "@/etc/hostname" in words
        assert mode == 0o600


async def test_impossible_and_done_side_by_side(start: Start) -> None:
    plays = {"one": [(Say("One."),)], "two": [(Say("Two."),)]}
    async with start(plays, {(1, 1): IMPOSSIBLE, (2, 1): f"```json\n{DONE}\n```"}) as agents:
        async with agents.run("--auditor", "--json", "(play:one)", "(play:two)") as run:
            assert await run.ended() == 1, run.lines
        assert outcomes(run) == ["failed", "completed"]
        assert "There is no such service." in run.document()["tasks"][0]["reason"]


async def test_unclear_is_never_done(start: Start) -> None:
    said = [
        "not done",
        "",
        f"{DONE}\n{DONE}",
        ECHO,
        f"It is done: {DONE}",
        '{"verdict": "DONE"}',
        '{"verdict": "retry"}',
    ]
    plays = {f"p{number}": [(Say("Done."),)] for number in range(1, len(said) + 1)}
    verdicts = {(number, 1): words or " " for number, words in enumerate(said, 1)}
    async with start(plays, verdicts) as agents:
        tasks = [f"(play:{name})" for name in plays]
        async with agents.run("--auditor", "--json", *tasks) as run:
            assert await run.ended(within_seconds=120) == 4, run.lines
        assert outcomes(run) == ["unclear"] * len(said)
        assert run.document()["unclear"] == len(said)


async def test_an_error_of_the_api_is_a_failure(start: Start) -> None:
    async with start({"one": [Failure.BILLING]}) as agents:
        async with agents.run("--auditor", "--json", "(play:one)") as run:
            assert await run.ended() == 1, run.lines
        assert "Credit balance is too low" in run.document()["tasks"][0]["reason"]
        assert steps_of(agents.environ) == ["created", "queued", "running", "failed"]


async def test_hung(start: Start) -> None:
    async with start({"one": [(Say("Wait."), Gate("never"))]}) as agents:
        paces = ("--idle-threshold", "1", "--heartbeat-interval", "0.2", "--interrupt-idle")
        async with agents.run(*paces, "--json", "(play:one)") as run:
            assert await run.ended() == 1, run.lines
        assert outcomes(run) == ["interrupted"]
        assert steps_of(agents.environ)[-2:] == ["idle", "interrupted"]
        assert not agents.session_files()


async def test_an_auditor_that_hangs_says_nothing(start: Start) -> None:
    async with start({"one": [(Say("Done."),)]}, {(1, 1): Gate("never")}) as agents:
        # Long enough that a worker that starts slowly is none of these.
        paces = ("--idle-threshold", "8", "--heartbeat-interval", "0.2", "--interrupt-idle")
        async with agents.run(*paces, "--auditor", "--json", "(play:one)") as run:
            assert await run.ended() == 4, run.lines
        assert outcomes(run) == ["unclear"]


async def test_crashed(start: Start) -> None:
    async with start({"one": [(Say("Wait."), Gate("never"))]}) as agents, agents.run("--json", "(play:one)") as run:
        await until(lambda: agents.api.requests)
        os.kill(_agent(agents).pid, signal.SIGSEGV)
        assert await run.ended() == 1, run.lines
        assert "SIGSEGV" in run.document()["tasks"][0]["reason"]


async def test_killed_while_asking(start: Start) -> None:
    async with start({"one": [(WHICH,)]}) as agents, agents.run("--json", "(play:one)") as run:
        await run.until_told("Which one?")
        os.kill(_agent(agents).pid, signal.SIGKILL)
        assert await run.ended() == 1, run.lines
        reason = run.document()["tasks"][0]["reason"]
        assert reason == "its worker gave no answer: it was ended by SIGKILL, while it asked: Which one?"
        assert not agents.spooled()


@pytest.mark.parametrize("how", ["hangs", "vanishes"])
async def test_an_answer_that_is_on_record_alone_is_no_failure(start: Start, how: str) -> None:
    """Zombie success: it has finished, and its pipe does not tell."""
    async with start({"one": [(Say("All is done."),)]}) as agents:
        agents.silence()
        paces = ("--idle-threshold", "1", "--heartbeat-interval", "0.2") if how == "hangs" else ()
        async with agents.run("--json", *paces, "(play:one)") as run:
            if how == "vanishes":
                await until(agents.has_ended_a_turn)
                _agent(agents).kill()
            assert await run.ended() == 0, run.lines
        (task,) = run.document()["tasks"]
        assert (task["answer"], task["outcome"]) == ("All is done.", "completed")
        assert task["reason"] == "its record shows its answer"


async def test_its_question_is_answered_from_elsewhere(start: Start) -> None:
    async with start({"one": [(WHICH,), (Say("Thanks."),)]}) as agents, agents.run("--json", "(play:one)") as run:
        line = await run.until_told("Which one? [1 A, 2 B]")
        session_id = line.partition("legion-tui answer ")[2].partition(" ")[0]
        listed = await _command(agents, "questions", "--json")
        (question,) = json.loads(listed)
        assert question["channel"] == "hook"
        receipt = json.loads(await _command(agents, "answer", session_id, "--choose=2", "--json"))
        assert (receipt["outcome"], receipt["via"]) == ("confirmed", "hook")
        assert await run.ended() == 0, run.lines
        (result,) = [result for result in agents.api.results if result.tool == "AskUserQuestion"]
        assert '"B"' in result.text


@pytest.mark.parametrize(("choice", "made"), [("--choose=allow", True), ("--deny", False)])
async def test_its_permission_is_given_from_elsewhere(start: Start, choice: str, made: bool) -> None:
    bash = Bash(command="touch made.txt", description="Make it")
    async with start({"one": [(bash,), (Say("Thanks."),)]}) as agents, agents.run("--json", "(play:one)") as run:
        line = await run.until_told("touch made.txt")
        session_id = line.partition("legion-tui answer ")[2].partition(" ")[0]
        receipt = json.loads(await _command(agents, "answer", session_id, choice, "--json"))
        assert (receipt["outcome"], receipt["via"]) == ("confirmed", "hook")
        # No without words ends the turn, as it does in a terminal.
        assert await run.ended() == (0 if made else 1), run.lines
        assert (agents.root / "made.txt").exists() is made


async def test_what_its_own_agent_asks_is_answered_too(start: Start) -> None:
    asks = SubAgent(task="Look around", play="sub", bash=Bash(command="touch made.txt", description="Make it"))
    plays = {"one": [(asks,), (Say("It has started."),), (Say("It is through."),)], "sub": asks.script}
    async with start(plays) as agents, agents.run("--json", "(play:one)") as run:
        line = await run.until_told("touch made.txt")
        session_id = line.partition("legion-tui answer ")[2].partition(" ")[0]
        receipt = json.loads(await _command(agents, "answer", session_id, "--choose=allow", "--json"))
        assert (receipt["outcome"], receipt["via"]) == ("confirmed", "hook")
        assert await run.ended() == 0, run.lines
        assert (agents.root / "made.txt").exists()
        # Its turn was over while its own agent was at work: the end is what it says after that.
        assert run.document()["tasks"][0]["answer"] == "It is through."


async def test_twenty_tasks_five_at_a_time(start: Start) -> None:
    plays = {f"p{number}": [(Say("Wait."), Gate(f"g{number}"), Say("Done."))] for number in range(1, 21)}
    async with start(plays) as agents:
        seen: list[int] = []
        async with agents.run("--json", "--max-concurrent", "5", *(f"(play:{name})" for name in plays)) as run:
            for number in range(1, 21):
                # As many as may be are at work; the next one begins once one of them is let go.
                wanted = min(number + 4, 20)
                await until(lambda: len({one.play for one in agents.api.requests if one.play}) >= wanted)  # noqa: B023
                seen.append(len({process.pid for process in agents_of(agents.environ) if "claude" in _name(process)}))
                agents.api.release(f"g{number}")
            assert await run.ended(within_seconds=150) == 0, run.lines
        assert max(seen) == 5
        assert run.document()["completed"] == 20
        assert most_at_once(agents.environ) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_where_it_is_ended(start: Start, number: signal.Signals) -> None:
    """Neither of the agents nor of their tools, which have sessions of their own."""
    waits = Bash(command="tail -f /dev/null", description="Wait")
    async with start({"one": [(waits,)], "two": [(WHICH,)]}) as agents:
        agents.allow_bash()
        async with agents.run("--json", "(play:one)", "(play:two)") as run:
            await until(lambda: any(_name(process) == "tail" for process in agents_of(agents.environ)))
            await run.until_told("Which one?")
            run.process.send_signal(number)
            code = await run.ended()
            assert code == (-number if number is signal.SIGKILL else 128 + number), run.lines
            if number is not signal.SIGKILL:
                # It ends them before it ends.
                assert not agents_of(agents.environ)
                assert outcomes(run) == ["interrupted", "interrupted"]
        await until(lambda: not agents_of(agents.environ))
        if number is signal.SIGKILL:
            listed = json.loads(await _command(agents, "oneshot", "--json"))
            assert [task["outcome"] for task in listed[0]["tasks"]] == ["failed", "failed"]
            assert "cut off" in listed[0]["tasks"][0]["reason"]


def _agent_or_none(agents: Agents) -> psutil.Process | None:
    return next((process for process in agents_of(agents.environ) if "claude" in _name(process)), None)


def _agent(agents: Agents) -> psutil.Process:
    found = _agent_or_none(agents)
    assert found is not None
    return found


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _file(path: str) -> tuple[str, int]:
    return Path(path).read_text(), Path(path).stat().st_mode & 0o777


async def _command(agents: Agents, *arguments: str) -> str:
    ran = await anyio.run_process(
        [sys.executable, "-m", "tests.support.person", *arguments],
        env={**agents.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=agents.root,
        check=False,
        stderr=subprocess.PIPE,
    )
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    return ran.stdout.decode()
