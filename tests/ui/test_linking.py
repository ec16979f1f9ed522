"""Linking a session of the machine to an issue by key, and taking that back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legion_tui.state import IssueReceipt, Outcome, Snapshot
from tests.support.apps import Stage, on_stage
from tests.support.snapshots import sample_snapshot, with_issue


def with_session(**changes: str) -> Snapshot:
    """The sample with its first session changed."""
    snapshot = sample_snapshot()
    first, *others = snapshot.sessions
    return replace(snapshot, sessions=(replace(first, **changes), *others))  # type: ignore[arg-type]


def session_id() -> str:
    return sample_snapshot().sessions[0].session_id


async def go(stage: Stage) -> None:
    """Select the first session."""
    row = next(row for row in stage.board.rows if row.target == session_id())
    assert stage.board.ways.go_to(row.key)
    await stage.settle()
    assert stage.board.selected == row.key


def offered(stage: Stage) -> str:
    """The line that Enter would take."""
    return next(line for line in stage.lines() if "❯ ENG-" in line)


@pytest.mark.parametrize(
    ("changes", "best"),
    [
        ({"branch": "ann/eng-52-retry"}, "ENG-52"),
        ({"cwd": "/home/ann/worktrees/ENG-44"}, "ENG-44"),
        ({"branch": "ENG-52", "cwd": "/home/ann/worktrees/ENG-44"}, "ENG-52"),
        # Not a part of another word.
        ({"branch": "eng-520"}, ""),
        ({"branch": "weng-52"}, ""),
    ],
    ids=["branch", "folder", "branch first", "longer number", "longer key"],
)
async def test_the_likeliest_issue_is_offered_first(changes: dict[str, str], best: str) -> None:
    async with on_stage(with_session(**changes)) as stage:
        await go(stage)
        best = best or next(row.target for row in stage.board.rows if row.issue is not None)
        await stage.press("L")
        assert "link dotfiles to" in stage.text()
        assert f"❯ {best} " in offered(stage)
        await stage.press("enter")
        assert stage.commands.named("link") == [(session_id(), best)]
        assert stage.toasts[-1] == f"dotfiles: linked to {best}, as its implement worker; L there takes it back"


async def test_another_is_found_by_typing_and_none_is_linked_without_a_choice() -> None:
    async with on_stage(with_session(branch="eng-52")) as stage:
        await go(stage)
        await stage.press("L", *"44", "enter")
        assert stage.commands.named("link") == [(session_id(), "ENG-44")]
        await stage.press("L", "escape")
        assert len(stage.commands.named("link")) == 1


async def test_no_session_is_offered_as_an_issue() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go(stage)
        await stage.press("L", *"infra")
        assert "Nothing is called so." in stage.text()


async def test_what_is_refused_is_told() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await go(stage)
        why = "the session is not linked: it has ended"
        stage.commands.receipts["link"] = IssueReceipt(issue="ENG-52", outcome=Outcome.REFUSED, reason=why)
        await stage.press("L", *"52", "enter")
        assert stage.toasts[-1] == f"dotfiles: not linked: {why}"


async def test_on_the_issue_it_is_unlinked_after_a_yes() -> None:
    snapshot = sample_snapshot()
    state = snapshot.issue("ENG-52")
    assert state is not None
    linked = replace(snapshot.sessions[0], issue="ENG-52", linked=True)
    async with on_stage(with_issue(snapshot, replace(state, worker=linked))) as stage:
        stage.board.select("issue:ENG-52")
        await stage.press("L")
        assert "ENG-52: unlink its worker" in stage.text()
        await stage.press("n")
        assert stage.commands.named("unlink") == []
        await stage.press("L", "y")
        assert stage.commands.named("unlink") == [(session_id(), "ENG-52")]
        assert stage.toasts[-1] == "dotfiles: belongs to ENG-52 no more"


async def test_the_key_says_why_it_cannot_act() -> None:
    async with on_stage(sample_snapshot()) as stage:
        stage.board.select("issue:ENG-52")
        await stage.press("L")
        assert stage.toasts[-1] == "no session is linked to ENG-52"
        await go(stage)
        await stage.show(replace(sample_snapshot(), issues=()))
        await stage.press("L")
        assert stage.toasts[-1] == "there is no issue to link it to"
        await stage.show(replace(sample_snapshot(), project=None, issues=()))
        await stage.press("L")
        assert stage.toasts[-1].startswith("there is no project here")
        assert stage.commands.calls == []
