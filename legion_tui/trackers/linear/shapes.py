"""What Linear's answers look like, as far as they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import msgspec

from legion_tui.network.shapes import Named, PageInfo, Shape

T = TypeVar("T")
# The types of workflow states in which nothing is left to do.
CLOSED: Final = frozenset({"completed", "canceled", "duplicate"})


class Nodes(Shape, Generic[T], frozen=True):
    """A list, or its first page where it may be longer."""

    nodes: list[T] = msgspec.field(default_factory=list)
    page_info: PageInfo = PageInfo(has_next_page=False)


class StateType(Shape, frozen=True):
    """How far along a state is: `triage`, `backlog`, `unstarted`, `started`, `completed`, `canceled`, `duplicate`."""

    type: str


class WorkflowState(Shape, frozen=True):
    """A column of the team's board."""

    id: str
    name: str
    type: str
    position: float = 0.0


class Identified(Shape, frozen=True):
    """Anything by its id alone."""

    id: str


class Identifier(Shape, frozen=True):
    """Another issue: `ENG-12`."""

    identifier: str


class RelatedIssue(Shape, frozen=True):
    """Another issue, and whether it is closed."""

    identifier: str
    state: StateType


class Relation(Shape, frozen=True):
    """How another issue relates to this one: it `blocks` it, say."""

    type: str
    issue: RelatedIssue


class DisplayName(Shape, frozen=True):
    """A person by the name that others see."""

    display_name: str


class Person(Shape, frozen=True):
    """A person."""

    id: str
    name: str
    display_name: str
    email: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Everything that the person goes by, folded."""
        return frozenset(name.casefold() for name in (self.name, self.display_name, self.email) if name)


class Attachment(Shape, frozen=True):
    """A page that is linked with an issue; what `metadata` holds depends on where it is."""

    url: str
    created_at: datetime
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class Stamp(Shape, frozen=True):
    """What tells that an issue has changed."""

    id: str
    updated_at: datetime
    label_ids: list[str]
    state: Identified
    assignee: Identified | None = None

    @property
    def value(self) -> tuple[object, ...]:
        """Equal as long as nothing changed."""
        return (self.updated_at, frozenset(self.label_ids), self.state.id, self.assignee and self.assignee.id)


class IssueNode(Shape, frozen=True):
    """An issue."""

    id: str
    identifier: str
    number: float
    title: str
    url: str
    created_at: datetime
    updated_at: datetime
    state: WorkflowState
    description: str | None = None
    priority: float = 0
    label_ids: list[str] = msgspec.field(default_factory=list)
    assignee: Person | None = None
    creator: DisplayName | None = None
    parent: Identifier | None = None
    labels: Nodes[Named] = Nodes()
    children: Nodes[Identifier] = Nodes()
    inverse_relations: Nodes[Relation] = Nodes()
    attachments: Nodes[Attachment] = Nodes()

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to do."""
        return self.state.type in CLOSED


class Team(Shape, frozen=True):
    """A team and its workflow."""

    id: str
    key: str
    name: str
    states: Nodes[WorkflowState]


class Viewer(Shape, frozen=True):
    """Whose key it is."""

    id: str
    display_name: str


class WelcomeAnswer(Shape, frozen=True):
    """The answer to `WELCOME`."""

    viewer: Viewer
    teams: Nodes[Team]


class TeamKey(Shape, frozen=True):
    """A team by what its issues' identifiers begin with."""

    key: str


class TeamsAnswer(Shape, frozen=True):
    """The answer to `TEAMS`."""

    teams: Nodes[TeamKey]


class StampsAnswer(Shape, frozen=True):
    """The answer to `STAMPS` and `MORE_STAMPS`."""

    open: Nodes[Stamp]
    closed: Nodes[Stamp] = Nodes()


class IssuesAnswer(Shape, frozen=True):
    """The answer to `ISSUES`."""

    issues: Nodes[IssueNode]


class LabelNode(Shape, frozen=True):
    """A label of a team, or without one of the whole workspace; a group holds others and is none itself."""

    id: str
    name: str
    is_group: bool = False
    team: Identified | None = None


class LabelsAnswer(Shape, frozen=True):
    """The answer to `LABELS`."""

    issue_labels: Nodes[LabelNode]


class UsersAnswer(Shape, frozen=True):
    """The answer to `USERS`."""

    users: Nodes[Person]


class CommentNode(Shape, frozen=True):
    """A comment."""

    id: str
    body: str


class CommentsAnswer(Shape, frozen=True):
    """The answer to `COMMENTS`."""

    comments: Nodes[CommentNode]
