from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from legion_tui.present.ansi import PLAIN, Colour, Sgr, carry, cells, parse_line

ESC = "\x1b"
PIECES = st.sampled_from(
    [
        ESC,
        f"{ESC}[",
        f"{ESC}[1m",
        f"{ESC}[0m",
        f"{ESC}[m",
        f"{ESC}[38;5;153m",
        f"{ESC}[38;5m",
        f"{ESC}[38;2;1;2m",
        f"{ESC}[48:2::1:2:3m",
        f"{ESC}[38:5:300m",
        f"{ESC}[58;5;3;1m",
        f"{ESC}[999999999999m",
        f"{ESC}[;;;m",
        f"{ESC}]8;;https://x.y{ESC}\\",
        f"{ESC}]0;title\x07",
        f"{ESC}]0;open",
        f"{ESC}Pq{ESC}\\",
        f"{ESC}[2J",
        f"{ESC}[?25l",
        f"{ESC}(B",
        "\x9b31m",
        "\x9d0;t\x9c",
        "\x85",
        "\t",
        "\n",
        "\r",
        "\x07",
        "\x7f",
        "漢字",
        "e\u0301",
        "👩‍💻",
        "\u202e",
        "\ufeff",
    ]
)
LINES = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join)


def plain(text: str, entry: Sgr = PLAIN) -> str:
    return "".join(shown for shown, _ in parse_line(text, entry)[0])


def style(codes: str, entry: Sgr = PLAIN) -> Sgr:
    return parse_line(f"{ESC}[{codes}mx", entry)[0][0][1]


@pytest.mark.parametrize(
    ("codes", "colour"),
    [
        ("31", 1),
        ("97", 15),
        ("38;5;153", 153),
        ("38:5:153", 153),
        ("38;2;1;2;3", (1, 2, 3)),
        ("38:2:1:2:3", (1, 2, 3)),
        ("38:2::1:2:3", (1, 2, 3)),
        ("31;39", None),
        ("31;0", None),
        ("31;", None),
        ("38;5;300", None),
        ("38;2;1;2", (1, 2, 0)),
        ("38;9;1", None),
    ],
)
def test_foreground(codes: str, colour: Colour) -> None:
    assert style(codes).foreground == colour


@pytest.mark.parametrize(
    ("codes", "colour"), [("41", 1), ("107", 15), ("48;5;9", 9), ("48:2::9:8:7", (9, 8, 7)), ("41;49", None)]
)
def test_background(codes: str, colour: Colour) -> None:
    assert style(codes).background == colour
    assert style(codes).foreground is None


def test_switches() -> None:
    assert style("1;2;3;4;7;8;9") == Sgr(None, None, True, True, True, True, True, True, True)
    assert style("22;23;24;27;28;29", Sgr(None, None, True, True, True, True, True, True, True)) == PLAIN
    assert style("4:3").underline
    assert not style("4:0", Sgr(underline=True)).underline


def test_an_underline_colour_is_not_taken_for_other_codes() -> None:
    assert style("58;5;1") == PLAIN
    assert style("58;2;1;4;7;3").italic
    assert style("58:2::1:4:7;3") == Sgr(italic=True)


def test_a_code_that_nothing_knows_changes_nothing() -> None:
    assert style("1;12345;77", PLAIN) == Sgr(bold=True)


def test_colour_is_carried_over_line_ends() -> None:
    _, entry = parse_line(f"{ESC}[1;38;5;153mfirst")
    runs, leaving = parse_line(f"second{ESC}[0m third", entry)
    assert runs == (("second", Sgr(foreground=153, bold=True)), (" third", PLAIN))
    assert leaving == PLAIN


def test_equal_styles_are_one_run() -> None:
    assert parse_line(f"{ESC}[1ma{ESC}[1mb{ESC}[22;1mc")[0] == (("abc", Sgr(bold=True)),)


def test_everything_but_colour_is_removed() -> None:
    line = f"a{ESC}]8;;https://evil{ESC}\\b{ESC}]8;;{ESC}\\c{ESC}[2Kd{ESC}]0;title\x07e{ESC}(Bf\x9b1mg{ESC}Pq#1{ESC}\\h\x00i"
    assert plain(line) == "abcdefghi"


def test_tabs_go_to_the_next_stop_of_eight_cells() -> None:
    assert plain("a\tb") == "a       b"
    assert plain("漢\tb") == "漢      b"
    assert plain(f"1234567{ESC}[1m\tx\ty") == "1234567 x       y"
    assert plain("12345678\tx") == "12345678        x"


@given(LINES, st.sampled_from([PLAIN, Sgr(foreground=1), Sgr(bold=True, background=(1, 2, 3))]))
def test_any_input_gives_printable_runs(text: str, entry: Sgr) -> None:
    runs, leaving = parse_line(text, entry)
    for shown, _ in runs:
        assert shown
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in shown)
        assert not set(shown) & set("\u202e\u2066\ufeff\u2028")
    assert leaving == carry(text, entry)
    assert all(before[1] != after[1] for before, after in itertools.pairwise(runs))


@given(LINES)
def test_cells_are_those_of_the_runs_where_no_tab_moves_them(text: str) -> None:
    text = text.replace("\u200d", "").replace("\ufe0f", "")
    if "\t" not in text and ESC not in text and "\x9b" not in text:
        assert cells(text) == sum(cell_len(shown) for shown, _ in parse_line(text)[0])


def test_a_line_of_a_million_characters_is_cut() -> None:
    assert len(plain("x" * 1_000_000)) < 50_000
