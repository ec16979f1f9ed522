"""Who is there: each status file with its process and its pane, and the known workers without one. Blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from legion_tui.agents.claude_code.files import Files, Said, Told
from legion_tui.agents.claude_code.processes import Processes
from legion_tui.agents.claude_code.questions import PERMISSION_PROMPT
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.status_file import StatusFile
from legion_tui.agents.claude_code.transcript import Transcript
from legion_tui.agents.protocol import Known, Sighting
from legion_tui.processes import ProcessFacts
from legion_tui.state.panes import Pane


@dataclass(frozen=True, slots=True)
class _Seen:
    """One status file: its process if that lives and wrote it, its pane, and how far above the process that is."""

    said: Said
    process: ProcessFacts | None
    pane: Pane | None = None
    steps: int = 0

    @property
    def status(self) -> StatusFile:
        return self.said.status


class Census:
    """One look at everything."""

    def __init__(self, files: Files, processes: Processes, panes: Sequence[Pane], known: Sequence[Known]) -> None:
        """Take what is read through and what is known beforehand."""
        self._files = files
        self._processes = processes
        self._panes = {pane.pane_id: pane for pane in panes}
        self._pane_of_pid = {pane.pid: pane for pane in panes if not pane.dead}
        self._known_by_pane = {one.pane.pane_id: one for one in known if one.pane is not None}
        self._known_by_session = {one.session_id: one for one in known if one.session_id}
        self._known = known

    def take(self) -> tuple[Sighting, ...]:
        """Return every agent that lives, the remains of those that were killed, and every known worker."""
        live: list[_Seen] = []
        dead: list[_Seen] = []
        for said in self._files.statuses():
            seen = self._with_process(said)
            (dead if seen.process is None else live).append(seen)
        live = _one_to_a_pane(live)
        taken = {seen.pane.pane_id for seen in live if seen.pane is not None}
        holders: dict[str, list[int]] = {}
        for seen in live:
            holders.setdefault(seen.status.session_id, []).append(seen.status.pid)
        sightings = [self._sighting(seen, holders[seen.status.session_id]) for seen in live]
        for seen in dead:
            remains = self._remains(seen, taken)
            if remains.status.session_id in holders:
                continue
            if remains.pane is not None or remains.status.session_id in self._known_by_session:
                sightings.append(self._sighting(remains, ()))
                holders[remains.status.session_id] = []
                taken |= {remains.pane.pane_id} if remains.pane is not None else set()
        return (*sightings, *self._without_file(taken, holders))

    def _with_process(self, said: Said) -> _Seen:
        status = said.status
        expected = self._panes.get(status.pane)
        # Only a process in the foreground is sure not to be stopped.
        closely = expected is None or expected.shell_in_front
        facts = self._processes.facts(status.pid, closely=closely)
        if not self._processes.wrote(facts, status) or facts is None:
            return _Seen(said, None)
        chain = self._processes.chain(facts)
        if expected is not None and expected.pid in chain:
            return _Seen(said, facts, expected, chain.index(expected.pid))
        for steps, pid in enumerate(chain):
            if pid in self._pane_of_pid:
                return _Seen(said, facts, self._pane_of_pid[pid], steps)
        return _Seen(said, facts)

    def _remains(self, seen: _Seen, taken: set[str]) -> _Seen:
        """Find the pane of a killed agent: the one of its file, unless that belongs to another by now."""
        status = seen.status
        pane = self._panes.get(status.pane)
        if pane is None or pane.pane_id in taken or pane.window_id != status.window:
            return seen
        known = self._known_by_pane.get(pane.pane_id)
        if known is not None and known.session_id:
            ours = known.session_id == status.session_id
        else:
            ours = pane.pid == status.pid or self._older(pane, status)
        return replace(seen, pane=pane) if ours and (pane.dead or pane.shell_in_front) else seen

    def _older(self, pane: Pane, status: StatusFile) -> bool:
        """Whether the pane's own process was there before the agent: ids are given out anew by every server."""
        facts = self._processes.facts(pane.pid)
        return facts is not None and status.started_at is not None and facts.started_at <= status.started_at.timestamp()

    def _sighting(self, seen: _Seen, holders: Sequence[int]) -> Sighting:
        status = seen.status
        known = self._known_by_pane.get(seen.pane.pane_id) if seen.pane is not None else None
        known = known or self._known_by_session.get(status.session_id)
        told = self._files.transcript(status.session_id, status.cwd)
        asks = seen.process is not None and status.status == "waiting" and status.waiting_for == PERMISSION_PROMPT
        return Sighting(
            session_id=status.session_id,
            issue=known.issue if known else None,
            mode=known.mode if known else None,
            pane=seen.pane,
            pid=status.pid,
            process=seen.process,
            started_at=status.started_at,
            told_to_end=known.told_to_end if known else False,
            records=_records(
                told,
                said=seen.said,
                lives=seen.process is not None,
                others=tuple(pid for pid in holders if pid != status.pid),
                sub_agents=self._files.sub_agents(status.session_id) if asks else (),
            ),
        )

    def _without_file(self, taken: set[str], holders: Mapping[str, object]) -> list[Sighting]:
        found: list[Sighting] = []
        for known in self._known:
            pane = self._panes.get(known.pane.pane_id) if known.pane is not None else None
            if known.session_id in holders or (pane is not None and pane.pane_id in taken):
                continue
            process = self._processes.facts(pane.pid) if pane is not None and not pane.dead else None
            told = self._files.transcript(known.session_id) if known.session_id else Told()
            found.append(
                Sighting(
                    session_id=known.session_id,
                    issue=known.issue,
                    mode=known.mode,
                    pane=pane,
                    pid=process.pid if process is not None else None,
                    process=process,
                    started_at=known.started_at,
                    told_to_end=known.told_to_end,
                    records=_records(told),
                )
            )
        return found


def _records(
    told: Told,
    *,
    said: Said | None = None,
    lives: bool = False,
    others: tuple[int, ...] = (),
    sub_agents: tuple[Transcript, ...] = (),
) -> Records:
    return Records(
        status=said.status if said else None,
        status_problem=said.problem if said else "",
        lives=lives,
        transcript=told.transcript,
        transcript_problem=told.problem,
        transcript_whole=told.whole,
        others=others,
        sub_agents=sub_agents,
    )


def _one_to_a_pane(seen: Sequence[_Seen]) -> list[_Seen]:
    """Leave each pane to the agent that has its keyboard: one that another agent runs is further down."""
    best: dict[str, _Seen] = {}
    for one in seen:
        if one.pane is not None:
            other = best.get(one.pane.pane_id)
            if other is None or _rank(one) < _rank(other):
                best[one.pane.pane_id] = one
    return [one if one.pane is None or best[one.pane.pane_id] is one else replace(one, pane=None) for one in seen]


def _rank(seen: _Seen) -> tuple[bool, int, float]:
    process = seen.process
    stopped = process is not None and process.stopped
    return stopped, seen.steps, -process.started_at if process is not None else 0.0
