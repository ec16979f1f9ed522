"""Ties a session of ours to this process: it is over when we are, however we end."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

# Who comes upon the session reads what it is for.
_WORDS = "legion-tui reads tmux through this session; it ends by itself."
# In the session's pane. The first line is the client's pid, the second, where there is one, that all is well; else we
# are gone, and the client is told to go: with an answer that nobody takes any more it would stay for ever.
_WAITS = (
    'echo "$1"; exec < "$0" || exit; rm -f "$0"; rmdir "${0%/*}"; read -r client && { read -r well || kill "$client"; }'
)


class Leash:
    """A FIFO that we hold and the session's only pane waits at; the kernel lets go of it for a process that is killed.

    tmux's own `destroy-unattached` is no way: where another client leaves while ours is about to, the server takes the
    session from under ours and crashes (seen on 3.3a, every fourth time).
    """

    def __init__(self) -> None:
        """Make the FIFO, in a folder of its own. Blocks; OSError where that is not possible."""
        self._folder = Path(tempfile.mkdtemp(prefix="legion-tui-"))
        self._path = self._folder / "leash"
        try:
            os.mkfifo(self._path, 0o600)
            # Read and write: it opens without anybody at the other end, and keeps what is written until then.
            self._held = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def command(self) -> tuple[str, ...]:
        """What the session's pane is to run."""
        return ("sh", "-c", _WAITS, str(self._path), _WORDS)

    def tie(self, pid: int) -> None:
        """Say which client is to end with us."""
        os.write(self._held, f"{pid}\n".encode())

    def let_go(self) -> None:
        """Let the session end now. Blocks."""
        os.write(self._held, b"well\n")
        # In this order: who has not opened it yet finds nothing, and does not wait for ever.
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._held)
