"""The GitHub tracker: a repository's issues, or those on a Projects board."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from legion_tui.errors import LegionError, TrackerError
from legion_tui.network import GraphQLClient, RateLimit
from legion_tui.state import Issue, IssueStatus, Problem
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.filters import parse_filter
from legion_tui.trackers.github import queries
from legion_tui.trackers.github.convert import Converter
from legion_tui.trackers.github.creating import create
from legion_tui.trackers.github.finding import Card, Finder
from legion_tui.trackers.github.listing import BoardListing, Listing, RepositoryListing
from legion_tui.trackers.github.names import Names
from legion_tui.trackers.github.shapes import IssueNode
from legion_tui.trackers.github.status_writing import StatusWriter
from legion_tui.trackers.github.writing import Writer
from legion_tui.trackers.moving import Moves, changed_meanwhile, check_labels
from legion_tui.trackers.protocol import Edit, NewIssue, Reading, Write, canonical_status, check_expected
from legion_tui.trackers.sending import Sent, not_confirmed
from legion_tui.trackers.statuses import Statuses

# What GitHub calls the field of a new board; the columns are its options.
STATUS_FIELD = "Status"


class GitHubTracker(Moves):
    """Implements `Tracker` over GraphQL. Not for two readings at a time."""

    kind = "github"
    possible = Write.ALL

    def __init__(
        self,
        client: GraphQLClient,
        repository: str,
        *,
        key: str,
        board: int | None = None,
        filter_text: str = "",
        statuses: Mapping[str, str] | None = None,
        allowed: Write = Write.NONE,
        host: str = "github.com",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the way to GitHub, `owner/name`, its key, and what `[tracker]` says; TrackerError for a bad filter."""
        self.allowed = allowed
        self._client = client
        self._names = Names(repository, key)
        self._on_board = board is not None
        self._finder = Finder(client, self._names, board=board, field_name=STATUS_FIELD)
        owner, _, name = repository.partition("/")
        filter_ = parse_filter(filter_text)
        self._statuses = Statuses(statuses or {})
        self._convert = Converter(self._names, self._statuses, host)
        self._listing: Listing = (
            RepositoryListing(client, owner, name, filter_, monotonic)
            if board is None
            else BoardListing(client, owner, board, STATUS_FIELD, filter_)
        )
        self._writer = Writer(client)
        self._status_writer = StatusWriter(self._writer, self._statuses)

    @property
    def bytes_read(self) -> int:
        """How much the service has answered up to now, to whoever asked it over this client."""
        return self._client.bytes_read

    @property
    def rate(self) -> RateLimit | None:
        """What the service said is left of its budget."""
        return self._client.rate

    async def read(self) -> Reading:
        """Return every issue, and a problem for each thing that is not whole; raises SourceError or TrackerError."""
        welcome = await self._finder.greet()
        found = await self._listing.read(welcome)
        issues = [self._convert.issue(node, found.options.get(node_id)) for node_id, node in found.nodes.items()]
        problems = list(found.problems)
        if welcome.repository.casefold() != self._names.own.casefold():
            what = f"{self._names.own} is called {clean_line(welcome.repository)} now"
            problems.insert(0, Problem("tracker.repo", what, f'set repo = "{clean_line(welcome.repository)}"'))
        for node_id, node in found.nodes.items():
            problems += self._convert.problems(node, board=node_id in found.options)
        return Reading(tuple(issues), tuple(problems))

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as it is now; `KEY-12`, `#12` and `12` name it."""
        return self._issue(*await self._find(issue_id))

    async def add(self, new: NewIssue) -> Issue:
        """Open an issue; GitHub gives the number."""
        self.permit(Write.CREATE, "add an issue")
        if new.id is not None:
            raise TrackerError(f"cannot add {new.id}", "GitHub gives the numbers", "leave --id out")
        if new.priority is not None:
            raise TrackerError("cannot add it with a priority", "GitHub's issues have none", "use a label")
        status = canonical_status(new.status)
        welcome = await self._finder.greet()
        labels = None if self._on_board else self._statuses
        number = await create(self._writer, welcome, new, status=status, labels=labels)
        issue_id = self._names.id_of(self._names.own, number)
        node, card = await self._find(issue_id)
        what = f"put {issue_id} on {status}"
        if not self._on_board and status != IssueStatus.DONE:
            return self._issue(node, card)
        try:
            sent = await self._write_status(what, node, card, status)
            return await self._confirmed_status(issue_id, status, what, sent)
        except LegionError as error:
            # Said with its id: adding it again would be adding a second one.
            raise TrackerError(f"{issue_id} was added, but is not on {status}", str(error), error.remedy) from None

    async def _move(self, issue_id: str, status: str, expect: str | None) -> Issue:
        node, card = await self._find(issue_id)
        issue = self._issue(node, card)
        check_expected(issue, expect, to=status)
        if _stands(issue, status):
            return issue
        what = f"move {issue.id} to {status}"
        sent = await self._write_status(what, node, card, status)
        return await self._confirmed_status(issue_id, status, what, sent)

    async def _write_status(self, what: str, node: IssueNode, card: Card | None, status: str) -> Sent:
        board = await self._finder.board()
        if board is None:
            return await self._status_writer.by_label(what, node, status)
        return await self._status_writer.by_board(what, node, status, board, card.id if card is not None else None)

    async def _confirmed_status(self, issue_id: str, status: str, what: str, sent: Sent) -> Issue:
        after = self._issue(*await self._find(issue_id))
        if _stands(after, status):
            return after
        if sent.unsure is not None:
            raise not_confirmed(what, sent)
        raise changed_meanwhile(after, status)

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove single labels; those not named stay. One of ours is made where the repository has none."""
        self.permit(Write.LABELS, f"label {issue_id}")
        check_labels((*add, *remove))
        node, card = await self._find(issue_id)
        there = set(node.label_names)
        adding = [name for name in dict.fromkeys(add) if name not in there]
        removing = set(remove) & there - set(add)
        if not adding and not removing:
            return self._issue(node, card)
        what = f"label {issue_id} {' '.join([*(f'+{name}' for name in adding), *(f'-{name}' for name in removing)])}"
        labels = [await self._writer.label(node.repository.name_with_owner, name) for name in adding]
        sent = await self._writer.change_labels(what, node, labels, removing)
        after, card = await self._find(issue_id)
        if set(adding) - set(after.label_names) or removing & set(after.label_names):
            raise not_confirmed(what, sent)
        return self._issue(after, card)

    async def assign(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove single people; `@me` is the one whose login is used."""
        self.permit(Write.ASSIGN, f"assign {issue_id}")
        welcome = await self._finder.greet()
        adding = [welcome.login if name == "@me" else name for name in dict.fromkeys(add)]
        removing = [welcome.login if name == "@me" else name for name in remove]
        node, card = await self._find(issue_id)
        there = {person.login.casefold() for person in node.assignees.all}
        adding = [name for name in adding if name.casefold() not in there]
        gone = {name.casefold() for name in removing} & there
        if not adding and not gone:
            return self._issue(node, card)
        what = f"assign {issue_id}"
        people = [await self._writer.person(name, welcome) for name in adding]
        sent = await self._writer.change_assignees(what, node, people, gone)
        after, card = await self._find(issue_id)
        now = {person.login.casefold() for person in after.assignees.all}
        if {name.casefold() for name in adding} - now or gone & now:
            raise not_confirmed(what, sent)
        return self._issue(after, card)

    async def comment(self, issue_id: str, body: str) -> Issue:
        """Add a comment, and find it again."""
        self.permit(Write.COMMENT, f"comment on {issue_id}")
        text = clean(body).strip()
        if not text:
            raise TrackerError("a comment needs some words")
        node, _ = await self._find(issue_id)
        await self._writer.add_comment(f"comment on {issue_id}", node, text)
        return await self.get(issue_id)

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Change title and text; GitHub's issues have no priority, and link pull requests by themselves."""
        self.permit(Write.EDIT, f"edit {issue_id}")
        if edit.priority is not None:
            raise TrackerError(f"cannot edit {issue_id}", "GitHub's issues have no priority", "use a label")
        node, card = await self._find(issue_id)
        if edit.pull_request is not None:
            remedy = f"write `Closes #{node.number}` into the pull request's text"
            raise TrackerError(f"cannot edit {issue_id}", "GitHub links pull requests by itself", remedy)
        wanted: dict[str, str] = {}
        if edit.title is not None:
            wanted["title"] = clean_line(edit.title)
            if not wanted["title"]:
                raise TrackerError("an issue needs a title")
        if edit.body is not None:
            wanted["body"] = clean(edit.body).strip()
        if not wanted:
            return self._issue(node, card)
        what = f"edit {issue_id}"
        sent = await self._writer.send(what, queries.UPDATE_ISSUE, {"input": {"id": node.id, **wanted}})
        after, card = await self._find(issue_id)
        if any(getattr(after, key).strip() != value for key, value in wanted.items()):
            raise not_confirmed(what, sent)
        return self._issue(after, card)

    async def _find(self, issue_id: str) -> tuple[IssueNode, Card | None]:
        return await self._finder.issue(issue_id, self.read)

    def _issue(self, node: IssueNode, card: Card | None) -> Issue:
        return self._convert.issue(node, card.option if card is not None else None)


def _stands(issue: Issue, status: str) -> bool:
    """Whether an issue stands where it is wanted; a closed one is done, whatever word it has."""
    if status == IssueStatus.DONE:
        return issue.closed
    return not issue.closed and IssueStatus.normalize(issue.status) == status
