"""What has to be known before anything else is asked: whose login it is, and what the server knows."""

from __future__ import annotations

from dataclasses import dataclass

from legion_tui.errors import TrackerError
from legion_tui.network import Answer
from legion_tui.trackers.github.shapes import WelcomeAnswer


@dataclass(frozen=True, slots=True)
class Welcome:
    """The login, the repository as GitHub calls it now, and whether the server knows dependencies of issues."""

    login: str
    user_id: str
    repository_id: str
    repository: str
    has_dependencies: bool


def welcome_of(answer: Answer, name: str, refused: TrackerError) -> Welcome:
    """Return what the answer says; raises `refused` without a repository, TrackerError for one without issues."""
    told = answer.decoded(WelcomeAnswer, service="github")
    if told.repository is None:
        raise refused
    if not told.repository.has_issues_enabled:
        raise TrackerError(name, "its issues are switched off", "switch them on in the repository's settings")
    fields = told.issue_type.fields if told.issue_type is not None else None
    return Welcome(
        login=told.viewer.login,
        user_id=told.viewer.id,
        repository_id=told.repository.id,
        repository=told.repository.name_with_owner,
        has_dependencies=any(field.name == "blockedBy" for field in fields or ()),
    )
