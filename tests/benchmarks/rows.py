"""One line of the table: a figure, what it stands against, and what it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`against` and `theirs` are empty where the figure stands for itself.

    `faster`: how many times longer theirs must take; `times`: how many times theirs ours may be at the most; `most`:
    what ours may be at the most.
    """

    what: str
    size: int
    ours: float
    unit: str = "ms"
    against: str = ""
    theirs: float | None = None
    faster: float | None = None
    times: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> str:
        """How much faster, or slower, ours is."""
        if self.theirs is None or not self.ours or not self.theirs:
            return ""
        if self.times is not None or self.ours > self.theirs:
            return f"{self.ours / self.theirs:.2f}x as long"
        return f"{self.theirs / self.ours:.1f}x faster"

    @property
    def must(self) -> str:
        """What it must be, in words."""
        if self.faster is not None:
            return f"{self.faster:g}x faster"
        if self.times is not None:
            return f"{self.times:g}x as long"
        return "" if self.most is None else f"{self.most:g} {self.unit}".strip()

    @property
    def held(self) -> bool | None:
        """Whether it is so; None where nothing must be."""
        if self.most is not None:
            return self.ours <= self.most
        if self.theirs is None or (self.faster is None and self.times is None):
            return None
        return self.theirs >= self.faster * self.ours if self.faster is not None else self._within(self.theirs)

    def _within(self, theirs: float) -> bool:
        return self.times is not None and self.ours <= self.times * theirs


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table that is readable as it is."""
    head = ("what", "N", "ours", "against", "theirs", "ratio", "must", "held")
    lines = [
        (
            row.what,
            str(row.size),
            f"{row.ours:.2f} {row.unit}".strip(),
            row.against,
            "" if row.theirs is None else f"{row.theirs:.2f} {row.unit}",
            row.ratio,
            row.must,
            {True: "yes", False: "MISSED", None: ""}[row.held],
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    ruler = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in (head, ruler, *lines)
    )
