"""Ties a session of ours to this process: it is over when we are, however we end."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

# Who comes upon the session reads what it is for.
_WORDS = "legion-tui reads tmux through this session; it ends by itself."
# In the session's pane. A line means that all is well, none that we are gone: then the client is told to go, for with
# an answer that nobody takes any more it would stay for ever, and its server with it. Opened for writing first: to
# read only, it would wait for a writer that may have been killed already.
_WAITS = (
    'echo "$1"; exec 3<>"$0" || exit; exec <"$0"; exec 3>&-; pid="${0%/*}/client"; '
    'read -r well || { read -r client <"$pid" && '
    'case "$(ps -o comm= -p "$client")" in *tmux*) kill "$client";; esac; }; '
    'rm -f "$0" "$pid"; rmdir "${0%/*}"'
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
        """Say which client is to end with us. Blocks."""
        (self._folder / "client").write_text(f"{pid}\n")

    def let_go(self) -> None:
        """Let the session end now. Blocks."""
        os.write(self._held, b"well\n")
        # In this order: who has not opened it yet finds nothing, and does not wait for ever.
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._held)
