"""The ends of files that grow: read from where the last read stopped, in blocks of bounded size. Blocks."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_BYTES = 64 * 1024
MOST_BYTES = 8 * 1024 * 1024
# So many bytes before the offset must still be what they were, else the file was written anew.
_ANCHOR_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What a read gave: whole lines without their ends, none where nothing changed.

    `anew`: they replace all that was read before. `whole`: nothing before them was left out. `error`: the file
    could not be read; what was known of it stays. `bytes_read`: what that has cost.
    """

    lines: tuple[bytes, ...] = ()
    anew: bool = False
    whole: bool = False
    error: str = ""
    bytes_read: int = field(default=0, compare=False)


class Tail:
    """One file's end. A line without its end is left for the next read."""

    def __init__(
        self,
        path: Path,
        enough: Callable[[Sequence[bytes]], bool],
        *,
        first_bytes: int = FIRST_BYTES,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Read nothing yet. The first read grows, doubling, until `enough` of its lines or `most_bytes`."""
        self.path = path
        self._enough = enough
        self._first = first_bytes
        self._most = most_bytes
        self._seen: tuple[int, int, int] | None = None
        self._offset = 0
        self._anchor = b""
        self._whole = False

    def read(self) -> Grown:
        """Return what was added since the last read; an unchanged file costs one `stat`."""
        try:
            facts = os.stat(self.path)  # noqa: PTH116  called for every file in every cycle
            if not stat.S_ISREG(facts.st_mode):
                return self._failed("not a regular file")
            seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if seen == self._seen:
                return Grown(whole=self._whole)
            grown = self._changed(facts.st_ino, facts.st_size)
        except OSError as error:
            return self._failed(error.strerror or str(error))
        self._seen = seen
        return grown

    def _failed(self, why: str) -> Grown:
        if self._seen is not None:
            # The same file, once it can be read again, goes on at its offset.
            self._seen = (self._seen[0], -1, 0)
        return Grown(whole=self._whole, error=why)

    def _changed(self, inode: int, size: int) -> Grown:
        with self.path.open("rb") as file:
            descriptor = file.fileno()
            if self._seen is not None and self._seen[0] == inode:
                start = self._offset - len(self._anchor)
                if self._offset < size <= self._offset + self._most or size == self._seen[1] == self._offset:
                    block = _read(descriptor, start, size - start)
                    if block.startswith(self._anchor):
                        lines, end = _whole_lines(block[len(self._anchor) :])
                        self._move(self._offset + end, block[: len(self._anchor) + end])
                        return Grown(lines=lines, whole=self._whole, bytes_read=len(block))
            return self._anew(descriptor, size)

    def _anew(self, descriptor: int, size: int) -> Grown:
        window = self._first
        bytes_read = 0
        while True:
            start = max(0, size - window)
            block = _read(descriptor, start, size - start)
            bytes_read += len(block)
            skipped = 0
            if start:
                # The first line is cut; only a line end inside the block starts one that is whole.
                skipped = block.find(b"\n") + 1
            lines, end = _whole_lines(block[skipped:]) if skipped or not start else ((), 0)
            if not start or window >= self._most or (lines and self._enough(lines)):
                self._whole = not start
                self._move(start + skipped + end, block[: skipped + end])
                return Grown(lines=lines, anew=True, whole=self._whole, bytes_read=bytes_read)
            window *= 2

    def _move(self, offset: int, before: bytes) -> None:
        self._offset = offset
        self._anchor = before[-_ANCHOR_BYTES:]


def _read(descriptor: int, start: int, length: int) -> bytes:
    parts: list[bytes] = []
    while length > 0:
        part = os.pread(descriptor, length, start)
        if not part:
            break
        parts.append(part)
        start += len(part)
        length -= len(part)
    return b"".join(parts)


def _whole_lines(block: bytes) -> tuple[tuple[bytes, ...], int]:
    """Return the lines that have an end, and where the last of them ends."""
    end = block.rfind(b"\n") + 1
    return tuple(line for line in block[:end].split(b"\n") if line), end
