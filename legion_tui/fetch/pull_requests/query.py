"""One GraphQL request for many pull requests: the text of the question, and what the answer says. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from legion_tui.network import Answer
from legion_tui.state import Checks, PullRequest, PullRequestRef, PullRequestState
from legion_tui.state.text import clean_line

_FIELDS = """
fragment facts on PullRequest {
  number state isDraft title reviewDecision mergeable headRefName additions deletions
  commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 1) {
    checkRunCountsByState { state count } statusContextCountsByState { state count } } } } } }
}
"""

_REVIEWS = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "REVIEW_REQUIRED": "review_required",
}
_ROLLUPS = {
    "SUCCESS": "passing",
    "FAILURE": "failing",
    "ERROR": "failing",
    "PENDING": "pending",
    "EXPECTED": "pending",
}
_PASSED = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
_FAILED = frozenset({"FAILURE", "ERROR", "CANCELLED", "TIMED_OUT", "ACTION_REQUIRED", "STARTUP_FAILURE"})

Aliases = Mapping[tuple[str, str], PullRequestRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an answer says: the pull requests, and a note for each that is not there."""

    found: Mapping[PullRequestRef, PullRequest] = field(default_factory=dict)
    notes: Mapping[PullRequestRef, str] = field(default_factory=dict)


def build_query(refs: Sequence[PullRequestRef]) -> tuple[str, Aliases]:
    """Return the query for `refs`, repositories and pull requests by alias, and what each pair of aliases means."""
    repositories: dict[tuple[str, str], list[PullRequestRef]] = {}
    for ref in dict.fromkeys(refs):
        repositories.setdefault((ref.owner, ref.repo), []).append(ref)
    aliases: dict[tuple[str, str], PullRequestRef] = {}
    parts = []
    for i, ((owner, repo), wanted) in enumerate(repositories.items()):
        inner = []
        for j, ref in enumerate(wanted):
            aliases[f"repo{i}", f"pr{j}"] = ref
            inner.append(f"pr{j}: pullRequest(number: {ref.number}) {{ ...facts }}")
        # JSON's string quoting is GraphQL's; the names come from a URL pattern without quotes anyway.
        parts.append(
            f"repo{i}: repository(owner: {json.dumps(owner)}, name: {json.dumps(repo)}) {{ {' '.join(inner)} }}"
        )
    body = "\n".join(parts)
    return f"query {{\n{body}\nrateLimit {{ cost remaining limit resetAt }}\n}}{_FIELDS}", aliases


def parse_answer(answer: Answer, aliases: Aliases) -> Answered:
    """Return what `answer` says of every pull request in `aliases`; errors stay with the one they are about."""
    data = answer.data or {}
    found: dict[PullRequestRef, PullRequest] = {}
    notes: dict[PullRequestRef, str] = {}
    for (repo_alias, alias), ref in aliases.items():
        repository = data.get(repo_alias)
        record = repository.get(alias) if isinstance(repository, dict) else None
        pull_request = _pull_request(ref, record) if isinstance(record, dict) else None
        if pull_request is not None:
            found[ref] = pull_request
        else:
            notes[ref] = _note(answer, repo_alias, alias, repository is None)
    return Answered(found=found, notes=notes)


def _note(answer: Answer, repo_alias: str, alias: str, no_repository: bool) -> str:
    error = answer.error_at(repo_alias, alias)
    if error is not None:
        return error.message
    return "the repository is not there, or not for this login" if no_repository else "there is no such pull request"


def _pull_request(ref: PullRequestRef, record: Mapping[str, Any]) -> PullRequest | None:
    state = record.get("state")
    if state not in ("OPEN", "MERGED", "CLOSED"):
        return None
    ci, checks = _rollup(record)
    return PullRequest(
        ref=ref,
        state=PullRequestState(str(state).lower()),
        is_draft=bool(record.get("isDraft")),
        title=clean_line(str(record.get("title") or "")),
        review=_REVIEWS.get(str(record.get("reviewDecision"))),
        ci=ci,
        checks=checks,
        mergeable={"MERGEABLE": "mergeable", "CONFLICTING": "conflicting", "UNKNOWN": "unknown"}.get(
            str(record.get("mergeable"))
        ),
        branch=clean_line(str(record.get("headRefName") or "")),
        additions=_count(record.get("additions")),
        deletions=_count(record.get("deletions")),
    )


def _rollup(record: Mapping[str, Any]) -> tuple[str | None, Checks]:
    node: Any = record
    for step in ("commits", "nodes", 0, "commit", "statusCheckRollup"):
        if isinstance(step, int):
            node = node[step] if isinstance(node, list) and len(node) > step else None
        else:
            node = node.get(step) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        return None, Checks()
    contexts = node.get("contexts")
    counts = {"passed": 0, "failed": 0, "pending": 0}
    for name in ("checkRunCountsByState", "statusContextCountsByState"):
        listed = contexts.get(name) if isinstance(contexts, dict) else None
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict):
                counts[_outcome(str(entry.get("state")))] += _count(entry.get("count"))
    return _ROLLUPS.get(str(node.get("state"))), Checks(**counts)


def _outcome(state: str) -> str:
    if state in _PASSED:
        return "passed"
    # COMPLETED and STALE say nothing of the outcome, and neither does a word that is new: none is a failure.
    return "failed" if state in _FAILED else "pending"


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
