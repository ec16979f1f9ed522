"""Every parser over everything that the real agent was recorded to show and write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.agents.claude_code.fold import read_lines
from legion_tui.agents.claude_code.given import given_answers
from legion_tui.agents.claude_code.questions import ASK, permission_key, plan_key, question_of
from legion_tui.agents.claude_code.rows import DialogKind
from legion_tui.agents.claude_code.screen import read_screen
from legion_tui.agents.claude_code.sgr import plain_lines
from legion_tui.agents.claude_code.status_file import parse_status
from legion_tui.agents.claude_code.transcript import ToolUse, TurnState
from legion_tui.state.text import letters
from tests.support.corpus import Shown, meaning_of, shown, statuses, transcripts

ALL = [pytest.param(one, id=one.name) for one in shown()]
DIALOGS = [pytest.param(one, id=one.name) for one in shown() if one.kind]
RECORDS = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in transcripts()]
# What may be on the screen while the agent says that it waits: the dialog, or what somebody put in front of it.
ASKED = {
    "input needed": {"question", "review"},
    "permission prompt": {"permission", "plan"},
    "dialog open": {"menu"},
}


@pytest.mark.parametrize("one", ALL)
def test_a_screen_means_what_was_recorded(one: Shown) -> None:
    assert meaning_of(read_screen(one.lines)) == one.meaning
    # Without colours the dialog is the same.
    assert read_screen(plain_lines(one.lines)).dialog == read_screen(one.lines).dialog


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in shown() if one.status])
def test_a_dialog_is_seen_exactly_where_the_agent_itself_says_that_it_waits(one: Shown) -> None:
    seen = read_screen(one.lines)
    if one.status != "waiting":
        assert seen.dialog is None
    elif seen.dialog is None:
        # Behind the transcript view or a draft; of one that was killed or stopped the file stays as it was.
        assert seen.transcript_view or seen.draft or seen.held_back or seen.dead or seen.suspended
    else:
        in_front = seen.dialog.kind is DialogKind.MENU
        assert in_front or seen.dialog.kind in ASKED[one.waiting_for]


@pytest.mark.parametrize("one", DIALOGS)
def test_the_rows_of_a_dialog_stand_on_the_screen_under_their_pointer(one: Shown) -> None:
    dialog = read_screen(one.lines).dialog
    assert dialog is not None
    rows = plain_lines(one.lines)
    text = letters("".join(rows))
    for row in dialog.rows:
        # Beside a preview other columns stand between the lines of a label.
        assert letters(row.text)[:8] in text
        if row.number is not None and row.pointed:
            assert any(line.strip().startswith(f"❯ {row.number}. ") for line in rows)
    numbers = [row.number for row in dialog.rows if row.number is not None]
    assert numbers == sorted(set(numbers))


def _asked_in(folder: Path) -> list[list[str]]:
    """The labels of every question that the agent was told to ask in that scenario, from its own transcript."""
    found: list[list[str]] = []
    scenario = folder.name.rsplit("-", 2)[0]
    for path in transcripts():
        if path.parent.name.rsplit("-", 2)[0] != scenario:
            continue
        for line in path.read_bytes().splitlines():
            content = (json.loads(line).get("message") or {}).get("content")
            for block in content if isinstance(content, list) else []:
                if block.get("type") == "tool_use" and block["name"] == ASK and "questions" in block["input"]:
                    found += [[o["label"] for o in q["options"]] for q in block["input"]["questions"]]
    return found


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in shown() if one.kind == "question"])
def test_the_rows_of_a_question_are_the_options_that_were_asked(one: Shown) -> None:
    asked = _asked_in(one.path.parent)
    if not asked:
        pytest.skip("no transcript was kept of this one")
    dialog = read_screen(one.lines).dialog
    assert dialog is not None
    numbered = {row.number: letters(row.text) for row in dialog.rows if row.number is not None}

    def fits(labels: list[str]) -> bool:
        shown_rows = [(numbered[n], letters(label)) for n, label in enumerate(labels, start=1) if n in numbered]
        return bool(shown_rows) and all(text[: len(label[:4])] == label[:4] for text, label in shown_rows)

    assert any(fits(labels) for labels in asked)


@pytest.mark.parametrize("one", DIALOGS)
def test_every_row_of_a_fixed_menu_is_known(one: Shown) -> None:
    dialog = read_screen(one.lines).dialog
    assert dialog is not None
    if dialog.kind is DialogKind.PERMISSION:
        unknown = [row.text for row in dialog.rows if permission_key(row.text) is None]
        # Only the words that somebody adds.
        assert len(unknown) <= 1
    elif dialog.kind is DialogKind.PLAN:
        assert all(plan_key(row.text) is not None for row in dialog.rows[:-1])


@pytest.mark.parametrize("path", RECORDS)
def test_a_transcript_is_read_whole_and_its_calls_have_their_answers(path: Path) -> None:
    lines = path.read_bytes().splitlines()
    of_sub_agent = path.stem.startswith("agent")
    state = read_lines(lines, of_sub_agent=of_sub_agent)
    records = [json.loads(line) for line in lines]
    blocks = [
        block
        for record in records
        if bool(record.get("isSidechain")) is of_sub_agent and record["type"] in ("user", "assistant")
        for content in [record["message"]["content"]]
        for block in (content if isinstance(content, list) else [])
    ]
    results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    assert set(state.results) == results
    if blocks and not of_sub_agent:
        assert state.turn is not TurnState.NONE
    for block in blocks:
        if block["type"] == "tool_use" and block["id"] in results:
            raw = json.dumps(block["input"]).encode()
            use = ToolUse(id=block["id"], name=block["name"], message_id="m", input=raw)
            question = question_of(use, None, session_id="s")
            assert given_answers(question, state) is not None


@pytest.mark.parametrize("data", statuses())
def test_a_status_file_tells_what_is_in_it(data: bytes) -> None:
    status = parse_status(data)
    raw = json.loads(data)
    assert status is not None
    assert (status.pid, status.session_id, status.cwd) == (raw["pid"], raw["sessionId"], raw["cwd"])
    assert (status.status, status.waiting_for) == (raw.get("status", ""), raw.get("waitingFor", ""))
    assert (status.status_at is None) is ("statusUpdatedAt" not in raw)


def test_the_corpus_has_both_renderers_and_every_kind_of_dialog() -> None:
    kinds = {(one.kind, "classic" in one.path.parent.name) for one in shown()}
    for kind in ("question", "review", "permission", "plan", "menu", ""):
        for classic in (False, True):
            assert (kind, classic) in kinds, f"no {kind or 'screen without a dialog'} {classic=}"
    # Before there is a session, both are drawn alike.
    assert {"trust", "api_key", "bypass", "onboarding"} <= {kind for kind, _ in kinds}
