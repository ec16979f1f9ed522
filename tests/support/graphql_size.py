"""What a question says of the size of its lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import FieldNode, IntValueNode, VariableNode


def page_of(field: FieldNode, variables: Mapping[str, Any], *, default: int) -> int:
    """Return how many a list is asked for; `default` where it is not said."""
    for argument in field.arguments or ():
        if argument.name.value in ("first", "last"):
            value = argument.value
            if isinstance(value, IntValueNode):
                return int(value.value)
            if isinstance(value, VariableNode):
                return int(variables.get(value.name.value) or 0)
    return default
