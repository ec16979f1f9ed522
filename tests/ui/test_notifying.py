"""What the board does with news: gathered, toasted, rung, and handed to whatever tells people elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, time

import pytest

from legion_tui.errors import LegionError
from legion_tui.present.notify import Wishes
from legion_tui.state import Attention, Snapshot, WorkerState
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, on_stage
from tests.support.snapshots import NOW, question, sample_snapshot, with_issue


@dataclass
class Post:
    """Keeps what it is to send, and fails where it is to."""

    shown: frozenset[str] = frozenset()
    sent: list[tuple[str, str]] = field(default_factory=list)
    broken: str = ""

    async def shown_panes(self) -> frozenset[str]:
        return self.shown

    async def send(self, title: str, text: str) -> None:
        if self.broken:
            raise LegionError("a notification was not shown", self.broken)
        self.sent.append((title, text))


def asking(snapshot: Snapshot, *issues: str) -> Snapshot:
    for issue_id in issues:
        state = snapshot.issue(issue_id)
        assert state is not None
        assert state.worker is not None
        asks = replace(question(NOW, f"[b]Which for {issue_id}?", "A", "B"), id=f"toolu_{issue_id}")
        worker = replace(state.worker, state=WorkerState.QUESTION, question=asks, pane="%7")
        snapshot = with_issue(snapshot, replace(state, worker=worker, attention=Attention.NEEDS_YOU))
    return snapshot


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rung: list[str] = []
    monkeypatch.setattr("legion_tui.ui.app.LegionApp.bell", lambda self: rung.append("bell"))
    return rung


async def gathered(stage: Stage) -> None:
    """Let the moment pass in which news gather."""
    stage.app.notifying.flush()
    await stage.settle()


async def test_a_question_is_toasted_rung_and_sent(bells: list[str]) -> None:
    post = Post()
    async with on_stage(sample_snapshot(), notifier=post) as stage:
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        assert post.sent == []
        await gathered(stage)
        assert post.sent == [("ENG-29 asks", "[b]Which for ENG-29?")]
        assert stage.toasts == ["ENG-29 asks\n[b]Which for ENG-29?"]
        assert bells == ["bell"]


async def test_what_comes_within_a_moment_is_one_message(bells: list[str]) -> None:
    post = Post()
    async with on_stage(sample_snapshot(), notifier=post) as stage:
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        await stage.show(asking(sample_snapshot(), "ENG-29", "ENG-31"))
        await gathered(stage)
        assert post.sent == [("2 ask", "ENG-29 asks: [b]Which for ENG-29?\nENG-31 asks: [b]Which for ENG-31?")]
        assert bells == ["bell"]
        await gathered(stage)
        assert len(post.sent) == 1


async def test_it_is_told_by_itself_after_the_moment(bells: list[str]) -> None:
    post = Post()
    async with on_stage(sample_snapshot(), notifier=post) as stage:
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        for _ in range(100):
            if post.sent:
                break
            await stage.pilot.pause(0.05)
        assert post.sent == [("ENG-29 asks", "[b]Which for ENG-29?")]


async def test_nothing_is_told_of_what_somebody_looks_at(bells: list[str]) -> None:
    post = Post(shown=frozenset({"%7"}))
    async with on_stage(sample_snapshot(), notifier=post) as stage:
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        await gathered(stage)
        assert (post.sent, stage.toasts, bells) == ([], [], [])


async def test_each_way_can_be_switched_off(bells: list[str]) -> None:
    post = Post()
    async with on_stage(sample_snapshot(), notifier=post, preferences=Preferences(toast=False, bell=False)) as stage:
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        await gathered(stage)
        assert len(post.sent) == 1
        assert (stage.toasts, bells) == ([], [])


async def test_in_quiet_hours_only_the_board_tells(bells: list[str]) -> None:
    quiet = Preferences(zone=UTC, wishes=Wishes(quiet=(time(15), time(16))))
    post = Post()
    async with on_stage(sample_snapshot(), notifier=post, preferences=quiet) as stage:
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        await gathered(stage)
        assert (post.sent, bells) == ([], [])
        assert len(stage.toasts) == 1


async def test_a_way_that_fails_is_told_once_until_it_works_again(bells: list[str]) -> None:
    post = Post(broken="notify-send: [b]no such program")
    async with on_stage(sample_snapshot(), notifier=post, preferences=Preferences(toast=False)) as stage:
        for issue in ("ENG-29", "ENG-31"):
            await stage.show(asking(stage.app.snapshot, issue))
            await gathered(stage)
        assert stage.toasts == ["a notification was not shown: notify-send: [b]no such program"]
        post.broken = ""
        await stage.show(asking(stage.app.snapshot, "ENG-48"))
        await gathered(stage)
        assert [title for title, _ in post.sent] == ["ENG-48 asks"]


async def test_while_a_dialog_is_open_it_is_told_too(bells: list[str]) -> None:
    post = Post()
    async with on_stage(sample_snapshot(), notifier=post) as stage:
        await stage.press("i")
        await stage.show(asking(sample_snapshot(), "ENG-29"))
        await gathered(stage)
        assert len(post.sent) == 1
        assert "ENG-29 asks" in stage.text()
