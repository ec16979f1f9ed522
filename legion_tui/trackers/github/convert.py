"""An issue as GitHub tells it, made one of ours: foreign text cleaned, what is missing named. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from legion_tui.network.shapes import Many
from legion_tui.state import Issue, IssueStatus, Problem, PullRequestRef, parse_pull_request_url
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.github.names import Names
from legion_tui.trackers.github.shapes import IssueNode
from legion_tui.trackers.statuses import Statuses

_PULL_REQUEST_ORDER = ("OPEN", "MERGED", "CLOSED")


@dataclass(frozen=True, slots=True)
class Converter:
    """Makes issues, with the project's names, statuses and host."""

    names: Names
    statuses: Statuses
    host: str

    def issue(self, node: IssueNode, option: str | None = None) -> Issue:
        """Return the issue; `option` is what its card on the board says, None where there is no board or no card."""
        repository = node.repository.name_with_owner
        labels = [clean_line(label) for label in node.label_names]
        return Issue(
            id=self.names.id_of(repository, node.number),
            shown_id=self.names.shown(repository, node.number),
            title=clean_line(node.title),
            status=self.status(node, option),
            labels=frozenset(labels),
            url=clean_line(node.url),
            blockers=tuple(
                self.names.id_of(one.repository.name_with_owner, one.number)
                for one in (node.blocked_by.all if node.blocked_by is not None else ())
                if one.state != "CLOSED"
            ),
            author=clean_line(node.author.login) if node.author is not None else "",
            assignees=tuple(clean_line(person.login) for person in node.assignees.all),
            parent=self.names.id_of(node.parent.repository.name_with_owner, node.parent.number) if node.parent else "",
            children=tuple(self.names.id_of(one.repository.name_with_owner, one.number) for one in node.sub_issues.all),
            pull_request=self._pull_request(node),
            body=clean(node.body.strip()),
            closed=not node.is_open,
            created_at=node.created_at,
            updated_at=node.updated_at,
        )

    def status(self, node: IssueNode, option: str | None) -> str:
        """Return the status, ours if it can be: closed is closed; else the board's word, a label's, `open`."""
        words = [clean_line(option)] if option else list(self.statuses.of_labels(node.label_names))
        said = self.statuses.ours(words[0]) if words else ""
        if not node.is_open:
            return IssueStatus.DONE if said == IssueStatus.DONE else self.statuses.ours("closed")
        return said or self.statuses.ours("open")

    def problems(self, node: IssueNode, *, board: bool) -> Iterator[Problem]:
        """Yield what is not whole of an issue: a list that is longer than what was read, two statuses at once."""
        where = self.names.shown(node.repository.name_with_owner, node.number)
        for what, listed in (
            ("labels", node.labels),
            ("assignees", node.assignees),
            ("sub-issues", node.sub_issues),
            ("blocking issues", node.blocked_by),
            ("linked pull requests", node.closed_by_pull_requests_references),
        ):
            if listed is not None and (missing := _missing(listed)):
                yield Problem(where, f"{missing} of {listed.total_count} {what} were not read")
        said = () if board else self.statuses.of_labels(node.label_names)
        if len({self.statuses.ours(label) for label in said}) > 1:
            named = ", ".join(clean_line(label, limit=60) for label in said)
            yield Problem(where, f"has several statuses: {named}; the first counts", "take the others off")

    def _pull_request(self, node: IssueNode) -> PullRequestRef | None:
        """Return the linked pull request: an open one before a merged before a closed, the newest of those."""
        linked = node.closed_by_pull_requests_references
        found = [
            (_PULL_REQUEST_ORDER.index(one.state), -one.number, ref)
            for one in (linked.all if linked is not None else ())
            if one.state in _PULL_REQUEST_ORDER and (ref := parse_pull_request_url(one.url, host=self.host)) is not None
        ]
        return min(found)[2] if found else None


def _missing(listed: Many[Any]) -> int:
    return max(0, listed.total_count - len(listed.all))
