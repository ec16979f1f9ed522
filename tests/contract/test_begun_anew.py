"""What the client leaves out is begun anew, also where it was missed within a group of tasks."""

from __future__ import annotations

import anyio
import pytest

from tests.contract.conftest import alone
from tests.contract.stage import CallOffRecordError

tries: list[int] = []


@pytest.mark.flaky(reruns=2, only_rerun=[CallOffRecordError.__name__])
async def test_an_error_within_a_group_is_known_by_its_name() -> None:
    tries.append(len(tries))
    async with anyio.create_task_group():
        if len(tries) < 3:
            raise CallOffRecordError("it is off the record")
    assert tries == [0, 1, 2]


def test_several_errors_stay_a_group() -> None:
    one, two = ValueError("one"), ValueError("two")
    assert alone(ExceptionGroup("g", [ExceptionGroup("h", [one])])) is one
    several = ExceptionGroup("g", [one, two])
    assert alone(several) is several
