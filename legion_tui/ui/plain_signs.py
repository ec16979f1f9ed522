"""What is painted, in ASCII signs: a filter over every line, so that no frame, bar or dash is forgotten."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# Each takes one cell and stands for one that takes one: nothing moves.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("─━╌╍┄┅┈┉═╴╶╸╺‐‑‒–—―−⎯", "-"),  # noqa: RUF001
        **dict.fromkeys("│┃╎╏┆┇┊┋║╵╷╹╻▏▎▍▌▋▊▉▐▕⎸⎹", "|"),
        **dict.fromkeys("┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼╀╁╂╃╄╅╆╇╈╉╊╋", "+"),
        **dict.fromkeys("╔╗╚╝╠╣╦╩╬╒╓╕╖╘╙╛╜╞╟╡╢╤╥╧╨╪╫╭╮╰╯", "+"),
        **dict.fromkeys("▔▀▁▂▃▄▅▆▇█▖▗▘▙▚▛▜▝▞▟░▒▓▪▫■□▬▭▮▯▰▱", "#"),
        **dict.fromkeys("…⋯", "~"),
        **dict.fromkeys("·•⋅∙◦●○◉◎◌⏺⏵⎿◐◑◒◓◔◕", "*"),
        **dict.fromkeys("❯›»▶▸▷→⇒↦⟶", ">"),  # noqa: RUF001
        **dict.fromkeys("❮‹«◀◂◁←⇐⟵", "<"),  # noqa: RUF001
        **dict.fromkeys("↑⇡△▴▲", "^"),
        **dict.fromkeys("↓⇣▽▾▼", "v"),
        **dict.fromkeys("✓✔☑✻✳✢✶✽★☆", "*"),
        **dict.fromkeys("✗✘✕✖×⊗☒", "x"),  # noqa: RUF001
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),  # noqa: RUF001
    }
)


class AsciiSigns(LineFilter):
    """Paints ASCII signs for frames, bars, arrows and typographic marks; letters of any script stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the line with its signs exchanged."""
        return [
            segment if segment.control or segment.text.isascii() else segment._replace(text=_plain(segment.text))
            for segment in segments
        ]


def _plain(text: str) -> str:
    return text.translate(_SIGNS)
