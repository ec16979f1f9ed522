"""The ledger's file: lines that are only added, by any number of programs at once. Everything here blocks."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from legion_tui.files import private_folder, sync_folder, write_durably

_NAME = "ledger.ndjson"
# Where lines go that are older than anybody asks for. Nothing reads it.
_ARCHIVE = "ledger-archive.ndjson"
_LOCK_SECONDS = 2.0


class LedgerFile:
    """One `ledger.ndjson`. Reading is incremental: an unchanged file costs one `stat`."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in `folder`, which is made when it is first needed."""
        self._folder = folder
        self.path = folder / _NAME
        self._read_to = 0
        self._inode = 0
        # The end of what was read, where it is no whole line.
        self.rest = b""

    def append(self, lines: bytes) -> None:
        """Add whole lines, on the disk when this returns; OSError."""
        private_folder(self._folder)
        is_new = not self.path.exists()
        with self._opened() as (descriptor, alone):
            # Alone, the end of the file tells whether a writer was cut off in its line. Not alone, it may change
            # meanwhile: then an empty line more does no harm.
            size = os.fstat(descriptor).st_size
            if not alone or (size and os.pread(descriptor, 1, size - 1) != b"\n"):
                lines = b"\n" + lines
            _write(descriptor, lines)
        if is_new:
            sync_folder(self._folder)

    def news(self) -> tuple[bool, Sequence[bytes]]:
        """Return whether what was read before is void (the file is gone, or another one), and the lines since."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            void = self._inode != 0
            self._read_to, self._inode, self.rest = 0, 0, b""
            return void, ()
        with file:
            found = os.fstat(file.fileno())
            void = found.st_ino != self._inode or found.st_size < self._read_to
            if void:
                self._read_to, self._inode, self.rest = 0, found.st_ino, b""
            if found.st_size == self._read_to:
                return void, ()
            file.seek(self._read_to)
            data = file.read()
        self._read_to += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        return void, [line for line in lines if line.strip()]

    def trim(self, keep: Callable[[Sequence[bytes]], Sequence[bool]]) -> int:
        """Move the lines that `keep` does not want to the archive, and return how many those were; OSError.

        Nothing is done where this program is not alone: a line that is being added must not be lost. A crash leaves
        the file as it was, or trimmed; at worst lines stand in the archive too.
        """
        if not self.path.exists():
            return 0
        with self._opened() as (descriptor, alone):
            if not alone:
                return 0
            lines = [line for line in self.path.read_bytes().split(b"\n") if line.strip()]
            wanted = keep(lines)
            gone = [line for line, stays in zip(lines, wanted, strict=True) if not stays]
            if not gone:
                return 0
            self._archive(gone)
            os.fsync(descriptor)
            kept = b"".join(line + b"\n" for line, stays in zip(lines, wanted, strict=True) if stays)
            write_durably(self.path, kept)
        return len(gone)

    def _archive(self, lines: Sequence[bytes]) -> None:
        archive = os.open(self._folder / _ARCHIVE, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _write(archive, b"".join(line + b"\n" for line in lines))
        finally:
            os.close(archive)

    @contextmanager
    def _opened(self) -> Iterator[tuple[int, bool]]:
        """Open the file that is there, and say whether this program has it alone."""
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                alone = _locked(descriptor)
                # While it was waited for, another program may have put a trimmed one in its place.
                if not self._is(descriptor):
                    continue
                yield descriptor, alone
            finally:
                os.close(descriptor)
            return

    def _is(self, descriptor: int) -> bool:
        try:
            return os.fstat(descriptor).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False


def _write(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    if written != len(data):
        raise OSError(errno.ENOSPC, f"{written} of {len(data)} bytes were written")
    os.fsync(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether this process is the only writer now; a stopped one is not waited for longer than 2 s."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                    return False
                raise
            return True
        time.sleep(0.005)
    return False
