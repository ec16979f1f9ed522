"""Configuration: what is understood, what is refused and in which words, and whose word counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from legion_tui.cli.projects import load_place, load_user
from legion_tui.config import (
    ProjectConfig,
    UserConfig,
    config_home,
    parse,
    raw_tables,
    state_home,
    untrusted,
    without_effect,
)
from legion_tui.config.reading import check_project
from legion_tui.errors import ConfigError

ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
HEAD = f'[project]\nid = "{ID}"\nkey = "ENG"\n'


def project(text: str) -> ProjectConfig:
    return parse(text.encode(), ProjectConfig, where="legion.toml")


def refused(text: str, kind: type[ProjectConfig] | type[UserConfig] = ProjectConfig) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text.encode(), kind, where="the-file.toml")
    return str(caught.value)


def test_an_empty_file_is_all_defaults() -> None:
    assert project("") == ProjectConfig()
    assert project("").agent.command == ["claude"]
    assert project("").tracker.path == ".legion/issues"


def test_every_section_is_read() -> None:
    config = project(
        HEAD
        + """
        [tracker]
        kind = "github"
        repo = "acme/payments"
        write = "labels"
        statuses = { "Doing" = "In Progress" }
        [github]
        host = "ghe.acme.example"
        [tmux]
        socket = "work"
        [agent]
        command = ["claude", "--verbose"]
        [worktrees]
        kind = "git"
        [workers]
        max_concurrent = 3
        [poll]
        live_seconds = 2
        [pipeline]
        preset = "simple"
        ci_gate = true
        [modes.implement]
        prompt = "Read and do {brief}"
        """
    )
    assert config.tracker.repo == "acme/payments"
    assert config.tracker.statuses == {"Doing": "In Progress"}
    assert config.github.host == "ghe.acme.example"
    assert config.agent.command == ["claude", "--verbose"]
    assert config.workers.max_concurrent == 3
    assert config.poll.live_seconds == 2.0
    assert config.pipeline.ci_gate is True
    assert config.modes.implement.prompt == "Read and do {brief}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[projct]\n", "the-file.toml: unknown key projct; did you mean project?"),
        ("[tracker]\nknd = 1\n", "the-file.toml: unknown key tracker.knd; did you mean kind?"),
        ("[modes.implment]\n", "the-file.toml: unknown key modes.implment; did you mean implement?"),
        ("[modes.plan]\nmodle = 'x'\n", "the-file.toml: unknown key modes.plan.modle; did you mean model?"),
        ("[github]\nzzz = 1\n", "the-file.toml: unknown key github.zzz; known here: host, api_url"),
        ("tracker = 3\n", "the-file.toml: tracker = 3 is no table; write it as [tracker]"),
        ("[tracker]\nkind = 'gihub'\n", "the-file.toml: tracker.kind = 'gihub'; did you mean github?"),
        ("[tracker]\nkind = 'x'\n", "the-file.toml: tracker.kind = 'x'; known here: local, github, linear"),
        ("[tracker]\nwrite = 'lables'\n", "the-file.toml: tracker.write = 'lables'; did you mean labels?"),
        (
            "[tracker]\nkind = 1\n",
            "the-file.toml: tracker.kind: expected str, got int; one of: local, github, linear",
        ),
        (
            "[workers]\nmax_concurrent = 'ten'\n",
            "the-file.toml: workers.max_concurrent: expected int, got str; see the README",
        ),
        ("[agent]\nhooks = 1\n", "the-file.toml: agent.hooks: expected bool, got int; true or false"),
        ("[agent]\ncommand = 'claude'\n", "the-file.toml: agent.command: expected array, got str; see the README"),
        ("[agent]\ncommand = [1]\n", "the-file.toml: agent.command[0]: expected str, got int; see the README"),
        ("[modes.plan]\nmodel = 3\n", "the-file.toml: modes.plan.model: expected str | null, got int; see the README"),
    ],
)
def test_an_error_names_file_key_and_the_nearest_right_name(text: str, message: str) -> None:
    assert refused(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("glyph = 'ascii'\n", "the-file.toml: unknown key glyph; did you mean glyphs?"),
        ("glyphs = 'asci'\n", "the-file.toml: glyphs = 'asci'; did you mean ascii?"),
        ("animation = 'no'\n", "the-file.toml: animation: expected bool, got str; true or false"),
        (
            "[workers]\nmax_concurent = 3\n",
            "the-file.toml: unknown key workers.max_concurent; did you mean max_concurrent?",
        ),
    ],
)
def test_the_users_file_is_checked_likewise(text: str, message: str) -> None:
    assert refused(text, UserConfig) == message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[project\n", "is not valid TOML"),
        (b"a = \xff\n", "is not UTF-8 at byte 4"),
        (b"a = " + b"[" * 100_000, "is not valid TOML"),
        (b"\x00", "is not valid TOML"),
        (b"[project]\n[project]\n", "is not valid TOML"),
    ],
)
def test_what_is_no_toml_is_said_to_be_none(data: bytes, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(data, ProjectConfig, where="legion.toml")
    assert caught.value.title == "legion.toml"
    assert words in caught.value.message


def test_a_hostile_key_reaches_the_terminal_without_its_escapes() -> None:
    assert "\x1b" not in refused('"\\u001b[31mkey" = 1\n')


def place_error(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> str:
    (tmp_path / "legion.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_place(tmp_path, {"HOME": str(tmp_path / "home"), **(environ or {})}, UserConfig())
    return str(caught.value).replace(str(tmp_path), "…")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "…/legion.toml: project.id is missing"),
        ('[project]\nid = "7"\nkey = "ENG"\n', "project.id = '7' is no UUID"),
        (f'[project]\nid = "{{{ID}}}"\nkey = "ENG"\n', "is no UUID"),
        (f'[project]\nid = "urn:uuid:{ID}"\nkey = "ENG"\n', "is no UUID"),
        (f'[project]\nid = "{ID}"\n', "project.key = ''"),
        (f'[project]\nid = "{ID}"\nkey = "../x"\n', "project.key = '../x'"),
        (HEAD + "[agent]\ncommand = []\n", "agent.command is empty"),
        (HEAD + "[poll]\nlive_seconds = 0.01\n", "poll.live_seconds = 0.01; 0.1 or more seconds"),
        (HEAD + "[poll]\nlive_seconds = -1\n", "poll.live_seconds = -1"),
        (HEAD + "[poll]\nlive_seconds = nan\n", "poll.live_seconds = nan"),
        (HEAD + "[poll]\ntracker_seconds = inf\n", "poll.tracker_seconds = inf"),
        (HEAD + "[workers]\nmax_concurrent = 0\n", "workers.max_concurrent = 0; 1 or more"),
        (HEAD + "[workers]\nlock_wait_seconds = -2\n", "workers.lock_wait_seconds = -2"),
        (HEAD + "[workers]\nheartbeat_seconds = 0.2\n", "workers.heartbeat_seconds = 0.2; 1 or more"),
        (HEAD + "[workers]\nidle_after_seconds = -1\n", "workers.idle_after_seconds = -1"),
        (HEAD + '[workers]\npark_finished_after = "2 hours"\n', "workers.park_finished_after = '2 hours'"),
        (HEAD + '[workers]\npark_finished_after = ""\n', "workers.park_finished_after = ''"),
        (HEAD + "[modes.plan]\nmax_concurrent = 0\n", "modes.plan.max_concurrent = 0; 1 or more"),
    ],
)
def test_values_of_the_right_type_that_cannot_be_meant(tmp_path: Path, text: str, words: str) -> None:
    told = place_error(tmp_path, text)
    assert told.startswith("…/legion.toml: ")
    assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('copy = ["/etc/passwd"]', "worktrees.copy: '/etc/passwd'; a pattern below the project"),
        ('copy = ["a/../../b"]', "worktrees.copy: 'a/../../b'"),
        ('copy = ["~/x"]', "worktrees.copy: '~/x'"),
        ('copy = [""]', "worktrees.copy: ''"),
        ("setup = [[]]", "worktrees.setup holds an empty command"),
        ('setup = [["uv", "sync"], [""]]', "worktrees.setup holds an empty command"),
    ],
)
def test_what_a_worktree_gets_has_to_be_meant(text: str, words: str) -> None:
    head = '[project]\nid = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"\nkey = "ENG"\n[worktrees]\n'
    config = parse(f"{head}{text}\n".encode(), ProjectConfig, where="legion.toml")
    with pytest.raises(ConfigError) as raised:
        check_project(config, where="legion.toml")
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ('write = "all"\n', True),
        ('write = "labels"\n', False),
        ('kind = "github"\nrepo = "a/b"\n', False),
        ('kind = "linear"\nteam = "ENG"\nwrite = "all"\n', True),
    ],
)
def test_comments_have_to_be_allowed(text: str, fits: bool) -> None:
    head = '[project]\nid = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"\nkey = "ENG"\n[tracker]\ncomments = true\n'
    config = parse(f"{head}{text}".encode(), ProjectConfig, where="legion.toml")
    if fits:
        check_project(config, where="legion.toml")
        return
    with pytest.raises(ConfigError, match=r"legion.toml: tracker.comments = true; comments have to be written"):
        check_project(config, where="legion.toml")


@pytest.mark.parametrize(
    "path",
    ["../issues", "/etc", "a/../../b", "..", "link", "link/deeper", "circle/x", "nul\\u0000byte"],
)
def test_the_trackers_folder_stays_inside_the_repository(tmp_path: Path, path: str) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "circle").symlink_to(root / "circle")
    assert "tracker.path leads out of the repository" in place_error(root, f'{HEAD}[tracker]\npath = "{path}"\n')


@pytest.mark.parametrize("path", [".legion/issues", "docs/./issues", "a/../b", "not-there-yet"])
def test_any_folder_inside_the_repository_will_do(tmp_path: Path, path: str) -> None:
    (tmp_path / "legion.toml").write_text(f'{HEAD}[tracker]\npath = "{path}"\n')
    assert load_place(tmp_path, {"HOME": "/nowhere"}, UserConfig()).config.tracker.path == path


def test_what_is_inert_until_it_is_trusted() -> None:
    text = (
        HEAD
        + """
        [tracker]
        kind = "local"
        path = "docs"
        repo = "acme/payments"
        write = "all"
        statuses = { Doing = "Todo" }
        [github]
        host = "evil.example"
        api_url = "https://evil.example"
        [linear]
        api_url = "https://evil.example"
        [tmux]
        socket = "/tmp/evil"
        session = "#(touch evil)"
        [agent]
        command = ["sh", "-c", "evil"]
        [worktrees]
        kind = "git"
        root = "/"
        [workers]
        max_concurrent = 1000
        [poll]
        live_seconds = 5.0
        [pipeline]
        preset = "simple"
        [modes.plan]
        prompt = "rm"
        """
    )
    config, inert = untrusted(project(text), raw_tables(text.encode()))
    assert inert == (
        "tracker.write",
        "tracker.statuses",
        "github.host",
        "github.api_url",
        "linear.api_url",
        "tmux.socket",
        "tmux.session",
        "agent.command",
        "worktrees.kind",
        "worktrees.root",
        "workers.max_concurrent",
        "modes.plan",
    )
    default = ProjectConfig()
    for section in ("github", "linear", "tmux", "agent", "worktrees", "workers", "modes"):
        assert getattr(config, section) == getattr(default, section)
    assert (config.tracker.kind, config.tracker.path, config.tracker.repo) == ("local", "docs", "acme/payments")
    assert config.tracker.write is None
    assert config.project.key == "ENG"
    assert config.poll.live_seconds == 5.0
    assert config.pipeline.preset == "simple"


def test_an_empty_table_asks_for_no_trust() -> None:
    text = HEAD + "[agent]\n[github]\n"
    assert untrusted(project(text), raw_tables(text.encode())) == (project(HEAD), ())


def user(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> UserConfig:
    folder = tmp_path / "config" / "legion-tui"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)
    return load_user({"XDG_CONFIG_HOME": str(tmp_path / "config"), **(environ or {})})


@pytest.mark.parametrize(
    ("in_user", "in_project", "in_environment", "wins"),
    [
        (None, None, None, 1.0),
        (2.0, None, None, 2.0),
        (2.0, 3.0, None, 3.0),
        (None, 3.0, None, 3.0),
        (2.0, 1.0, None, 1.0),  # the project's word counts although it is our default
        (2.0, 3.0, "4", 4.0),
        (None, None, "4.5", 4.5),
    ],
)
def test_environment_before_project_before_user_before_default(
    tmp_path: Path, in_user: float | None, in_project: float | None, in_environment: str | None, wins: float
) -> None:
    environ = {"HOME": str(tmp_path)}
    if in_environment is not None:
        environ["LEGION_TUI_POLL_LIVE_SECONDS"] = in_environment
    table = "[poll]\nlive_seconds = {}\n"
    users = user(tmp_path, table.format(in_user) if in_user else "")
    (tmp_path / "legion.toml").write_text(HEAD + (table.format(in_project) if in_project else ""))
    assert load_place(tmp_path, environ, users).config.poll.live_seconds == wins


def test_what_the_project_may_not_say_yet_is_the_users_or_the_default(tmp_path: Path) -> None:
    (tmp_path / "legion.toml").write_text(HEAD + '[tmux]\nsocket = "theirs"\nsession = "theirs"\n')
    place = load_place(tmp_path, {"HOME": str(tmp_path)}, user(tmp_path, '[tmux]\nsocket = "mine"\n'))
    assert place.config.tmux.socket == "mine"
    assert place.config.tmux.session == "legion-{short_id}"
    assert place.inert == ("tmux.socket", "tmux.session")


@pytest.mark.parametrize(
    ("variable", "value", "key", "read"),
    [
        ("LEGION_TUI_TMUX_SOCKET", "other", "tmux.socket", "other"),
        ("LEGION_TUI_WORKERS_MAX_CONCURRENT", "4", "workers.max_concurrent", 4),
        ("LEGION_TUI_PIPELINE_CI_GATE", "yes", "pipeline.ci_gate", True),
        ("LEGION_TUI_AGENT_HOOKS", "off", "agent.hooks", False),
        ("LEGION_TUI_PROJECT_KEY", "1", "project.key", None),
        ("LEGION_TUI_AGENT_COMMAND", "sh -c evil", "agent.command", ["claude"]),
        ("LEGION_TUI_MODES_PLAN", "x", "modes.review", ProjectConfig().modes.review),
    ],
)
def test_a_variable_sets_a_single_value(tmp_path: Path, variable: str, value: str, key: str, read: object) -> None:
    (tmp_path / "legion.toml").write_text(HEAD)
    environ = {"HOME": str(tmp_path), variable: value}
    if read is None:
        assert f"{key} = '{value}'" in place_error(tmp_path, HEAD, environ)
    else:
        config = load_place(tmp_path, environ, UserConfig()).config
        section, _, name = key.partition(".")
        assert getattr(getattr(config, section), name) == read


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("LEGION_TUI_WORKERS_MAX_CONCURRENT", "ten", "workers.max_concurrent: expected int, got str"),
        ("LEGION_TUI_PIPELINE_PRESET", "simpel", "pipeline.preset = 'simpel'; did you mean simple?"),
        ("LEGION_TUI_POLL_LIVE_SECONDS", "nan", "poll.live_seconds = nan; 0.1 or more seconds"),
    ],
)
def test_a_wrong_variable_is_not_blamed_on_the_file(tmp_path: Path, variable: str, value: str, message: str) -> None:
    told = place_error(tmp_path, HEAD, {variable: value})
    assert told.startswith(f"environment LEGION_TUI_…: {message}")


def test_the_users_wrong_number_is_not_blamed_on_the_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        user(tmp_path, "[poll]\nlive_seconds = 0.01\n")
    assert caught.value.title.endswith("config/legion-tui/config.toml")
    assert caught.value.message == "poll.live_seconds = 0.01"


def test_the_users_own_preferences(tmp_path: Path) -> None:
    read = user(tmp_path, 'theme = "nord"\nglyphs = "ascii"\n[keymap]\nanswer = "A"\n', {"LEGION_TUI_ANIMATION": "0"})
    assert (read.theme, read.glyphs, read.animation, read.keymap) == ("nord", "ascii", False, {"answer": "A"})
    assert user(tmp_path, 'glyphs = "ascii"\n', {"LEGION_TUI_GLYPHS": "unicode"}).glyphs == "unicode"


def test_no_file_of_the_users_is_no_error_but_a_named_one_is(tmp_path: Path) -> None:
    assert load_user({"HOME": str(tmp_path)}) == UserConfig()
    with pytest.raises(ConfigError, match="there is no such file"):
        load_user({"HOME": str(tmp_path)}, str(tmp_path / "mine.toml"))
    (tmp_path / "mine.toml").write_text("animation = false\n")
    assert not load_user({"HOME": str(tmp_path)}, str(tmp_path / "mine.toml")).animation
    with pytest.raises(ConfigError, match="directory"):
        load_user({"HOME": str(tmp_path)}, str(tmp_path))


@pytest.mark.parametrize(
    ("environ", "config", "state"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.config/legion-tui", "/home/ann/.local/state/legion-tui"),
        ({"HOME": "/home/ann", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c/legion-tui", "/s/legion-tui"),
        (
            {"HOME": "/home/ann", "XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": ""},
            "/home/ann/.config/legion-tui",
            "/home/ann/.local/state/legion-tui",
        ),
    ],
)
def test_the_homes_are_xdgs(environ: dict[str, str], config: str, state: str) -> None:
    assert (str(config_home(environ)), str(state_home(environ))) == (config, state)


def test_the_documented_example_is_read() -> None:
    text = """
[project]
id = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
key = "ENG"
[tracker]
kind = "local"
write = "none"
[worktrees]
kind = "jj"
copy = [".env*"]
setup = [["uv", "sync"]]
[workers]
max_concurrent = 10
park_finished_after = "2h"
[modes.implement]
prompt = "Read and do {brief}"
runtime = "process"
max_concurrent = 2
"""
    config = parse(text.encode(), ProjectConfig, where="legion.toml")
    assert config.worktrees.setup == [["uv", "sync"]]
    assert config.modes.implement.runtime == "process"
    assert without_effect(raw_tables(text.encode())) == ()


@pytest.mark.parametrize(
    ("kind", "idle"),
    [
        ("local", ("tracker.repo", "tracker.board", "tracker.filter", "tracker.statuses")),
        ("github", ("tracker.path",)),
        ("linear", ("tracker.path", "tracker.repo", "tracker.board")),
    ],
)
def test_a_key_of_another_tracker_is_without_effect(kind: str, idle: tuple[str, ...]) -> None:
    text = f"""
[tracker]
kind = "{kind}"
path = "issues"
repo = "acme/payments"
board = 4
filter = "assignee:@me"
write = "labels"
[tracker.statuses]
Doing = "In Progress"
"""
    assert without_effect(raw_tables(text.encode())) == idle
