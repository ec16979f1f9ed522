"""Workspaces with the real jj, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from legion_tui.act.checkout import Linked
from legion_tui.act.worktrees import Worktrees
from legion_tui.cli.projects import find_root
from legion_tui.errors import LegionError
from legion_tui.fetch.work import WorkReader
from legion_tui.processes import run_command
from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline
from tests.support.waiting import until_async

pytestmark = pytest.mark.skipif(
    shutil.which("jj") is None, reason="jj is not installed: its workspaces were tried on a stand-in only"
)
CONFIG = '[user]\nname = "Ann"\nemail = "ann@example.com"\n'


def jj_version() -> tuple[int, ...]:
    """The version of the jj that is installed."""
    told = subprocess.run(["jj", "--version"], check=True, capture_output=True, timeout=20).stdout.decode()
    found = re.search(r"(\d+)\.(\d+)", told)
    assert found is not None, told
    return tuple(map(int, found.groups()))


class Shop:
    """A project that jj keeps, with a remote."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.root, self.environ, self.folder = folder / "shop", environ, folder
        self.place = folder / "shop-worktrees" / "ENG-1"
        self.root.mkdir()
        subprocess.run(["git", "init", "-q", "--bare", str(folder / "remote")], check=True, timeout=20)
        self.jj("git", "init", "--colocate")
        (self.root / "legion.toml").write_text("")
        self.jj("commit", "-m", "first")
        self.jj("bookmark", "create", "main", "-r", "@-")
        self.jj("git", "remote", "add", "origin", str(folder / "remote"))

    def jj(self, *arguments: str, at: Path | None = None) -> str:
        argv = ["jj", "--no-pager", "--color=never", *arguments]
        ran = subprocess.run(argv, cwd=at or self.root, env=self.environ, check=True, capture_output=True, timeout=30)
        return ran.stdout.decode()

    def trees(self, base: str | None = None) -> Worktrees:
        return Worktrees(
            runner=run_command,
            project_root=self.root,
            environ=self.environ,
            marks=self.folder / "state" / "unfinished",
            kind="jj",
            base=base,
        )

    async def made(self, base: str | None = None) -> Linked:
        trees = self.trees(base)
        await trees.make(await trees.plan("ENG-1"))
        found = await trees.of("ENG-1")
        assert found is not None
        return found

    async def unsaved(self) -> str:
        return await self.trees().unsaved(Linked(self.place, "ENG-1"))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    (tmp_path / "jj.toml").write_text(CONFIG)
    monkeypatch.setenv("JJ_CONFIG", str(tmp_path / "jj.toml"))
    return Shop(tmp_path, dict(os.environ))


async def test_a_workspace_is_made_found_again_and_removed(shop: Shop) -> None:
    assert await shop.made() == Linked(shop.place, "ENG-1")
    again = await shop.trees().plan("ENG-1")
    assert (again.cwd, again.branch, again.steps) == (shop.place, "ENG-1", ())
    assert find_root(shop.place) == shop.root
    assert await shop.unsaved() == ""
    await shop.trees().remove(Linked(shop.place, "ENG-1"))
    assert not shop.place.exists()
    assert await shop.trees().of("ENG-1") is None
    await shop.made()


async def test_work_keeps_it_until_it_is_pushed(shop: Shop) -> None:
    await shop.made(base="main")
    (shop.place / "new.py").write_text("1\n")
    assert await shop.unsaved() == "uncommitted changes in its working-copy commit"
    shop.jj("describe", "-m", "work", at=shop.place)
    assert await shop.unsaved() == "1 commit is neither pushed nor merged"
    assert await WorkReader(run_command).read([str(shop.place)]) == {str(shop.place): True}
    shop.jj("git", "push", "--all", at=shop.place)
    assert await shop.unsaved() == ""
    assert await WorkReader(run_command).read([str(shop.place)]) == {}


async def test_what_is_merged_goes(shop: Shop) -> None:
    await shop.made()
    (shop.place / "new.py").write_text("1\n")
    shop.jj("commit", "-m", "work", at=shop.place)
    shop.jj("new", "ENG-1")
    assert await shop.unsaved() == ""


async def test_a_file_that_jj_does_not_keep_keeps_it(shop: Shop) -> None:
    await shop.made()
    (shop.place / "big.bin").write_bytes(b"\0" * (2 << 20))
    assert "big.bin" in await shop.unsaved()


async def test_a_folder_deleted_by_hand_is_made_again_on_its_bookmark(shop: Shop) -> None:
    await shop.made()
    (shop.place / "new.py").write_text("1\n")
    shop.jj("commit", "-m", "work", at=shop.place)
    shutil.rmtree(shop.place)
    if jj_version() < (0, 38):
        # It does not tell where a workspace is: whether that is gone is a person's to say.
        with pytest.raises(LegionError, match="jj workspace forget ENG-1"):
            await shop.made()
        shop.jj("workspace", "forget", "ENG-1")
    assert (await shop.made()).branch == "ENG-1"
    assert (shop.place / "new.py").read_text() == "1\n"


async def test_issues_go_through_the_whole_pipeline_in_workspaces(
    pipeline: MakePipeline, private_tmux: OneShotTmux
) -> None:
    project = pipeline(issues=2, slots=2, worktrees="jj")

    async def jj(*arguments: str) -> str:
        ran = await run_command(["jj", *arguments], cwd=str(project.root), env=project.environ, timeout_seconds=30.0)
        assert ran.ok, ran.stderr
        return ran.stdout

    await jj("git", "init", "--colocate")
    await jj("commit", "-m", "first")
    await jj("bookmark", "create", "main", "-r", "@-")
    commands = Commands(project.environ, project.root, private_tmux.socket.name)
    assert (await commands.run("trust", "--yes")).returncode == 0

    async def done() -> bool:
        ran = await commands.run("run", "--once")
        assert ran.returncode == 0, (ran.stdout, ran.stderr)
        return set(project.statuses()) == {"Done"}

    await until_async(done, within_seconds=100.0)
    listed = await jj("workspace", "list")
    assert {line.partition(":")[0] for line in listed.splitlines()} == {"default", "ENG-1", "ENG-2"}
    assert {record["data"]["cwd"] for record in project.told("dispatch")} == {
        str(project.root.parent / "shop-worktrees" / issue) for issue in ("ENG-1", "ENG-2")
    }
    cleaned = await commands.run("clean")
    assert cleaned.returncode == 0, (cleaned.stdout, cleaned.stderr)
    assert not (project.root.parent / "shop-worktrees" / "ENG-1").exists()


async def test_a_base_that_is_not_there(shop: Shop) -> None:
    with pytest.raises(LegionError, match="nothing to base the workspace on"):
        await shop.trees(base="main@nowhere").plan("ENG-1")
