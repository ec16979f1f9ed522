"""Merging a pull request: looked at as it is now, merged once, read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from legion_tui.errors import ConflictError, TrackerError
from legion_tui.network import GraphQLClient
from legion_tui.network.shapes import Shape
from legion_tui.state import PullRequestRef
from legion_tui.state.text import clean_line
from legion_tui.trackers.sending import Sender, not_confirmed

_FORBIDDEN: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})

PULL_REQUEST: Final = """
query mergeable($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    viewerDefaultMergeMethod
    pullRequest(number: $number) { id number title state isDraft baseRefName headRefName headRefOid mergeable }
  }
}
"""
MERGE: Final = """
mutation merge($input: MergePullRequestInput!) { mergePullRequest(input: $input) { pullRequest { number state } } }
"""
DOCUMENTS: Final = (PULL_REQUEST, MERGE)


class _Node(Shape, frozen=True):
    id: str
    title: str
    state: str
    is_draft: bool
    base_ref_name: str
    head_ref_name: str
    head_ref_oid: str
    mergeable: str


class _Repository(Shape, frozen=True):
    viewer_default_merge_method: str = "MERGE"
    pull_request: _Node | None = None


class _Answer(Shape, frozen=True):
    repository: _Repository | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge that could be made now: of which commit, into what, and how."""

    ref: PullRequestRef
    node_id: str
    title: str
    base: str
    branch: str
    head: str
    # MERGE, SQUASH or REBASE: what the repository offers first.
    method: str

    @property
    def words(self) -> str:
        """What would be done, in one line."""
        of_it = f"{self.branch} at {self.head[:9]}"
        return f"merge #{self.ref.number} “{self.title}” into {self.base} by {self.method.lower()}: {of_it}"


class Merger:
    """Merges pull requests of any repository that the login may write to."""

    def __init__(self, client: GraphQLClient) -> None:
        """Take the way to GitHub."""
        self._client = client
        self._sender = Sender(client, forbidden=_FORBIDDEN)

    async def look(self, ref: PullRequestRef, *, head: str) -> Merge:
        """Return what would be merged; ConflictError where it is not what was shown, TrackerError where it can't be."""
        what = f"merge #{ref.number}"
        repository = await self._read(ref)
        node = repository.pull_request
        if node is None:
            raise TrackerError(f"cannot {what}", "it is not there, or not for this login", ref.url)
        if node.state != "OPEN":
            raise ConflictError(
                f"cannot {what}", f"it is {clean_line(node.state).lower()} by now", "nothing was merged"
            )
        if node.is_draft:
            raise ConflictError(f"cannot {what}", "it is a draft by now", "nothing was merged")
        if node.head_ref_oid != head:
            told = f"its head is {clean_line(node.head_ref_oid)[:9]} by now, not {head[:9]}"
            raise ConflictError(f"cannot {what}", told, "nothing was merged: look, then try again")
        if node.mergeable == "CONFLICTING":
            raise TrackerError(f"cannot {what}", "it conflicts with its base", ref.url)
        return Merge(
            ref=ref,
            node_id=node.id,
            title=clean_line(node.title),
            base=clean_line(node.base_ref_name),
            branch=clean_line(node.head_ref_name),
            head=clean_line(node.head_ref_oid),
            method=clean_line(repository.viewer_default_merge_method),
        )

    async def merge(self, merge: Merge) -> None:
        """Merge that very commit; TrackerError where GitHub refuses, or reading back does not show it."""
        what = f"merge #{merge.ref.number}"
        given = {"pullRequestId": merge.node_id, "expectedHeadOid": merge.head, "mergeMethod": merge.method}
        sent = await self._sender.send(what, MERGE, {"input": given})
        after = (await self._read(merge.ref)).pull_request
        if after is None or after.state != "MERGED":
            raise not_confirmed(what, sent)

    async def _read(self, ref: PullRequestRef) -> _Repository:
        variables = {"owner": ref.owner, "name": ref.repo, "number": ref.number}
        answer = await self._client.ask(PULL_REQUEST, variables)
        return answer.decoded(_Answer, service="github").repository or _Repository()
