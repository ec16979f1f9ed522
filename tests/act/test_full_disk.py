"""Full and read-only disks, for real: a clear line, nothing half-made, and done once there is room."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from legion_tui.act.ledger import Ledger
from legion_tui.errors import LegionError
from legion_tui.state import Mode, Outcome
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.checkouts import git, made, refusal, trees
from tests.support.dispatching import Workshop
from tests.support.small_disk import SmallDisk, small_disk

BIG = os.urandom(600_000)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "small.txt").write_text("small")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Where the worktrees go."""
    with small_disk(tmp_path / "shop-worktrees") as mounted:
        yield mounted


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SmallDisk]:
    """Where the ledger, the briefs and the settings go."""
    with small_disk(tmp_path / "state") as mounted:
        yield mounted


async def test_no_room_for_the_worktree(shop: Path, disk: SmallDisk) -> None:
    (shop / "big.bin").write_bytes(BIG)
    git(shop, "add", ".")
    git(shop, "commit", "-q", "-m", "big")
    place = disk.at / "ENG-1"
    said = await refusal(trees(shop))
    assert said.startswith("the worktree could not be made: ")
    assert said.endswith(f"; see that there is room for {place}, and dispatch again")
    assert list(disk.at.iterdir()) == []
    assert str(place) not in git(shop, "worktree", "list", "--porcelain")
    disk.remount("size=8m")
    await made(trees(shop))
    assert (place / "big.bin").read_bytes() == BIG


async def test_no_room_for_a_file_that_is_copied(shop: Path, disk: SmallDisk) -> None:
    (shop / ".env").write_bytes(BIG)
    said = await refusal(trees(shop, copy=(".env",)))
    assert said.startswith("a file could not be copied into the worktree: ")
    assert said.endswith("No space left on device; make room there, then dispatch again")
    # A part of it would pass for the file from then on.
    assert not [path.name for path in (disk.at / "ENG-1").iterdir() if "env" in path.name]
    disk.remount("size=8m")
    assert (await made(trees(shop, copy=(".env",)))).furnishing
    assert (disk.at / "ENG-1" / ".env").read_bytes() == BIG


async def test_worktrees_on_a_disk_that_is_read_only(shop: Path, disk: SmallDisk, tmp_path: Path) -> None:
    disk.remount("ro")
    assert (await refusal(trees(shop))).endswith("Read-only file system; see that its disk can be written")
    deeper = trees(shop)
    object.__setattr__(deeper, "root", "../shop-worktrees/deep/{issue}")
    assert await refusal(deeper) == (
        f"no place for the worktree: {disk.at}/deep: Read-only file system; it is mounted for reading only"
    )
    disk.remount("rw")
    await made(trees(shop))


async def test_no_room_for_the_mark_makes_nothing(shop: Path, state: SmallDisk) -> None:
    state.fill()
    said = await refusal(trees(shop))
    assert said == (
        f"it could not be noted that a worktree is made: {state.at}/unfinished/ENG-1: No space left on device; "
        "make room there, then try again"
    )
    assert not (shop.parent / "shop-worktrees").exists()
    state.free()
    await made(trees(shop))


def now() -> datetime:
    return datetime.now(UTC)


async def test_a_ledger_without_room_loses_nothing_that_it_confirmed(state: SmallDisk) -> None:
    ledger = Ledger(state.at, clock=now)
    kept = [await ledger.note("message", "ENG-1", text="first")]
    state.fill(but=4096)

    async def go_on() -> None:
        for _ in range(100):
            kept.append(await ledger.note("message", "ENG-1", text="x" * 600))

    with pytest.raises(LegionError) as raised:
        await go_on()
    assert str(raised.value).startswith(f"the ledger could not be written: {state.at}/ledger.ndjson: ")
    assert str(raised.value).endswith("; make room there, then try again; nothing is done without it")
    state.free()
    kept.append(await ledger.note("message", "ENG-1", text="last"))
    assert [entry.id for entry in await Ledger(state.at, clock=now).history()] == kept


async def dispatched(shop: Workshop) -> str:
    """Dispatch, and return why it could not be done."""
    with pytest.raises(LegionError) as raised:
        await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert await shop.tmux.panes() == ()
    return str(raised.value)


async def started(shop: Workshop) -> None:
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert receipt.outcome is Outcome.STARTED, receipt.reason


@pytest.fixture
async def workshop(private_tmux: OneShotTmux, state: SmallDisk, tmp_path: Path) -> Workshop:
    shop = Workshop(private_tmux, tmp_path / "shop", worktrees=True, hooks=True)
    shop.git()
    await shop.tracker.add(NewIssue(title="Build it", status="In Progress", body="words " * 20_000))
    return shop


@pytest.mark.live
async def test_a_dispatch_without_room_for_its_ledger(workshop: Workshop, state: SmallDisk, tmp_path: Path) -> None:
    state.fill()
    said = await dispatched(workshop)
    assert said == (
        f"the ledger could not be written: {state.at}/ledger.ndjson: No space left on device; "
        "make room there, then try again; nothing is done without it"
    )
    assert not (tmp_path / "shop-worktrees").exists()
    state.free()
    await started(workshop)


@pytest.mark.live
async def test_a_dispatch_without_room_for_its_brief(workshop: Workshop, state: SmallDisk) -> None:
    state.fill(but=64 << 10)
    assert await dispatched(workshop) == (
        f"the brief could not be written: {state.at}/briefs/ENG-1-implement.md: No space left on device; "
        "make room there, then try again"
    )
    assert list((state.at / "briefs").iterdir()) == []
    assert (await workshop.told())[-1].startswith("ENG-1 dispatch failed")
    state.free()
    await started(workshop)


@pytest.mark.live
async def test_a_dispatch_without_room_for_the_agents_settings(
    workshop: Workshop, state: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(workshop.agent, "worker_settings", lambda refused: b"{}" + b" " * 400_000)
        assert await dispatched(workshop) == (
            f"the agent's settings could not be written: {state.at}/agent-settings.json: No space left on device; "
            "make room there, then try again"
        )
    assert not (state.at / "agent-settings.json").exists()
    await started(workshop)


@pytest.mark.live
async def test_the_first_failure_is_told_where_the_ledger_has_no_room_either(
    workshop: Workshop, state: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(refused: object) -> bytes:
        state.fill()
        # What is left of the ledger's own last page.
        with (state.at / "ledger.ndjson").open("ab", buffering=0) as ledger:
            ledger.write(b"\n" * 4096)
        return b"{}"

    with monkeypatch.context() as patch:
        patch.setattr(workshop.agent, "worker_settings", greedy)
        assert (await dispatched(workshop)).startswith("the agent's settings could not be written: ")
    state.free()
    await started(workshop)


@pytest.mark.live
async def test_a_dispatch_with_state_that_is_read_only(workshop: Workshop, state: SmallDisk) -> None:
    state.remount("ro")
    assert await dispatched(workshop) == (
        f"the lock could not be taken: {state.at}/locks: Read-only file system; it is mounted for reading only"
    )
    state.remount("rw")
    await started(workshop)
