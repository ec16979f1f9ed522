"""An issue as Linear tells it, made one of ours: foreign text cleaned, what is missing named. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from legion_tui.state import Issue, IssueStatus, Problem, PullRequestRef, parse_pull_request_url
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.linear.shapes import CLOSED, Attachment, IssueNode, Nodes, WorkflowState
from legion_tui.trackers.statuses import Statuses

_BLOCKS = "blocks"
_KNOWN = frozenset(IssueStatus)
# What Linear's GitHub integration writes of a pull request; an unknown word is as good as open.
_OVER = ("merged", "closed")


@dataclass(frozen=True, slots=True)
class Converter:
    """Makes issues, with the project's statuses and the host of its pull requests."""

    statuses: Statuses
    host: str

    def issue(self, node: IssueNode, closed: Mapping[str, bool] | None = None) -> Issue:
        """Return the issue; `closed` tells of other issues by identifier what is newer than what this one says."""
        newer = closed or {}
        return Issue(
            id=clean_line(node.identifier),
            title=clean_line(node.title),
            status=self.status(node.state),
            labels=frozenset(clean_line(label.name) for label in node.labels.nodes),
            url=clean_line(node.url),
            priority=int(node.priority) or None,
            blockers=tuple(
                clean_line(one.issue.identifier)
                for one in node.inverse_relations.nodes
                if one.type == _BLOCKS and not newer.get(one.issue.identifier, one.issue.state.type in CLOSED)
            ),
            author=clean_line(node.creator.display_name) if node.creator is not None else "",
            assignees=(clean_line(node.assignee.display_name),) if node.assignee is not None else (),
            parent=clean_line(node.parent.identifier) if node.parent is not None else "",
            children=tuple(clean_line(child.identifier) for child in node.children.nodes),
            pull_request=self._pull_request(node.attachments.nodes),
            body=clean((node.description or "").strip()),
            closed=node.is_closed,
            created_at=node.created_at,
            updated_at=node.updated_at,
        )

    def status(self, state: WorkflowState) -> str:
        """Return the status, ours if it can be: what the project says of the state's name, then its own name."""
        ours = self.statuses.ours(clean_line(state.name))
        if ours not in _KNOWN and state.type == "completed":
            return IssueStatus.DONE
        return ours

    def problems(self, node: IssueNode) -> Iterator[Problem]:
        """Yield which lists of an issue are longer than what was read."""
        listed: tuple[tuple[str, Nodes[Any]], ...] = (
            ("labels", node.labels),
            ("sub-issues", node.children),
            ("relations", node.inverse_relations),
            ("attachments", node.attachments),
        )
        for what, nodes in listed:
            if nodes.page_info.has_next_page:
                yield Problem(
                    clean_line(node.identifier), f"more than {len(nodes.nodes)} {what}: the rest was not read"
                )

    def state_for(self, status: str, states: Collection[WorkflowState]) -> WorkflowState | None:
        """Return the team's state that stands for `status`; for Done also the first completed one."""
        by_name = {state.name: state for state in sorted(states, key=lambda state: -state.position)}
        word = self.statuses.word_for(status, list(by_name))
        if word is not None:
            return by_name[word]
        completed = [state for state in states if state.type == "completed"]
        return min(completed, key=lambda state: state.position) if status == IssueStatus.DONE and completed else None

    def _pull_request(self, attachments: Collection[Attachment]) -> PullRequestRef | None:
        """Return the linked pull request: one that is not over before the others, the newest of those."""
        found = [
            (str(one.metadata.get("status", "")).casefold() not in _OVER, one.created_at, ref)
            for one in attachments
            if (ref := parse_pull_request_url(one.url, host=self.host)) is not None
        ]
        return max(found)[2] if found else None
