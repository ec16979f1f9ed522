"""Claude Code as the rest of the product sees it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from legion_tui.agents.claude_code.census import Census
from legion_tui.agents.claude_code.evidence import worker_of
from legion_tui.agents.claude_code.files import Files
from legion_tui.agents.claude_code.given import given_answers
from legion_tui.agents.claude_code.hook import HookOffer, Spool, Waiting, hook_for, output_for, worker_settings
from legion_tui.agents.claude_code.judge import Clues, settled_until
from legion_tui.agents.claude_code.keys import next_step, unanswerable
from legion_tui.agents.claude_code.launch import argv_of
from legion_tui.agents.claude_code.paths import config_folder, environment_for
from legion_tui.agents.claude_code.processes import Processes
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.screen import box_of, read_screen
from legion_tui.agents.claude_code.wants import wants_screen
from legion_tui.agents.protocol import Box, Known, Launch, Offer, Prompt, Sighting, Step
from legion_tui.state.panes import Pane
from legion_tui.state.questions import Answer, Channel, GivenAnswer, Question
from legion_tui.state.workers import Worker


@dataclass(frozen=True, slots=True)
class _Judged:
    """A worker, what it was judged by, and the time within which that holds (`until` is no longer in it)."""

    sighting: Sighting
    screen: Sequence[str] | None
    at: datetime
    until: datetime | None
    worker: Worker

    def holds(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> bool:
        in_time = self.at <= now and (self.until is None or now < self.until)
        return in_time and screen == self.screen and sighting == self.sighting


class ClaudeCode:
    """Implements `Agent` and `Listener`. One instance serves several threads, one after the other."""

    kind = "claude-code"

    def __init__(
        self, folder: Path, environment: Mapping[str, str] | None = None, *, spool: Path | None = None
    ) -> None:
        """Take the agent's folder (`~/.claude`), what an agent needs in its environment to use it, and our hooks'."""
        self._environment = dict(environment or {})
        self._files = Files(folder)
        self._processes = Processes()
        self._hook_folder = spool
        self._spool = Spool(spool) if spool is not None else None
        self._lock = threading.Lock()
        # By session and process: two processes may hold one session.
        self._judged: dict[tuple[str, int | None], _Judged] = {}

    @property
    def bytes_read(self) -> int:
        """How much of its files was read up to now."""
        return self._files.bytes_read

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where files change when an agent does something, or waits for an answer by hook."""
        return (*self._files.folders, *((self._hook_folder,) if self._hook_folder is not None else ()))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], home: Path, *, spool: Path | None = None) -> ClaudeCode:
        """Return the adapter for the folder that an agent of this user would use."""
        folder = config_folder(environ, home)
        return cls(folder, environment_for(folder, home), spool=spool)

    def argv(self, launch: Launch) -> tuple[str, ...]:
        """Return the exact command line, without a shell."""
        return argv_of(launch)

    def environment(self) -> Mapping[str, str]:
        """Return what the agent needs in its environment to use the files that are read here."""
        return dict(self._environment)

    def worker_settings(self, refused: Sequence[str]) -> bytes:
        """Return what a `Launch.settings` file holds: our hook, and a fence around what a worker may run."""
        return json.dumps(worker_settings(self._hook_folder, refused=refused), indent=2).encode()

    def look(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        """Read what changed and return every agent of this machine and every one in `known`."""
        with self._lock:
            sightings = Census(self._files, self._processes, panes, known).take()
            pids = {sighting.pid for sighting in sightings if sighting.pid is not None}
            self._processes.forget_but(pids | {pane.pid for pane in panes})
            self._files.forget_but(sighting.session_id for sighting in sightings)
            seen = {(sighting.session_id, sighting.pid) for sighting in sightings}
            self._judged = {key: judged for key, judged in list(self._judged.items()) if key in seen}
            hooks = self._spool.waiting() if self._spool is not None else ()
            return tuple(_with_hooks(sighting, hooks) for sighting in sightings) if hooks else sightings

    def wants_screen(self, sighting: Sighting, now: datetime) -> bool:
        """Whether the pane's screen is needed to judge this one."""
        return wants_screen(sighting, _records(sighting), now)

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        """Return the worker that the evidence shows, the same object while nothing changed. Never raises."""
        key = (sighting.session_id, sighting.pid)
        before = self._judged.get(key)
        if before is not None and before.holds(sighting, screen, now):
            return before.worker
        seen = read_screen(screen) if screen is not None else None
        records = _records(sighting)
        clues = Clues(sighting=sighting, records=records, screen=seen, now=now)
        worker = worker_of(clues)
        if worker.question is not None:
            why = worker.question.unanswerable or unanswerable(worker.question)
            hook = hook_for(worker.question, records.hooks, records.transcript)
            channel = Channel.HOOK if hook is not None else Channel.KEYS
            worker = replace(worker, question=replace(worker.question, unanswerable=why, channel=channel))
        self._judged[key] = _Judged(sighting, screen, now, settled_until(clues), worker)
        return worker

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        """Return what to do next to answer `question` on this screen, after `pressed` steps. Pure."""
        return next_step(question, answers, read_screen(screen), pressed)

    def offer(self, question: Question, answers: Sequence[Answer]) -> Offer | None:
        """Return these answers, ready for the hook that waits for this very question; None where there is no way."""
        if self._spool is None:
            return None
        with self._lock:
            transcript = self._files.transcript(question.session_id).transcript
            hook = hook_for(question, self._spool.waiting(), transcript)
        output = output_for(question, answers, hook.request) if hook is not None else None
        return HookOffer(self._spool, hook, output) if hook is not None and output is not None else None

    def given(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        """Return the answer that the agent's own record shows for this question; None while it is open."""
        with self._lock:
            if question.tool_use_id:
                own = self._files.transcript(question.session_id).transcript
                theirs = (one for one in self._files.sub_agents(question.session_id) if one.knows(question.tool_use_id))
                return given_answers(question, next(theirs, own))
            status = self._live_status(question.session_id)
            # A start-up dialog is over when there is a session; before that nothing is on record.
            return None if status is None else given_answers(question, None)

    def has_transcript(self, session_id: str) -> bool:
        """Whether that session can be resumed."""
        return self._files.has_transcript(session_id)

    def owner(self, session_id: str) -> int | None:
        """Return the pid of a live process that holds this session, or None."""
        with self._lock:
            return self._live_status(session_id)

    def box(self, screen: Sequence[str]) -> Box:
        """Return what a screen shows of the prompt box. Pure."""
        return box_of(read_screen(screen))

    def prompts(self, session_id: str) -> tuple[Prompt, ...]:
        """Return what that session was told lately, by its own record, newest last."""
        with self._lock:
            transcript = self._files.transcript(session_id).transcript
        return transcript.prompts if transcript is not None else ()

    def interrupted_at(self, session_id: str) -> datetime | None:
        """Return when a person last stopped it, by its own record; not every stop leaves one."""
        with self._lock:
            transcript = self._files.transcript(session_id).transcript
        return transcript.interrupted_at if transcript is not None else None

    def _live_status(self, session_id: str) -> int | None:
        for said in self._files.statuses():
            if said.status.session_id == session_id:
                facts = self._processes.facts(said.status.pid, closely=True)
                if self._processes.wrote(facts, said.status):
                    return said.status.pid
        return None


def _records(sighting: Sighting) -> Records:
    return sighting.records if isinstance(sighting.records, Records) else Records()


def _with_hooks(sighting: Sighting, hooks: Sequence[Waiting]) -> Sighting:
    own = tuple(hook for hook in hooks if hook.session_id == sighting.session_id)
    return replace(sighting, records=replace(_records(sighting), hooks=own)) if own else sighting
