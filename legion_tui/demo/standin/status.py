"""`sessions/<pid>.json`: what the agent says of itself while it runs."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Mapping
from pathlib import Path

from legion_tui.demo.standin.args import VERSION

_PLACE = "#{session_name}:#{window_id}.#{pane_id}"


def milliseconds() -> int:
    """Return the time as the agent's files write it."""
    return time.time_ns() // 1_000_000


def process_start() -> str:
    """Return what `procStart` holds: the start in clock ticks since boot on Linux, `ps`'s words elsewhere."""
    stat = Path("/proc/self/stat")
    try:
        # The second field is the command in parentheses and may itself hold spaces and parentheses.
        return stat.read_text().rpartition(")")[2].split()[19]
    except OSError:
        return _output(["ps", "-o", "lstart=", "-p", str(os.getpid())]).strip()


def tmux_place(environ: Mapping[str, str]) -> str:
    """Return `session:@window.%pane` of the pane that this runs in; empty outside tmux."""
    pane = environ.get("TMUX_PANE")
    if not environ.get("TMUX") or not pane:
        return ""
    return _output(["tmux", "display-message", "-p", "-t", pane, _PLACE]).strip()


class StatusFile:
    """Written in place on every change, as the agent does: a reader may find it torn. Removed by `remove` only."""

    def __init__(self, config: Path, environ: Mapping[str, str], *, session_id: str, cwd: str, name: str) -> None:
        """Write the first version, which has no status yet; `name` is empty where none was given."""
        folder = config / "sessions"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{os.getpid()}.json"
        started = milliseconds()
        self._record: dict[str, object] = {
            "pid": os.getpid(),
            "sessionId": session_id,
            "cwd": cwd,
            "startedAt": started,
            "procStart": process_start(),
            "version": VERSION,
            "peerProtocol": 1,
            "peerFeatures": ["notify_idle", "reply_across_default_dirs", "artifact_yield"],
            "kind": "interactive",
            "entrypoint": "cli",
            "asksForConvertedSkills": None,
        }
        place = tmux_place(environ)
        if place:
            self._record["tmux"] = place
        self._record |= {
            "name": name or f"{Path(cwd).name}-{os.urandom(1).hex()}",
            "nameSource": "user" if name else "derived",
            "nameSince": started,
        }
        self._write()

    @property
    def status(self) -> str:
        """The status that was last written, empty at first."""
        return str(self._record.get("status", ""))

    def set(self, status: str, waiting_for: str = "") -> None:
        """Write `status` unless nothing changed."""
        if (status, waiting_for) == (self.status, self._record.get("waitingFor", "")):
            return
        self._record.pop("waitingFor", None)
        now = milliseconds()
        self._record |= {"status": status, "updatedAt": now, "statusUpdatedAt": now}
        if waiting_for:
            self._record["waitingFor"] = waiting_for
        self._write()

    def change_session(self, session_id: str) -> None:
        """Write the id of the session that this process goes on with."""
        self._record["sessionId"] = session_id
        self._write()

    def remove(self) -> None:
        """Remove the file; one that is gone is no error."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        try:
            with self._path.open("w", encoding="utf-8") as file:
                file.write(json.dumps(self._record, ensure_ascii=False, separators=(",", ":")))
        except FileNotFoundError:
            # The whole folder is being removed: what was to be said reaches nobody any more.
            return


def _output(argv: list[str], seconds: float = 2.0) -> str:
    """Return what a command prints; `subprocess` would cost more than the whole rest of the start."""
    reader, writer = os.pipe()
    try:
        actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    except OSError:
        os.close(reader)
        os.close(writer)
        return ""
    os.close(writer)
    data = b""
    end = time.monotonic() + seconds
    try:
        while select.select([reader], [], [], max(0.0, end - time.monotonic()))[0]:
            part = os.read(reader, 4096)
            if not part:
                break
            data += part
    finally:
        os.close(reader)
    if time.monotonic() >= end:
        os.kill(pid, 9)
    os.waitpid(pid, 0)
    return data.decode("utf-8", "replace")
