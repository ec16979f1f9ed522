from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.present.diff import diff_lines, is_diff
from legion_tui.present.markdown import LONGEST, markdown_lines
from legion_tui.present.prose import Role, between, crop, pad, plain, width_of, wrap, wrap_text

TEXTS = st.one_of(st.text(max_size=60), st.text(alphabet="ab 漢字é👩\u200d💻\ufe0f\n-", max_size=60)).map(
    lambda text: "".join(c for c in text if c == "\n" or c.isprintable() or c in "\u200d\ufe0f")
)
MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# h",
            "- a",
            "  - b",
            "1. c",
            "> q",
            "> > r",
            "|a|b|",
            "|-|-|",
            "|1|",
            "```",
            "```diff",
            "+x",
            "-y",
            "---",
            "**b** *i* `c` ~~s~~",
            "[l](javascript:x)",
            "![i](u)",
            "<b>x</b>",
            "[bold]m[/]",
            "",
            "漢字漢字漢字" * 6,
            "    code",
        ]
    ),
    max_size=14,
).map("\n".join)


def texts(lines: list[tuple[tuple[str, Role], ...]]) -> list[str]:
    return [plain(line) for line in lines]


def test_words_wrap_under_their_own_indent() -> None:
    lines = wrap_text("one two three", 9, first=(("- ", Role.MUTED),), rest=(("  ", Role.TEXT),))
    assert texts(lines) == ["- one two", "  three"]


def test_a_word_that_is_too_long_is_broken_and_newlines_break() -> None:
    assert texts(wrap_text("abcdefghijk\nx", 8)) == ["abcdefgh", "ijk", "x"]
    assert texts(wrap_text("漢字漢字漢", 9)) == ["漢字漢字", "漢"]


def test_roles_survive_wrapping() -> None:
    assert wrap((("aaaa ", Role.STRONG), ("bbbbbb", Role.CODE)), 8) == [
        (("aaaa", Role.STRONG),),
        (("bbbbbb", Role.CODE),),
    ]


def test_between_crops_the_left_first() -> None:
    assert plain(between((("a long title", Role.TEXT),), (("right", Role.TEXT),), 12)) == "a lon… right"
    assert width_of(between((("漢字漢字", Role.TEXT),), (("r", Role.TEXT),), 8)) == 8


@given(TEXTS, st.integers(0, 40))
def test_crop_and_pad_keep_to_the_width(text: str, width: int) -> None:
    line = ((text.replace("\n", " "), Role.TEXT),)
    assert width_of(crop(line, width)) <= width
    assert width_of(pad(line, width)) == width


@given(TEXTS, st.integers(8, 40))
def test_no_wrapped_line_is_wider_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap_text(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join("".join(texts(lines)).split()) == "".join(text.split())


@given(MARKDOWN, st.integers(12, 50))
def test_any_markdown_keeps_to_the_width(text: str, width: int) -> None:
    lines = markdown_lines(text, width)
    assert all(width_of(line) <= width for line in lines)


def test_markdown_reads_well() -> None:
    source = "# Plan\n\nSome **bold** `code` [x](https://e.org).\n\n1. one\n   - two\n3. three\n\n> said\n"
    source += "\n|a|b|\n|-|-|\n|c|dd|\n"
    assert texts(markdown_lines(source, 40)) == [
        "Plan",
        "",
        "Some bold code x (https://e.org).",
        "",
        "1. one",
        "   • two",
        "2. three",
        "",
        "│ said",
        "",
        "a  b   ",
        "─────",
        "c  dd  ",
    ]


def test_markup_and_html_are_only_text() -> None:
    assert texts(markdown_lines("[bold]x[/] <b>y</b> ![alt](http://e/i.png)", 60)) == [
        "[bold]x[/] <b>y</b> [image: alt]"
    ]


def test_a_table_that_does_not_fit_is_read_row_by_row() -> None:
    source = f"|a|b|\n|-|-|\n|{'c' * 20}|{'d' * 20}|"
    assert texts(markdown_lines(source, 24)) == ["a · b", "c" * 20 + " ·", "d" * 20]


def test_nesting_that_is_too_deep_is_cut_not_spilt() -> None:
    assert all(width_of(line) <= 12 for line in markdown_lines("> " * 60 + "deep", 12))


def test_a_long_document_says_how_much_is_left_out() -> None:
    assert texts(markdown_lines("x" * (LONGEST + 7), 80))[-1] == "… 7 more characters"


def test_diffs() -> None:
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same"
    assert is_diff(diff)
    assert not is_diff("git push -- +main")
    assert [line[0][1] for line in diff_lines(diff, 40)] == [
        Role.MUTED,
        Role.MUTED,
        Role.HUNK,
        Role.REMOVED,
        Role.ADDED,
        Role.TEXT,
    ]
