"""Which checks of a failing head commit failed: asked for apart, for those alone, and once for each outcome. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import msgspec

from legion_tui.network import Answer
from legion_tui.network.shapes import Many, Shape
from legion_tui.state import FailedCheck, PullRequestRef
from legion_tui.state.text import clean_line

FAILED = frozenset({"FAILURE", "ERROR", "CANCELLED", "TIMED_OUT", "ACTION_REQUIRED", "STARTUP_FAILURE"})
# A failing check beyond these is counted, and not named.
_FIELDS = """
fragment failing on PullRequest {
  commits(last: 1) { nodes { commit { statusCheckRollup { contexts(first: 100) { nodes {
    ... on CheckRun { name conclusion url }
    ... on StatusContext { context state targetUrl }
  } } } } } }
}
"""


class _Context(Shape, frozen=True):
    name: str = ""
    conclusion: str | None = None
    url: str | None = None
    context: str = ""
    state: str | None = None
    target_url: str | None = None


class _Rollup(Shape, frozen=True):
    contexts: Many[_Context] = Many()


class _Commit(Shape, frozen=True):
    status_check_rollup: _Rollup | None = None


class _Node(Shape, frozen=True):
    commit: _Commit


class _PullRequest(Shape, frozen=True):
    commits: Many[_Node] = Many()


def failing_query(refs: Sequence[PullRequestRef]) -> str:
    """Return the query for the failed checks of `refs`, `pr0` the first of them."""
    parts = [
        f"pr{place}: repository(owner: {json.dumps(ref.owner)}, name: {json.dumps(ref.repo)}) "
        f"{{ pullRequest(number: {ref.number}) {{ ...failing }} }}"
        for place, ref in enumerate(refs)
    ]
    body = "\n".join(parts)
    return f"query {{\n{body}\nrateLimit {{ cost remaining limit resetAt }}\n}}{_FIELDS}"


def failing_of(answer: Answer, refs: Sequence[PullRequestRef]) -> Mapping[PullRequestRef, tuple[FailedCheck, ...]]:
    """Return the failed checks of each that could be told, by name; links only where they are https."""
    found: dict[PullRequestRef, tuple[FailedCheck, ...]] = {}
    for place, ref in enumerate(refs):
        repository = (answer.data or {}).get(f"pr{place}")
        told = repository.get("pullRequest") if isinstance(repository, dict) else None
        try:
            node = msgspec.convert(told, type=_PullRequest)
        except msgspec.ValidationError:
            continue
        rollups = [one.commit.status_check_rollup for one in node.commits.all]
        contexts = [context for rollup in rollups if rollup is not None for context in rollup.contexts.all]
        checks = {
            FailedCheck(clean_line(one.name or one.context, limit=200), _link(one.url or one.target_url))
            for one in contexts
            if (one.conclusion or one.state) in FAILED
        }
        found[ref] = tuple(sorted(checks))
    return found


def _link(url: str | None) -> str:
    shown = clean_line(url or "", limit=500)
    return shown if shown.startswith("https://") and " " not in shown else ""
