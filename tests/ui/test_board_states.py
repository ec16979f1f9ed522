"""Loading, empty, failed, stale, first run, broken reading: each is designed, and nothing ever goes blank."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from legion_tui.errors import SourceError
from legion_tui.state import Problem, Snapshot, Source, SourceHealth
from legion_tui.ui.preferences import Preferences
from tests.support.apps import on_stage
from tests.support.snapshots import (
    empty_snapshot,
    failed_snapshot,
    first_run_snapshot,
    healthy,
    large_snapshot,
    sample_snapshot,
    stale_snapshot,
)


async def test_before_the_first_snapshot_it_says_what_it_does() -> None:
    async with on_stage() as stage:
        assert "Reading the tracker, tmux and the agents" in stage.text()
        await stage.press("j", "tab", "enter", "G")
        await stage.show(sample_snapshot())
        assert stage.board.selected == "issue:ENG-34"


async def test_no_issues_says_which_key_adds_one() -> None:
    async with on_stage(empty_snapshot()) as stage:
        assert "No issues yet." in stage.text()
        assert "n  adds one" in stage.text()


async def test_no_project_shows_the_sessions_of_the_machine() -> None:
    async with on_stage(first_run_snapshot()) as stage:
        text = stage.text()
        for command in ("legion-tui init", "legion-tui demo", "legion-tui doctor"):
            assert command in text
        assert "Delete the old branch?" in text
        assert stage.board.selected.startswith("session:")


async def test_a_source_that_never_worked_says_why_where_its_data_would_be() -> None:
    async with on_stage(failed_snapshot()) as stage:
        text = stage.text()
        assert "github: the tracker could not be read: 401 Bad credentials" in text
        assert "run `gh auth login`" in text
        assert "SESSIONS" in text, "the rest is shown as usual"
        assert "3m" in stage.lines()[0]


async def test_a_source_that_fails_keeps_its_old_rows_in_grey_and_tells_their_age() -> None:
    async with on_stage(stale_snapshot()) as stage:
        text = stage.text()
        assert "workers are shown as they were 1m ago" in text
        assert "pull requests are shown as they were 4m ago" in text
        assert "legion-tui trust" in text
        assert "? asks 1/3" in text
        y = stage.line_of("ENG-29") - stage.board.region.y
        styles = {segment.text.strip(): segment.style for segment in stage.board.render_line(y)}
        busy = next(style for text, style in styles.items() if "busy" in text)
        assert busy is not None
        assert busy.color == stage.board.tone_style("muted").color  # type: ignore[arg-type]


async def test_reading_that_broke_off_is_told_and_begun_anew_by_key() -> None:
    async with on_stage(sample_snapshot()) as stage:
        stage.collector.break_off(SourceError("the spool is unreadable", "permission denied", "chmod 700 it"))
        await stage.settle()
        assert "reading broke off: the spool is unreadable: permission denied; chmod 700 it" in stage.text()
        assert "ENG-34" in stage.text(), "what was read stays"
        await stage.press("r")
        await stage.show(sample_snapshot())
        assert "reading broke off" not in stage.text()


async def test_a_broken_command_is_told_and_nothing_quits() -> None:
    async with on_stage(sample_snapshot()) as stage:
        stage.commands.receipts["attach"] = object()
        await stage.press("t")
        assert stage.toasts[-1].startswith("that failed: ")
        await stage.press("j")
        assert stage.board.selected == "issue:ENG-21"


async def test_forty_issues_three_of_them_broken() -> None:
    snapshot = replace(
        large_snapshot(37),
        problems=tuple(Problem(f"issues/BAD-{n}.md", "no title", "give it one") for n in range(3)),
    )
    async with on_stage(snapshot, size=(100, 60)) as stage:
        assert stage.text().count("no title") == 3
        assert "UNREADABLE 3" in stage.text()
        assert "ENG-37" in stage.text()


async def test_a_tmux_server_that_dies_and_comes_back() -> None:
    snapshot = sample_snapshot()
    sources = {**healthy(snapshot.collected_at or None)}  # type: ignore[arg-type]
    sources[Source.TMUX] = replace(sources[Source.TMUX], ok=False, error="no answer")
    async with on_stage(snapshot) as stage:
        await stage.press("j")
        await stage.show(replace(snapshot, sources=sources))
        assert "tmux: no answer" in stage.lines()[0]
        await stage.show(snapshot)
        assert "no answer" not in stage.text()
        assert stage.board.selected == "issue:ENG-21"


@pytest.mark.parametrize(
    "snapshot", [sample_snapshot(), failed_snapshot(), stale_snapshot(), first_run_snapshot(), empty_snapshot()]
)
@pytest.mark.parametrize("size", [(60, 20), (20, 6), (5, 3), (1, 1), (300, 10)])
async def test_any_size_shows_something_and_breaks_nothing(snapshot: Snapshot, size: tuple[int, int]) -> None:
    async with on_stage(snapshot, size=size) as stage:
        await stage.press("j", "G", "g", "tab", "pagedown")
        assert any(line.strip() for line in stage.lines()) or size == (1, 1)


async def test_ascii_glyphs_are_ascii() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(glyphs="ascii")) as stage:
        assert stage.text().isascii()
        assert "enter dispatch" in stage.text()


async def test_no_glyph_of_ours_is_wide_where_ambiguous_ones_are() -> None:
    async with on_stage(sample_snapshot()) as stage:
        assert {c for c in stage.text() if unicodedata.east_asian_width(c) in "AWF"} == set()


async def test_without_colour_everything_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(sample_snapshot()) as stage:
        coloured = stage.lines()
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(sample_snapshot()) as stage:
        assert stage.app.no_color
        assert stage.lines() == coloured
        assert coloured[2].startswith("▐ENG-34"), "the selection has a mark beside its colour"


@pytest.mark.parametrize("theme", ["legion-light", "nord", "textual-light", "ansi-dark", "no such theme"])
async def test_any_theme_shows_the_same_words(theme: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        words = stage.lines()
    async with on_stage(sample_snapshot(), preferences=Preferences(theme=theme)) as stage:
        assert stage.lines() == words


async def test_animation_can_be_switched_off() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(animation=False)) as stage:
        assert stage.app.animation_level == "none"


async def test_old_readings_get_a_word_although_nothing_failed() -> None:
    snapshot = sample_snapshot()
    assert snapshot.collected_at is not None
    sources = dict(snapshot.sources)
    sources[Source.TRACKER] = SourceHealth(ok=True, read_at=snapshot.collected_at.replace(hour=14))
    async with on_stage(replace(snapshot, sources=sources)) as stage:
        assert "github 1h old" in stage.lines()[0]


async def test_foreign_text_is_shown_as_it_is_never_as_markup() -> None:
    hostile = "fix [/nope] [bold]x[/] :smile: \x1b]0;title\x07 $name"
    snapshot = sample_snapshot()
    first, second = snapshot.issues[0], snapshot.issues[1]
    assert second.worker is not None
    changed = (
        replace(first, issue=replace(first.issue, title=hostile, url=""), pull_request=None),
        replace(second, issue=replace(second.issue, title="[red]" * 2_000)),
        *snapshot.issues[2:],
    )
    problems = (Problem("[/x].md", hostile, "[bold]mend it"),)
    async with on_stage(
        replace(snapshot, issues=changed, problems=problems, notices=(hostile,)), size=(160, 40)
    ) as stage:
        text = stage.text()
        assert "fix [/nope] [bold]x[/] :smile:" in text
        assert "[red][red]" in text
        assert "\x1b" not in text
        assert "[bold]mend it" in text
        stage.board.select("problem:[/x].md")
        await stage.press("y", "G", "g", "ctrl+p")
        assert "[/x].md" in stage.toasts[0]
        assert type(stage.app.screen).__name__ == "CommandPalette"


async def test_another_theme_paints_the_board_anew() -> None:
    async with on_stage(sample_snapshot()) as stage:
        before = stage.board.render_line(1)
        stage.app.theme = "nord"
        await stage.settle()
        after = stage.board.render_line(1)
        assert before.text == after.text
        assert [segment.style for segment in before] != [segment.style for segment in after]
