"""What the test's GitHub holds: repositories with issues and labels, Projects boards, and who is logged in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.github.pull_requests import pull_request


@dataclass(eq=False, kw_only=True)
class Comment:
    """A comment on an issue."""

    id: str
    author: str
    body: str
    created_at: str


@dataclass(eq=False, kw_only=True)
class Issue:
    """An issue; labels and assignees by name, pull requests as GitHub tells them."""

    id: str
    repository: Repository
    number: int
    title: str
    body: str = ""
    author: str = "octocat"
    state: str = "OPEN"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    parent: Issue | None = None
    blocked_by: list[Issue] = field(default_factory=list)
    pull_requests: list[dict[str, Any]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    created_at: str = ""
    updated_at: str = ""


@dataclass(eq=False, kw_only=True)
class Repository:
    """A repository; `permission` is what the login may do there."""

    owner: str
    name: str
    permission: str = "WRITE"
    has_issues: bool = True
    is_archived: bool = False
    # GitHub finds a label whatever its case, and keeps the case that it was made with.
    labels: dict[str, str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    pull_requests: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The node's id."""
        return f"R_{self.owner}/{self.name}"

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(eq=False, kw_only=True)
class Item:
    """A card of a board: an issue, the title of a draft, or None for what the login may not see."""

    id: str
    content: Issue | str | None
    # An option's name.
    status: str | None = None
    archived: bool = False


@dataclass(eq=False, kw_only=True)
class Project:
    """A Projects board with one status field."""

    owner: str
    number: int
    title: str
    field_name: str = "Status"
    options: Sequence[str] = ("Todo", "In Progress", "Done")
    items: list[Item] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The node's id."""
        return f"PVT_{self.owner}/{self.number}"

    @property
    def field_id(self) -> str:
        """The status field's id."""
        return f"PVTSSF_{self.owner}/{self.number}"

    def item_of(self, issue: Issue) -> Item | None:
        """The issue's card."""
        return next((item for item in self.items if item.content is issue), None)


@dataclass
class World:
    """Everything; changed by tests and by mutations."""

    viewer: str = "octocat"
    organisations: set[str] = field(default_factory=lambda: {"acme"})
    users: set[str] = field(default_factory=lambda: {"octocat", "hubot"})
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    projects: dict[tuple[str, int], Project] = field(default_factory=dict)
    # Former names of repositories; GitHub leads on from them.
    renamed: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    # Numbers of issues that cannot be told today, although the rest of the answer can.
    broken: set[int] = field(default_factory=set)
    # Whether the token has the right to see boards.
    sees_projects: bool = True
    now: datetime = datetime(2026, 3, 14, 12, 0, 0, tzinfo=UTC)
    # Names of mutations in the order in which they were carried out.
    carried_out: list[str] = field(default_factory=list)

    def tick(self) -> str:
        """A second later, as GitHub writes a time."""
        self.now += timedelta(seconds=1)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def repository(self, owner: str = "acme", name: str = "payments") -> Repository:
        """The repository of that name, made where there is none yet."""
        return self.repositories.setdefault((owner, name), Repository(owner=owner, name=name))

    def add_pull_request(self, owner: str, name: str, number: int, **fields: Any) -> dict[str, Any]:
        """Have a pull request; see `pull_request` for the fields."""
        told = pull_request(number, url=f"https://github.com/{owner}/{name}/pull/{number}", **fields)
        self.repository(owner, name).pull_requests[number] = told
        return told

    def add_issue(
        self, title: str = "", *, repository: Repository | None = None, number: int | None = None, **fields: Any
    ) -> Issue:
        """Have an issue; its labels are made in the repository."""
        home = repository or self.repository()
        number = number or max([*home.issues, *home.pull_requests], default=0) + 1
        at = self.tick()
        made = Issue(
            id=f"I_{home.full_name}/{number}",
            repository=home,
            number=number,
            title=title or f"Issue {number}",
            **{"created_at": at, "updated_at": at, **fields},
        )
        home.labels |= {name.casefold(): name for name in made.labels if name.casefold() not in home.labels}
        home.issues[number] = made
        return made

    def add_project(self, owner: str = "acme", number: int = 4, **fields: Any) -> Project:
        """Have a board."""
        made = Project(owner=owner, number=number, **{"title": f"Board {number}", **fields})
        self.projects[owner, number] = made
        return made

    def put(self, project: Project, content: Issue | str | None, status: str | None = None, **fields: Any) -> Item:
        """Put a card on a board."""
        item = Item(id=f"PVTI_{project.number}_{len(project.items)}", content=content, status=status, **fields)
        project.items.append(item)
        return item

    @property
    def issues(self) -> dict[str, Issue]:
        """Every issue by its node's id."""
        return {one.id: one for home in self.repositories.values() for one in home.issues.values()}

    def labels_of(self, home: Repository) -> dict[str, str]:
        """The repository's labels by their nodes' ids."""
        return {label_id(home, name): name for name in home.labels.values()}


def label_id(home: Repository, name: str) -> str:
    """The id of a label's node."""
    return f"LA_{home.full_name}/{name}"


def user_id(login: str) -> str:
    """The id of a user's node."""
    return f"U_{login}"
