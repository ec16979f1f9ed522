"""The agent's files, read again only where they changed. Blocks; one instance at a time in one thread."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from legion_tui.agents.claude_code.fold import has_a_prompt, read_lines
from legion_tui.agents.claude_code.paths import find_transcript, is_session_id, transcript_beside
from legion_tui.agents.claude_code.status_file import StatusFile, parse_status
from legion_tui.agents.claude_code.transcript import Transcript
from legion_tui.agents.tails import Tail

_MOST_STATUS_BYTES = 256 * 1024
# A session without a transcript is looked for in all folders again after this time.
SEARCH_EVERY_SECONDS = 10.0
# Of a session's sub-agents, only those that wrote last can be asking.
MOST_SUB_AGENTS = 16


@dataclass(frozen=True, slots=True)
class Said:
    """A status file's newest readable version, and what is wrong with the file now."""

    status: StatusFile
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A transcript's state; None before there is one. `whole`: read from its first line."""

    transcript: Transcript | None = None
    whole: bool = False
    problem: str = ""


@dataclass(slots=True)
class _SubAgent:
    """One sub-agent's file, and what it has told so far."""

    tail: Tail
    transcript: Transcript = field(default_factory=Transcript)


class Files:
    """`sessions/*.json` and `projects/*/*.jsonl` of one agent folder."""

    def __init__(self, folder: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._sessions = folder / "sessions"
        self._projects = folder / "projects"
        self._seconds = seconds
        self._statuses: dict[str, tuple[tuple[int, int, int], Said]] = {}
        self._tails: dict[str, Tail] = {}
        self._told: dict[str, Told] = {}
        self._sub_agents: dict[str, dict[str, _SubAgent]] = {}
        self._searched: dict[str, float] = {}
        self.bytes_read = 0

    @property
    def folders(self) -> tuple[Path, Path]:
        """Where they are: changes below these are all that there is to see."""
        return self._sessions, self._projects

    def statuses(self) -> tuple[Said, ...]:
        """Return what every status file says; no folder is no file. OSError where the folder cannot be read."""
        found: dict[str, tuple[tuple[int, int, int], Said]] = {}
        try:
            with os.scandir(self._sessions) as entries:
                for entry in entries:
                    if entry.name.endswith(".json"):
                        self._status(entry, found)
        except (FileNotFoundError, NotADirectoryError):
            pass
        self._statuses = found
        return tuple(said for _, said in found.values())

    def _status(self, entry: os.DirEntry[str], found: dict[str, tuple[tuple[int, int, int], Said]]) -> None:
        known = self._statuses.get(entry.name)
        try:
            facts = entry.stat()
            seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if known is not None and known[0] == seen:
                found[entry.name] = known
                return
            status = parse_status(self._read(entry.path))
            if status is None:
                # It is written in place: the second half is there a moment later.
                status = parse_status(self._read(entry.path))
            problem = "" if status is not None else "the newest version is torn"
        except FileNotFoundError:
            return
        except OSError as error:
            status, seen, problem = None, (0, 0, 0), error.strerror or str(error)
        if status is not None and entry.name == f"{status.pid}.json":
            found[entry.name] = (seen, Said(status))
        elif known is not None:
            # Asked again in the next cycle: nothing of this version was believed.
            found[entry.name] = ((0, 0, 0), Said(known[1].status, problem))

    def _read(self, path: str) -> bytes:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_STATUS_BYTES)
        self.bytes_read += len(content)
        return content

    def transcript(self, session_id: str, cwd: str = "") -> Told:
        """Return a session's transcript as it is now; `cwd` is where its process says that it works."""
        tail = self._tails.get(session_id) or self._find(session_id, cwd)
        if tail is None:
            return Told()
        grown = tail.read()
        self.bytes_read += grown.bytes_read
        told = self._told.get(session_id, Told())
        if grown.error and not Path(tail.path).exists():
            # It moved with its session, or is gone.
            self._tails.pop(session_id, None)
            self._searched.pop(session_id, None)
        if grown.anew or grown.lines or grown.error != told.problem:
            before = None if grown.anew else told.transcript
            transcript = read_lines(grown.lines, before) if grown.anew or grown.lines else before
            told = self._told[session_id] = Told(transcript, grown.whole, grown.error)
        return told

    def sub_agents(self, session_id: str) -> tuple[Transcript, ...]:
        """Return the transcripts of the agents that a session started, the newest first; none where there are none."""
        tail = self._tails.get(session_id)
        if tail is None:
            return ()
        known = self._sub_agents.get(session_id, {})
        kept = {
            path: known.get(path) or _SubAgent(Tail(Path(path), _any))
            for path in _newest(tail.path.with_suffix("") / "subagents")
        }
        self._sub_agents[session_id] = kept
        for one in kept.values():
            grown = one.tail.read()
            self.bytes_read += grown.bytes_read
            if grown.anew or grown.lines:
                before = None if grown.anew else one.transcript
                one.transcript = read_lines(grown.lines, before, of_sub_agent=True)
        return tuple(one.transcript for one in kept.values())

    def _find(self, session_id: str, cwd: str) -> Tail | None:
        if not is_session_id(session_id):
            return None
        path: Path | None = transcript_beside(self._projects, cwd, session_id) if cwd else None
        if path is None or not path.exists():
            path = None
            now = self._seconds()
            if now - self._searched.get(session_id, -SEARCH_EVERY_SECONDS) >= SEARCH_EVERY_SECONDS:
                self._searched[session_id] = now
                path = find_transcript(self._projects, session_id)
        if path is None:
            return None
        tail = self._tails[session_id] = Tail(path, has_a_prompt)
        return tail

    def has_transcript(self, session_id: str) -> bool:
        """Whether that session has a transcript, wherever it is."""
        if not is_session_id(session_id):
            return False
        return find_transcript(self._projects, session_id) is not None

    def forget_but(self, session_ids: Iterable[str]) -> None:
        """Drop what is known of all other sessions."""
        kept = set(session_ids)
        for known in (self._tails, self._told, self._searched, self._sub_agents):
            for session_id in known.keys() - kept:
                del known[session_id]


def _any(lines: Sequence[bytes]) -> bool:
    # A call that waits is among the last lines; how its turn began is of no use.
    return bool(lines)


def _newest(folder: Path) -> list[str]:
    """Return the transcripts that were written last, the newest first."""
    found: list[tuple[int, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("agent-") and entry.name.endswith(".jsonl"):
                    found.append((entry.stat().st_mtime_ns, entry.path))
    except OSError:
        return []  # it has started none, or they are being removed
    return [path for _, path in sorted(found, reverse=True)[:MOST_SUB_AGENTS]]
