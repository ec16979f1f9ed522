"""A mode whose workers run without a screen, with the real agent: started, asked, answered, ended, taken up again."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from legion_tui.processes import Ran, run_command
from legion_tui.state import Mode, compute_session_id
from tests.contract import client
from tests.contract.messages_api import MessagesApi
from tests.contract.script import Act, Bash, Gate, Say
from tests.contract.stage import KEY, QUIET
from tests.support.oneshot import REPOSITORY, agent_on_path, agents_of
from tests.support.tmux_server import bare_environment
from tests.support.waiting import until, until_async

pytestmark = [pytest.mark.contract, pytest.mark.timeout(180)]

_ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
SESSION = compute_session_id(_ID, "ENG-1", Mode.IMPLEMENT)
_DONE = Bash(command="legion-tui issue label ENG-1 +worker-done", description="Say that it is done")


@dataclass
class Project:
    """A trusted project with one issue, whose implementers have no screen."""

    api: MessagesApi
    environ: Mapping[str, str]
    root: Path

    async def run(self, *arguments: str) -> Ran:
        return await run_command(
            [sys.executable, "-m", "tests.support.person", *arguments],
            env={**self.environ, "PYTHONPATH": str(REPOSITORY)},
            cwd=str(self.root),
            timeout_seconds=60,
        )

    async def json(self, *arguments: str, expect: int = 0) -> Any:
        ran = await self.run(*arguments)
        assert ran.returncode == expect, (ran.stdout, ran.stderr)
        return json.loads(ran.stdout)

    async def worker(self) -> Any:
        return (await self.json("state"))["issues"]["ENG-1"]["worker"]

    def result(self) -> Any:
        path = Path(self.environ["XDG_STATE_HOME"], "legion-tui", _ID, "runs", f"{SESSION}.json")
        return json.loads(path.read_text())

    async def until_over(self) -> Any:
        await until(lambda: self.result()["result"] is not None and not agents_of(self.environ))
        return self.result()["result"]


@pytest.fixture
def bare() -> Iterator[dict[str, str]]:
    with bare_environment() as environ:
        yield environ


Start = Any


@pytest.fixture
def start(bare: dict[str, str], home: Path) -> Start:
    try:
        program = client.installed()
    except client.ClientMissingError as error:
        pytest.skip(f"the real agent is not tested: {error}")

    @asynccontextmanager
    async def started(*script: Act) -> AsyncIterator[Project]:
        root, config = home / "shop", home / ".claude"
        (root / ".legion" / "issues").mkdir(parents=True)
        config.mkdir()
        known = {"hasCompletedOnboarding": True, "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []}}
        (config / ".claude.json").write_text(json.dumps(known))
        (root / ".legion/issues/ENG-1.md").write_text("---\ntitle: Set it up\nstatus: In Progress\n---\n")
        (root / "legion.toml").write_text(
            f'[project]\nid = "{_ID}"\nkey = "ENG"\n[worktrees]\nkind = "none"\n'
            '[modes.implement]\nruntime = "process"\nprompt = "Read {brief}, then do it. (play:one)"\n'
        )
        path = agent_on_path(home / "bin", [str(program)])
        legion = path / "legion-tui"
        legion.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m legion_tui "$@"\n')
        legion.chmod(0o700)
        async with MessagesApi({"one": script}).serving() as api:
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
            project = Project(api, environ, root)
            assert (await project.run("trust", "--yes")).returncode == 0
            try:
                yield project
            finally:
                for process in agents_of(environ):
                    process.kill()
            await until(lambda: not agents_of(environ))

    return started


async def test_a_worker_without_a_screen(start: Start) -> None:
    bash = Bash(command="touch made.txt", description="Make it")
    async with start((Say("I look."), bash), (_DONE,), (Say("It is set up."),)) as project:
        dry = await project.json("dispatch", "ENG-1", "--mode", "implement", "--dry-run", "--json")
        receipt = await project.json("dispatch", "ENG-1", "--mode", "implement", "--json")
        assert (receipt["outcome"], receipt["pane"], receipt["session_id"]) == ("started", None, SESSION)
        assert receipt["argv"] == dry["argv"]
        # The prompt is told over its pipe.
        assert not any("play:one" in word for word in receipt["argv"])

        async def asked() -> Any:
            found = await project.json("questions", "--json")
            return found[0] if found else None

        question = await until_async(asked)
        assert (question["issue"], question["mode"], question["channel"]) == ("ENG-1", "implement", "hook")
        assert question["items"][0]["text"] == "touch made.txt"
        worker = await project.worker()
        assert (worker["state"], worker["pane"]) == ("permission", None)
        # It is there once, and cannot be spoken to but by an answer.
        again = await project.json("dispatch", "ENG-1", "--mode", "implement", "--json", expect=3)
        assert again["outcome"] == "refused"
        sent = await project.json("send", "ENG-1", "hello", "--json", expect=3)
        assert "without a screen" in sent["reason"]
        answered = await project.json("answer", "ENG-1", "--choose", "allow", "--json")
        assert (answered["outcome"], answered["via"]) == ("confirmed", "hook")
        result = await project.until_over()
        assert (result["answer"], result["error"], result["exit_code"]) == ("It is set up.", "", 0)
        assert (project.root / "made.txt").exists()
        issue = (await project.json("state"))["issues"]["ENG-1"]
        assert "worker-done" in issue["labels"]
        assert not issue["has_live_worker"]
        log = (await project.run("log", "ENG-1")).stdout
        assert "finished" in log
        assert "It is set up." in log


async def test_it_is_ended_and_taken_up_again(start: Start) -> None:
    async with start((Say("I look."), Gate("g")), (Say("It is set up."),)) as project:
        first = await project.json("dispatch", "ENG-1", "--mode", "implement", "--json")
        assert first["outcome"] == "started"
        await until(lambda: [one for one in project.api.requests if one.play])
        refused = await project.json("interrupt", "ENG-1", "--json", expect=3)
        assert "without a screen" in refused["reason"]
        stopped = await project.json("stop", "ENG-1", "--yes", "--json")
        assert stopped["outcome"] == "done"
        result = await project.until_over()
        assert result["answer"] == ""
        assert result["error"]
        project.api.release("g")
        again = await project.json("dispatch", "ENG-1", "--mode", "implement", "--json")
        assert again["outcome"] == "resumed"
        assert "--resume" in again["argv"]
        await project.until_over()
