"""What GitHub's answers look like, as far as they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from legion_tui.network.shapes import Many, Named, PageInfo, Shape

T = TypeVar("T")


class Page(Shape, Generic[T], frozen=True):
    """One page of a list that is read to its end."""

    total_count: int
    page_info: PageInfo
    nodes: list[T | None]


class RepositoryName(Shape, frozen=True):
    """`owner/name`."""

    name_with_owner: str


class Login(Shape, frozen=True):
    """A person, or a program that acts as one."""

    login: str


class Person(Shape, frozen=True):
    """A user."""

    id: str
    login: str


class Related(Shape, frozen=True):
    """Another issue."""

    number: int
    state: str
    repository: RepositoryName


class Linked(Shape, frozen=True):
    """A pull request that will close, or has closed, the issue."""

    number: int
    url: str
    state: str


class StatusValue(Shape, frozen=True):
    """What a card's status field says; empty for a field of another kind."""

    name: str | None = None
    option_id: str | None = None


class ProjectName(Shape, frozen=True):
    """A board."""

    id: str
    number: int


class Card(Shape, frozen=True):
    """An issue's place on one board."""

    id: str
    project: ProjectName
    field_value_by_name: StatusValue | None = None


class IssueNode(Shape, frozen=True):
    """An issue. `blocked_by` is None where the server knows no dependencies."""

    id: str
    number: int
    title: str
    state: str
    url: str
    body: str
    created_at: datetime
    updated_at: datetime
    repository: RepositoryName
    author: Login | None = None
    parent: Related | None = None
    labels: Many[Named] | None = None
    assignees: Many[Person] = Many()
    sub_issues: Many[Related] = Many()
    blocked_by: Many[Related] | None = None
    closed_by_pull_requests_references: Many[Linked] | None = None
    project_items: Many[Card] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.state != "CLOSED"

    @property
    def label_names(self) -> list[str]:
        """Its labels, by name."""
        return [label.name for label in self.labels.all] if self.labels is not None else []


class BoardItem(Shape, frozen=True):
    """A card of a board; without `content` it is one that the login may not see."""

    id: str
    type: str
    is_archived: bool = False
    field_value_by_name: StatusValue | None = None
    content: dict[str, Any] | None = None

    @property
    def issue(self) -> IssueNode | None:
        """The issue that the card stands for; None for a draft or a pull request. Raises msgspec.ValidationError."""
        return msgspec.convert(self.content, type=IssueNode) if self.content else None


class StatusField(Shape, frozen=True):
    """The board's status field; without an id it is a field of another kind."""

    id: str | None = None
    name: str = ""
    options: list[Named] = msgspec.field(default_factory=list)


class Board(Shape, frozen=True):
    """A Projects board; `items` where they were asked for."""

    id: str
    title: str
    field: StatusField | None = None
    items: Page[BoardItem] | None = None


class Owner(Shape, frozen=True):
    """A user or an organisation, with the board of the number that was asked for."""

    project_v2: Board | None = msgspec.field(default=None, name="projectV2")


class BoardAnswer(Shape, frozen=True):
    """The answer to `BOARD` and `STATUS_FIELD`."""

    repository_owner: Owner | None = None


class RepositoryNode(Shape, frozen=True):
    """A repository, with whatever of it was asked for."""

    id: str = ""
    name_with_owner: str = ""
    has_issues_enabled: bool = True
    is_archived: bool = False
    issues: Page[IssueNode] | None = None
    issue: IssueNode | None = None
    label: Named | None = None
    labels: Page[Named] | None = None


class RepositoryAnswer(Shape, frozen=True):
    """The answer to a question about a repository."""

    repository: RepositoryNode | None = None


class FieldName(Shape, frozen=True):
    """A field of a type, by name."""

    name: str


class TypeFields(Shape, frozen=True):
    """The fields of a type of the schema."""

    fields: list[FieldName] | None = None


class WelcomeAnswer(Shape, frozen=True):
    """The answer to `WELCOME`."""

    viewer: Person
    repository: RepositoryNode | None = None
    issue_type: TypeFields | None = msgspec.field(default=None, name="__type")


class UserAnswer(Shape, frozen=True):
    """The answer to `USER_ID`."""

    user: Person | None = None


class NewestIssue(Shape, frozen=True):
    """An issue, as far as is needed to know it again."""

    id: str
    number: int
    title: str
    body: str


class NewestIssues(Shape, frozen=True):
    """The newest issues of somebody."""

    issues: Many[NewestIssue]


class NewestAnswer(Shape, frozen=True):
    """The answer to `NEWEST`."""

    repository: NewestIssues | None = None


class CommentNode(Shape, frozen=True):
    """A comment, as far as is needed to know it again."""

    id: str
    body: str
    viewer_did_author: bool


class Comments(Shape, frozen=True):
    """The newest comments of an issue."""

    comments: Many[CommentNode] = Many()


class CommentsAnswer(Shape, frozen=True):
    """The answer to `COMMENTS`."""

    node: Comments | None = None
