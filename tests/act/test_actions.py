"""The actions as they are put together: what they read before they act, and whom they keep out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from legion_tui.cli.arguments import parse_arguments
from legion_tui.cli.commands import COMMANDS
from legion_tui.cli.context import Context
from legion_tui.cli.lookup import Lookup
from legion_tui.cli.parts import MACHINE, Parts, open_parts
from legion_tui.cli.screen_commands import ScreenCommands
from legion_tui.config import state_home
from legion_tui.demo.standin.status import StatusFile
from legion_tui.errors import RefusedError, TmuxError
from legion_tui.fetch.pull_requests import Answered, PullRequests
from legion_tui.state import (
    AnswerOutcome,
    AnswerRequest,
    Label,
    Mode,
    Outcome,
    Pane,
    PullRequestRef,
    Strategy,
    Worker,
    WorkerState,
)
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from legion_tui.ui.ports import Expected

ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
SESSION = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def context(tmp_path: Path, tmux_env: dict[str, str]) -> Context:
    """A project with a home, a tmux and an agent's folder of its own."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "legion.toml").write_text(f'[project]\nid = "{ID}"\nkey = "ENG"\n[pipeline]\npreset = "legion"\n')
    home = tmp_path / "home"
    home.mkdir()
    environ = {"HOME": str(home), "PATH": tmux_env["PATH"], "TMUX_TMPDIR": tmux_env["TMUX_TMPDIR"], "GITHUB_TOKEN": "x"}
    return Context(environ=environ, cwd=folder)


@asynccontextmanager
async def opened(context: Context) -> AsyncIterator[Parts]:
    async with open_parts(context) as parts:
        assert parts.tracker is not None
        await parts.tracker.add(NewIssue(title="Build it", status="In Progress", labels=("worker-active",)))
        yield parts


async def test_on_what_could_not_be_read_now_nothing_is_done(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_answer(self: OneShotTmux, *, closely: bool = True) -> tuple[Pane, ...]:
        raise TmuxError("tmux does not answer", "no reply", "look for a stopped tmux server")

    async with opened(context) as parts:
        assert (await parts.collector.collect()).issues[0].decision.action.startswith(("remove_", "skip"))
        monkeypatch.setattr(OneShotTmux, "panes", no_answer)
        with pytest.raises(RefusedError, match="tmux does not answer"):
            await Lookup(parts).decide("ENG-1")
        assert parts.tracker is not None
        assert Label.WORKER_ACTIVE in (await parts.tracker.get("ENG-1")).labels


async def test_an_answer_does_not_wait_for_pull_requests(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def read(self: PullRequests, refs: list[PullRequestRef], *, tell: object = None) -> Answered:
        asked.append(refs)
        return Answered()

    monkeypatch.setattr(PullRequests, "read", read)
    async with opened(context) as parts:
        assert parts.tracker is not None
        (context.cwd / ".legion/issues/ENG-2.md").write_text(
            "---\ntitle: Pay\nstatus: Todo\npull_request: https://github.com/acme/shop/pull/7\n---\n"
        )
        receipt = await parts.actions.run_answer(AnswerRequest(target="ENG-2", deny=True))
        assert receipt.outcome is AnswerOutcome.REFUSED
        assert asked == []
        await parts.collector.collect()
        assert len(asked) == 1


async def test_a_preview_asks_nobody_again_for_what_was_read_lately(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = []
    panes = OneShotTmux.panes

    async def counted(self: OneShotTmux, *, closely: bool = True) -> tuple[Pane, ...]:
        listed.append(self)
        return await panes(self, closely=closely)

    async with opened(context) as parts:
        shown = await parts.collector.collect()
        monkeypatch.setattr(OneShotTmux, "panes", counted)
        assert await Lookup(parts).decide("ENG-1", older=True) == shown.issues[0]
        assert listed == []
        await Lookup(parts).decide("ENG-1")
        assert len(listed) == 1


async def test_the_board_takes_back_what_it_wrote(context: Context) -> None:
    with (context.cwd / "legion.toml").open("a") as file:
        file.write("approval_gate = true\n")
    async with opened(context) as parts:
        assert parts.tracker is not None
        await parts.tracker.add(NewIssue(title="Plan it", status="Backlog", labels=("worker-done",)))
        commands = ScreenCommands(parts)
        receipt = await commands.advance(Expected(issue="ENG-2", action="add_needs_approval"))
        assert receipt.write is not None
        assert (await parts.tracker.get("ENG-2")).labels == {"worker-done", "needs-approval"}
        undone = await commands.undo(receipt.write)
        assert (undone.outcome, undone.reason) == (Outcome.DONE, "-needs-approval")
        assert (await parts.tracker.get("ENG-2")).labels == {"worker-done"}
        again = await commands.undo(receipt.write)
        assert again.outcome is Outcome.REFUSED
        assert again.reason.startswith("ENG-2 changed meanwhile: its labels by now: -needs-approval")
        told = [entry.text for entry in await parts.ledger.history("ENG-2")]
        assert told[-1] == "ENG-2 undo done"


async def test_a_session_is_linked_and_unlinked_for_every_board(context: Context) -> None:
    status = StatusFile(
        Path(context.environ["HOME"]) / ".claude", {}, session_id=SESSION, cwd=str(context.cwd), name="mine"
    )
    status.set("idle")
    async with opened(context) as parts:
        (found,) = (await parts.collector.collect()).sessions
        assert (found.session_id, found.issue) == (SESSION, None)
        commands = ScreenCommands(parts)
        assert (await commands.link(SESSION, "ENG-1")).outcome is Outcome.DONE
        refused = await commands.link(SESSION, "ENG-1")
        assert (refused.outcome, refused.reason) == (
            Outcome.REFUSED,
            "the session is not linked: it is a worker of ENG-1",
        )
    async with open_parts(Context(environ=context.environ, cwd=context.cwd)) as parts:
        snapshot = await parts.collector.collect()
        worker = snapshot.worker_of("ENG-1")
        assert worker is not None
        assert (worker.session_id, worker.mode, worker.linked) == (SESSION, Mode.IMPLEMENT, True)
        assert (snapshot.sessions, snapshot.slots_used) == ((), 1)
        assert (await ScreenCommands(parts).unlink(SESSION, "ENG-1")).outcome is Outcome.DONE
        after = await parts.collector.collect()
        assert ([one.session_id for one in after.sessions], after.slots_used) == ([SESSION], 0)


async def test_the_order_of_reading_is_the_command_lines_else_the_projects(context: Context) -> None:
    async with opened(context) as parts:
        assert parts.collector.strategy is Strategy.CONCURRENT
    with (context.cwd / "legion.toml").open("a") as file:
        file.write('[poll]\nstrategy = "polling"\n')
    again = Context(environ=context.environ, cwd=context.cwd)
    async with open_parts(again) as parts:
        assert parts.collector.strategy is Strategy.POLLING
    given = Context(environ=context.environ, cwd=context.cwd, strategy_given="priority")
    async with open_parts(given) as parts:
        assert parts.collector.strategy is Strategy.PRIORITY


@pytest.mark.parametrize("where", [["--strategy", "fastest"], ["state", "--strategy", "fastest"]])
def test_an_unknown_order_of_reading_is_wrong_usage(where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse_arguments(COMMANDS, where)
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert "fastest" in told
    assert "concurrent" in told


@pytest.mark.parametrize("issue", ["ENG-1", None])
async def test_whoever_shows_a_session_one_at_a_time_answers_it(context: Context, issue: str | None) -> None:
    worker = Worker(session_id=SESSION, state=WorkerState.QUESTION, issue=issue)
    elsewhere = Context(environ={**context.environ}, cwd=context.cwd.parent)
    async with opened(context) as here, open_parts(elsewhere) as machine:
        assert machine.folder == state_home(context.environ) / MACHINE
        async with here.alone_with(worker):
            with pytest.raises(RefusedError, match="another dashboard is acting"):
                async with machine.alone_with(Worker(session_id=SESSION, state=WorkerState.QUESTION)):
                    raise AssertionError("two at once")
