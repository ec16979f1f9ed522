"""The stand-in in a real tmux: what it draws, what it writes, what its keys do."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from legion_tui.processes import process_facts, run_command
from legion_tui.tmux import OneShotTmux
from tests.support.standin import PACKAGE, STANDIN, StandIn, blocks, quick
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until, until_async

pytestmark = pytest.mark.live

ASKED = """\
❯ demo:ask now

● I need one decision before I go on.
────────────────────────────────────────────────────────────────────────────────
 ☐ Database

Which database should the service use?

❯ 1. SQLite
     One file, no server
  2. Postgres
     Needs a server
  3. DuckDB
     Columnar, in process
  4. Type something.
────────────────────────────────────────────────────────────────────────────────
  5. Chat about this

Enter to select · ↑/↓ to navigate · Esc to cancel"""


@pytest.fixture
def agent(private_tmux: OneShotTmux, tmp_path: Path) -> StandIn:
    return StandIn(private_tmux, tmp_path)


async def test_idle(agent: StandIn) -> None:
    await agent.start()
    record = await agent.says("idle")
    screen = await agent.shows("❯\u00a0", "auto mode on (shift+tab to cycle) · ← for agents")
    pane = await agent.pane()
    assert screen.split("\n")[1:4] == [
        " ▐▛███▛█   Claude Code v2.1.328",
        "▝▜██████▀  Opus 5.5 · API Usage Billing",
        f" ▝▝   ▝▝   {agent.cwd}"[:80],
    ]
    assert screen.split("\n")[20:23] == ["─" * 80, "❯\u00a0", "─" * 80]
    assert (pane.title, pane.alternate_on, pane.dead) == ("✳ Claude Code", True, False)
    assert (pane.cursor_x, pane.cursor_y) == (2, 21)
    assert list(record) == [
        *("pid", "sessionId", "cwd", "startedAt", "procStart", "version", "peerProtocol", "peerFeatures", "kind"),
        *("entrypoint", "asksForConvertedSkills", "tmux", "name", "nameSource", "nameSince", "status", "updatedAt"),
        "statusUpdatedAt",
    ]
    assert record["pid"] == pane.pid
    assert record["sessionId"] == agent.session_id
    assert record["cwd"] == str(agent.cwd)
    assert record["tmux"] == f"agents:{pane.window_id}.{pane.pane_id}"
    assert re.fullmatch(r"shop-[0-9a-f]{2}", record["name"])
    assert not agent.records()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the agent counts in ticks on Linux only")
async def test_the_start_of_the_process_is_in_ticks(agent: StandIn) -> None:
    await agent.start()
    record = await agent.says("idle")
    facts = process_facts(record["pid"])
    assert facts is not None
    seconds = int(record["procStart"]) / os.sysconf("SC_CLK_TCK")
    assert abs(psutil.boot_time() + seconds - facts.started_at) < 2


async def test_a_turn(agent: StandIn) -> None:
    await agent.start("demo:hello Look at the service.", "--name", "eng-7")
    records = await agent.finished()
    record = await agent.says("idle")
    screen = await agent.shows("❯ demo:hello Look at the service.", "● I looked at the service and its tests.", "✻ ")
    assert "  - The tests need a real database." in screen
    assert "─" * 72 + " eng-7 ─" in screen
    assert (record["name"], record["nameSource"]) == ("eng-7", "user")
    assert (await agent.pane()).title == "✳ eng-7"
    assert [r["type"] for r in records if r.get("uuid")] == ["user", "attachment", "assistant", "system"]
    prompt, _, said, ended = (r for r in records if r.get("uuid"))
    assert prompt["parentUuid"] is None
    assert prompt["message"] == {"role": "user", "content": "demo:hello Look at the service."}
    assert (prompt["permissionMode"], prompt["promptSource"]) == ("auto", "typed")
    assert said["message"]["stop_reason"] == "end_turn"
    assert said["message"]["usage"]["output_tokens"] > 0
    assert said["requestedModel"] == said["message"]["model"] == "claude-opus-5-5"
    assert ended["parentUuid"] == said["uuid"]
    assert [r["type"] for r in records[:4]] == ["custom-title", "agent-name", "mode", "permission-mode"]


async def test_a_question_is_drawn_as_the_agent_draws_it(agent: StandIn) -> None:
    await agent.start("demo:ask now")
    await agent.says("waiting", "input needed")
    screen = await agent.shows("Esc to cancel")
    asked = await agent.recorded("tool_use")
    assert screen.endswith(ASKED)
    assert asked[0]["message"]["content"][0]["name"] == "AskUserQuestion"
    said = next(r for r in agent.records() if blocks(r) and blocks(r)[0]["type"] == "text")
    assert said["message"]["id"] == asked[0]["message"]["id"]
    assert said["message"]["usage"] == asked[0]["message"]["usage"]
    assert (await agent.pane()).cursor_y == 13


async def test_a_digit_answers_and_the_agent_goes_on_with_it(agent: StandIn) -> None:
    await agent.start("demo:ask now")
    await agent.shows("Esc to cancel")
    await agent.key("2")
    screen = await agent.shows("● Postgres it is. I wrote the configuration.")
    records = await agent.finished()
    result = next(r for r in records if blocks(r) and blocks(r)[0]["type"] == "tool_result")
    assert "● Answered Claude's questions:\n  ⎿ \u00a0· Which database should the service use? → Postgres" in screen
    assert result["toolUseResult"]["answers"] == {"Which database should the service use?": "Postgres"}
    assert blocks(result)[0]["content"] == (
        'Your questions have been answered: "Which database should the service use?"="Postgres". '
        "You can now continue with these answers in mind."
    )


async def test_arrows_and_enter_answer(agent: StandIn) -> None:
    await agent.start("demo:ask now")
    await agent.shows("❯ 1. SQLite")
    await agent.key("Down")
    await agent.shows("❯ 2. Postgres")
    await agent.key("Down")
    await agent.shows("❯ 3. DuckDB")
    await agent.key("Enter")
    await agent.shows("DuckDB it is.")


async def test_pasted_words_answer(agent: StandIn) -> None:
    words = "MariaDB:\nthe operators know it — 数据库"
    await agent.start("demo:ask now")
    await agent.shows("❯ 1. SQLite")
    await agent.tmux.paste(agent.pane_id, words)
    screen = await agent.shows("❯ 4. MariaDB:", "     the operators know it — 数据库")
    assert "ctrl+g to edit in Vim · Esc to cancel" in screen
    await agent.key("Enter")
    await agent.finished()
    result = (await agent.recorded("tool_result"))[0]
    assert result["toolUseResult"]["answers"] == {"Which database should the service use?": words}
    assert blocks(result)[0]["content"].startswith("The user answered: ")


async def test_several_keys_in_one_read_are_text_and_nothing_happens(agent: StandIn, tmux_command: TmuxCommand) -> None:
    await agent.start("demo:ask now")
    await agent.shows("❯ 1. SQLite")
    tmux_command("send-keys", "-t", agent.pane_id, "-l", "23")
    await agent.key("Down")
    await agent.shows("❯ 2. Postgres")
    assert (agent.status() or {})["status"] == "waiting"


async def test_escape_declines(agent: StandIn) -> None:
    await agent.start("demo:ask now")
    await agent.shows("Esc to cancel")
    await agent.key("Escape")
    await agent.says("idle")
    screen = await agent.shows("● Declined to answer Claude's questions:")
    results = await agent.recorded("tool_result")
    interrupted = await until(lambda: [r for r in agent.records() if "[Request interrupted" in str(blocks(r))])
    assert "(SQLite / Postgres / DuckDB)" in screen
    assert blocks(results[0])[0]["is_error"] is True
    assert results[0]["toolDenialKind"] == "user-rejected"
    assert blocks(interrupted[0])[0]["text"] == "[Request interrupted by user for tool use]"
    assert not [r for r in agent.records() if r.get("subtype") == "turn_duration"]


async def test_tabs_and_review(agent: StandIn) -> None:
    await agent.start("demo:three-tabs now")
    await agent.shows("←  ☐ Database  ☐ Features  ☐ Cache  ✔ Submit  →", "❯ 1. SQLite")
    await agent.key("2")
    await agent.shows("←  ☒ Database  ☐ Features", "❯ 1. [ ] Dark mode", "     Submit")
    # A page that has just come up refuses keys: press until the box is ticked.
    await _press_until(agent, "3", "3. [✔] Search")
    await agent.key("Tab")
    await agent.shows("Which cache should sit in front of it?")
    await _press_until(agent, "1", "Review your answers")
    screen = await agent.shows("   → Postgres", "   → Search", "   → Redis", "❯ 1. Submit answers")
    assert "Esc to cancel" not in screen
    await _press_until(agent, "1", "● Answered Claude's questions:")
    result = (await agent.recorded("tool_result"))[0]
    assert list(result["toolUseResult"]["answers"].values()) == ["Postgres", "Search", "Redis"]


async def test_parallel_questions_come_one_after_the_other(agent: StandIn) -> None:
    await agent.start("demo:parallel now")
    await agent.shows("Which database should the service use?")
    assert len(await agent.recorded("tool_use", count=2)) == 2
    await agent.key("1")
    await agent.shows("Ship it now?")
    await _press_until(agent, "2", "● Both noted.")
    results = await agent.recorded("tool_result", count=2)
    assert [list(r["toolUseResult"]["answers"].values()) for r in results] == [["SQLite"], ["No"]]


async def test_a_permission_is_given(agent: StandIn) -> None:
    await agent.start("demo:permission now", "--permission-mode", "manual")
    await agent.says("waiting", "permission prompt")
    screen = await agent.shows(" Do you want to proceed?", " ❯ 1. Yes", "   4. No", "Tab to amend")
    assert " Bash command\n" in screen
    assert "   3. Yes, and switch to auto mode · auto mode handles these prompts for you" in screen
    await agent.key("1")
    await agent.shows("● The folder is there.")
    result = (await agent.recorded("tool_result"))[0]
    assert result["permissionDecision"]["decision"] == "accept"
    assert result["permissionMode" if "permissionMode" in result else "type"] == "user"


async def test_a_permission_is_refused_with_words(agent: StandIn) -> None:
    await agent.start("demo:permission now", "--permission-mode", "manual")
    await agent.shows(" ❯ 1. Yes")
    await agent.key("Up")
    await agent.shows(" ❯ 4. No")
    await agent.key("Tab")
    await agent.shows("❯ 4. No, and tell Claude what to do differently")
    await agent.tmux.paste(agent.pane_id, "use another name")
    await agent.shows("❯ 4. No, use another name")
    await agent.key("Enter")
    await agent.finished()
    result = (await agent.recorded("tool_result"))[0]
    assert blocks(result)[0]["content"].endswith("the user said:\nuse another name")
    assert result["userFeedback"] == "use another name"


async def test_a_plan_is_approved(agent: StandIn) -> None:
    await agent.start("demo:plan now", "--permission-mode", "plan")
    await agent.says("waiting", "permission prompt")
    await agent.shows("   Ready to code?", "   ❯ 1. Yes, and use auto mode", "     3. Tell Claude what to change")
    call = blocks((await agent.recorded("tool_use"))[0])[0]
    assert [path.read_text() for path in (agent.config / "plans").iterdir()] == [call["input"]["plan"]]
    assert call["input"]["planFilePath"].startswith(str(agent.config / "plans"))
    await agent.key("2")
    await agent.shows("● Approved Claude's plan", "● I start with the cache.", "⏸ manual mode on")


async def test_trust_is_asked_for_where_the_agent_asks(agent: StandIn) -> None:
    agent.config.mkdir()
    (agent.config / ".claude.json").write_text('{"hasCompletedOnboarding": true}')
    await agent.start("demo:hello now")
    await agent.shows("Accessing workspace:", " ❯ No, exit", "   Yes, I trust this folder")
    pane = await agent.pane()
    assert (pane.alternate_on, agent.status()) == (False, None)
    await agent.key("Down")
    await agent.shows(" ❯ Yes, I trust this folder")
    await agent.key("Enter")
    await agent.finished()


async def test_trust_refused_leaves(agent: StandIn) -> None:
    agent.config.mkdir()
    (agent.config / ".claude.json").write_text('{"hasCompletedOnboarding": true}')
    await agent.start("demo:hello now")
    await agent.shows(" ❯ No, exit")
    await agent.key("Enter")
    await agent.ended(1)
    assert "this folder isn't trusted" in await agent.screen()


async def test_a_typed_prompt_starts_a_turn_and_one_more_waits_for_it(agent: StandIn) -> None:
    agent.scenario = quick({"slow": [{"say": "Looking."}, {"gate": "go"}, {"say": "Done looking."}]})
    await agent.start()
    await agent.says("idle")
    await agent.tmux.paste(agent.pane_id, "demo:slow please")
    await agent.shows("❯\u00a0demo:slow please")
    await agent.key("Enter")
    await agent.says("busy")
    await agent.shows("● Looking.", "esc to interrupt")
    await agent.tmux.paste(agent.pane_id, "demo:hello too")
    await agent.key("Enter")
    await agent.shows("Queued · ctrl+x ctrl+s to send now", "❯\u00a0Press up to edit queued messages")
    agent.open_gate("go")
    records = await agent.finished(turns=2)
    prompts = [r["message"]["content"] for r in records if r["type"] == "user"]
    assert prompts == ["demo:slow please", "demo:hello too"]
    assert [r["operation"] for r in records if r["type"] == "queue-operation"] == ["enqueue", "dequeue"]


async def test_a_long_paste_is_folded_and_marked_as_pasted(agent: StandIn) -> None:
    text = "\n".join(f"line {n}" for n in range(8))
    await agent.start()
    await agent.says("idle")
    await agent.tmux.paste(agent.pane_id, text)
    await agent.shows("❯\u00a0[Pasted text #1 +7 lines]")
    await agent.key("Enter")
    prompt = next(r for r in await agent.finished() if r["type"] == "user")["message"]["content"]
    assert re.fullmatch(rf'\n\n<pasted_content id="[0-9a-f]+">\n{text}\n</pasted_content>\n', prompt)


async def test_escape_interrupts_work(agent: StandIn) -> None:
    await agent.start("demo:busy now")
    await agent.shows("● Looking at the code first.", "esc to interrupt")
    await agent.key("Escape")
    await agent.says("idle")
    await agent.shows("  ⎿ \u00a0Interrupted · What should Claude do instead?")
    said, interrupted = await agent.recorded("text", count=2)
    assert said["message"]["stop_reason"] is None
    assert blocks(interrupted)[0]["text"] == "[Request interrupted by user]"
    assert interrupted["interruptedMessageId"] == said["message"]["id"]


async def test_a_draft_holds_a_dialog_back(agent: StandIn) -> None:
    agent.scenario = quick({"later": [{"gate": "go"}, {"ask": {"questions": [_QUESTION]}}]})
    await agent.start("demo:later now")
    await agent.says("busy")
    await agent.tmux.paste(agent.pane_id, "my draft")
    await agent.shows("❯\u00a0my draft")
    agent.open_gate("go")
    await agent.says("waiting", "input needed")
    assert "Which way?" not in await agent.screen()
    await agent.shows("Which way?", "❯ 1. Left")
    await _press_until(agent, "2", "→ Right")
    await agent.shows("❯\u00a0my draft")


async def test_errors_end_a_turn_without_a_duration(agent: StandIn) -> None:
    await agent.start("demo:billing now")
    await agent.says("idle")
    await agent.shows("  ⎿ \u00a0Credit balance too low · Add funds:", "❯\u00a0Once fixed, resend your message")
    error = (await agent.recorded("text"))[0]
    assert (error["isApiErrorMessage"], error["error"], error["apiErrorStatus"]) == (True, "billing_error", 400)
    assert error["message"]["model"] == "<synthetic>"
    assert not [r for r in agent.records() if r.get("subtype") == "turn_duration"]


async def test_a_resize_keeps_what_was_chosen(agent: StandIn, tmux_command: TmuxCommand) -> None:
    await agent.start("demo:multi now")
    await agent.shows("❯ 1. [ ] Dark mode")
    await agent.key("3")
    await agent.shows("3. [✔] Search")
    tmux_command("resize-window", "-t", agent.pane_id, "-x", "60", "-y", "16")
    screen = await agent.shows("─" * 60, "3. [✔] Search", " ↑ 2 more lines")
    assert "─" * 61 not in screen
    assert screen.count("\n") == 15


async def test_exit_and_resume(agent: StandIn) -> None:
    await agent.start("demo:hello first")
    await agent.finished()
    await agent.key("/", "e", "x", "i", "t")
    await agent.shows("❯\u00a0/exit")
    await agent.key("Enter")
    await agent.ended(0)
    assert f"claude --resume {agent.session_id}" in await agent.screen()
    assert agent.status() is None
    assert agent.records()[-1]["type"] == "cost-state"
    await agent.start("demo:hello second", "--resume", agent.session_id)
    records = await agent.finished(turns=2)
    await agent.shows("❯ demo:hello first", "❯ demo:hello second")
    chain = [r for r in records if r.get("uuid")]
    assert [r["parentUuid"] for r in chain[1:]] == [r["uuid"] for r in chain[:-1]]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 0)])
async def test_signals_end_it_cleanly(tmp_path: Path, number: int, status: int) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, "CLAUDE_CONFIG_DIR": str(tmp_path), "PYTHONPATH": PACKAGE}
    process = subprocess.Popen(  # noqa: ASYNC220  nothing waits for it here
        [*STANDIN, "--", "demo:ask now"], stdin=theirs, stdout=theirs, cwd=tmp_path, env=env
    )
    try:
        (path,) = await until(lambda: [p for p in tmp_path.glob("sessions/*.json") if '"waiting"' in p.read_text()])
        process.send_signal(number)
        await until(lambda: process.poll() is not None)
        assert process.returncode == status
        assert not path.exists()
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)


async def test_a_kill_leaves_its_file_behind(agent: StandIn) -> None:
    await agent.start("demo:crash-asking now")
    await agent.says("waiting", "input needed")
    await agent.shows("❯ 1. SQLite")
    await agent.key("1")
    await agent.ended()
    assert agent.status() is not None


async def test_control_c_twice_leaves(agent: StandIn) -> None:
    await agent.start()
    await agent.says("idle")
    await agent.key("C-c")
    await agent.shows("  Press Ctrl-C again to exit")
    await agent.key("C-c")
    await agent.ended(0)
    assert agent.status() is None


async def test_clear_goes_on_in_another_session(agent: StandIn) -> None:
    await agent.start("demo:hello x")
    before = await agent.says("idle")
    await agent.finished()
    await agent.tmux.paste(agent.pane_id, "/clear")
    await agent.shows("❯\u00a0/clear")
    await agent.key("Enter")
    after = await until(lambda: (r := agent.status()) and r["sessionId"] != agent.session_id and r)
    assert after
    assert after["pid"] == before["pid"]
    assert "● I looked" not in await agent.screen()


async def test_a_command_of_a_scenario_is_a_real_process(agent: StandIn) -> None:
    code = "import os; print(os.getcwd(), os.environ['CLAUDECODE'])"
    agent.scenario = quick({"run": [{"run": ["{python}", "-c", code]}, {"say": "It ran."}]})
    await agent.start("demo:run now")
    await agent.shows("● It ran.")
    result = (await agent.recorded("tool_result"))[0]
    assert result["toolUseResult"]["stdout"] == f"{agent.cwd} 1"


async def test_it_ends_when_its_guard_is_gone(agent: StandIn, tmp_path: Path) -> None:
    pipe = tmp_path / "guard"
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    agent.environ = {"LEGION_DEMO_GUARD": str(pipe)}
    try:
        await agent.start("demo:ask now")
        await agent.says("waiting", "input needed")
    finally:
        os.close(holder)
    await agent.ended()
    assert agent.status() is None


async def test_it_does_not_start_without_its_guard(agent: StandIn, tmp_path: Path) -> None:
    pipe = tmp_path / "guard"
    os.mkfifo(pipe)
    agent.environ = {"LEGION_DEMO_GUARD": str(pipe)}
    await agent.start("demo:hello now")
    await agent.ended()
    assert not agent.records()


async def test_a_used_session_id_is_refused(agent: StandIn) -> None:
    await agent.start("demo:hello now")
    await agent.finished()
    for options, message in (
        (("--session-id", agent.session_id), f"Error: Session ID {agent.session_id} is already in use."),
        (("--resume", unknown := str(uuid4())), f"No conversation found with session ID: {unknown}"),
        (("--nonsense",), "error: unknown option '--nonsense'"),
    ):
        env = {**os.environ, "CLAUDE_CONFIG_DIR": str(agent.config), "PYTHONPATH": PACKAGE}
        done = await run_command([*STANDIN, *options], env=env)
        assert (done.returncode, done.stderr) == (1, f"{message}\n")


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys, legion_tui.demo.standin.main as m; m.main(['--version']);"
        "import legion_tui.demo.standin.question_view, legion_tui.demo.standin.plays, legion_tui.demo.standin.command;"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'anyio', 'psutil', 'textual', 'rich', 'msgspec', 'yaml'}))"
    )
    env = {**os.environ, "PYTHONPATH": PACKAGE}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "2.1.328 (Claude Code)\n[]\n"


_QUESTION = {
    "question": "Which way?",
    "header": "Way",
    "multiSelect": False,
    "options": [{"label": "Left", "description": "West"}, {"label": "Right", "description": "East"}],
}


async def _press_until(agent: StandIn, key: str, text: str) -> None:
    """Press a key until the screen shows the text; a dialog that has just come up refuses keys for a while."""

    async def look() -> bool:
        return text in await agent.screen()

    for _ in range(10):
        await agent.key(key)
        try:
            await until_async(look, within_seconds=1.0)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{key} never led to {text!r}:\n{await agent.screen()}")
