"""What is made of the body of an answer."""

from __future__ import annotations

import msgspec
import pytest

from legion_tui.errors import SourceError
from legion_tui.network import read_answer
from legion_tui.network.answers import AnswerError


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>", "the answer is not JSON"),
        (b"[" * 100_000, "the answer is not JSON"),
        (b"\xff", "the answer is not JSON"),
        (b"[]", "the answer is no object"),
        (b"{}", "the answer holds no data"),
        (b'{"message": "Bad\\u001b[1m credentials"}', "Bad credentials"),
        (
            b'{"data": null, "errors": [{"message": "API rate limit exceeded", "type": ["x"]}]}',
            "API rate limit exceeded",
        ),
        (b'{"data": null, "errors": "nonsense"}', "the answer holds no data"),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, error: str) -> None:
    told = read_answer(body)
    assert told.error == error
    assert told.data is None


@pytest.mark.parametrize("data", ["null", '{"repo0": {"pr0": null}}'])
@pytest.mark.parametrize("told", ['"type": "TOO_MUCH"', '"extensions": {"code": "TOO_MUCH"}'])
def test_the_kind_of_an_error_is_its_type_or_its_code(data: str, told: str) -> None:
    answer = read_answer(f'{{"data": {data}, "errors": [{{{told}, "message": "too much"}}]}}'.encode())
    assert answer.has({"TOO_MUCH"})
    assert not answer.has({"OTHER"})


def test_an_error_belongs_to_what_is_below_its_path() -> None:
    answer = read_answer(b'{"data": {}, "errors": [{"message": "gone", "path": ["a", 0]}, {"message": "no path"}]}')
    assert answer.error_at("a", 0, "b") == AnswerError("", "gone", ("a", 0))
    assert answer.error_at("a") is None
    assert answer.error_at("b") is None


def test_the_budget_is_told_where_it_was_asked_for() -> None:
    rate = read_answer(b'{"data": {"rateLimit": {"cost": 2, "remaining": 4987, "limit": 5000, "resetAt": "x"}}}').rate
    assert rate is not None
    assert (rate.cost, rate.remaining, rate.limit) == (2, 4987, 5000)
    assert read_answer(b'{"data": {"rateLimit": null}}').rate is None


class Shape(msgspec.Struct):
    number: int


def test_another_shape_is_named_by_its_place() -> None:
    assert read_answer(b'{"data": {"number": 3}}').decoded(Shape, service="github").number == 3
    with pytest.raises(SourceError, match=r"github: the answer is of another shape: .*`int`.*\$\.number"):
        read_answer(b'{"data": {"number": "3"}}').decoded(Shape, service="github")
