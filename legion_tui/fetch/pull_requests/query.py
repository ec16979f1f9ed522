"""One GraphQL request for many pull requests: the text of the question, and which answer is about which. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from legion_tui.fetch.pull_requests.convert import pull_request_of
from legion_tui.fetch.pull_requests.shapes import PullRequestNode
from legion_tui.network import Answer
from legion_tui.state import BranchRef, PullRequest, PullRequestRef, PullRequestState
from legion_tui.state.text import clean_line

# Lists cost by what they could hold: a hundredth of a point of the hour's budget a pull request and list.
_FIELDS = """
fragment facts on PullRequest {
  number state isDraft title reviewDecision mergeable headRefName headRefOid additions deletions isCrossRepository
  headRepositoryOwner { login }
  commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 1) {
    checkRunCountsByState { state count } statusContextCountsByState { state count } } } } } }
  reviewRequests(first: 20) { nodes { requestedReviewer { ... on User { login } } } }
  latestOpinionatedReviews(first: 20) { nodes { state submittedAt author { login } commit { oid } } }
  reviewThreads(first: 100) { totalCount nodes { isResolved } }
}
"""

Aliases = Mapping[tuple[str, str], PullRequestRef | BranchRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an answer says: the pull requests, and a note for each that is not there, or is somewhere else by now."""

    found: Mapping[PullRequestRef, PullRequest] = field(default_factory=dict)
    notes: Mapping[PullRequestRef, str] = field(default_factory=dict)
    # The newest pull request of each branch that has one; it is among those that were found.
    branches: Mapping[BranchRef, PullRequestRef] = field(default_factory=dict)


def build_query(refs: Sequence[PullRequestRef | BranchRef]) -> tuple[str, Aliases]:
    """Return the query for `refs`, repositories and pull requests by alias, and what each pair of aliases means."""
    repositories: dict[tuple[str, str], list[PullRequestRef | BranchRef]] = {}
    for ref in dict.fromkeys(refs):
        repositories.setdefault((ref.owner, ref.repo), []).append(ref)
    aliases: dict[tuple[str, str], PullRequestRef | BranchRef] = {}
    parts = []
    for i, ((owner, repo), wanted) in enumerate(repositories.items()):
        inner = []
        for j, ref in enumerate(wanted):
            aliases[f"repo{i}", f"pr{j}"] = ref
            inner.append(f"pr{j}: {_asked(ref)}")
        # JSON's string quoting is GraphQL's.
        where = f"repository(owner: {json.dumps(owner)}, name: {json.dumps(repo)})"
        parts.append(f"repo{i}: {where} {{ nameWithOwner {' '.join(inner)} }}")
    body = "\n".join(parts)
    return f"query {{\nviewer {{ login }}\n{body}\nrateLimit {{ cost remaining limit resetAt }}\n}}{_FIELDS}", aliases


def _asked(ref: PullRequestRef | BranchRef) -> str:
    if isinstance(ref, PullRequestRef):
        return f"pullRequest(number: {ref.number}) {{ ...facts }}"
    newest = "first: 5, orderBy: {field: CREATED_AT, direction: DESC}"
    return f"pullRequests(headRefName: {json.dumps(ref.name)}, {newest}) {{ nodes {{ ...facts }} }}"


def parse_answer(answer: Answer, aliases: Aliases) -> Answered:
    """Return what `answer` says of every pull request in `aliases`; errors stay with the one they are about."""
    data = answer.data or {}
    viewer = data.get("viewer")
    me = str(viewer.get("login") or "") if isinstance(viewer, dict) else ""
    found: dict[PullRequestRef, PullRequest] = {}
    notes: dict[PullRequestRef, str] = {}
    branches: dict[BranchRef, PullRequestRef] = {}
    for (repo_alias, alias), ref in aliases.items():
        repository = data.get(repo_alias)
        told = repository if isinstance(repository, dict) else {}
        if isinstance(ref, BranchRef):
            pull_request = _of_branch(ref, told.get(alias), me)
            if pull_request is not None:
                found.setdefault(pull_request.ref, pull_request)
                branches[ref] = pull_request.ref
        elif isinstance(told.get(alias), dict):
            hidden = next((error for error in answer.errors if error.path[:2] == (repo_alias, alias)), None)
            try:
                node = msgspec.convert(told[alias], type=PullRequestNode)
            except msgspec.ValidationError as error:
                notes[ref] = clean_line(f"the answer is of another shape: {error}", limit=200)
                continue
            found[ref] = pull_request_of(ref, node, me, checks_told=hidden is None or "commits" not in hidden.path)
            name = clean_line(str(told.get("nameWithOwner") or ""), limit=200)
            if hidden is not None:
                # A right that the token lacks hides a part of it; the rest is told.
                notes[ref] = f"{'.'.join(map(str, hidden.path[2:])) or 'a part of it'}: {hidden.message}"
            elif name and name.casefold() != f"{ref.owner}/{ref.repo}".casefold():
                notes[ref] = f"its repository is called {name} now"
        else:
            notes[ref] = _note(answer, repo_alias, alias, repository is None)
    return Answered(found=found, notes=notes, branches=branches)


def _of_branch(ref: BranchRef, told: object, me: str) -> PullRequest | None:
    """Return the branch's pull request: an open one before the newest; of a fork only of the login's own."""
    listed = told.get("nodes") if isinstance(told, dict) else None
    of_it: list[PullRequest] = []
    for record in listed if isinstance(listed, list) else ():
        try:
            node = msgspec.convert(record, type=PullRequestNode)
        except msgspec.ValidationError:
            continue
        owner = node.head_repository_owner.login if node.head_repository_owner is not None else ""
        if node.head_ref_name == ref.name and (not node.is_cross_repository or owner.casefold() == me.casefold() != ""):
            of_it.append(pull_request_of(PullRequestRef(ref.host, ref.owner, ref.repo, node.number), node, me))
    return next((one for one in of_it if one.state is PullRequestState.OPEN), of_it[0] if of_it else None)


def _note(answer: Answer, repo_alias: str, alias: str, no_repository: bool) -> str:
    error = answer.error_at(repo_alias, alias)
    if error is not None:
        return error.message
    return "the repository is not there, or not for this login" if no_repository else "there is no such pull request"
