"""Foreign text made harmless, once, where it enters."""

from __future__ import annotations

import re

# Whole escape sequences go first, so that their parameters do not stay behind as litter.
_SEQUENCES = re.compile(
    r"\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, with or without its end
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"  # any other escape
)
# C0 but tab and newline, DEL, C1, the characters that reorder text, line separators, BOM, lone surrogates.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str, *, limit: int = 100_000) -> str:
    """Return `text` without escape sequences, controls and bidi overrides, tabs as spaces, newlines kept."""
    text = _SEQUENCES.sub("", text[: limit * 2].replace("\r\n", "\n").replace("\t", "    "))
    return _CONTROLS.sub("", text.replace("\r", "\n"))[:limit]


def clean_line(text: str, *, limit: int = 10_000) -> str:
    """Return `text` cleaned and on one line, runs of white space as one space."""
    return " ".join(clean(text, limit=limit).split())


_NO_CELLS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufe0e\ufe0f"))


def letters(text: str) -> str:
    """Return the letters and digits of a text; of one that has none, all that is not white space.

    What a screen wraps, indents and cuts into cells is the same text when its letters are.
    """
    found = "".join(char for char in text if char.isalnum())
    return found or "".join(text.translate(_NO_CELLS).split())
