"""The parts that the answers of all services have alike."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


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


class Many(Shape, Generic[T], frozen=True):
    """The first page of a list, and how long the list is."""

    total_count: int = 0
    nodes: list[T | None] = msgspec.field(default_factory=list)

    @property
    def all(self) -> list[T]:
        """Those that were told."""
        return [node for node in self.nodes if node is not None]
