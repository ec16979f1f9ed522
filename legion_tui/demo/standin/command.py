"""A real command that a scenario runs, looked after without a thread."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence

_LONGEST_SECONDS = 120.0


class Command:
    """Started at once; `poll` says when it is over."""

    def __init__(self, argv: Sequence[str], *, cwd: str) -> None:
        """Start it; a program that is missing is a command that failed."""
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the command
        self._started = time.monotonic()
        self._failed = ""
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env={**os.environ, "CLAUDECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            self._failed = f"{argv[0]}: {error.strerror}"

    def poll(self) -> tuple[int, str] | None:
        """Return the exit code and everything that was printed, None while it runs."""
        if self._process is None:
            return 127, self._failed
        code = self._process.poll()
        if code is None and time.monotonic() - self._started < _LONGEST_SECONDS:
            return None
        if code is None:
            self.kill()
            code = 124
        self._output.seek(0)
        return code, self._output.read(20_000).decode("utf-8", "replace").rstrip("\n")

    def kill(self) -> None:
        """End it if it still runs, and let go of its output."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
