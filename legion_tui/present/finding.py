"""What a filter means: words that a row has to hold, and terms such as `status:todo`, `-is:blocked`, `ci:failing`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from legion_tui.present.board import Group, Row
from legion_tui.present.cells import pull_look
from legion_tui.state import Label, Problem, QuestionKind, Worker, WorkerState
from legion_tui.state.names import Attention, Mode
from legion_tui.state.workers import RUNNING

_TERM = re.compile(r"""(?P<not>-?)(?:(?P<field>[A-Za-z]+):)?(?P<value>"[^"]*"?|\S+)""")
# Fewer letters than this are looked for as they are.
_FUZZY_FROM = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; any of `values` does, and `negated` turns it round. Without a field it is a word."""

    field: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All terms have to hold. `problems` says what of the text is not understood; that is left out."""

    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()

    def holds(self, row: Row) -> bool:
        """Whether a row is to be shown."""
        return all(_holds(term, row) is not term.negated for term in self.terms)


@lru_cache(64)
def query(text: str) -> Query:
    """Return what a filter means; an unfinished term is none yet."""
    terms: list[Term] = []
    problems: list[str] = []
    for match in _TERM.finditer(text):
        value = (match["value"] or "").strip('"')
        if not value or value == "-":
            continue
        negated, field = bool(match["not"]), (match["field"] or "").casefold()
        if not field:
            if not value.endswith(":"):
                terms.append(Term("", (value,), negated))
            elif value[:-1].casefold() not in FIELDS:
                problems.append(_unknown_field(value[:-1]))
            continue
        if field not in FIELDS:
            problems.append(_unknown_field(field))
            continue
        values, unknown = _known(field, [part for part in value.split(",") if part])
        problems += [_unknown_value(field, part) for part in unknown]
        if values:
            terms.append(Term(field, values, negated))
    return Query(tuple(terms), tuple(problems))


def fuzzy(needle: str, text: str) -> bool:
    """Whether one word of `text` begins as `needle` does and holds its letters in their order."""
    return len(needle) >= _FUZZY_FROM and any(_in_order(needle, word) for word in re.split(r"[\s/_.-]+", text))


def _in_order(needle: str, word: str) -> bool:
    if not word or word[0] != needle[0]:
        return False
    letters = iter(word)
    return all(letter in letters for letter in needle)


def _known(field: str, values: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the values in full, a beginning standing for the word; and those that are none of this field's."""
    words = FIELDS[field]
    if not words:
        return tuple(_plain(value) for value in values), []
    known: list[str] = []
    unknown: list[str] = []
    for value in map(_plain, values):
        begun = [word for word in words if word == value] or [word for word in words if word.startswith(value)]
        known += begun
        unknown += [] if begun else [value]
    return tuple(known), unknown


def _holds(term: Term, row: Row) -> bool:
    if not term.field:
        word = term.values[0].casefold()
        return word in _shown_text(row) or fuzzy(word, _names(row))
    has = _VALUES[term.field](row)
    if FIELDS[term.field]:
        return any(value in has for value in term.values)
    return any(value in one for value in term.values for one in has)


def _plain(text: str) -> str:
    """Return a value without what nobody types alike: case, blanks, dashes."""
    return re.sub(r"[\s_-]+", "", text).casefold()


def _names(row: Row) -> str:
    title = row.issue.issue.title if row.issue is not None else ""
    return f"{row.shown_id} {row.target} {title}".casefold()


def _shown_text(row: Row) -> str:
    """Return all that a person may see of a row, and so look for."""
    worker, issue = row.worker, row.issue
    parts = [row.shown_id, row.target]
    if issue is not None:
        pull = issue.pull_request
        ref = pull.ref if pull is not None else issue.issue.pull_request
        parts += [issue.issue.title, issue.issue.status, issue.status, *issue.labels, *issue.issue.assignees]
        parts += [f"#{ref.number}" if ref is not None else "", pull_look(pull).value if pull is not None else ""]
    if isinstance(row.subject, Problem):
        parts += [row.subject.where, row.subject.what]
    if worker is not None:
        parts += [worker.state.value, worker.mode or "", worker.cwd or "", worker.branch or "", worker.last_words]
        parts += [worker.name]
    if row.question is not None:
        parts += [part for item in row.question.items for part in (item.text, *(o.label for o in item.options))]
    return "\n".join(parts).casefold()


def _is(row: Row) -> set[str]:
    worker, issue = row.worker, row.issue
    found = {Group.SNOOZED.value} if row.snooze is not None else {"awake"}
    found.add("issue" if issue is not None else "session" if isinstance(row.subject, Worker) else "problem")
    if row.needs_you:
        found.add("needsyou")
    if issue is not None:
        found.add(_plain(issue.attention.value))
        found |= {"blocked"} if issue.facts.is_blocked or issue.facts.blockers else set()
        found |= {"approval"} if Label.NEEDS_APPROVAL in issue.labels else set()
        pull = issue.pull_request
        found |= {_plain(pull.state.value)} if pull is not None else {"nopr"}
        found |= {"draft"} if pull is not None and pull.is_draft else set()
    if worker is not None:
        found |= {"live"} if worker.live else set()
        found |= {"asking"} if row.question is not None else set()
        found |= {"working"} if worker.state in RUNNING else set()
        found |= {"silent"} if worker.silent else set()
        found |= {"queued"} if row.queued or worker.state is WorkerState.QUEUED else set()
    return found


def _ci(row: Row) -> set[str]:
    pull = row.issue.pull_request if row.issue is not None else None
    return {pull.ci or "none"} if pull is not None else {"none"}


def _review(row: Row) -> set[str]:
    pull = row.issue.pull_request if row.issue is not None else None
    return {_plain(pull_look(pull).value)} if pull is not None else {"none"}


def _worker_value(take: Callable[[Worker], str]) -> Callable[[Row], set[str]]:
    return lambda row: {_plain(take(row.worker))} - {""} if row.worker is not None else set()


def _kind(row: Row) -> set[str]:
    return {row.question.kind.value} if row.question is not None else set()


_VALUES: Mapping[str, Callable[[Row], set[str]]] = {
    "status": lambda row: {_plain(row.issue.status), _plain(row.issue.issue.status)} if row.issue else set(),
    "label": lambda row: {_plain(label) for label in row.issue.labels} if row.issue else set(),
    "id": lambda row: {_plain(row.shown_id), _plain(row.target)},
    "title": lambda row: {_plain(row.issue.issue.title)} if row.issue else set(),
    "is": _is,
    "ci": _ci,
    "review": _review,
    "mode": _worker_value(lambda worker: worker.mode.value if worker.mode else ""),
    "state": _worker_value(lambda worker: worker.state.value),
    "kind": _kind,
}
# The fields, and the words that each takes; where there are none, any part of what it holds does.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "status": (),
    "label": (),
    "id": (),
    "title": (),
    "is": (
        *(_plain(attention.value) for attention in Attention),
        *("asking", "blocked", "approval", "draft", "open", "merged", "closed", "nopr", "live", "silent", "queued"),
        *("snoozed", "awake", "issue", "session", "problem"),
    ),
    "ci": ("passing", "failing", "pending", "unknown", "none"),
    "review": ("draft", "open", "reviewwanted", "changesasked", "approved", "conflict", "merged", "closed", "none"),
    "mode": tuple(mode.value for mode in Mode),
    "state": tuple(_plain(state.value) for state in WorkerState),
    "kind": tuple(kind.value for kind in QuestionKind),
}


def _unknown_field(field: str) -> str:
    return f"no field {field}: {_nearest(field, FIELDS)} (quotes look for it as it is)"


def _unknown_value(field: str, value: str) -> str:
    return f"{field}: has no {value}: {_nearest(value, FIELDS[field])}"


def _nearest(given: str, known: Iterable[str]) -> str:
    import difflib  # only where something is wrong

    near = difflib.get_close_matches(given.casefold(), list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
