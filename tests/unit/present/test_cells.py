"""Glyphs, words, bars, ages."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich._emoji_codes import EMOJI
from rich.cells import cell_len

from legion_tui.present.ages import age, duration
from legion_tui.present.cells import BAR_CELLS, bar_counts, checks_bar, pull_look, worker_mark
from legion_tui.present.glyphs import ASCII, UNICODE, Glyphs, PullLook, glyphs
from legion_tui.present.line import Tone, crop, fit, fit_right, plain, printable
from legion_tui.state import Checks, Detail, PullRequestState, WorkerState
from tests.support.snapshots import NOW, back_off_question, pull_request, worker

SINGLE = ("ellipsis", "rule", "pointer", "branch", "folded", "separator", "enter")
SINGLE_MARKS = ("passed", "failed", "pending", "untested")


def all_glyphs(chosen: Glyphs) -> list[str]:
    single = [getattr(chosen, name) for name in (*SINGLE, *SINGLE_MARKS)]
    return [*single, *chosen.states.values(), *chosen.pulls.values()]


@pytest.mark.parametrize("chosen", [UNICODE, ASCII], ids=lambda chosen: chosen.name)
def test_every_state_has_a_glyph_and_each_glyph_one_meaning(chosen: Glyphs) -> None:
    assert set(chosen.states) == set(WorkerState)
    assert set(chosen.pulls) == set(PullLook)
    found = all_glyphs(chosen)
    assert sorted(found) == sorted(set(found))


def test_glyphs_are_one_cell_wide_also_where_ambiguous_ones_are_two() -> None:
    emoji = {character for code in EMOJI.values() for character in code}
    for glyph in all_glyphs(UNICODE):
        assert len(glyph) == 1 == cell_len(glyph)
        assert unicodedata.east_asian_width(glyph) in ("N", "Na", "H"), glyph
        assert glyph not in emoji - set("!?#*0123456789"), glyph


def test_the_ascii_set_is_ascii() -> None:
    assert "".join(all_glyphs(ASCII)).isascii()
    assert all(len(glyph) == 1 for glyph in all_glyphs(ASCII) if glyph != "enter")
    assert glyphs("ascii") is ASCII
    assert glyphs("unicode") is UNICODE


@pytest.mark.parametrize("state", WorkerState)
def test_every_state_is_told_in_a_word(state: WorkerState) -> None:
    mark = worker_mark(worker(NOW, state), UNICODE)
    assert mark.word.strip()
    assert cell_len(mark.text) <= len("? interrupted")


def test_particulars_are_in_the_word() -> None:
    assert worker_mark(worker(NOW, WorkerState.QUESTION, asks=back_off_question(NOW)), UNICODE).word == "asks 1/3"
    retrying = worker(NOW, WorkerState.RETRYING, detail=Detail(attempt=2, of=10))
    assert worker_mark(retrying, UNICODE).word == "retry 2/10"


def test_one_at_work_that_is_silent_is_marked_and_one_at_rest_is_not() -> None:
    busy, idle = worker(NOW, WorkerState.BUSY), worker(NOW, WorkerState.IDLE)
    assert worker_mark(replace(busy, silent=True), UNICODE).word == "busy, silent"
    assert worker_mark(replace(busy, silent=True), UNICODE).tone is Tone.WARN
    assert worker_mark(busy, UNICODE).word == "busy"
    assert worker_mark(replace(idle, silent=True), UNICODE).word == "idle"


@pytest.mark.parametrize(
    ("state", "is_draft", "review", "mergeable", "look"),
    [
        ("open", False, None, "mergeable", PullLook.OPEN),
        ("open", True, None, "mergeable", PullLook.DRAFT),
        ("open", False, "review_required", "mergeable", PullLook.WANTED),
        ("open", False, "changes_requested", "unknown", PullLook.CHANGES),
        ("open", False, "approved", None, PullLook.APPROVED),
        ("open", True, "approved", "conflicting", PullLook.CONFLICT),
        ("merged", False, "approved", "conflicting", PullLook.MERGED),
        ("closed", True, None, None, PullLook.CLOSED),
    ],
)
def test_a_pull_request_shows_what_blocks_it_most(
    state: str, is_draft: bool, review: str | None, mergeable: str | None, look: PullLook
) -> None:
    pull = pull_request(1, state=PullRequestState(state), is_draft=is_draft, review=review, mergeable=mergeable)
    assert pull_look(pull) == look


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000))
def test_the_bar_never_lies(passed: int, failed: int, pending: int) -> None:
    counts = (passed, failed, pending)
    given_cells = bar_counts(Checks(*counts))
    assert sum(given_cells) == min(sum(counts), BAR_CELLS)
    for count, cells in zip(counts, given_cells, strict=True):
        assert (count > 0) == (cells > 0)
        assert cells <= count


def test_one_failure_among_a_thousand_keeps_its_cell() -> None:
    assert plain(checks_bar(Checks(999, 1, 0), UNICODE)) == "▰▰▰▰▰▰✗"
    assert plain(checks_bar(Checks(4, 1, 2), UNICODE)) == "▰▰▰▰✗▱▱"
    assert plain(checks_bar(Checks(), UNICODE)) == ""


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (3_599, "59m"),
        (3_600, "1h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (99 * 86_400, "99d"),
        (100 * 86_400, "14w"),
        (3 * 31_557_600, "3y"),
    ],
)
def test_ages(seconds: float, told: str) -> None:
    assert duration(seconds) == told
    assert age(NOW - timedelta(seconds=seconds), NOW) == told


@given(st.integers(0, 10**12))
def test_an_age_takes_four_cells_at_most(seconds: int) -> None:
    assert len(duration(seconds)) <= 4


def test_an_age_that_lies_ahead_is_now_and_an_unknown_one_is_empty() -> None:
    assert age(NOW + timedelta(hours=1), NOW) == "0s"
    assert age(None, NOW) == ""


@given(st.text(max_size=80), st.integers(0, 60))
def test_fitting_is_exact(text: str, width: int) -> None:
    assert cell_len(fit(text, width, "⋯")) == width
    assert cell_len(fit_right(text, width, "⋯")) == width
    assert cell_len(crop(text, width, "⋯")) <= width


def test_what_terminals_disagree_about_is_left_out() -> None:
    assert printable("👍🏽 ❤️ 👩‍👧") == "👍 ❤ 👩👧"
    assert printable("e" + "\u0301" * 9) == "e\u0301\u0301"
    assert printable("a\u202eb\x1bc\nd") == "abc d"


def test_a_cut_text_says_so_and_a_whole_one_does_not() -> None:
    assert crop("Retry for it", 8, "⋯") == "Retry f⋯"
    assert crop("Retry f", 7, "⋯") == "Retry f"
    assert crop("日本語", 4, "⋯") == "日⋯"
    assert fit("日本語", 4, "⋯") == "日⋯ "
