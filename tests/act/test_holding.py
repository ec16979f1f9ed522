"""Workers under a holder: they outlive who started them, tell what they ask, and are ended with all that is theirs."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from legion_tui.act.headless import Holding, HoldingSettings
from legion_tui.act.headless.marks import VARIABLE
from legion_tui.act.order import ModeSettings
from legion_tui.agents.claude_code.headless import HeadlessClaudeCode
from legion_tui.agents.claude_code.hook import Spool
from legion_tui.errors import LegionError
from legion_tui.state import Mode, Outcome
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.headless_agent import PROGRAM
from tests.support.oneshot import REPOSITORY
from tests.support.waiting import until, until_async

SESSION = "11111111-2222-4333-8444-555555555555"


class Held:
    """One worker of a project in `home`."""

    def __init__(self, home: Path, *script: dict[str, object]) -> None:
        self.home = home
        self.spool = home / "state" / "spool"
        self.folder = home / "state" / "project"
        agent = HeadlessClaudeCode(home / ".claude", {"CLAUDE_CONFIG_DIR": str(home / ".claude")}, spool=self.spool)
        environ = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "HEADLESS_SCRIPT": json.dumps({"worker": [list(script)]}),
            "LINEAR_API_KEY": "secret",
            "TMUX": "/tmp/somebodys,1,0",
        }
        settings = HoldingSettings(
            folder=self.folder / "runs",
            ledger=self.folder,
            spool=self.spool,
            agent_folder=home / ".claude",
            agent_environment=agent.environment(),
            reads=self.folder / "briefs",
            refused=("answer",),
            heartbeat_seconds=0.1,
        )
        self.holding = Holding(agent, settings, environ)

    async def start(self, command: tuple[str, ...] = PROGRAM) -> None:
        argv = self.holding.argv(command, SESSION, resume=False, model=None, permission_mode="plan")
        await self.holding.start(
            argv=argv,
            cwd=str(self.home),
            prompt="Read the brief.",
            session_id=SESSION,
            issue="ENG-1",
            mode="implement",
            environ={"LEGION_ISSUE": "ENG-1"},
        )

    def kept(self) -> Any:
        return json.loads((self.folder / "runs" / f"{SESSION}.json").read_text())

    def processes(self) -> list[psutil.Process]:
        """Return the agent and what it has started."""
        found = []
        for process in psutil.process_iter():
            try:
                given = process.environ()
                if VARIABLE in given and given.get("HOME") == str(self.home) and process.status() != "zombie":
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    async def over(self) -> Any:
        result = await until_async(lambda: self.holding.result(SESSION))
        await until(lambda: not self.processes() and not psutil.pid_exists(self.kept()["holder"]))
        return result


async def test_it_goes_on_by_itself_and_keeps_what_came_of_it(home: Path) -> None:
    gate = home / "gate"
    held = Held(home, {"say": "I look."}, {"gate": str(gate)}, {"end": "It is done."})
    await held.start()
    assert await held.holding.result(SESSION) is None
    (agent,) = await until(held.processes)
    holder = psutil.Process(held.kept()["holder"])
    assert agent.ppid() == holder.pid
    # Neither of them is ours: we could end now.
    assert os.getpid() not in {parent.pid for parent in holder.parents()}
    environ = agent.environ()
    assert environ["LEGION_ISSUE"] == "ENG-1"
    assert not {"LINEAR_API_KEY", "TMUX"} & environ.keys()
    gate.touch()
    result = await held.over()
    assert (result["answer"], result["error"], result["exit_code"]) == ("It is done.", "", 0)
    kept = [json.loads(line)["type"] for line in held.holding.log(SESSION).read_text().splitlines()]
    assert kept[-1] == "result"
    note = json.loads((held.folder / "ledger.ndjson").read_text().splitlines()[-1])
    assert (note["kind"], note["issue"], note["data"]["outcome"]) == ("run", "ENG-1", "finished")
    assert note["data"]["reason"] == "It is done."
    modes = {path.name: path.stat().st_mode & 0o777 for path in (held.folder / "runs").iterdir()}
    assert set(modes.values()) == {0o600}


async def test_its_question_is_answered_through_the_spool(home: Path) -> None:
    held = Held(home, {"ask": "touch a"}, {"end": "Done."})
    await held.start()
    spool = Spool(held.spool)
    (waiting,) = await until(spool.waiting)
    assert (waiting.session_id, waiting.certain) == (SESSION, True)
    decision = {"hookEventName": "PermissionRequest", "decision": {"behavior": "deny", "message": "No."}}
    assert spool.give(waiting, {"hookSpecificOutput": decision})
    assert (await held.over())["answer"] == "Done."
    assert "r1: deny" in held.holding.log(SESSION).read_text()
    assert not spool.waiting()


@pytest.mark.live
@pytest.mark.parametrize(
    ("script", "ending"),
    [
        ([{"end": "Done."}], (Outcome.STARTED, "it is through already", "worker-active")),
        ([{"stderr": "no such model"}, {"exit": 3}], (Outcome.UNCONFIRMED, "no such model", "worker-done")),
    ],
)
async def test_dispatch_starts_it_and_tells_what_came_of_the_start(
    private_tmux: OneShotTmux, home: Path, script: list[dict[str, object]], ending: tuple[Outcome, str, str]
) -> None:
    outcome, reason, label = ending
    held = Held(home, *script)
    modes = {Mode.IMPLEMENT: ModeSettings(headless=True, model="opus")}
    shop = Workshop(private_tmux, home / "shop", command=PROGRAM, modes=modes, holding=held.holding)
    await shop.tracker.add(NewIssue(title="Build it", status="In Progress", labels=("worker-done",)))
    dry = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT, dry_run=True)
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    session_id = shop.session_id("ENG-1", "implement")
    assert (receipt.outcome, receipt.pane, receipt.session_id) == (outcome, None, session_id)
    assert reason in receipt.reason
    assert receipt.argv == dry.argv
    assert receipt.argv[: len(PROGRAM) + 1] == (*PROGRAM, "-p")
    assert receipt.argv[-4:-2] == ("--model", "opus")
    assert receipt.prompt not in receipt.argv
    assert await shop.tmux.panes() == ()
    assert await shop.labels("ENG-1") == {label}
    assert await shop.ledger.unresolved() == ()
    settings = json.loads(Path(receipt.argv[-1]).read_text())  # noqa: ASYNC240
    assert "Bash(legion-tui issue:*)" in settings["permissions"]["allow"]
    # Another mode has its window, as before.
    other = await shop.dispatcher.planner.order("ENG-1", Mode.PLAN)
    assert not other.headless
    assert "in window eng-1-plan" in shop.dispatcher.planner.steps(other)[-2]


async def test_the_end_of_its_holder_is_its_end(home: Path) -> None:
    child = home / "child"
    held = Held(home, {"child": str(child)}, {"say": "I look."}, {"hang": True})
    await held.start()
    await until(lambda: len(held.processes()) == 2)
    os.kill(held.kept()["holder"], signal.SIGTERM)
    result = await held.over()
    assert result["interrupted"] == "its holder was ended by SIGTERM"
    assert result["error"]


async def test_a_crash_is_kept(home: Path) -> None:
    held = Held(home, {"stderr": "no such model"}, {"exit": 3})
    await held.start()
    result = await held.over()
    assert (result["exit_code"], result["answer"]) == (3, "")
    assert "no such model" in result["error"]


async def test_a_program_that_is_not_there_is_told_at_once(home: Path) -> None:
    held = Held(home)
    with pytest.raises(
        LegionError, match="the worker was not started: the run was not started: /nowhere/claude: No such file"
    ):
        await held.start(("/nowhere/claude",))
    assert not held.processes()


async def test_where_it_cannot_be_kept_it_is_not_started(home: Path) -> None:
    held = Held(home, {"hang": True})
    held.folder.mkdir(parents=True)
    (held.folder / "runs").write_text("no folder")
    with pytest.raises(LegionError, match="could not be written"):
        await held.start()
    assert not held.processes()
