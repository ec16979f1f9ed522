"""What an answer says: data, errors beside it, and what is left of the budget. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from legion_tui.errors import SourceError
from legion_tui.state.text import clean_line

T = TypeVar("T")
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is left of the hour's budget, in points."""

    remaining: int
    limit: int
    reset_at: str
    cost: int = 0


@dataclass(frozen=True, slots=True)
class AnswerError:
    """One error of an answer, its text cleaned. `path` leads to the part of the data that is missing for it."""

    kind: str
    message: str
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it came. Without data, `error` says why in one line."""

    data: Mapping[str, Any] | None = None
    errors: tuple[AnswerError, ...] = ()
    error: str = ""
    # Of the answer as it came.
    size_bytes: int = 0

    @property
    def rate(self) -> RateLimit | None:
        """What is left of the budget, where it was asked for."""
        value = self.data.get("rateLimit") if self.data is not None else None
        if not isinstance(value, dict):
            return None
        numbers = [_count(value.get(name)) for name in ("remaining", "limit", "cost")]
        return RateLimit(numbers[0], numbers[1], clean_line(str(value.get("resetAt") or ""), limit=40), numbers[2])

    def has(self, kinds: Collection[str]) -> bool:
        """Whether one of the errors is of such a kind."""
        return any(error.kind in kinds for error in self.errors)

    def error_at(self, *path: str | int) -> AnswerError | None:
        """Return the error because of which there is nothing at `path`: there, or at what it belongs to."""
        return next((error for error in self.errors if error.path and error.path == path[: len(error.path)]), None)

    def decoded(self, kind: type[T], *, service: str) -> T:
        """Return the data as `kind`; SourceError names the place that is of another shape."""
        try:
            return msgspec.convert(self.data, type=kind)
        except msgspec.ValidationError as error:
            why = clean_line(f"the answer is of another shape: {error}", limit=_LONGEST_MESSAGE)
            raise SourceError(service, why, "the last values stay; see: legion-tui doctor") from None


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Stands for a body that is no object."""

    why: str = field(default="the answer is no object")


def read_answer(body: bytes) -> Answer:
    """Return what `body` says; never raises."""
    document = _document(body)
    if isinstance(document, _Nothing):
        return Answer(error=document.why)
    errors = tuple(_errors(document.get("errors")))
    data = document.get("data")
    if isinstance(data, dict):
        return Answer(data=data, errors=errors, size_bytes=len(body))
    told = errors[0].message if errors else clean_line(str(document.get("message") or ""), limit=_LONGEST_MESSAGE)
    return Answer(errors=errors, error=told or "the answer holds no data")


def _document(body: bytes) -> Mapping[str, Any] | _Nothing:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return _Nothing("the answer is not JSON")
    return answer if isinstance(answer, dict) else _Nothing()


def _errors(value: object) -> Sequence[AnswerError]:
    listed = [error for error in value if isinstance(error, dict)] if isinstance(value, list) else []
    return [_error(error) for error in listed]


def _error(error: Mapping[str, Any]) -> AnswerError:
    extensions = error.get("extensions")
    code = extensions.get("code") or extensions.get("type") if isinstance(extensions, dict) else None
    path = error.get("path")
    steps = tuple(step for step in path if isinstance(step, str | int)) if isinstance(path, list) else ()
    kind = clean_line(str(error.get("type") or code or ""), limit=80)
    message = clean_line(str(error.get("message") or kind or "no answer"), limit=_LONGEST_MESSAGE)
    return AnswerError(kind, message, steps)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
