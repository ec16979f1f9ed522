"""The contract tests: the same scenarios on the real agent and on its stand-in, in every cell of the matrix."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import anyio
import pytest

from legion_tui.state import Channel
from legion_tui.tmux import OneShotTmux
from tests.contract import client
from tests.contract.cells import Cell, Driven, cells
from tests.contract.recording import RecordingStage, recorded, recorded_cells, recording_name
from tests.contract.report import NOT_APPLICABLE, PLACE, Report
from tests.contract.stage import CallOffRecordError, Stage, Tools, open_stage
from tests.support.tmux_server import TmuxCommand, bare_environment, private_tmux, tmux_command

__all__ = ["private_tmux", "tmux_command"]


# Of a whole scenario, on a slow machine.
_TEST_SECONDS = 180
# Only where the client leaves out what every scenario begins with.
_BEGUN_ANEW = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract tests")
    group.addoption("--whole-matrix", action="store_true", help="run every scenario in every cell")
    group.addoption("--install-client", action="store_true", help="install the real client where it is missing")
    group.addoption("--record", action="store_true", help="on the real client alone: keep what it shows and writes")
    group.addoption("--write-report", action="store_true", help="keep the table as tests/contract/REPORT.md")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    report = Report(write=config.getoption("--write-report", default=False))
    if config.getoption("--install-client", default=False):
        try:
            client.install()
        except client.ClientMissingError as error:
            report.client_missing = str(error)
    config.pluginmanager.register(report)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "cell" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--whole-matrix", default=False)
        excluded: dict[Channel, str] = dict(mark.args for mark in metafunc.definition.iter_markers("not_by"))
        chosen = cells(whole=whole)
        if metafunc.config.getoption("--record", default=False):
            chosen = recorded_cells(metafunc.module.__name__, by_keys=Channel.KEYS not in excluded)
        made = [
            pytest.param(cell, marks=[pytest.mark.skip(f"{NOT_APPLICABLE}{why}")] if why else (), id=cell.id)
            for cell in chosen
            for why in (excluded.get(cell.channel, ""),)
        ]
        metafunc.parametrize("cell", made, indirect=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Say which cell of the report a test is, also one that is never run."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return
    cell = item.callspec.params.get("cell")
    if isinstance(cell, Cell):
        item.add_marker(pytest.mark.timeout(_TEST_SECONDS))
        item.add_marker(pytest.mark.flaky(reruns=_BEGUN_ANEW, only_rerun=[CallOffRecordError.__name__]))
        scenario = item.originalname.removeprefix("test_").replace("_", " ")
        item.user_properties.append((PLACE, (scenario, str(cell.agent), cell.column)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Say by its own name what happened within a group of tasks: by that it is told what may be begun anew."""
    try:
        return (yield)
    except BaseExceptionGroup as group:
        raise alone(group) from None


def alone(error: BaseException) -> BaseException:
    """Return the one error that a group is about; a group of several as it is."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


@pytest.fixture
def tmux_env() -> Iterator[dict[str, str]]:
    """The environment of the agent's tmux: nothing of this machine's, so that nothing leads out of the test."""
    with bare_environment() as env:
        yield env


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> Cell:
    """The cell that the test runs in."""
    cell: Cell = request.param
    return cell


@pytest.fixture
def tools(
    cell: Cell,
    private_tmux: OneShotTmux,
    tmux_command: TmuxCommand,
    tmux_env: dict[str, str],
    home: Path,
) -> Tools:
    """What a stage is built with."""
    program = None
    if cell.agent is Driven.REAL:
        try:
            program = client.installed()
        except client.ClientMissingError as error:
            pytest.skip(f"the real agent is not tested: {error}")
    return Tools(tmux=private_tmux, tmux_command=tmux_command, tmux_env=tmux_env, home=home, program=program)


@pytest.fixture
async def stage(cell: Cell, tools: Tools, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """One agent's stage; nothing is started yet."""
    if not request.config.getoption("--record", default=False):
        async with open_stage(cell, tools) as opened:
            yield opened
        return
    failed = request.session.testsfailed
    with recorded(tools) as apart:
        async with open_stage(cell, apart, RecordingStage) as recording, anyio.create_task_group() as group:
            assert isinstance(recording, RecordingStage)
            await group.start(recording.watch)
            yield recording
            # What a scenario saw is true only where it went as it should.
            if request.session.testsfailed == failed:
                recording.save(recording_name(request.module.__name__, request.function.__name__, cell))
            group.cancel_scope.cancel()
