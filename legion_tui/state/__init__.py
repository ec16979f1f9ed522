"""What is true: frozen types, the decision table, identities. Pure: no I/O, no clock, nothing of ours but itself."""

from __future__ import annotations

from legion_tui.state.decision import Decision, decide, legion_python
from legion_tui.state.facts import IssueFacts, Pipeline, derive
from legion_tui.state.identity import (
    compute_session_id,
    controller_session_id,
    is_issue_id,
    parse_window_name,
    short_id,
    status_mode,
    window_name,
)
from legion_tui.state.issues import (
    Checks,
    Issue,
    Problem,
    PullRequest,
    PullRequestRef,
    PullRequestState,
    parse_pull_request_url,
)
from legion_tui.state.names import Action, Attention, IssueStatus, Label, Mode
from legion_tui.state.panes import Pane
from legion_tui.state.questions import (
    CHAT,
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Channel,
    GivenAnswer,
    Option,
    Question,
    QuestionItem,
    QuestionKind,
)
from legion_tui.state.receipts import ActionReceipt, AttachReceipt, DispatchReceipt, IssueReceipt, Outcome
from legion_tui.state.snapshot import EMPTY, IssueState, Project, Snapshot, Source, SourceHealth
from legion_tui.state.workers import (
    Detail,
    Evidence,
    Rung,
    Tokens,
    Turn,
    Worker,
    WorkerState,
)

__all__ = [
    "CHAT",
    "EMPTY",
    "Action",
    "ActionReceipt",
    "Answer",
    "AnswerOutcome",
    "AnswerReceipt",
    "AnswerRequest",
    "AttachReceipt",
    "Attention",
    "Channel",
    "Checks",
    "Decision",
    "Detail",
    "DispatchReceipt",
    "Evidence",
    "GivenAnswer",
    "Issue",
    "IssueFacts",
    "IssueReceipt",
    "IssueState",
    "IssueStatus",
    "Label",
    "Mode",
    "Option",
    "Outcome",
    "Pane",
    "Pipeline",
    "Problem",
    "Project",
    "PullRequest",
    "PullRequestRef",
    "PullRequestState",
    "Question",
    "QuestionItem",
    "QuestionKind",
    "Rung",
    "Snapshot",
    "Source",
    "SourceHealth",
    "Tokens",
    "Turn",
    "Worker",
    "WorkerState",
    "compute_session_id",
    "controller_session_id",
    "decide",
    "derive",
    "is_issue_id",
    "legion_python",
    "parse_pull_request_url",
    "parse_window_name",
    "short_id",
    "status_mode",
    "window_name",
]
