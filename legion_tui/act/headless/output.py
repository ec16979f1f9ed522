"""What a process prints: cut into lines of bounded size, and kept in a file of bounded size."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from legion_tui.files import private_folder

# The client writes what a tool printed, and pictures, into one line.
MOST_LINE_BYTES = 32 * 1024 * 1024
MOST_LOG_BYTES = 512 * 1024 * 1024


class Lines:
    """Cuts chunks into lines. One that is longer than may be is left out, and counted."""

    def __init__(self, most_bytes: int = MOST_LINE_BYTES) -> None:
        """Begin a stream."""
        self.left_out = 0
        self._most_bytes = most_bytes
        self._rest = bytearray()
        self._skips = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes, without their ends."""
        found: list[bytes] = []
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            if not self._skips and len(self._rest) + len(end) <= self._most_bytes:
                found.append(bytes(self._rest) + end)
            elif not self._skips:
                self.left_out += 1
            self._rest.clear()
            self._skips = False
        if not self._skips:
            self._rest += rest
            if len(self._rest) > self._most_bytes:
                self.left_out += 1
                self._skips = True
                self._rest.clear()
        return found


class Log:
    """A file that takes what a run prints, as it comes. It never fails the run: `problem` says why it ends early."""

    def __init__(self, path: Path, most_bytes: int = MOST_LOG_BYTES) -> None:
        """Write to `path`, for this user's eyes only; a run that is taken up again goes on in the same file."""
        self.problem = ""
        self._path = path
        self._left = most_bytes
        self._descriptor = -1

    def write(self, data: bytes) -> None:
        """Add bytes. Blocks."""
        if self.problem:
            return
        try:
            if self._descriptor < 0:
                private_folder(self._path.parent)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
            if len(data) > self._left:
                raise OSError(errno.EFBIG, "as much as is kept of a run is in it")
            view = memoryview(data)
            while view:
                written = os.write(self._descriptor, view)
                view = view[written:]
                self._left -= written
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror or error}"

    def close(self) -> None:
        """Let go of the file. Blocks."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
