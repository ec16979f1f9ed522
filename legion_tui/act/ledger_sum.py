"""What the ledger's records amount to: how everything stands by now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from legion_tui.act.records import Entry, Kind, Phase
from legion_tui.state.journal import Journal, QueuedMessage, Request
from legion_tui.state.life import Life, LifeState
from legion_tui.state.names import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """A worker that was started or resumed from here, as far as is known."""

    issue: str
    mode: Mode
    session_id: str
    at: datetime
    outcome: str = ""


class Sum:
    """What all records so far amount to; grows record by record."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.entries: list[Entry] = []
        self.open: dict[str, Entry] = {}
        self._dispatches: dict[str, Dispatched] = {}
        self._labels: dict[str, frozenset[str]] = {}
        self._queue: dict[str, QueuedMessage] = {}
        # By the intent that takes it out.
        self._taken: dict[str, QueuedMessage] = {}
        # How often each program has started a worker of each mode for each issue.
        self._starts: dict[str, dict[tuple[str, Mode], int]] = {}
        # By the id of an intent that is still open: for whom it was counted.
        self._counted: dict[str, tuple[str, tuple[str, Mode]]] = {}
        # By the id of the intent: the issue, and what a worker was told about which commit.
        self._told: dict[str, tuple[str, tuple[str, str]]] = {}
        # The sessions that were asked to end, each by the intent that did.
        self._ended: dict[str, str] = {}
        self.lives: dict[str, Life] = {}
        # By session id: the note that last moved its life.
        self._last_life: dict[str, str] = {}
        # By session id: the note that linked it, and to what.
        self._links: dict[str, tuple[str, str, Mode]] = {}
        # By session id.
        self._requests: dict[str, Request] = {}
        self._journal: Journal | None = Journal()

    def add(self, entry: Entry) -> None:
        """Take one more record."""
        self.entries.append(entry)
        self._journal = None
        if entry.phase is Phase.OUTCOME:
            self._fulfil(entry)
            self._uncount_start(entry)
        if entry.phase is Phase.INTENT:
            self.open[entry.id] = entry
            self._count_start(entry)
            self._add_told(entry)
        elif entry.phase is Phase.OUTCOME:
            self.open.pop(entry.id, None)
            if entry.data.get("outcome") in ("failed", "refused"):
                self._told.pop(entry.id, None)
        self._add_ended(entry)
        if entry.kind == Kind.DISPATCH:
            self._add_dispatch(entry)
        elif entry.kind == Kind.LABELS:
            labels = self._labels.get(entry.issue, frozenset()) - _words(entry.data.get("removed"))
            self._labels[entry.issue] = labels | _words(entry.data.get("added"))
        elif entry.kind == Kind.REQUEST:
            self._add_request(entry)
        elif entry.kind in (Kind.LINK, Kind.UNLINK):
            self._add_link(entry)
        elif entry.kind == Kind.LIFE:
            self._add_life(entry)
        elif entry.kind == Kind.QUEUE:
            self._add_queued(entry)
        elif entry.kind == Kind.MESSAGE:
            self._add_message(entry)

    def dispatches(self) -> Iterable[Dispatched]:
        """Return every dispatch that may have started something, oldest first."""
        return self._dispatches.values()

    def needed_ids(self) -> set[str]:
        """Return the ids of the records, however old, without which this sum would be another."""
        last = {one.session_id: entry_id for entry_id, one in self._dispatches.items()}
        return {
            *self.open,
            *last.values(),
            *self._last_life.values(),
            *self._ended.values(),
            *self._told,
            *self._queue,
            # One that is being delivered waits again where that is refused.
            *(message.id for message in self._taken.values()),
            *(request.id for request in self._requests.values()),
            *(entry_id for entry_id, _, _ in self._links.values()),
        }

    def starts(self, program: str) -> Mapping[tuple[str, Mode], int]:
        """Return how often a program has set out to start, or to prompt, a worker of each mode for each issue."""
        return dict(self._starts.get(program, {}))

    def queue(self) -> tuple[QueuedMessage, ...]:
        """Return the messages that wait, oldest first."""
        return tuple(sorted(self._queue.values(), key=lambda message: message.at))

    def requests(self) -> tuple[Request, ...]:
        """Return the workers that wait for their turn, oldest first."""
        return tuple(sorted(self._requests.values(), key=lambda request: request.at))

    def labels_of(self, issue: str) -> frozenset[str]:
        """Return the labels that are kept here because the tracker takes none."""
        return self._labels.get(issue, frozenset())

    @property
    def journal(self) -> Journal:
        """The facts for the decision; the same object until another record comes."""
        if self._journal is None:
            self._journal = Journal(
                dispatched={one.session_id: (one.issue, one.mode) for one in self._dispatches.values()}
                | {session_id: (issue, mode) for session_id, (_, issue, mode) in self._links.items()},
                linked=frozenset(self._links),
                ended=frozenset(self._ended),
                labels={issue: labels for issue, labels in self._labels.items() if labels},
                told=self._told_by_issue(),
                queue=self.queue(),
                requests=self.requests(),
            )
        return self._journal

    def _add_link(self, entry: Entry) -> None:
        session_id, mode = entry.data.get("session_id"), entry.data.get("mode")
        if not isinstance(session_id, str):
            return
        if entry.kind == Kind.UNLINK:
            self._links.pop(session_id, None)
        elif mode in list(Mode):
            self._links[session_id] = (entry.id, entry.issue, Mode(mode))

    def _add_request(self, entry: Entry) -> None:
        mode, session_id, outcome = (entry.data.get(name) for name in ("mode", "session_id", "outcome"))
        if not isinstance(session_id, str):
            return
        if outcome is not None:
            self._requests.pop(session_id, None)
        elif mode in list(Mode):
            request = Request(id=entry.id, issue=entry.issue, mode=Mode(mode), session_id=session_id, at=entry.at)
            self._requests.setdefault(session_id, request)

    def _fulfil(self, outcome: Entry) -> None:
        """A worker that was started waits no more; one that could not be started does, until somebody takes it back."""
        intent = self.open.get(outcome.id)
        session_id = intent.data.get("session_id") if intent is not None else None
        begun = outcome.data.get("outcome") in ("started", "resumed", "unconfirmed") and "undone" not in outcome.data
        if outcome.kind in (Kind.DISPATCH, Kind.PROMPT) and isinstance(session_id, str) and begun:
            self._requests.pop(session_id, None)

    def _add_life(self, entry: Entry) -> None:
        session_id, mode, state = (entry.data.get(name) for name in ("session_id", "mode", "to"))
        if isinstance(session_id, str) and mode in list(Mode) and state in list(LifeState):
            self._last_life[session_id] = entry.id
            self.lives[session_id] = Life(
                issue=entry.issue,
                mode=Mode(mode),
                session_id=session_id,
                state=LifeState(state),
                since=entry.at,
                reason=str(entry.data.get("reason", "")),
            )

    def _count_start(self, entry: Entry) -> None:
        program, mode = entry.by.get("program"), entry.data.get("mode")
        # One that waited was asked for by somebody, whoever starts it.
        waited = entry.data.get("session_id") in self._requests
        if (
            entry.kind in (Kind.DISPATCH, Kind.PROMPT)
            and isinstance(program, str)
            and mode in list(Mode)
            and not waited
        ):
            of_it = self._starts.setdefault(program, {})
            key = (entry.issue, Mode(mode))
            of_it[key] = of_it.get(key, 0) + 1
            self._counted[entry.id] = (program, key)

    def _uncount_start(self, outcome: Entry) -> None:
        """A start that was refused (no free slot) or cut off before its window was open is no round."""
        counted = self._counted.pop(outcome.id, None)
        nothing = outcome.data.get("undone") is True or outcome.data.get("outcome") == "refused"
        if counted is not None and nothing:
            program, key = counted
            self._starts[program][key] -= 1

    def _add_told(self, entry: Entry) -> None:
        action, head = entry.data.get("action"), entry.data.get("head")
        if entry.kind in (Kind.DISPATCH, Kind.PROMPT) and isinstance(action, str) and isinstance(head, str) and head:
            self._told[entry.id] = (entry.issue, (action, head))

    def _told_by_issue(self) -> dict[str, frozenset[tuple[str, str]]]:
        told: dict[str, set[tuple[str, str]]] = {}
        for issue, what in self._told.values():
            told.setdefault(issue, set()).add(what)
        return {issue: frozenset(whats) for issue, whats in told.items()}

    def _add_queued(self, entry: Entry) -> None:
        text, session_id = entry.data.get("text"), entry.data.get("session_id")
        ended = entry.data.get("message")
        if isinstance(ended, str):
            self._queue.pop(ended, None)
        elif isinstance(text, str) and isinstance(session_id, str):
            self._queue[entry.id] = QueuedMessage(
                id=entry.id, issue=entry.issue, session_id=session_id, text=text, at=entry.at
            )

    def _add_message(self, entry: Entry) -> None:
        """Whoever takes a message out says so before it is typed: a crash in between never has it typed twice."""
        if entry.phase is Phase.INTENT:
            waited = self._queue.pop(str(entry.data.get("message", "")), None)
            if waited is not None:
                self._taken[entry.id] = waited
        elif entry.phase is Phase.OUTCOME:
            waited = self._taken.pop(entry.id, None)
            if waited is not None and entry.data.get("outcome") == "refused":
                self._queue[waited.id] = waited

    def _add_ended(self, entry: Entry) -> None:
        session_id = entry.data.get("session_id")
        if entry.phase is Phase.OUTCOME:
            if entry.data.get("outcome") == "refused":
                self._ended = {session: intent for session, intent in self._ended.items() if intent != entry.id}
        elif isinstance(session_id, str) and entry.kind in (Kind.PARK, Kind.STOP):
            self._ended[session_id] = entry.id
        elif isinstance(session_id, str) and entry.kind in (Kind.DISPATCH, Kind.PROMPT):
            self._ended.pop(session_id, None)

    def _add_dispatch(self, entry: Entry) -> None:
        if entry.phase is Phase.OUTCOME:
            # Where the window could not be opened, nothing was started.
            known = self._dispatches.get(entry.id)
            if entry.data.get("outcome") in ("failed", "refused"):
                self._dispatches.pop(entry.id, None)
            elif known is not None:
                self._dispatches[entry.id] = Dispatched(
                    issue=known.issue,
                    mode=known.mode,
                    session_id=known.session_id,
                    at=known.at,
                    outcome=str(entry.data.get("outcome", "")),
                )
            return
        mode, session_id = entry.data.get("mode"), entry.data.get("session_id")
        if isinstance(session_id, str) and mode in list(Mode):
            self._dispatches[entry.id] = Dispatched(
                issue=entry.issue, mode=Mode(mode), session_id=session_id, at=entry.at
            )


def _words(value: object) -> frozenset[str]:
    return frozenset(word for word in value if isinstance(word, str)) if isinstance(value, list) else frozenset()
