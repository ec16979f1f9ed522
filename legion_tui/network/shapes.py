"""The parts that the answers of all services have alike."""

from __future__ import annotations

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of an answer; what is not named in it is not read."""


class PageInfo(Shape, frozen=True):
    """Whether there is more, and where it begins."""

    has_next_page: bool
    end_cursor: str | None = None


class Named(Shape, frozen=True):
    """Anything with an id and a name."""

    id: str
    name: str
