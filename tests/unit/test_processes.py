"""Facts of processes, and ending just the one that is meant."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from legion_tui.processes import ProcessFacts, process_facts, still_lives, terminate


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def facts_of(process: subprocess.Popen[bytes]) -> ProcessFacts:
    facts = process_facts(process.pid)
    assert facts is not None
    return facts


def test_the_process_that_is_meant_is_ended(sleeper: subprocess.Popen[bytes]) -> None:
    facts = facts_of(sleeper)
    assert still_lives(facts)
    assert terminate(facts)
    assert sleeper.wait(10) != 0
    assert not still_lives(facts)
    assert not terminate(facts)


def test_another_process_with_the_same_number_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    facts = facts_of(sleeper)
    earlier = replace(facts, started_at=facts.started_at - 5)
    assert not terminate(earlier)
    assert still_lives(facts)
