"""What a `legion.toml` and the user's `config.toml` may say; the fields are the keys."""

from __future__ import annotations

from typing import Literal

import msgspec

# Keys of `[tracker]` that only some of its kinds go by.
OF_TRACKERS = {
    "tracker.path": frozenset({"local"}),
    "tracker.repo": frozenset({"github"}),
    "tracker.board": frozenset({"github"}),
    "tracker.team": frozenset({"linear"}),
    "tracker.filter": frozenset({"github", "linear"}),
    "tracker.statuses": frozenset({"github", "linear"}),
    "linear.api_url": frozenset({"linear"}),
}


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; its fields are the keys."""


class ProjectSection(Section, frozen=True):
    """`[project]`: the identity."""

    id: str = ""
    key: str = ""


class TrackerSection(Section, frozen=True):
    """`[tracker]`: where issues live."""

    kind: Literal["local", "github", "linear"] = "local"
    path: str = ".legion/issues"
    repo: str | None = None
    board: int | None = None
    team: str | None = None
    filter: str | None = None
    write: Literal["none", "labels", "all"] | None = None
    comments: bool = False
    statuses: dict[str, str] = msgspec.field(default_factory=dict)


class GitHubSection(Section, frozen=True):
    """`[github]`: where pull requests are asked for."""

    host: str = "github.com"
    api_url: str | None = None


class LinearSection(Section, frozen=True):
    """`[linear]`: the address at which Linear's GraphQL is asked."""

    api_url: str | None = None


class TmuxSection(Section, frozen=True):
    """`[tmux]`: the server, and the session that workers' windows are opened in."""

    socket: str | None = None
    session: str = "legion-{short_id}"


class AgentSection(Section, frozen=True):
    """`[agent]`: how the agent is started; `command` is an argv, never a shell string."""

    kind: Literal["claude-code"] = "claude-code"
    command: list[str] = msgspec.field(default_factory=lambda: ["claude"])
    hooks: bool = True
    model: str | None = None
    permission_mode: str | None = None


class WorktreesSection(Section, frozen=True):
    """`[worktrees]`: where a worker's checkout is made."""

    kind: Literal["git", "jj", "none"] = "git"
    root: str = "../{project}-worktrees/{issue}"
    base: str | None = None
    branch: str = "{issue}"
    copy: list[str] = msgspec.field(default_factory=list)
    setup: list[list[str]] = msgspec.field(default_factory=list)


class WorkersSection(Section, frozen=True):
    """`[workers]`: how many at once, and the thresholds, in seconds.

    `park_finished_after` and `keep_records` are durations (`90s`, `30m`, `2h`, `1d`) or `never`.
    """

    max_concurrent: int = 10
    heartbeat_seconds: float = 10.0
    idle_after_seconds: float = 30.0
    needs_look_after_seconds: float = 60.0
    stuck_after_seconds: float = 300.0
    start_within_seconds: float = 120.0
    confirm_start_seconds: float = 10.0
    lock_wait_seconds: float = 2.0
    park_finished_after: str = "2h"
    keep_records: str = "90d"


class PollSection(Section, frozen=True):
    """`[poll]`: the pace of each source, in seconds; in which order; how old a reading may be where older ones do."""

    live_seconds: float = 1.0
    tracker_seconds: float = 30.0
    pull_request_seconds: float = 30.0
    strategy: Literal["concurrent", "polling", "priority"] = "concurrent"
    cache_sessions_seconds: float = 2.0
    cache_status_seconds: float = 30.0
    cache_screen_seconds: float = 10.0
    cache_remote_seconds: float = 30.0


class PipelineSection(Section, frozen=True):
    """`[pipeline]`: a preset, and single options over it; None leaves the preset's."""

    preset: Literal["simple", "legion"] = "legion"
    testing: bool | None = None
    approval_gate: bool | None = None
    review_signal: Literal["draft", "review"] | None = None
    ci_gate: bool | None = None
    signals: Literal["labels", "facts"] | None = None
    planning: bool | None = None
    retro: bool | None = None
    reviewer: Literal["agent", "human"] | None = None
    merge: Literal["agent", "human"] | None = None
    pull_requests: bool | None = None


class ModeSection(Section, frozen=True):
    """`[modes.NAME]`: what a worker of that mode is told, with which model, and whether in a window of tmux."""

    prompt: str | None = None
    model: str | None = None
    permission_mode: str | None = None
    runtime: Literal["tmux", "process"] = "tmux"
    max_concurrent: int | None = None


class ModesSection(Section, frozen=True):
    """`[modes]`: one table per mode."""

    architect: ModeSection = ModeSection()
    plan: ModeSection = ModeSection()
    implement: ModeSection = ModeSection()
    test: ModeSection = ModeSection()
    review: ModeSection = ModeSection()
    merge: ModeSection = ModeSection()


class AutopilotSection(Section, frozen=True):
    """`[autopilot]` of the user's own file: whether it may run at all, what it may do, for which issues, how much."""

    enabled: bool = False
    # Names of actions, `dispatch_*` for all of that prefix.
    actions: list[str] = msgspec.field(default_factory=list)
    max_workers: int | None = None
    max_rounds: int = 5
    max_hours: float | None = None
    max_cost_usd: float | None = None
    authors: list[str] = msgspec.field(default_factory=list)
    label: str = ""


class NotificationsSection(Section, frozen=True):
    """`[notifications]` of the user's own file: of what a person is told, and how.

    `command` is an argv, never a shell string; in it `{title}` and `{text}` are replaced.
    """

    toast: bool = True
    bell: bool = True
    desktop: Literal["off", "osc9", "osc777", "notify-send"] = "off"
    command: list[str] = msgspec.field(default_factory=list)
    kinds: list[Literal["asks", "failed", "missing", "needs_you", "idle"]] = msgspec.field(
        default_factory=lambda: ["asks", "failed", "missing", "needs_you"]
    )
    # From when to when nothing sounds, `22:00-07:00`; empty is never.
    quiet_hours: str = ""
    failed_cooldown_minutes: float = 5.0
    idle_cooldown_minutes: float = 5.0
    missing_cooldown_minutes: float = 30.0


class ProjectConfig(Section, frozen=True):
    """The whole of a `legion.toml`."""

    project: ProjectSection = ProjectSection()
    tracker: TrackerSection = TrackerSection()
    github: GitHubSection = GitHubSection()
    linear: LinearSection = LinearSection()
    tmux: TmuxSection = TmuxSection()
    agent: AgentSection = AgentSection()
    worktrees: WorktreesSection = WorktreesSection()
    workers: WorkersSection = WorkersSection()
    poll: PollSection = PollSection()
    pipeline: PipelineSection = PipelineSection()
    modes: ModesSection = ModesSection()


class UserConfig(Section, frozen=True):
    """The whole of the user's `config.toml`: preferences, and defaults below every project's own words."""

    theme: str = "legion-dark"
    # Hosts beside GitHub's own and this machine that a token may be sent to.
    github_hosts: list[str] = msgspec.field(default_factory=list)
    # Likewise for a key of Linear's.
    linear_hosts: list[str] = msgspec.field(default_factory=list)
    glyphs: Literal["unicode", "ascii"] = "unicode"
    animation: bool = True
    # How a worker's window is shown inside its own tmux server.
    attach: Literal["switch", "popup"] = "switch"
    keymap: dict[str, str] = msgspec.field(default_factory=dict)
    sort: Literal["attention", "id", "age", "newest", "status", "priority", "title"] = "attention"
    density: Literal["comfortable", "compact"] = "comfortable"
    hidden_columns: list[Literal["status", "mode", "pull_request", "review", "checks", "activity", "next"]] = (
        msgspec.field(default_factory=list)
    )
    # Filters by name.
    filters: dict[str, str] = msgspec.field(default_factory=dict)
    notifications: NotificationsSection = NotificationsSection()
    autopilot: AutopilotSection = AutopilotSection()
    tmux: TmuxSection | None = None
    agent: AgentSection | None = None
    worktrees: WorktreesSection | None = None
    workers: WorkersSection | None = None
    poll: PollSection | None = None
