"""How much a model's context holds, as far as its name and what it carried tell. Pure."""

from __future__ import annotations

import re

SHORT, LONG = 200_000, 1_000_000
_NAME = re.compile(r"claude-(?P<name>3(?:-\d)?-[a-z]+|[a-z]+-\d{1,2}(?:-\d{1,2})?)(?!\d)", re.ASCII)
# As the client of the tested version has them in a table of its own.
_SHORT_ONLY = frozenset(
    {"3-opus", "3-sonnet", "3-haiku", "3-5-sonnet", "3-5-haiku", "3-7-sonnet", "opus-4", "opus-4-1", "opus-4-5"}
    | {"haiku-4-5"}
)
_LONG_ONLY = frozenset(
    {"fable-5", "fable-5-1", "fable-5-2", "mythos-5", "mythos-5-1", "mythos-5-2", "haiku-5-5"}
    | {"opus-4-7", "opus-4-8", "opus-5", "opus-5-5", "sonnet-5", "sonnet-5-5"}
)
# Short or long as the user asked or paid for; the transcript leaves out which (the `[1m]` of the name).
_EITHER = frozenset({"sonnet-4", "sonnet-4-5", "sonnet-4-6", "opus-4-6"})


def context_percent(model: str, carried: int) -> float | None:
    """Return what part of the model's context a request of so many tokens filled; None where its size is not known."""
    size = _size(model, carried)
    # What carried more than fits had another size than the name tells.
    return None if size is None or not 0 < carried <= size else round(100 * carried / size, 1)


def _size(model: str, carried: int) -> int | None:
    if "[1m]" in model:
        return LONG
    found = _NAME.search(model)
    name = found["name"] if found else ""
    if name in _LONG_ONLY or (name in _EITHER and carried > SHORT):
        return LONG
    return SHORT if name in _SHORT_ONLY else None
