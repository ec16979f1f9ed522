"""The whole trip by the commands: read, answer, dispatch, advance, label, on stand-in agents in a real tmux."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.streams.text import TextReceiveStream

from legion_tui.demo.swarm import Demo
from legion_tui.processes import run_command
from legion_tui.state import Attention
from tests.support.commands import Commands, trusted_swarm
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]


@pytest.fixture
async def trip() -> AsyncIterator[tuple[Demo, Commands]]:
    async with trusted_swarm(os.environ) as parts:
        yield parts


async def test_a_question_is_answered_and_the_agent_goes_on_with_it(trip: tuple[Demo, Commands]) -> None:
    demo, commands = trip
    file = demo.project / "legion.toml"
    file.write_text(file.read_text().replace("[tracker]\n", "[tracker]\ncomments = true\n"))
    assert (await commands.run("trust", "--yes")).returncode == 0

    async def asked() -> object:
        listed = await commands.json("questions", "--json")
        return next((entry for entry in listed if entry["issue"] == "ENG-27"), None)

    await until_async(asked, within_seconds=20)
    document = await commands.json("state")
    groups = {issue["attention"] for issue in document["issues"].values()}
    assert groups == set(Attention)
    before = document["issues"]["ENG-27"]
    assert before["attention"] == "needs_you"
    assert before["is_blocked"]
    assert before["worker"]["state"] == "question"
    wrong = await commands.json("answer", "ENG-27", "--choose", "7", "--json", expect=3)
    assert (wrong["outcome"], wrong["via"]) == ("refused", None)
    other = await commands.json("answer", "ENG-27", "--choose", "1", "--id", "toolu_other", "--json", expect=3)
    assert other["outcome"] == "refused"
    few = await commands.run("answer", "ENG-27", "--choose", "1", "--choose", "1")
    assert few.returncode == 2
    receipt = await commands.json("answer", "ENG-27", "--choose", "2", "--json")
    assert receipt["outcome"] == "confirmed"
    assert receipt["via"] == "keys"
    assert [given["labels"] for given in receipt["answers"]] == [["The customer"]]

    async def goes_on() -> bool:
        worker = (await commands.issue("ENG-27"))["worker"]
        return bool(worker["state"] in ("busy", "idle"))

    assert await until_async(goes_on, within_seconds=20)
    again = await commands.json("answer", "ENG-27", "--choose", "2", "--json", expect=3)
    assert again["outcome"] == "refused"
    log = await commands.run("log", "ENG-27")
    assert "answer confirmed" in log.stdout
    assert "comment done" in log.stdout
    shown = (await commands.run("issue", "show", "ENG-27")).stdout
    assert shown.count("- The customer") == 1
    unknown = await commands.run("answer", "ENG-99", "--choose", "1")
    assert unknown.returncode == 1
    assert "no such issue" in unknown.stderr


async def test_feedback_on_the_tracker_answers_an_open_question(trip: tuple[Demo, Commands]) -> None:
    _, commands = trip

    async def asked() -> object:
        listed = await commands.json("questions", "--json")
        return next((entry for entry in listed if entry["issue"] == "ENG-27"), None)

    await until_async(asked, within_seconds=20)
    assert (
        await commands.run("issue", "label", "ENG-27", "+user-input-needed", "+user-feedback-given")
    ).returncode == 0
    words = "Answered on the tracker: read the comments of ENG-27"
    shown = await commands.json("advance", "ENG-27", "--dry-run", "--json")
    assert shown["action"] == "relay_user_feedback"
    assert shown["steps"] == [f"answer its question: {words}", "label ENG-27 -user-feedback-given -user-input-needed"]
    assert await asked()
    done = await commands.json("advance", "ENG-27", "--json")
    assert (done["outcome"], done["steps"]) == ("done", shown["steps"])
    assert not {"user-input-needed", "user-feedback-given"} & set((await commands.issue("ENG-27"))["labels"])
    assert await asked() is None
    log = (await commands.run("log", "ENG-27")).stdout
    assert words in log


async def test_a_worker_is_dispatched_labels_its_issue_and_the_issue_is_advanced(trip: tuple[Demo, Commands]) -> None:
    demo, commands = trip
    dry = await commands.json("dispatch", "ENG-52", "--dry-run", "--json")
    assert dry["outcome"] == "dry_run"
    started = await commands.json("dispatch", "ENG-52", "--json")
    assert started["outcome"] == "started"
    assert started["argv"] == dry["argv"]
    assert "--session-id" in started["argv"]
    assert started["argv"][-2] == "--"
    refused = await commands.run("dispatch", "ENG-52", "--mode", "implement")
    assert refused.returncode == 3
    assert "live" in refused.stderr
    issue = await commands.issue("ENG-52")
    assert "worker-active" in issue["labels"]
    assert issue["worker"]["session_id"] == started["session_id"]
    assert issue["worker"]["pane"] == started["pane"]
    # The worker itself, from within its worktree, reaches the board's own tracker.
    labelled = await commands.run("issue", "label", "eng-52", "+from-the-worktree", cwd=Path(started["cwd"]))
    assert labelled.returncode == 0, labelled.stderr
    assert "from-the-worktree" in (await commands.issue("ENG-52"))["labels"]
    assert Path(started["cwd"]) != demo.project


async def test_without_a_project_the_machines_agents_are_shown_and_answered(
    trip: tuple[Demo, Commands], tmp_path: Path
) -> None:
    _, commands = trip
    alone = Commands(commands.environ, tmp_path, commands.socket)

    async def asking() -> object:
        document = await alone.json("state")
        assert document["issues"] == {}
        assert document["project"] is None
        return next((key for key, one in document["sessions"].items() if one["cwd"].endswith("docs-site")), None)

    session = await until_async(asking, within_seconds=20)
    receipt = await alone.json("answer", str(session), "--choose", "1", "--json")
    assert receipt["outcome"] == "confirmed"
    assert receipt["issue"] is None
    needless = await alone.run("dispatch", "ENG-52")
    assert needless.returncode == 1
    assert "legion-tui init" in needless.stderr


async def test_forty_issues_three_of_them_broken_and_an_unreadable_transcript(trip: tuple[Demo, Commands]) -> None:
    demo, commands = trip
    folder = demo.project / ".legion" / "issues"
    for number in range(100, 137):
        (folder / f"ENG-{number}.md").write_text(f"---\ntitle: Issue {number}\nstatus: Backlog\n---\n")
    (folder / "ENG-201.md").write_text("---\ntitle: [\n---\n")
    (folder / "ENG-202.md").write_bytes(b"---\ntitle: \xff\xfe\n---\n")
    (folder / "ENG-203.md").write_text("no front matter at all\n")
    worker = (await commands.issue("ENG-31"))["worker"]
    (transcript,) = demo.claude_config.glob(f"projects/*/{worker['session_id']}.jsonl")
    transcript.unlink()
    transcript.mkdir()
    ran = await commands.run("state")
    assert ran.returncode == 0
    document = json.loads(ran.stdout)
    assert {f"ENG-{number}" for number in range(100, 137)} <= set(document["issues"])
    for name in ("ENG-201.md", "ENG-202.md", "ENG-203.md"):
        assert name in ran.stderr
        assert name in document["sources"]["tracker"]["error"]
    # The file that cannot be read costs that one its transcript, and nothing else.
    assert document["issues"]["ENG-31"]["worker"]["state"] in ("busy", "unknown")
    assert document["issues"]["ENG-21"]["worker"]["state"] == "question"
    plain = await commands.run("--plain")
    assert plain.returncode == 0
    assert "ENG-202.md" in plain.stdout


async def test_a_server_that_dies_is_said_and_comes_back(trip: tuple[Demo, Commands]) -> None:
    demo, commands = trip
    await run_command(["tmux", "-S", demo.socket, "kill-server"])

    async def all_gone() -> bool:
        document = await commands.json("state")
        assert document["sources"]["tmux"]["ok"]  # no server is an empty list, not an error
        return not any(issue["has_live_worker"] for issue in document["issues"].values())

    assert await until_async(all_gone, within_seconds=20)
    resumed = await commands.json("dispatch", "ENG-31", "--mode", "implement", "--json")
    assert resumed["outcome"] == "resumed"
    assert "--resume" in resumed["argv"]


async def test_watch_prints_a_line_now_and_one_for_a_change(trip: tuple[Demo, Commands]) -> None:
    demo, commands = trip
    argv = [sys.executable, "-m", "legion_tui", "--socket", demo.socket, "state", "--watch"]
    async with await anyio.open_process(argv, env=dict(demo.environ), cwd=demo.project, stdin=None) as process:
        assert process.stdout is not None
        lines = TextReceiveStream(process.stdout)
        text = ""

        async def line_with(word: str) -> dict[str, Any]:
            nonlocal text
            while True:
                line, end, rest = text.partition("\n")
                if end:
                    text = rest
                    if word in line:
                        document: dict[str, Any] = json.loads(line)
                        return document
                else:
                    text += await lines.receive()

        with anyio.fail_after(30):
            first = await line_with("ENG-53")
            assert first["issues"]["ENG-53"]["labels"] == []
            await commands.run("issue", "label", "ENG-53", "+seen-by-watch")
            assert (await line_with("seen-by-watch"))["issues"]["ENG-53"]["labels"] == ["seen-by-watch"]
        process.terminate()
