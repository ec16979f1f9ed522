"""Which project a command is about, and how much of its file is believed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from legion_tui.cli.context import Context
from legion_tui.cli.parts import make_tmux
from legion_tui.cli.projects import Place, find_root, load_place, main_checkout, trust
from legion_tui.config import UserConfig
from legion_tui.errors import ConfigError

ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
HEAD = f'[project]\nid = "{ID}"\nkey = "ENG"\n'


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """The main checkout of a git repository with a project in it."""
    folder = tmp_path / "main"
    folder.mkdir()
    (folder / "legion.toml").write_text(HEAD)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


def load(root: Path, environ: dict[str, str] | None = None) -> Place:
    return load_place(root, environ or dict(os.environ), UserConfig())


def test_the_nearest_file_upwards(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    assert find_root(inner) is None
    (tmp_path / "legion.toml").write_text(HEAD)
    assert find_root(inner) == tmp_path
    (tmp_path / "a" / "legion.toml").write_text(HEAD)
    assert find_root(inner) == tmp_path / "a"
    assert find_root(tmp_path) == tmp_path


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "legion.toml").mkdir()
    assert find_root(tmp_path) is None


@pytest.mark.parametrize("inner", [".", "src/deep"])
def test_a_worktree_stands_for_its_main_checkout(main: Path, tmp_path: Path, inner: str) -> None:
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(linked))
    assert (linked / "legion.toml").is_file()
    (linked / inner).mkdir(parents=True, exist_ok=True)
    assert main_checkout(linked) == main
    assert find_root(linked / inner) == main


def test_a_worktree_with_relative_links(main: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(linked))
    (linked / ".git").write_text("gitdir: ../main/.git/worktrees/linked\n")
    assert find_root(linked) == main


def test_a_project_below_the_repositorys_root_is_found_in_the_main_checkout_too(main: Path, tmp_path: Path) -> None:
    (main / "services" / "pay" / "src").mkdir(parents=True)
    (main / "services" / "pay" / "legion.toml").write_text(HEAD)
    (main / "services" / "pay" / "src" / "code.py").write_text("")
    git(main, "add", ".")
    git(main, "commit", "-q", "-m", "second")
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(linked))
    assert find_root(linked / "services" / "pay" / "src") == main / "services" / "pay"
    assert find_root(linked / "services") == main


def test_a_worktree_whose_main_checkout_has_no_project_stands_for_itself(main: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(linked))
    (main / "legion.toml").unlink()
    assert find_root(linked) == linked


def test_a_repository_inside_a_worktree_is_its_own(main: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(linked))
    nested = linked / "vendor" / "other"
    nested.mkdir(parents=True)
    git(nested, "init", "-q")
    (nested / "legion.toml").write_text(HEAD)
    assert find_root(nested) == nested


def test_a_submodule_is_a_repository_of_its_own(main: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(main), "inner")
    (outer / "legion.toml").write_text(HEAD)
    assert (outer / "inner" / ".git").is_file()
    assert main_checkout(outer / "inner") is None
    assert find_root(outer / "inner") == outer / "inner"


@pytest.mark.parametrize("absolute", [False, True])
def test_a_secondary_jj_workspace_stands_for_the_main_one(tmp_path: Path, absolute: bool) -> None:
    main, other = tmp_path / "main", tmp_path / "other"
    (main / ".jj" / "repo" / "store").mkdir(parents=True)
    (main / ".jj" / "working_copy").mkdir()
    (main / "legion.toml").write_text(HEAD)
    (other / ".jj" / "working_copy").mkdir(parents=True)
    (other / ".jj" / "repo").write_text(str(main / ".jj" / "repo") if absolute else "../../main/.jj/repo")
    (other / "src").mkdir()
    (other / "legion.toml").write_text(HEAD)
    assert main_checkout(other) == main
    assert main_checkout(main) is None
    assert find_root(other / "src") == main


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".git", b""),
        (".git", b"gitdir: /nowhere/at/all\n"),
        (".git", b"gitdir: \x00\n"),
        (".git", b"\xff\xfe"),
        (".git", b"something else"),
        (".jj/repo", b"\x00"),
        (".jj/repo", b"\xff"),
        (".jj/repo", b"/nowhere"),
    ],
)
def test_links_that_lead_nowhere_are_no_links(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "legion.toml").write_text(HEAD)
    assert find_root(tmp_path) == tmp_path


def test_links_in_a_circle_are_no_links(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / ".git").write_text("gitdir: circle/x\n")
    (tmp_path / "legion.toml").write_text(HEAD)
    assert find_root(tmp_path) == tmp_path


def context(cwd: Path, given: str | None = None, **environ: str) -> Context:
    return Context(environ={**os.environ, **environ}, cwd=cwd, project_given=given)


def test_the_option_comes_before_the_environment_and_that_before_the_folder(tmp_path: Path) -> None:
    for name in ("here", "named", "given"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "legion.toml").write_text(HEAD)
    here = tmp_path / "here"

    def root(one: Context) -> str | None:
        return one.place.root.name if one.place else None

    assert root(context(here)) == "here"
    assert root(context(here, LEGION_PROJECT=str(tmp_path / "named"))) == "named"
    assert root(context(here, LEGION_PROJECT=str(tmp_path / "named" / "deep"))) == "named"
    assert root(context(here, "../given", LEGION_PROJECT=str(tmp_path / "named"))) == "given"
    assert root(context(here, LEGION_PROJECT="")) == "here"
    assert root(context(tmp_path)) is None


def test_a_worker_in_its_worktree_reaches_the_boards_project(main: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(linked))
    assert context(linked).needed_place().root == main
    assert context(tmp_path, LEGION_PROJECT=str(linked)).needed_place().root == main


@pytest.mark.parametrize(
    ("named", "words"), [("gone", "there is no such folder"), ("empty", "there is no legion.toml from there upwards")]
)
def test_a_named_project_that_is_none_is_an_error(tmp_path: Path, named: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    for one in (context(tmp_path, named), context(tmp_path, LEGION_PROJECT=str(tmp_path / named))):
        with pytest.raises(ConfigError, match=words):
            assert one.place


def test_where_a_project_is_needed_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        context(tmp_path).needed_place()
    assert caught.value.remedy == "run: legion-tui init"


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path}/legion.toml: No such file or directory; run: legion-tui init"


def test_the_projects_identity(tmp_path: Path) -> None:
    (tmp_path / "legion.toml").write_text(HEAD)
    project = load(tmp_path).project
    assert (project.id, project.short_id, project.key) == (ID, "3kgAnyAe", "ENG")
    assert (project.root, project.name, project.tracker) == (str(tmp_path), tmp_path.name, "local")


def test_only_safe_keys_need_no_trust(tmp_path: Path) -> None:
    (tmp_path / "legion.toml").write_text(HEAD + '[poll]\nlive_seconds = 2\n[tracker]\nkind = "local"\n')
    assert load(tmp_path).trusted


def test_trust_is_of_these_bytes_in_this_place(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "a", tmp_path / "b"
    for one in (folder, elsewhere):
        one.mkdir()
        (one / "legion.toml").write_text(HEAD + '[tmux]\nsocket = "work"\n')
    file = folder / "legion.toml"
    before = load(folder)
    assert (before.trusted, before.inert, before.config.tmux.socket) == (False, ("tmux.socket",), None)
    trust(file, file.read_bytes(), os.environ)
    after = load(folder)
    assert (after.trusted, after.inert, after.config.tmux.socket) == (True, (), "work")
    assert not load(elsewhere).trusted
    file.write_text(HEAD + '[tmux]\nsocket = "evil"\n')
    assert load(folder).config.tmux.socket is None
    file.write_text(HEAD + '[tmux]\nsocket = "work"\n')
    assert load(folder).trusted


def test_trust_is_for_this_user_alone(tmp_path: Path, home: Path) -> None:
    (tmp_path / "legion.toml").write_text(HEAD)
    trust(tmp_path / "legion.toml", HEAD.encode(), os.environ)
    folder = home / ".local" / "state" / "legion-tui" / "trust"
    assert {made.stat().st_mode & 0o777 for made in (folder, folder.parent, home / ".local")} == {0o700}
    (entry,) = folder.iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.read_text() == f"{tmp_path}/legion.toml\n"


@pytest.mark.parametrize(
    ("given", "configured", "around", "socket"),
    [
        (None, None, "", "default"),
        (None, None, "/tmp/tmux-1000/work,123,0", "/tmp/tmux-1000/work"),
        (None, "theirs", "/tmp/tmux-1000/work,123,0", "theirs"),
        ("mine", "theirs", "/tmp/tmux-1000/work,123,0", "mine"),
        ("/run/mine", None, "", "/run/mine"),
    ],
)
def test_which_tmux_server_is_meant(
    tmp_path: Path, given: str | None, configured: str | None, around: str, socket: str
) -> None:
    (tmp_path / "legion.toml").write_text(HEAD)
    one = Context(
        environ={**os.environ, "TMUX": around, **({"LEGION_TUI_TMUX_SOCKET": configured} if configured else {})},
        cwd=tmp_path,
        socket_given=given,
    )
    assert make_tmux(one, one.needed_place().config).socket.name == socket
