"""What a worker left in its worktree, on real repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from legion_tui.fetch.work import WorkReader
from legion_tui.processes import CountedRunner, Ran, run_command


def git(at: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=at, check=True, capture_output=True, timeout=30)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of a repository with one commit, on a branch of its own."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    git(origin, "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    git(clone, "switch", "-q", "-c", "eng-1")
    return clone


def commit(at: Path) -> None:
    git(at, "commit", "-q", "--allow-empty", "-m", "work")


def push(at: Path) -> None:
    commit(at)
    git(at, "push", "-q", "origin", "eng-1")


def write(at: Path) -> None:
    (at / "new.txt").write_text("work")


def ignore(at: Path) -> None:
    (at / ".git" / "info" / "exclude").write_text("build/\n")
    (at / "build").mkdir()
    (at / "build" / "out").touch()


def detach(at: Path) -> None:
    git(at, "switch", "-q", "--detach")
    commit(at)


@pytest.mark.parametrize(
    ("left", "unpushed"),
    [
        (lambda at: None, False),
        (ignore, False),
        (push, False),
        (write, True),
        (commit, True),
        (detach, True),
        (lambda at: git(at, "remote", "remove", "origin"), True),
    ],
    ids=["nothing", "ignored", "pushed", "file", "commit", "detached", "no remote"],
)
async def test_what_is_on_no_remote_is_told(checkout: Path, left: Callable[[Path], None], unpushed: bool) -> None:
    left(checkout)
    assert await WorkReader(run_command).read([str(checkout)]) == {str(checkout): unpushed}


async def test_what_cannot_be_looked_into_is_not_known(checkout: Path, tmp_path: Path) -> None:
    bare = tmp_path / "no-repository"
    bare.mkdir()
    folders = [str(bare), str(tmp_path / "gone"), str(checkout), str(checkout)]
    counted = CountedRunner()
    assert await WorkReader(counted).read(folders) == {str(checkout): False}
    assert counted.count == 4


async def test_a_repositorys_settings_start_nothing(checkout: Path, tmp_path: Path) -> None:
    program = tmp_path / "started"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-started\n")
    program.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(program))
    write(checkout)
    assert await WorkReader(run_command).read([str(checkout)]) == {str(checkout): True}
    assert not (tmp_path / "was-started").exists()


class Jj:
    """Answers in the place of jj."""

    def __init__(self, answer: Ran) -> None:
        self.answer = answer
        self.asked: list[tuple[str | None, tuple[str, ...]]] = []

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        self.asked.append((cwd, tuple(argv)))
        return self.answer


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        (Ran("c0ffee", "", 0), True),
        # What was written since jj last looked is not known, and nothing is told.
        (Ran("", "", 0), None),
        (Ran("", "jj: not found", 127), None),
    ],
    ids=["commits", "none", "no jj"],
)
async def test_a_jj_workspace_is_asked_for_commits_without_looking_at_files(
    checkout: Path, answer: Ran, known: bool | None
) -> None:
    # Inside of a git repository, which says nothing about it.
    workspace = checkout / "workspaces" / "eng-2"
    (workspace / "src").mkdir(parents=True)
    (workspace / ".jj").mkdir()
    (workspace / ".jj" / "repo").write_text("../../../.jj/repo")
    folder = str(workspace / "src")
    jj = Jj(answer)
    assert await WorkReader(jj).read([folder]) == ({} if known is None else {folder: known})
    ((cwd, argv),) = jj.asked
    assert (cwd, argv[0]) == (folder, "jj")
    assert "--ignore-working-copy" in argv
