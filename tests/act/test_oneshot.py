"""`oneshot` as a process of its own, over a scripted agent: faults, signals, what is kept, and who is asked."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from legion_tui.act.headless import guarding
from legion_tui.act.ledger import Ledger
from legion_tui.act.oneshot import OneshotParts, OneshotSettings, Orchestrator, Records, run_name
from legion_tui.act.records import Kind
from legion_tui.agents.claude_code.headless import HeadlessClaudeCode
from legion_tui.cli.parts import now
from legion_tui.processes import Ran, run_command
from legion_tui.state.life import LifeState, Transition
from legion_tui.state.oneshot import OneshotTask, TaskOutcome
from tests.support.headless_agent import PROGRAM
from tests.support.oneshot import REPOSITORY, agent_on_path, agents_of, ledger_of, oneshot, steps_of
from tests.support.waiting import until

DONE = '{"verdict": "done", "feedback": "I ran it."}'
RETRY = '{"verdict": "retry", "feedback": "More."}'
END = [{"end": "Done."}]
HANG = [{"say": "I look."}, {"hang": True}]
STUBBORN = [{"stubborn": True}, {"say": "I look."}, {"hang": True}]

Given = Callable[..., dict[str, str]]


@pytest.fixture
def given(home: Path) -> Given:
    """Makes the environment in which the agent plays a script."""
    path = agent_on_path(home / "bin", PROGRAM)

    def make(worker: Any, auditor: Any = None) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": f"{path}:{os.environ['PATH']}",
            "XDG_STATE_HOME": str(home / "state"),
            "HEADLESS_SCRIPT": json.dumps({"worker": worker, "auditor": auditor or []}),
        }

    return make


async def command(environ: Mapping[str, str], cwd: Path, *arguments: str, stdin: str | None = None) -> Ran:
    return await run_command(
        [sys.executable, "-m", "tests.support.person", "oneshot", *arguments],
        env={**environ, "PYTHONPATH": str(REPOSITORY)},
        cwd=str(cwd),
        stdin=stdin.encode() if stdin is not None else None,
        timeout_seconds=40,
    )


async def listed(environ: Mapping[str, str], cwd: Path) -> Any:
    ran = await command(environ, cwd, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


async def test_rounds_until_done_and_what_is_kept_of_them(given: Given, home: Path) -> None:
    environ = given([[{"end": "First."}], [{"end": "Second."}]], [[{"end": RETRY}], [{"end": DONE}]])
    ran = await command(environ, home, "--auditor", "Mend the door.")
    assert ran.returncode == 0, ran.stderr
    assert "task 1: round 1/5, verdict retry: More." in ran.stdout
    assert "task 1: round 2/5, verdict done: I ran it." in ran.stdout
    assert "  Second." in ran.stdout.splitlines()
    ((task,),) = [run["tasks"] for run in await listed(environ, home)]
    assert (task["outcome"], task["answer"], task["round"]) == ("completed", "Second.", 2)
    # The worker's session once, however many rounds it had, and each auditor's.
    assert task["cost_usd"] == 1.5
    audits = [record["data"]["verdict"] for record in ledger_of(environ) if record["kind"] == "audit"]
    assert audits == ["retry", "done"]
    (folder,) = (home / "state/legion-tui/oneshot").glob("*/task-1")
    names = {path.name for path in folder.iterdir()}
    assert {"worker.ndjson", "auditor-1.ndjson", "auditor-2.ndjson", "report-2.md", "feedback-1.md"} <= names
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))


async def test_not_done_after_all_rounds(given: Given, home: Path) -> None:
    environ = given([END], [[{"end": RETRY}]])
    ran = await command(environ, home, "--auditor", "--max-rounds", "2", "--json", "x")
    assert ran.returncode == 1
    (task,) = json.loads(ran.stdout)["tasks"]
    assert (task["outcome"], task["round"], task["max_rounds"]) == ("failed", 2, 2)
    assert task["reason"] == "not done after 2 rounds; still wanted: More."


async def test_an_auditor_that_is_idle_is_ended_also_after_a_worker_that_was(given: Given, home: Path) -> None:
    environ = given([[{"record": "All done."}, {"hang": True}]], [HANG])
    paces = ("--idle-threshold", "0.5", "--heartbeat-interval", "0.1", "--interrupt-idle")
    async with oneshot(environ, home, "--auditor", "--json", *paces, "x") as run:
        assert await run.ended() == 4
    (task,) = run.document()["tasks"]
    assert (task["outcome"], task["answer"]) == ("unclear", "All done.")
    assert "its auditor was interrupted: idle for" in task["reason"]


async def test_a_task_comes_from_standard_input(given: Given, home: Path) -> None:
    environ = given([END])
    ran = await command(environ, home, "-", stdin="--mend\nthe door")
    assert ran.returncode == 0, ran.stderr
    ((task,),) = [run["tasks"] for run in await listed(environ, home)]
    assert task["task"] == "--mend\nthe door"


async def test_who_observes_is_told_of_every_step_in_order(
    given: Given, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given([END, END], [[{"end": RETRY}], [{"end": DONE}]]).items():
        monkeypatch.setenv(name, value)
    records = Records(home / "state" / "oneshot")
    ledger = Ledger(records.folder, clock=now)
    seen: dict[int, list[tuple[str, str]]] = {}

    def tell(task: OneshotTask, happening: object) -> None:
        if isinstance(happening, Transition):
            # Whoever is told sees the task as it stands then.
            assert task.state is happening.target
            seen.setdefault(task.number, []).append((str(happening.source or ""), str(happening.target)))

    async def judge(*_: object) -> None:
        raise AssertionError("nothing is unclear")

    async with guarding() as guard:
        agent = HeadlessClaudeCode.from_environment(os.environ, home, spool=home / "state" / "spool")
        settings = OneshotSettings(command=PROGRAM, cwd=str(home), audited=True, max_concurrent=2)
        environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        parts = OneshotParts(
            agent=agent,
            guard=guard,
            ledger=ledger,
            records=records,
            settings=settings,
            environ=environ,
            clock=now,
            tell=tell,
            judge=judge,
        )
        orchestrator = Orchestrator(run_name(now()), ["one", "two", "three"], parts)
        await orchestrator.run()
    assert [task.outcome for task in orchestrator.tasks] == [TaskOutcome.COMPLETED] * 3
    states = ["created", "queued", "running", "completed"]
    wanted = list(zip(["", *states], states, strict=False))
    assert seen == {1: wanted, 2: wanted, 3: wanted}
    for task in orchestrator.tasks:
        notes = [entry.data for entry in await ledger.history(task.id) if entry.kind == Kind.LIFE]
        assert [(data["from"], data["to"]) for data in notes] == wanted
        assert (await ledger.lives())[task.session_id].state is LifeState.COMPLETED


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["  "], "a task without words"),
        (["--max-concurrent", "0", "x"], "is no number from 1 up"),
        (["--max-rounds", "none", "x"], "is no number from 1 up"),
        (["--idle-threshold", "0", "x"], "is no number of seconds above 0"),
        (["--heartbeat-interval", "nan", "x"], "is no number of seconds above 0"),
        (["--idle-threshold", "inf", "x"], "is no number of seconds above 0"),
    ],
)
async def test_wrong_words_start_nothing(given: Given, home: Path, arguments: list[str], why: str) -> None:
    environ = given([END])
    ran = await command(environ, home, *arguments)
    assert ran.returncode == 2
    assert why in ran.stderr
    assert not ledger_of(environ)


async def test_a_missing_agent_is_one_clear_line(given: Given, home: Path) -> None:
    environ = given([END])
    (home / "bin" / "claude").unlink()
    ran = await command({**environ, "PATH": str(home / "bin")}, home, "x")
    assert ran.returncode == 1
    assert ran.stderr.startswith("legion-tui: no claude to start")
    assert not ledger_of(environ)


async def test_agents_do_not_run_it(given: Given, home: Path) -> None:
    environ = given([END])
    argv = [sys.executable, "-m", "legion_tui", "oneshot", "x"]
    marked = {**environ, "CLAUDECODE": "1", "LEGION_ISSUE": "ENG-1", "PYTHONPATH": str(REPOSITORY)}
    ran = await run_command(argv, env=marked, cwd=str(home), timeout_seconds=40)
    assert ran.returncode == 3
    assert "oneshot is for people" in ran.stderr
    assert not ledger_of(environ)


async def test_nothing_has_been_run(given: Given, home: Path) -> None:
    ran = await command(given([END]), home)
    assert (ran.returncode, "nothing has been run" in ran.stdout) == (0, True)


async def test_a_crash_is_told_with_its_words(given: Given, home: Path) -> None:
    ran = await command(given([[{"stderr": "no such model"}, {"exit": 3}]]), home, "--auditor", "x")
    assert ran.returncode == 1
    assert "its worker gave no answer: it ended with status 3 and without an answer: no such model" in ran.stdout


async def test_one_signal_interrupts_and_two_end_at_once(given: Given, home: Path) -> None:
    environ = given([STUBBORN])
    async with oneshot(environ, home, "--json", "--max-concurrent", "1", "one", "two") as run:
        await until(lambda: _logged(home, "I look."))
        run.process.send_signal(signal.SIGINT)
        await run.until_told("SIGINT: ending what runs; once more ends them at once")
        run.process.send_signal(signal.SIGINT)
        assert await run.ended() == 130
        assert not agents_of(environ)
    tasks = run.document()["tasks"]
    assert [task["outcome"] for task in tasks] == ["interrupted", "interrupted"]
    assert tasks[1]["reason"] == "a person stopped it (SIGINT): it had not begun"
    assert steps_of(environ, 1)[-1] == "interrupted"
    assert steps_of(environ, 2)[-1] == "failed"
    signals = [record["data"]["signal"] for record in ledger_of(environ) if record["kind"] == "interrupt"]
    assert signals[0] == "SIGINT"
    assert "SIGKILL" in signals


async def test_an_end_of_its_reader_is_not_its_end(given: Given, home: Path) -> None:
    """Nobody reads what it tells any more: the work goes on, and is kept."""
    gate = home / "gate"
    environ = given([[{"gate": str(gate)}, {"end": "Done."}]])
    argv = [sys.executable, "-m", "tests.support.person", "oneshot", "x"]
    process = await anyio.open_process(argv, env={**environ, "PYTHONPATH": str(REPOSITORY)}, cwd=home)
    assert process.stdout is not None
    await process.stdout.receive()
    await process.stdout.aclose()
    gate.touch()
    assert await process.wait() == 0
    await process.aclose()
    ((task,),) = [run["tasks"] for run in await listed(environ, home)]
    assert task["outcome"] == "completed"


@pytest.mark.parametrize(
    ("play", "outcome", "why"),
    [
        ((HANG, None), "failed", "its worker was cut off"),
        (([{"record": "All done."}, {"hang": True}], None), "completed", "its record shows its answer"),
        (([{"record": "All done."}, {"hang": True}], HANG), "unclear", "which nobody audited"),
        ((END, HANG), "unclear", "which nobody audited"),
        ((END, [{"record": DONE}, {"hang": True}]), "completed", "its auditor's record shows that it is done"),
        ((END, [{"record": RETRY}, {"hang": True}]), "interrupted", "what is missing: More."),
        ((END, [{"record": "done"}, {"hang": True}]), "unclear", "which nobody audited"),
    ],
)
async def test_what_a_killed_program_left_open_is_judged_by_the_records(
    given: Given, home: Path, play: tuple[Any, Any], outcome: str, why: str
) -> None:
    worker, auditor = play
    environ = given([worker], [auditor])
    flags = ("--auditor",) if auditor else ()
    async with oneshot(environ, home, *flags, "--max-concurrent", "1", "one", "two") as run:
        last = (auditor if auditor and worker is END else worker)[0]
        await until(lambda: _logged(home, next(iter(last.values()))) or _recorded(home, next(iter(last.values()))))
        run.process.kill()
        await run.ended()
        await until(lambda: not agents_of(environ))
    ((first, second),) = [one["tasks"] for one in await listed(environ, home)]
    assert first["outcome"] == outcome
    assert why in first["reason"]
    assert (second["outcome"], second["reason"]) == ("interrupted", "the program that ran it is gone: it had not begun")
    # Settled once: it stays as it was told.
    before = len(ledger_of(environ))
    assert [task["outcome"] for task in (await listed(environ, home))[0]["tasks"]] == [outcome, "interrupted"]
    assert len(ledger_of(environ)) == before


async def test_what_is_under_way_is_left_alone(given: Given, home: Path) -> None:
    gate = home / "gate"
    environ = given([[{"gate": str(gate)}, {"end": "Done."}]])
    async with oneshot(environ, home, "x") as run:
        await run.until_told("queued → running")
        ((task,),) = [one["tasks"] for one in await listed(environ, home)]
        assert (task["outcome"], task["state"]) == (None, "running")
        gate.touch()
        assert await run.ended() == 0


async def test_a_state_that_cannot_be_kept_ends_the_task_and_leaves_nothing(given: Given, home: Path) -> None:
    gate = home / "gate"
    environ = given([[{"gate": str(gate)}, {"end": "Done."}]])
    async with oneshot(environ, home, "--json", "x") as run:
        (folder,) = await until(lambda: list((home / "state/legion-tui/oneshot").glob("*/task-1")))
        await until(lambda: agents_of(environ))
        # No file can be made in there any more, not even by root.
        folder.rename(folder.with_name("elsewhere"))
        folder.write_text("no folder")
        gate.touch()
        assert await run.ended() == 1
        assert not agents_of(environ)
    (task,) = run.document()["tasks"]
    assert task["outcome"] == "failed"
    assert "the task's state could not be kept" in task["reason"]


class AtTerminal:
    """The command in a terminal of its own, as a person sees it."""

    def __init__(self, environ: Mapping[str, str], cwd: Path, *arguments: str) -> None:
        self._terminal, inside = pty.openpty()
        self.screen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.person", "oneshot", *arguments],
            env={"COLUMNS": "200", "LINES": "30", **environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm-256color"},
            cwd=cwd,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)

    async def shows(self, words: str) -> None:
        await until(lambda: words in self._read() or self.process.poll() is not None)
        assert words in self._read(), self.screen

    def type(self, text: str) -> None:
        if text == "\x03":
            # A terminal that controls it would make this of the key.
            self.process.send_signal(signal.SIGINT)
        else:
            os.write(self._terminal, text.encode())

    async def ended(self) -> int:
        def over() -> bool:
            self._read()
            return self.process.poll() is not None

        await until(over)
        self._read()
        os.close(self._terminal)
        return self.process.returncode

    def _read(self) -> str:
        os.set_blocking(self._terminal, False)
        try:
            while data := os.read(self._terminal, 65536):
                self.screen += data.decode()
        except OSError:  # nothing more for now, or its end
            pass
        return self.screen


Start = Callable[..., AtTerminal]


@pytest.fixture
def at_terminal() -> Iterator[Start]:
    """Starts the command in a terminal; whatever becomes of the test, it ends."""
    started: list[AtTerminal] = []

    def start(environ: Mapping[str, str], cwd: Path, *arguments: str) -> AtTerminal:
        started.append(AtTerminal(environ, cwd, *arguments))
        return started[-1]

    yield start
    for run in started:
        run.process.kill()
        run.process.wait(10)


@pytest.mark.parametrize("columns", ["200", "60"])
async def test_a_terminal_shows_a_table_and_then_what_came_of_it(
    given: Given, home: Path, at_terminal: Start, columns: str
) -> None:
    gate = home / "gate"
    environ = given([[{"say": "I look."}, {"gate": str(gate)}, {"end": "All done."}]])
    run = at_terminal({**environ, "COLUMNS": columns}, home, "Mend the door, all of it, " * 5)
    # However narrow: how it stands, and what it says.
    await run.shows("I look.")
    assert "1  • working" in run.screen
    assert "1 in total, 0 completed" in run.screen
    gate.touch()
    assert await run.ended() == 0
    assert "task 1 (Mend the door, all of it" in run.screen
    assert "1 in total, 1 completed" in run.screen


@pytest.mark.parametrize(
    ("talk", "ending"),
    [
        ([("is it done?", "d\n")], (0, "completed")),
        ([("is it done?", "impossible\n")], (1, "failed")),
        ([("is it done?", "\n")], (4, "unclear")),
        ([("is it done?", "yes\n")], (4, "unclear")),
        ([("is it done?", "\x04")], (4, "unclear")),
        (
            [("is it done?", "r\n"), ("what is missing?", "The docs.\n"), ("round 2/5, verdict done", "")],
            (0, "completed"),
        ),
        ([("is it done?", "\x03")], (130, "interrupted")),
    ],
)
async def test_at_a_terminal_a_person_judges_what_is_unclear(
    given: Given, home: Path, at_terminal: Start, talk: list[tuple[str, str]], ending: tuple[int, str]
) -> None:
    code, outcome = ending
    environ = given([END, END], [[{"end": "I think it is done."}], [{"end": DONE}]])
    run = at_terminal(environ, home, "--auditor", "x")
    for words, keys in talk:
        await run.shows(words)
        run.type(keys)
    assert await run.ended() == code
    assert "I think it is done." in run.screen
    ((task,),) = [one["tasks"] for one in await listed(environ, home)]
    assert task["outcome"] == outcome
    judged = [record["data"]["judged_by"] for record in ledger_of(environ) if record["kind"] == "audit"]
    assert judged[0] == "auditor"
    assert ("person" in judged) is (outcome not in ("unclear", "interrupted"))


async def test_a_terminal_that_closes_ends_it(given: Given, home: Path, at_terminal: Start) -> None:
    environ = given([HANG])
    run = at_terminal(environ, home, "x")
    await run.shows("I look.")
    os.close(run._terminal)
    # The end of a terminal that controls it is a signal; of this one, which does not, it is that of its owner.
    run.process.send_signal(signal.SIGHUP)
    await until(lambda: run.process.poll() is not None)
    assert run.process.returncode == 128 + signal.SIGHUP
    assert not agents_of(environ)


def _logged(home: Path, words: object) -> bool:
    return any(str(words) in path.read_text() for path in home.glob("state/legion-tui/oneshot/*/task-1/*.ndjson"))


def _recorded(home: Path, words: object) -> bool:
    return any(json.dumps(words)[1:-1] in path.read_text() for path in home.glob(".claude/projects/*/*.jsonl"))
