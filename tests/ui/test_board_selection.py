"""What is selected is an id: it stays through refreshes, sorting, removals, resizing and the mouse."""

from __future__ import annotations

from dataclasses import replace

import anyio

from legion_tui.state import Attention, Snapshot, WorkerState
from legion_tui.ui.widgets.settling import SETTLE_SECONDS
from tests.support.apps import Stage, on_stage
from tests.support.snapshots import NOW, ago, large_snapshot, sample_snapshot, with_issue, without_issue


def moved(snapshot: Snapshot, issue_id: str, attention: Attention) -> Snapshot:
    """The snapshot with an issue in another group, in reading order."""
    issues = [replace(i, attention=attention) if i.id == issue_id else i for i in snapshot.issues]
    order = list(Attention)
    return replace(snapshot, issues=tuple(sorted(issues, key=lambda i: order.index(i.attention))))


def with_news(snapshot: Snapshot) -> Snapshot:
    """The snapshot with one more issue, which needs a person."""
    first = sample_snapshot().issues[0]
    return replace(snapshot, issues=(replace(first, issue=replace(first.issue, id="OPS-1")), *snapshot.issues))


def selected_line(stage: Stage) -> str:
    """The first line that carries the mark of the selection."""
    return next(line for line in stage.lines() if line.startswith("▐"))


async def test_a_refresh_paints_new_content_and_selects_nothing_else() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        await stage.press("j")
        issue = snapshot.issues[1]
        renamed = replace(issue, issue=replace(issue.issue, title="Another title"))
        await stage.show(with_issue(snapshot, renamed))
        assert stage.board.selected == "issue:ENG-21"
        assert "Another title" in selected_line(stage)


async def test_rows_keep_their_places_while_somebody_is_at_the_keys() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        await stage.press("j")
        before = stage.line_of("ENG-29")
        busy = next(issue for issue in snapshot.issues if issue.id == "ENG-29")
        assert busy.worker is not None
        idle = replace(busy, worker=replace(busy.worker, state=WorkerState.IDLE))
        await stage.show(moved(with_issue(snapshot, idle), "ENG-29", Attention.NEEDS_YOU))
        assert stage.line_of("ENG-29") == before
        assert "~ idle" in stage.lines()[before], "what is known now is shown at once"
        stage.seconds += SETTLE_SECONDS
        await stage.show(replace(stage.app.snapshot, sequence=9))
        assert stage.line_of("ENG-29") < before
        assert stage.board.selected == "issue:ENG-21"


async def test_it_sorts_by_itself_once_the_keys_are_left_alone() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        await stage.press("j")
        before = stage.line_of("ENG-29")
        await stage.show(moved(snapshot, "ENG-29", Attention.NEEDS_YOU))
        stage.seconds += SETTLE_SECONDS
        with anyio.fail_after(10):
            while stage.line_of("ENG-29") == before:
                await stage.pilot.pause(0.05)


async def test_the_selection_goes_with_its_row_into_another_group() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        stage.board.select("issue:ENG-52")
        await stage.show(moved(snapshot, "ENG-52", Attention.WORKING))
        assert stage.board.selected == "issue:ENG-52"
        assert stage.line_of("ENG-52") > stage.line_of("WORKING")
        assert "ENG-52" in selected_line(stage)


async def test_a_row_that_is_gone_leaves_the_selection_to_its_neighbour() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        stage.board.select("issue:ENG-21")
        snapshot = without_issue(snapshot, "ENG-21")
        await stage.show(snapshot)
        assert stage.board.selected == "issue:ENG-40"
        await stage.press("G")
        stage.seconds += SETTLE_SECONDS
        await stage.show(replace(snapshot, sessions=()))
        assert stage.board.selected == "group:quiet"


async def test_what_stands_at_the_top_stays_there_when_rows_come_above_it() -> None:
    snapshot = large_snapshot(60)
    async with on_stage(snapshot, size=(100, 20)) as stage:
        await stage.press(*["pagedown"] * 2)
        first = stage.lines()[1]
        assert "ENG-" in first
        stage.seconds += SETTLE_SECONDS
        await stage.show(with_news(snapshot))
        assert stage.lines()[1].split()[:2] == first.split()[:2]
        await stage.press("g")
        assert "NEEDS YOU 1" in stage.text(), "going to the top shows what came"


async def test_at_the_top_what_is_new_comes_into_sight() -> None:
    snapshot = large_snapshot(60)
    async with on_stage(snapshot, size=(100, 20)) as stage:
        await stage.show(with_news(snapshot))
        assert "NEEDS YOU 1" in stage.lines()[1]


async def test_another_size_selects_nothing_else_and_keeps_it_in_sight() -> None:
    async with on_stage(large_snapshot(60), size=(100, 30)) as stage:
        await stage.press(*["pagedown"] * 3)
        selected = stage.board.selected
        for size in ((60, 12), (140, 40), (40, 8)):
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            assert stage.board.selected == selected
            assert selected.removeprefix("issue:") in selected_line(stage)


async def test_a_click_selects_and_a_click_on_a_header_folds() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.pilot.click(offset=(4, stage.line_of("ENG-52")))
        await stage.settle()
        assert stage.board.selected == "issue:ENG-52"
        assert stage.commands.calls == []
        await stage.pilot.click(offset=(4, stage.line_of("READY")))
        await stage.settle()
        assert "ENG-52" not in stage.text()
        await stage.pilot.click(offset=(4, stage.line_of("READY")))
        await stage.settle()
        assert "ENG-52" in stage.text()


async def test_folded_groups_share_a_line_and_each_is_clicked_for_itself() -> None:
    async with on_stage(sample_snapshot()) as stage:
        y = stage.line_of("BACKLOG")
        await stage.pilot.click(offset=(stage.lines()[y].index("QUIET") + 1, y))
        await stage.settle()
        assert "ENG-9" in stage.text()
        assert "ENG-60" not in stage.text()


async def test_a_click_on_the_next_step_does_it() -> None:
    async with on_stage(sample_snapshot()) as stage:
        y = stage.line_of("ENG-29")
        await stage.pilot.click(offset=(stage.lines()[y].index("attach"), y))
        await stage.settle()
        assert stage.commands.named("attach") == ["ENG-29"]


async def test_a_click_acts_on_what_was_pressed_although_it_moved_before_the_release() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        y = stage.line_of("ENG-29")
        x = stage.lines()[y].index("attach")
        await stage.pilot.mouse_down(offset=(x, y))
        await stage.settle()
        stage.seconds += SETTLE_SECONDS
        await stage.show(moved(snapshot, "ENG-29", Attention.NEEDS_YOU))
        assert stage.line_of("ENG-29") != y
        await stage.pilot.mouse_up(offset=(x, y))
        await stage.pilot.click(offset=(x, 30))
        await stage.settle()
        assert [target for target in stage.commands.named("attach") if target != "ENG-29"] == []


async def test_a_double_click_shows_the_detail() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.pilot.click(offset=(4, stage.line_of("ENG-29")), times=2)
        await stage.settle()
        assert type(stage.app.screen).__name__ == "DetailScreen"


async def test_a_click_on_the_footer_runs_the_command() -> None:
    async with on_stage(sample_snapshot()) as stage:
        footer = stage.lines()[-1]
        await stage.pilot.click(offset=(footer.index("help"), 39))
        await stage.settle()
        assert type(stage.app.screen).__name__ == "HelpScreen"


async def test_ages_tick_and_only_they_are_painted() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        assert "41s" in stage.lines()[stage.line_of("ENG-40")]
        stage.now = ago(NOW, -1)
        stage.screen.tick()
        await stage.settle()
        assert "42s" in stage.lines()[stage.line_of("ENG-40")]


async def test_an_unseen_change_is_bold_until_it_was_selected() -> None:
    snapshot = sample_snapshot()

    def is_bold(stage: Stage) -> bool:
        strip = stage.board.render_line(stage.line_of("ENG-29") - 1)
        segment = next(segment for segment in strip if "ENG-29" in segment.text)
        return bool(segment.style and segment.style.bold)

    async with on_stage(snapshot) as stage:
        assert not is_bold(stage)
        busy = next(issue for issue in snapshot.issues if issue.id == "ENG-29")
        assert busy.worker is not None
        changed = replace(busy, worker=replace(busy.worker, state=WorkerState.RETRYING))
        await stage.show(with_issue(snapshot, changed))
        assert is_bold(stage)
        stage.board.select("issue:ENG-29")
        stage.board.select("issue:ENG-31")
        await stage.settle()
        assert not is_bold(stage)


async def test_an_ended_turn_counts_as_looked_at_once_the_selection_leaves_it() -> None:
    async with on_stage(sample_snapshot()) as stage:
        stage.board.select("issue:ENG-37")
        await stage.settle()
        assert stage.collector.looked_at == []
        await stage.press("j")
        assert stage.collector.looked_at == ["ENG-37"]


async def test_until_somebody_steers_the_first_that_needs_you_is_selected() -> None:
    snapshot = sample_snapshot()
    async with on_stage(snapshot) as stage:
        assert stage.board.selected == "issue:ENG-34"
        await stage.show(with_news(snapshot))
        assert stage.board.selected == "issue:OPS-1"
        assert stage.collector.looked_at == [], "nobody looked at the row that was left"
        await stage.press("j", "k")
        stage.seconds += SETTLE_SECONDS
        await stage.show(replace(snapshot, sequence=9))
        assert stage.board.selected == "issue:ENG-34"


async def test_the_footer_names_a_selected_row_that_is_out_of_sight() -> None:
    async with on_stage(large_snapshot(60), size=(80, 14)) as stage:
        await stage.press("j")
        name = stage.board.row.shown_id if stage.board.row is not None else ""
        assert name not in stage.lines()[-1]
        stage.board.scroll_to(y=60, animate=False)
        await stage.settle()
        stage.screen.tick()
        await stage.settle()
        assert f"{name} above" in stage.lines()[-1]
