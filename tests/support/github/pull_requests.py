"""A pull request as GitHub tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo

from tests.support.github.paging import check_page

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]


def pull_request(number: int, **fields: Any) -> dict[str, Any]:
    """A pull request that is open, ready, without reviews and checks unless `fields`, in GitHub's names, say so."""
    checks: Mapping[str, int] = fields.pop("checks", {})
    statuses: Mapping[str, int] = fields.pop("statuses", {})
    rollup_state: str | None = fields.pop("rollup", None)

    def contexts(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        check_page(info, first, last)
        return {
            "totalCount": sum(checks.values()) + sum(statuses.values()),
            "checkRunCountsByState": [{"state": state, "count": count} for state, count in checks.items()],
            "statusContextCountsByState": [{"state": state, "count": count} for state, count in statuses.items()],
        }

    def commits(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        check_page(info, first, last)
        rollup = {"state": rollup_state, "contexts": contexts} if rollup_state else None
        return {"totalCount": 1, "nodes": [{"commit": {"oid": "0" * 40, "statusCheckRollup": rollup}}]}

    return {
        "__typename": "PullRequest",
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
        "commits": commits,
        **fields,
    }
