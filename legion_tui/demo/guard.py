"""The guard of one demo: makes its folder, waits for the demo's end, by whatever means, and leaves nothing behind.

`python -m legion_tui.demo.guard [--keep]` in a session of its own. It prints the folder; the end of its standard input,
of which the demo's process holds the only other end, tells that the demo is over.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

SOCKET = "tmux.sock"
CONFIG = "claude"
_PATIENCE_SECONDS = 5.0
_LONGEST_PARENT = 60


def main(argv: Sequence[str]) -> int:
    """Guard one demo; with `--keep` the folder stays."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # Whoever ends the demo by its terminal or its group shall not end the guard before its work.
        signal.signal(number, signal.SIG_IGN)
    # The path of a socket may have about 100 bytes.
    short = None if len(tempfile.gettempdir()) <= _LONGEST_PARENT else "/tmp"  # noqa: S108  mkdtemp makes it private
    root = Path(tempfile.mkdtemp(prefix="legion-demo-", dir=short)).resolve()
    try:
        sys.stdout.write(f"{root}\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
    finally:
        clean(root, keep="--keep" in argv)
    return 0


def clean(root: Path, *, keep: bool) -> None:
    """End the demo's tmux server and its agents, and remove `root` unless it is to be kept. Blocks up to 20 s."""
    agents = _agents(root)
    _tmux(root, "kill-server")
    _end(agents)
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        # A client of the demo that was on its way may start the server only now, and a server whose socket
        # somebody removed cannot be asked to leave.
        late = _servers(root)
        for process in late:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _end(late)
        if keep:
            (root / SOCKET).unlink(missing_ok=True)
        else:
            shutil.rmtree(root, ignore_errors=True)
        if not late and (keep or not root.exists()):
            return


def _end(processes: Sequence[psutil.Process]) -> None:
    """Wait for the end of these processes, and kill those that outlast it."""
    for process in _still_there(processes):
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(_PATIENCE_SECONDS)


def _servers(root: Path) -> list[psutil.Process]:
    """Return every tmux process of the demo's socket; the server keeps the words of the client that started it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name().startswith("tmux") and str(root / SOCKET) in process.cmdline():
                found.append(process)
    return found


def _still_there(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Wait for the end of these processes and return those that outlast it; one that is only unburied is ended."""
    left = list(processes)
    end = time.monotonic() + _PATIENCE_SECONDS
    while left and time.monotonic() < end:
        time.sleep(0.02)
        left = [process for process in left if _lives(process)]
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _agents(root: Path) -> list[psutil.Process]:
    """Return the server, everything below it, and every other process whose status file is in the agents' folder."""
    found: dict[int, psutil.Process] = {}
    with contextlib.suppress(psutil.Error, ValueError):
        server = psutil.Process(int(_tmux(root, "display-message", "-p", "#{pid}")))
        found |= {process.pid: process for process in (server, *server.children(recursive=True))}
    for path in (root / CONFIG / "sessions").glob("*.json"):
        with contextlib.suppress(psutil.Error, ValueError):
            pid = int(path.stem)
            # A file that was left behind may name a process that has nothing to do with us.
            if pid not in found and psutil.Process(pid).environ().get("CLAUDE_CONFIG_DIR") == str(root / CONFIG):
                found[pid] = psutil.Process(pid)
    return list(found.values())


def _tmux(root: Path, *command: str) -> str:
    """Return what the demo's server says; nothing where there is none, or no tmux."""
    if not (root / SOCKET).exists():
        return ""
    argv = ["tmux", "-S", str(root / SOCKET), "-f", "/dev/null", *command]
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
