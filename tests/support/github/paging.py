"""Connections as GitHub pages them, and errors as GitHub words them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]

T = TypeVar("T")
LARGEST_PAGE = 100


def refusal(message: str, kind: str) -> GraphQLError:
    """An error with the type beside its message, where GitHub puts it."""
    return GraphQLError(message, extensions={"type": kind})


def not_found(node_id: str) -> GraphQLError:
    """What GitHub says of an id that it does not know, or does not show."""
    return refusal(f"Could not resolve to a node with the global id of '{node_id}'", "NOT_FOUND")


def check_page(info: Info, first: int | None, last: int | None) -> None:
    """Raise where a connection is asked for without bounds, or for more than a page holds."""
    size = first if first is not None else last
    if size is None:
        raise refusal(
            f"You must provide a `first` or `last` value to properly paginate the `{info.field_name}` connection.",
            "MISSING_PAGINATION_BOUNDARIES",
        )
    if not 0 <= size <= LARGEST_PAGE:
        raise refusal(
            f"Requesting {size} records on the `{info.field_name}` connection exceeds the `first` limit of "
            f"{LARGEST_PAGE} records.",
            "EXCESSIVE_PAGINATION",
        )


def connection(
    info: Info,
    items: Sequence[T],
    tell: Callable[[T], Any],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> dict[str, Any]:
    """Return the page that is asked for; a cursor is the place of the item that it stands behind."""
    check_page(info, first, last)
    start = int(after.removeprefix("cursor:")) if after else 0
    end = int(before.removeprefix("cursor:")) - 1 if before else len(items)
    if first is not None:
        end = min(end, start + first)
    else:
        start = max(start, end - (last or 0))
    return {
        "totalCount": len(items),
        "nodes": [tell(item) for item in items[start:end]],
        "pageInfo": {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": f"cursor:{start + 1}" if end > start else None,
            "endCursor": f"cursor:{end}" if end > start else None,
        },
    }
