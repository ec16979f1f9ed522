"""The terminal that is painted on: nobody waits for one that takes nothing, and one that is gone holds nobody."""

from __future__ import annotations

from queue import Queue
from typing import IO, ClassVar

from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

# At the end: so long for what is still to be written, which gives the terminal back as it was.
_ENDS_WITHIN_SECONDS = 2.0


class TerminalDriver(LinuxDriver):
    """Textual's own driver with a writer that never makes the event loop wait.

    Its own queue holds thirty writes, and whoever paints waits for room: with a terminal that is stopped or slow all
    stands still, and for ever once that terminal is gone, because then nobody takes anything out any more.
    """

    @property
    def _writer_thread(self) -> WriterThread | None:
        return self._own_writer

    @_writer_thread.setter
    def _writer_thread(self, made: WriterThread | None) -> None:
        # Made in the middle of a method that does much else.
        self._own_writer = PatientWriter(self._file) if made is not None and self._file is not None else None


class PatientWriter(WriterThread):
    """Takes whatever is written, at once. What a terminal that is gone would be sent is dropped."""

    # Whether one was left that still waits for its terminal: Python would wait for it at its own end.
    left_waiting: ClassVar[bool] = False

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._queue: Queue[str | None] = Queue()

    def run(self) -> None:
        """Write until told to stop."""
        try:
            super().run()
        except (OSError, ValueError):  # hung up, or closed
            while self._queue.get() is not None:
                pass

    def stop(self) -> None:
        """Stop, and wait until it has, but not for a terminal that takes nothing."""
        self._queue.put(None)
        self.join(_ENDS_WITHIN_SECONDS)
        if self.is_alive():
            PatientWriter.left_waiting = True
