"""Workspaces of jj, as far as they can be tried without it: what is asked, and what is made of the answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from legion_tui.act.checkout import Linked
from legion_tui.act.furnishing import Furnishing
from legion_tui.act.jj_workspaces import lines_of_json, symbol, untracked_in
from legion_tui.act.worktrees import Plan, Worktrees
from legion_tui.errors import LegionError, RefusedError
from legion_tui.processes import Ran, run_whole_command
from tests.support.jj import FakeJj

FULL = Ran("", "Internal error: No space left on device (os error 28)", 255)


@pytest.fixture
def fake(tmp_path: Path) -> FakeJj:
    (tmp_path / "shop").mkdir()
    return FakeJj(tmp_path / "shop")


def trees(fake: FakeJj, *, base: str | None = None, setup: tuple[tuple[str, ...], ...] = ()) -> Worktrees:
    furnishing = Furnishing(
        runner=run_whole_command,
        project_root=fake.top,
        environ={"PATH": "/usr/bin:/bin"},
        copy=[".env", ".jj/*"],
        setup=setup,
    )
    return Worktrees(
        runner=fake,
        project_root=fake.top,
        environ={},
        marks=fake.top.parent / "state" / "unfinished",
        kind="jj",
        base=base,
        furnishing=furnishing,
    )


async def made(worktrees: Worktrees) -> Plan:
    plan = await worktrees.plan("ENG-1")
    await worktrees.make(plan)
    return plan


def place(fake: FakeJj) -> Path:
    return fake.top.parent / "shop-worktrees" / "ENG-1"


async def linked(worktrees: Worktrees) -> Linked:
    found = await worktrees.of("ENG-1")
    assert found is not None
    return found


async def test_a_workspace_is_planned_made_furnished_and_used_again(fake: FakeJj) -> None:
    (fake.top / ".env").write_text("SECRET=1")
    worktrees = trees(fake, setup=(("touch", "set-up"),))
    plan = await worktrees.plan("ENG-1")
    jj = f"jj -R {fake.top} --no-pager --color=never"
    assert plan.steps == (
        f"run {jj} workspace add --name ENG-1 -- {place(fake)}",
        f"run jj -R {place(fake)} --no-pager --color=never bookmark create -r @ -- ENG-1",
        "copy .env .jj/* into it",
        "run touch set-up in it",
    )
    assert not place(fake).exists()
    await worktrees.make(plan)
    assert (place(fake) / ".env").read_text() == "SECRET=1"
    assert (place(fake) / "set-up").exists()
    assert (place(fake) / ".jj" / "repo").is_file()
    assert await worktrees.plan("ENG-1") == Plan(cwd=place(fake), branch="ENG-1")
    assert await linked(worktrees) == Linked(place(fake), "ENG-1")


async def test_it_begins_at_the_base_or_at_its_bookmark(fake: FakeJj) -> None:
    first = (await trees(fake, base="main").plan("ENG-1")).making[0].argv
    assert first[5:] == ("workspace", "add", "--name", "ENG-1", "-r", "main", "--", str(place(fake)))
    fake.bookmarks.add("ENG-1")
    (only,) = (await trees(fake, base="main").plan("ENG-1")).making
    assert only.argv[-4:] == ("-r", '"ENG-1"', "--", str(place(fake)))


async def test_a_base_that_is_not_there(fake: FakeJj) -> None:
    with pytest.raises(LegionError, match=r"nothing to base .*origin/main.* doesn't exist; .*main@origin"):
        await trees(fake, base="origin/main").plan("ENG-1")


async def test_without_jj_or_its_repository_it_is_told(fake: FakeJj, tmp_path: Path) -> None:
    fake.missing = True
    with pytest.raises(LegionError, match=r"no jj to run: it is not on the PATH; install it, or set worktrees.kind"):
        await trees(fake).plan("ENG-1")
    (fake.top / ".jj" / "repo").rmdir()
    with pytest.raises(LegionError, match="is in no jj repository; run: jj git init --colocate"):
        await trees(fake).plan("ENG-1")


async def test_an_older_jj_is_told(fake: FakeJj) -> None:
    fake.answers["workspace list"] = Ran("", "error: unexpected argument '-T' found", 2)
    with pytest.raises(LegionError, match=r"unexpected argument '-T' found; jj 0.35 or newer is needed"):
        await trees(fake).plan("ENG-1")


async def test_a_folder_deleted_by_hand_is_made_again(fake: FakeJj) -> None:
    fake.workspaces["ENG-1"] = place(fake)
    plan = await made(trees(fake))
    assert "workspace forget -- ENG-1" in fake.said
    assert plan.cwd.is_dir()


async def test_a_name_that_is_elsewhere_is_left_alone(fake: FakeJj, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    fake.workspaces["ENG-1"] = tmp_path / "mine"
    with pytest.raises(LegionError, match=f"name is taken: ENG-1 is in {tmp_path}/mine; jj workspace rename"):
        await trees(fake).plan("ENG-1")
    fake.answers["workspace root"] = Ran("", "Error: Workspace has no recorded path: ENG-1", 1)
    with pytest.raises(LegionError, match="no recorded path: ENG-1; if it is gone: jj workspace forget ENG-1"):
        await trees(fake).plan("ENG-1")


async def test_a_workspace_that_was_forgotten_is_refused(fake: FakeJj) -> None:
    await made(trees(fake))
    fake.answers["log --no-graph -r (heads("] = Ran("", "Error: Workspace `ENG-1` doesn't have a working copy", 1)
    with pytest.raises(RefusedError, match="is a workspace that jj cannot read"):
        await trees(fake).plan("ENG-1")


@pytest.mark.parametrize("link", ["absolute", "relative"])
async def test_only_other_workspaces_of_this_project_are_its_own(fake: FakeJj, link: str, tmp_path: Path) -> None:
    store = place(fake) / ".jj" / "repo"
    store.parent.mkdir(parents=True)
    store.write_text(str(tmp_path / "other" / ".jj" / "repo"))
    assert await trees(fake).of("ENG-1") is None
    with pytest.raises(LegionError, match="is no worktree of this repository"):
        await trees(fake).plan("ENG-1")
    store.write_text(str(fake.top / ".jj" / "repo") if link == "absolute" else "../../../shop/.jj/repo")
    assert (await linked(trees(fake))).path == place(fake)


async def test_the_bookmark_that_a_worker_moved_to_is_told(fake: FakeJj) -> None:
    await made(trees(fake))
    fake.answers["log --no-graph -r (heads("] = Ran('"other"\n"more"\n', "", 0)
    assert (await linked(trees(fake))).branch == "other"
    fake.answers["log --no-graph -r (heads("] = Ran("", "", 0)
    assert (await linked(trees(fake))).branch is None


@pytest.mark.parametrize(
    ("status", "log", "why"),
    [
        (Ran("", "", 0), "", ""),
        (Ran("", "", 0), "commit\nchange\n", "uncommitted changes in its working-copy commit"),
        (Ran("", "", 0), "commit\n", "1 commit is neither pushed nor merged"),
        (Ran("", "", 0), "commit\ncommit\n", "2 commits are neither pushed nor merged"),
        (Ran("Untracked paths:\n? big.bin\n", "", 0), "", "jj does not keep all of its files: big.bin"),
        (Ran("", "Error: The working copy is stale", 1), "", "its changes could not be read: Error: The working copy"),
    ],
)
async def test_what_would_be_lost(fake: FakeJj, status: Ran, log: str, why: str) -> None:
    worktrees = trees(fake)
    await made(worktrees)
    fake.answers["status"], fake.unsaved = status, log
    found = await worktrees.unsaved(await linked(worktrees))
    assert found.startswith(why)
    assert bool(found) is bool(why)
    if status.ok and not status.stdout:
        kept = '((remote_bookmarks() | present(trunk()) | (c0ffee))..@) ~ (empty() & description(exact:""))'
        assert kept in fake.said[-1]


async def test_a_workspace_is_forgotten_and_its_folder_goes(fake: FakeJj) -> None:
    worktrees = trees(fake)
    await made(worktrees)
    await worktrees.remove(await linked(worktrees))
    assert fake.workspaces == {"default": fake.top}
    assert not place(fake).exists()
    assert "ENG-1" in fake.bookmarks


async def test_what_is_another_repositorys_by_now_stays(fake: FakeJj, tmp_path: Path) -> None:
    worktrees = trees(fake)
    await made(worktrees)
    there = await linked(worktrees)
    (place(fake) / ".jj" / "repo").write_text(str(tmp_path / "other"))
    with pytest.raises(RefusedError, match="no workspace of this project any more"):
        await worktrees.remove(there)
    assert place(fake).is_dir()


async def test_a_failed_making_leaves_nothing_and_the_next_one_succeeds(fake: FakeJj) -> None:
    worktrees = trees(fake)
    plan = await worktrees.plan("ENG-1")
    fake.answers["workspace add"] = FULL
    place(fake).mkdir(parents=True)
    (place(fake) / ".jj").mkdir()
    fake.workspaces["ENG-1"] = place(fake)
    with pytest.raises(LegionError, match=r"the workspace could not be made: .*No space left.*see that there is room"):
        await worktrees.make(plan)
    assert not place(fake).exists()
    assert fake.workspaces == {"default": fake.top}
    fake.answers.clear()
    assert (await made(worktrees)).furnishing


async def test_half_of_the_files_go_but_a_whole_workspace_stays(fake: FakeJj) -> None:
    worktrees = trees(fake)
    plan = await worktrees.plan("ENG-1")
    fake.answers["bookmark create"] = FULL
    with pytest.raises(LegionError, match="the bookmark could not be made"):
        await worktrees.make(plan)
    assert place(fake).is_dir()
    fake.answers.clear()
    again = await worktrees.plan("ENG-1")
    assert [step.argv[5:] for step in again.making] == [
        ("workspace", "update-stale"),
        ("bookmark", "create", "-r", "@", "--", "ENG-1"),
    ]
    assert again.furnishing
    fake.answers = {"bookmark create": FULL, "log --no-graph -r @- & root()": Ran("", "Error: stale", 1)}
    with pytest.raises(LegionError, match="the bookmark could not be made"):
        await worktrees.make(again)
    assert not place(fake).exists()
    assert fake.workspaces == {"default": fake.top}


async def test_one_that_jj_is_still_making_is_not_touched(fake: FakeJj) -> None:
    worktrees = trees(fake, setup=(("false",),))
    with pytest.raises(LegionError, match="could not be set up"):
        await made(worktrees)
    fake.answers["log --no-graph -r @- & root()"] = Ran("1", "", 0)
    with pytest.raises(LegionError, match=r"half made: jj was cut off, or is still at it.*jj workspace forget ENG-1"):
        await worktrees.plan("ENG-1")
    assert place(fake).is_dir()


def test_names_are_quoted_as_revsets_take_them() -> None:
    assert symbol('ENG-1"x\\ é') == '"ENG-1\\"x\\\\ é"'
    assert lines_of_json('"a"\n"b c"\n') == ["a", "b c"]
    with pytest.raises(LegionError, match="jj could not be understood: oh"):
        lines_of_json("oh")


def test_files_that_jj_does_not_keep() -> None:
    assert untracked_in(Ran("The working copy has no changes.\n", "", 0)) == ""
    assert untracked_in(Ran("Untracked paths:\n? notes/\n? x\n", "", 0)) == "notes/"
    refused = "Warning: Refused to snapshot some files:\n  big.bin: 2.0MiB; the maximum size allowed is 1.0MiB\n"
    assert untracked_in(Ran("", refused, 0)).startswith("big.bin: 2.0MiB")
    assert untracked_in(Ran("", "Warning: Refused to snapshot some files", 0)) == "it skipped some"
    odd = "Warning: Skipped some paths because they are not valid UTF-8:\n  a\\xff\n"
    assert untracked_in(Ran("", odd, 0)) == "a\\xff"
