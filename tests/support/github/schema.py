"""GitHub's schema as the server speaks it, and its limit on how much one question may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    extend_schema,
    parse,
)

from tests.support.github.prune import PRUNED
from tests.support.graphql_size import page_of

MOST_NODES = 500_000


@dataclass(frozen=True)
class Size:
    """What a question may come to, every page full: nodes, and requests for pages."""

    nodes: int
    requests: int

    @property
    def points(self) -> int:
        """What it costs of the hour's budget, as GitHub documents it."""
        return max(1, round(self.requests / 100))


@cache
def schema(*, newer: bool = True) -> GraphQLSchema:
    """The schema, built once; without `newer` it is that of a server that has no dependencies of issues yet."""
    published = build_schema(PRUNED.read_text("utf-8"))
    return extend_schema(published, parse(PRUNED.with_name("newer.graphql").read_text("utf-8"))) if newer else published


def size_of(document: DocumentNode, variables: Mapping[str, Any]) -> Size:
    """Return what a question may come to, counted as GitHub counts."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}

    def count(selections: SelectionSetNode | None, times: int) -> Size:
        nodes = requests = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                inner = count(fragments[selection.name.value].selection_set, times)
            elif isinstance(selection, FieldNode):
                size = page_of(selection, variables, default=0)
                nodes += times * size
                requests += times if size else 0
                inner = count(selection.selection_set, times * (size or 1))
            else:
                inner = count(getattr(selection, "selection_set", None), times)
            nodes, requests = nodes + inner.nodes, requests + inner.requests
        return Size(nodes, requests)

    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return count(operation.selection_set, 1)
