"""Linear's schema as the server speaks it, and what a question costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
)

from tests.support.graphql_size import page_of
from tests.support.linear.prune import PRUNED

# Of one question.
MOST_POINTS = 10_000
_DEFAULT_PAGE = 50


@cache
def schema() -> GraphQLSchema:
    """The schema, built once."""
    return build_schema(PRUNED.read_text("utf-8"))


def points_of(document: DocumentNode, variables: Mapping[str, Any]) -> float:
    """Return what a question costs, as Linear documents it: a tenth a field, one an object, times each list's size."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}

    def count(selections: SelectionSetNode | None, size: int) -> float:
        points = 0.0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                points += count(fragments[selection.name.value].selection_set, size)
            elif isinstance(selection, FieldNode) and selection.selection_set is None:
                points += 0.1
            elif isinstance(selection, FieldNode):
                # Only lists have pages; what is below `nodes` counts once for each of them.
                times = size if selection.name.value == "nodes" else 1
                points += times * (
                    1 + count(selection.selection_set, page_of(selection, variables, default=_DEFAULT_PAGE))
                )
        return points

    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return count(operation.selection_set, _DEFAULT_PAGE)
