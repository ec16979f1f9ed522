"""The answer hook itself, run by the agent as `python -I -S program.py SPOOL ORIGIN` beside each of its dialogs.

Reads a PermissionRequest on standard input, leaves a request in the spool and waits until it is answered, prints the
decision, and is gone. It leaves without a word when the question is over, when its client is gone, when another hook
waits for the same call, and on any doubt. Alone in its file, standard library only: whatever happens to the rest of
the product, it starts in a moment, and it never makes the agent fail.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Iterator
from typing import Any

VERSION = 1
REQUEST, ANSWER, TAKEN, WAKE = "request.json", "answer.json", "taken.json", "wake"
# It looks again after so many seconds; the longer it waits, the less often. An answer wakes it at once.
SOONEST_SECONDS, LATEST_SECONDS = 0.05, 0.5
# Calls of one message and their hooks come up side by side: so long it is left open which belongs to which.
SETTLE_SECONDS, LATE_SECONDS = 0.15, 1.5
# The status file may say for so long that the agent waits for nobody, between two dialogs or before the first.
NOT_WAITING_SECONDS = 2.0
_PAYLOAD_BYTES = 64 * 1024 * 1024
# The call is among the newest lines of the transcript.
_TAIL_BYTES = 1024 * 1024
_INTERRUPTED = "[Request interrupted by user"


class Transcript:
    """The calls like ours in the agent's transcript, and which calls are over; reads on where it stopped."""

    def __init__(self, path: str, tool: str, given: object) -> None:
        """Look for calls of this tool with this input."""
        self.calls: list[str] = []
        self.over: set[str] = set()
        self._path = path
        self._tool = tool
        self._given = given
        self._message: object = None
        self._offset = -1
        self._rest = b""

    def read(self) -> None:
        """Take what was written since; a file that cannot be read says nothing."""
        try:
            size = os.stat(self._path).st_size
            if size == self._offset:
                return
            with open(self._path, "rb") as file:
                skipped = self._offset < 0 and size > _TAIL_BYTES
                file.seek(size - _TAIL_BYTES if skipped else max(self._offset, 0))
                data = self._rest + file.read()
                self._offset = file.tell()
        except OSError:
            return
        *lines, self._rest = data.split(b"\n")
        for line in lines[1:] if skipped else lines:
            if b'"tool_use"' in line or b'"tool_result"' in line or b"[Request interrupted" in line:
                self._line(line)

    def _line(self, line: bytes) -> None:
        try:
            record = json.loads(line)
            message = record["message"]
            blocks = message["content"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        if record.get("isSidechain") or not isinstance(blocks, list):
            return
        if record.get("type") == "assistant" and message.get("id") != self._message:
            # Results come before the next message: a call that has none was cut off.
            self.over.update(self.calls)
            self._message = message.get("id")
        for block in blocks:
            if isinstance(block, dict):
                self._block(record.get("type"), block)

    def _block(self, kind: object, block: dict[str, Any]) -> None:
        match kind, block.get("type"):
            case "assistant", "tool_use" if block.get("name") == self._tool and block.get("input") == self._given:
                self.calls.append(str(block.get("id")))
            case "user", "tool_result":
                self.over.add(str(block.get("tool_use_id")))
            case "user", "text" if str(block.get("text")).startswith(_INTERRUPTED):
                self.over.update(self.calls)


class Client:
    """The agent that started this hook, by its process and by what its status file says."""

    def __init__(self, transcript_path: str, session_id: str) -> None:
        """Remember who is above this process."""
        self._parent = os.getppid()
        named = os.environ.get("CLAUDE_PID", "")
        self.pid = int(named) if named.isascii() and named.isdigit() else self._parent
        self._session_id = session_id
        # `projects/<folder>/<session>.jsonl` and `sessions/<pid>.json` are in one folder.
        folder = os.path.dirname(os.path.dirname(os.path.dirname(transcript_path)))
        self._path = os.path.join(folder, "sessions", f"{self.pid}.json")
        self._seen: tuple[int, int, int] | None = None
        self._waits = False
        self._quiet_since = time.monotonic()

    def gone(self) -> bool:
        """Whether it has ended: then this process has another parent."""
        return os.getppid() != self._parent or not _lives(self.pid)

    def has_left(self) -> bool:
        """Whether it has said for a while that it waits for nobody, or has gone on to another session."""
        try:
            facts = os.stat(self._path)
            seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if seen != self._seen:
                record = _load(self._path)
                if record is None:
                    return False  # torn: it is being written
                self._seen = seen
                self._change(record.get("status") == "waiting" and record.get("sessionId") == self._session_id)
        except OSError:
            if self._seen is None:
                return False  # there never was one
            self._change(False)
        return not self._waits and time.monotonic() - self._quiet_since >= NOT_WAITING_SECONDS

    def _change(self, waits: bool) -> None:
        if self._waits and not waits:
            self._quiet_since = time.monotonic()
        self._waits = waits


class Request:
    """This hook's folder in the spool."""

    def __init__(self, spool: str, record: dict[str, Any]) -> None:
        """Make the folder and write the request. OSError."""
        # Its names sort by when the hooks were started.
        self.id = f"{time.time_ns():020d}-{os.getpid()}-{os.urandom(4).hex()}"
        self.folder = os.path.join(spool, self.id)
        self.record = {"version": VERSION, "id": self.id, "pid": os.getpid(), **record, "tool_use_id": None}
        self._spool = spool
        os.mkdir(self.folder, 0o700)
        self._wake = -1
        try:
            os.mkfifo(self._path(WAKE), 0o600)
            # For writing too, or it would be readable for ever once its first writer has closed it.
            self._wake = os.open(self._path(WAKE), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            self._write()
        except OSError:
            self.remove()
            raise

    def bind(self, call: str) -> None:
        """Say for which call this hook waits. OSError."""
        self.record["tool_use_id"] = call
        self._write()

    def take(self) -> str:
        """Take the answer; an empty string while there is none."""
        try:
            os.rename(self._path(ANSWER), self._path(TAKEN))
        except FileNotFoundError:
            return ""
        answer = _load(self._path(TAKEN))
        if answer is None or answer.get("id") != self.id or "output" not in answer:
            return ""
        return json.dumps(answer["output"])

    def wait(self, seconds: float) -> None:
        """Sleep so long, or until somebody writes to the pipe."""
        if select.select([self._wake], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake, 512)

    def fileno(self) -> int:
        """Return the pipe that somebody writes to who has answered."""
        return self._wake

    def withdrawn(self) -> bool:
        """Whether somebody removed the request."""
        return not os.path.exists(self._path(REQUEST))

    def others(self) -> Iterator[dict[str, Any]]:
        """Yield the requests of the other hooks that live, oldest first."""
        for name in sorted(os.listdir(self._spool)):
            record = _load(os.path.join(self._spool, name, REQUEST)) if name != self.id else None
            if record is not None and _lives(record.get("pid")):
                yield record

    def remove(self) -> None:
        """Leave nothing behind."""
        if self._wake >= 0:
            os.close(self._wake)
            self._wake = -1
        _remove(self.folder)

    def _write(self) -> None:
        beside = self._path(f".{REQUEST}")
        with open(beside, "w", encoding="utf-8") as file:
            json.dump(self.record, file)
        os.rename(beside, self._path(REQUEST))

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)


class Wait:
    """One hook's wait, from its request to its end."""

    def __init__(self, request: Request, transcript: Transcript, client: Client) -> None:
        """Take the parts."""
        self._request = request
        self._transcript = transcript
        self._client = client
        self._alone = False
        self._began = time.monotonic()

    def run(self) -> str:
        """Return what is to be printed; an empty string where there is nothing to say."""
        delay = SOONEST_SECONDS
        while True:
            answer = self._request.take()
            if answer or self._over():
                return answer
            self._request.wait(delay)
            delay = min(delay * 1.2, LATEST_SECONDS)

    def _over(self) -> bool:
        if self._client.gone() or self._request.withdrawn():
            return True
        self._transcript.read()
        call = self._request.record["tool_use_id"] or self._find_call()
        if call in self._transcript.over or self._client.has_left():
            return True
        if not call or self._alone:
            return False
        if self._request.record["tool_use_id"] is None:
            self._request.bind(call)
        else:
            # A second look, because another hook may have chosen the same call at the same time.
            self._alone = True
        return any(
            other.get("tool_use_id") == call and str(other.get("id")) < self._request.id
            for other in self._request.others()
        )

    def _find_call(self) -> str:
        """Return the call that this hook was started for: of equal calls, each has a hook, in the order of both."""
        mine = self._request.record
        age = time.monotonic() - self._began
        if age < SETTLE_SECONDS:
            return ""
        open_calls = [call for call in self._transcript.calls if call not in self._transcript.over]
        if not open_calls:
            return ""
        same = ("origin", "session_id", "tool_name", "tool_input")
        equals = [other for other in self._request.others() if all(other.get(key) == mine[key] for key in same)]
        taken = {other.get("tool_use_id") for other in equals}
        free = [call for call in open_calls if call not in taken]
        unbound = [int(other["pid"]) for other in equals if not other.get("tool_use_id")]
        if len(free) > len(unbound) + 1 and age < LATE_SECONDS:
            return ""  # a hook of one of them is still to come
        # The agent starts them one after the other; which one is up first is chance.
        ahead = sum(pid < mine["pid"] for pid in unbound)
        return free[ahead] if ahead < len(free) else ""


def main(argv: list[str]) -> int:
    """Wait for an answer and print it; 0 whatever happens: a hook that fails would be the agent's concern."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _leave)
    os.umask(0o077)
    request = None
    try:
        spool, origin = argv
        payload = json.loads(sys.stdin.buffer.read(_PAYLOAD_BYTES))
        record = {
            "origin": origin,
            "session_id": str(payload["session_id"]),
            "tool_name": str(payload["tool_name"]),
            "tool_input": payload["tool_input"],
            "permission_suggestions": payload.get("permission_suggestions") or [],
            "started_at": time.time(),
        }
        path = str(payload["transcript_path"])
        private(spool)
        sweep(spool)
        client = Client(path, record["session_id"])
        request = Request(spool, {**record, "client_pid": client.pid})
        said = Wait(request, Transcript(path, record["tool_name"], record["tool_input"]), client).run()
        if said:
            sys.stdout.write(said + "\n")
            sys.stdout.flush()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    finally:
        if request is not None:
            request.remove()
    return 0


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def private(spool: str) -> None:
    """Make the spool where it is missing; OSError where others could read or answer in it."""
    os.makedirs(spool, 0o700, exist_ok=True)
    facts = os.lstat(spool)
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise OSError(f"{spool} is not private")


def sweep(spool: str) -> None:
    """Remove the requests of hooks that were killed."""
    for name in os.listdir(spool):
        pid = name.split("-")[1] if name.count("-") == 2 else ""
        if pid.isascii() and pid.isdigit() and not _lives(int(pid)):
            _remove(os.path.join(spool, name))


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def _load(path: str) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            value = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _lives(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
