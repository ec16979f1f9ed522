"""A pull request as GitHub tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLResolveInfo

from tests.support.github.paging import check_page

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]


def _counted(info: Info, states: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every state that there is with its count, zero for most, as GitHub answers it."""
    enum = info.schema.type_map[states]
    assert isinstance(enum, GraphQLEnumType)
    assert not counts.keys() - enum.values.keys()
    return [{"state": state, "count": counts.get(state, 0)} for state in enum.values]


def pull_request(number: int, **fields: Any) -> dict[str, Any]:
    """A pull request that is open, ready, without reviews and checks unless `fields`, in GitHub's names, say so."""
    checks: Mapping[str, int] = fields.pop("checks", {})
    statuses: Mapping[str, int] = fields.pop("statuses", {})
    rollup_state: str | None = fields.pop("rollup", None)
    # Checks and statuses by name, in GitHub's own shapes.
    named: Sequence[Mapping[str, Any]] = fields.pop("named", ())
    # Whose review is asked for: a login, `@TEAM` for a team.
    asked_for: Sequence[str] = fields.pop("asked_for", ())
    # (login, state, the commit's hash or None where it was pushed over), the newest of each reviewer.
    reviews: Sequence[tuple[str, str, str | None]] = fields.pop("reviews", ())
    # Whether each conversation is resolved.
    resolved: Sequence[bool] = fields.pop("resolved", ())

    def contexts(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        check_page(info, first, last)
        return {
            "nodes": named,
            "totalCount": sum(checks.values()) + sum(statuses.values()),
            "checkRunCountsByState": _counted(info, "CheckRunState", checks),
            "statusContextCountsByState": _counted(info, "StatusState", statuses),
        }

    def commits(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        check_page(info, first, last)
        rollup = {"state": rollup_state, "contexts": contexts} if rollup_state else None
        return {"totalCount": 1, "nodes": [{"commit": {"oid": "0" * 40, "statusCheckRollup": rollup}}]}

    def requests(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        check_page(info, first, last)
        people = [
            {"__typename": "Team", "name": name[1:]} if name.startswith("@") else {"__typename": "User", "login": name}
            for name in asked_for
        ]
        return {"totalCount": len(people), "nodes": [{"requestedReviewer": one} for one in people]}

    def opinions(info: Info, first: int | None = None, last: int | None = None, **_: Any) -> dict[str, Any]:
        check_page(info, first, last)
        nodes = [
            {
                "state": state,
                "submittedAt": "2026-03-14T12:00:00Z",
                "author": {"__typename": "User", "login": login},
                "commit": {"oid": oid} if oid is not None else None,
            }
            for login, state, oid in reviews
        ]
        return {"totalCount": len(nodes), "nodes": nodes}

    def threads(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        check_page(info, first, last)
        return {"totalCount": len(resolved), "nodes": [{"isResolved": one} for one in resolved[:first]]}

    return {
        "__typename": "PullRequest",
        "id": f"PR_{number}",
        "baseRefName": "main",
        "number": number,
        "title": f"Pull request {number}",
        "url": f"https://github.com/acme/payments/pull/{number}",
        "state": "OPEN",
        "isDraft": False,
        "reviewDecision": None,
        "mergeable": "MERGEABLE",
        "headRefName": f"branch-{number}",
        "headRefOid": "0" * 40,
        "additions": 1,
        "deletions": 2,
        "isCrossRepository": False,
        "headRepositoryOwner": {"__typename": "Organization", "login": "acme"},
        "reviewRequests": requests,
        "latestOpinionatedReviews": opinions,
        "reviewThreads": threads,
        "commits": commits,
        **fields,
    }
