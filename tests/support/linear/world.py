"""What the test's Linear holds: a workspace with teams, people, labels, issues and what relates them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_WORKFLOW = (
    ("Triage", "triage"),
    ("Icebox", "backlog"),
    ("Backlog", "backlog"),
    ("Todo", "unstarted"),
    ("In Progress", "started"),
    ("In Review", "started"),
    ("Done", "completed"),
    ("Canceled", "canceled"),
    ("Duplicate", "duplicate"),
)


@dataclass(eq=False, kw_only=True)
class User:
    """A person."""

    id: str
    name: str
    display_name: str
    email: str = ""


@dataclass(eq=False, kw_only=True)
class State:
    """A workflow state of a team."""

    id: str
    name: str
    type: str
    position: float


@dataclass(eq=False, kw_only=True)
class Team:
    """A team with its workflow."""

    id: str
    key: str
    name: str
    states: list[State] = field(default_factory=list)

    def state(self, name: str) -> State:
        """The state of that name."""
        return next(state for state in self.states if state.name == name)


@dataclass(eq=False, kw_only=True)
class Label:
    """A label of a team, or of the workspace."""

    id: str
    name: str
    team: Team | None = None
    is_group: bool = False


@dataclass(eq=False, kw_only=True)
class Comment:
    """A comment on an issue."""

    id: str
    body: str


@dataclass(eq=False, kw_only=True)
class Attachment:
    """A link of an issue."""

    id: str
    url: str
    created_at: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False, kw_only=True)
class Issue:
    """An issue. `blocked_by` and `related` are what others' relations say of it."""

    id: str
    team: Team
    number: int
    title: str
    state: State
    description: str | None = None
    priority: int = 0
    assignee: User | None = None
    creator: User | None = None
    project: str | None = None
    parent: Issue | None = None
    labels: list[Label] = field(default_factory=list)
    blocked_by: list[Issue] = field(default_factory=list)
    related: list[Issue] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    archived: bool = False
    created_at: str = ""
    updated_at: str = ""

    @property
    def identifier(self) -> str:
        """`ENG-12`."""
        return f"{self.team.key}-{self.number}"


@dataclass
class World:
    """One workspace; `viewer` is whose key is used."""

    teams: dict[str, Team] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    seconds: int = 0

    def __post_init__(self) -> None:
        self.add_user("ann", "Ann Example", "ann@example.com")

    @property
    def viewer(self) -> User:
        """Whose key is used."""
        return self.users[0]

    def now(self) -> str:
        """A moment later than all before."""
        self.seconds += 1
        return (datetime(2026, 3, 14, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)).isoformat()

    def add_user(self, display_name: str, name: str, email: str = "") -> User:
        """Have a person."""
        user = User(id=f"user-{len(self.users) + 1}", name=name, display_name=display_name, email=email)
        self.users.append(user)
        return user

    def add_team(self, key: str, *, workflow: tuple[tuple[str, str], ...] = _WORKFLOW) -> Team:
        """Have a team with a workflow of (name, type)."""
        team = Team(id=f"team-{key}", key=key, name=f"Team {key}")
        team.states = [
            State(id=f"state-{key}-{place}", name=name, type=kind, position=float(place))
            for place, (name, kind) in enumerate(workflow)
        ]
        self.teams[key] = team
        return team

    def add_label(self, name: str, *, team: str | None = None, is_group: bool = False) -> Label:
        """Have a label."""
        owner = self.teams[team] if team is not None else None
        label = Label(id=f"label-{len(self.labels) + 1}", name=name, team=owner, is_group=is_group)
        self.labels.append(label)
        return label

    def label_named(self, name: str) -> Label:
        """The label of that name, made where there is none."""
        return next((label for label in self.labels if label.name == name), None) or self.add_label(name)

    def add_issue(
        self,
        key: str = "ENG",
        title: str = "An issue",
        *,
        state: str = "Todo",
        labels: tuple[str, ...] = (),
        **more: Any,
    ) -> Issue:
        """Have an issue with the team's next number."""
        team = self.teams[key]
        number = 1 + max((issue.number for issue in self.issues if issue.team is team), default=0)
        at = self.now()
        issue = Issue(
            id=more.pop("id", None) or f"issue-{key}-{number}",
            team=team,
            number=number,
            title=title,
            state=team.state(state),
            labels=[self.label_named(name) for name in labels],
            creator=more.pop("creator", self.viewer),
            created_at=at,
            updated_at=at,
            **more,
        )
        self.issues.append(issue)
        return issue

    def issue(self, identifier: str) -> Issue:
        """The issue of that identifier."""
        return next(issue for issue in self.issues if issue.identifier == identifier)

    def link(self, issue: Issue, url: str, *, status: str = "open") -> None:
        """Link a page with an issue, once."""
        if url not in [one.url for one in issue.attachments]:
            number = sum(len(one.attachments) for one in self.issues) + 1
            metadata = {"status": status}
            issue.attachments.append(
                Attachment(id=f"attachment-{number}", url=url, created_at=self.now(), metadata=metadata)
            )
