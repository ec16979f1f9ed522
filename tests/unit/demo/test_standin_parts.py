from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.demo.standin.args import BadArgumentsError, parse
from legion_tui.demo.standin.cells import cell_width, clip, plain, wrap
from legion_tui.demo.standin.errors import api_error
from legion_tui.demo.standin.markdown import markdown_rows
from legion_tui.demo.standin.rules import allows, refusal
from legion_tui.demo.standin.scenario import Scenario
from legion_tui.demo.standin.startup import Startup
from legion_tui.demo.standin.transcript import Transcript, branch, new_id, project_folder, read, transcripts


def test_the_command_line_of_the_agent() -> None:
    options = parse(["--session-id", "x", "--name=n", "--permission-mode", "manual", "--model", "m", "--", "--not"])
    assert (options.session_id, options.name, options.model) == ("x", "n", "m")
    assert (options.permission_mode, options.prompt) == ("default", "--not")
    assert parse(["--resume", "y", "do it"]).resume == "y"
    assert parse(["--dangerously-skip-permissions"]).permission_mode == "bypassPermissions"


@pytest.mark.parametrize("argv", [["--nonsense"], ["--name"]])
def test_a_command_line_that_is_none(argv: list[str]) -> None:
    with pytest.raises(BadArgumentsError):
        parse(argv)


@pytest.mark.parametrize(
    ("cwd", "folder"),
    [
        ("/home/dev/shop", "-home-dev-shop"),
        ("/home/dev/my_shop.v2", "-home-dev-my-shop-v2"),
        ("/" + "a" * 199, "-" + "a" * 199),
    ],
)
def test_the_folder_of_a_transcript(cwd: str, folder: str) -> None:
    assert project_folder(cwd) == folder


def test_the_folder_of_a_long_path_is_cut_and_marked() -> None:
    one, other = project_folder("/" + "a" * 300), project_folder("/" + "a" * 301)
    assert one[:201] == other[:201] == "-" + "a" * 199 + "-"
    assert one != other


def test_records_are_written_in_batches_and_chained(tmp_path: Path) -> None:
    session = new_id()
    path = tmp_path / "projects" / "-src" / f"{session}.jsonl"
    log = Transcript(path, session_id=session, cwd="/src", branch="main")
    log.prompt("Do it.", prompt_id="p", index=1, source="typed")
    assert [record["type"] for record in read(path)] == ["mode", "permission-mode"]
    assert isinstance(log.due, float)
    said = log.add({"type": "assistant"})
    log.ended(1200)
    log.flush()
    due: float | None = log.due
    assert due is None
    records = [record for record in read(path) if record.get("uuid")]
    assert records[0]["message"]["content"] == "Do it."
    assert [r["parentUuid"] for r in records[1:]] == [r["uuid"] for r in records[:-1]]
    assert (records[-1]["durationMs"], records[-1]["parentUuid"]) == (1200, said)
    assert {record.get("sessionId") for record in read(path)} == {session, None}
    assert transcripts(tmp_path, session) == [path]


def test_lines_that_are_no_records_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"type": "a"}\n[]\n{"torn": \n')
    assert list(read(path)) == [{"type": "a"}]


def test_the_branch_of_a_checkout_and_of_a_worktree(tmp_path: Path) -> None:
    main, tree = tmp_path / "main", tmp_path / "tree"
    own = main / ".git" / "worktrees" / "tree"
    own.mkdir(parents=True)
    tree.mkdir()
    (main / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (own / "HEAD").write_text("ref: refs/heads/eng-7\n")
    (tree / ".git").write_text(f"gitdir: {own}\n")
    assert branch(str(main)) == "main"
    assert branch(str(tree)) == "eng-7"
    (main / ".git" / "HEAD").write_text("0123456789\n")
    assert branch(str(main)) == "HEAD"


def test_trust_reaches_into_worktrees_and_not_across_a_repository(tmp_path: Path) -> None:
    main, tree, inner = tmp_path / "main", tmp_path / "tree", tmp_path / "main" / "inner"
    (main / ".git" / "worktrees" / "tree").mkdir(parents=True)
    (inner / ".git").mkdir(parents=True)
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {main / '.git' / 'worktrees' / 'tree'}\n")
    (tmp_path / ".claude.json").write_text(json.dumps({"projects": {str(main): {"hasTrustDialogAccepted": True}}}))

    def due(cwd: Path, **environ: str) -> list[str]:
        return [name for name, _ in Startup(tmp_path, parse([]), environ, str(cwd)).dialogs()]

    assert due(main) == due(tree) == []
    assert due(inner) == ["trust"]
    assert due(main, ANTHROPIC_API_KEY="sk-ant-" + "0" * 40) == ["key"]
    Startup(tmp_path, parse([]), {}, str(inner)).accepted("trust")
    assert due(inner) == []
    assert Startup(tmp_path / "none", parse([]), {}, str(inner)).dialogs() == []


def test_what_a_prompt_sets_off() -> None:
    data = {
        "plays": {"own": [{"say": "own"}], "issue": [{"say": "issue"}], "first": [{"say": "first"}]},
        "sessions": {"s": "own"},
        "issues": {"ENG-7": "issue"},
        "first": "first",
        "default": "hello",
    }

    def says(*prompts: str, session: str = "other") -> str:
        scenario = Scenario(data)
        return [str(scenario.steps(prompt, session_id=session)[0]["say"]) for prompt in prompts][-1]

    assert says("do it", session="s") == "own"
    assert says("do it", "again", session="s").startswith("I looked at")
    assert says("You are the worker of ENG-7.") == "issue"
    assert says("You are the worker of ENG-77.") == "first"
    assert says("do it", "demo:own") == "own"
    assert says("demo:nothing") == "I know no play named nothing."


def test_a_resumed_session_does_not_begin_anew() -> None:
    data = {"plays": {"own": [{"say": "own"}], "on": [{"say": "on"}]}, "sessions": {"s": "own"}}
    for resumed, said in (({"resumed": "on"}, "on"), ({}, "own")):
        scenario = Scenario({**data, **resumed})
        scenario.resume()
        assert scenario.steps("go on", session_id="s")[0]["say"] == said


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("", 5, [""]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("日本語", 4, ["日本", "語"]),
        ("  in", 10, ["  in"]),
    ],
)
def test_wrapping(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines


def test_cells() -> None:
    assert cell_width("a日\u0301") == 3
    assert clip("日本語", 5) == "日本"
    assert clip("abcdef", 4, ellipsis="…") == "abc…"


def test_markdown_loses_its_marks() -> None:
    rows = [plain(row) for row in markdown_rows("# Plan\nRead `a.py` and **think**.\n\n- one", 40)]
    assert rows == ["Plan", "", "Read a.py and think.", "", "- one"]


@pytest.mark.parametrize("kind", ["billing", "rate_limit", "limit", "server", "login", "invalid_request"])
def test_errors_are_records_of_the_agent(kind: str) -> None:
    record = api_error(kind).record("id")
    assert record["isApiErrorMessage"] is True
    assert record["message"]["model"] == "<synthetic>"


@pytest.mark.parametrize(
    ("tool", "tool_input", "refused", "allowed"),
    [
        ("Bash", {"command": "legion-tui"}, True, False),
        ("Bash", {"command": "legion-tui answer ENG-1"}, True, False),
        ("Bash", {"command": "cd . && legion-tui answer"}, True, False),
        ("Bash", {"command": "legion-tui issue list"}, False, True),
        ("Bash", {"command": "legion-tui issue list; rm x"}, False, False),
        ("Bash", {"command": "legion-tui answers"}, False, False),
        ("Read", {"file_path": "/spool/a/b"}, True, False),
        ("Read", {"file_path": "/spooled"}, False, False),
        ("Edit", {"file_path": "/spool/a"}, False, False),
    ],
)
def test_rules_of_the_settings(
    tmp_path: Path, tool: str, tool_input: dict[str, str], refused: bool, allowed: bool
) -> None:
    denied = ["Bash(legion-tui)", "Bash(legion-tui answer:*)", "Read(//spool/**)", "no rule", 5]
    rules = {"deny": denied, "allow": ["Bash(legion-tui issue:*)"]}
    (tmp_path / "settings.json").write_text(json.dumps({"permissions": rules}))
    files = [tmp_path / "settings.json", tmp_path / "missing.json"]
    assert bool(refusal(files, tool, tool_input)) is refused
    assert allows(files, tool, tool_input) is allowed
