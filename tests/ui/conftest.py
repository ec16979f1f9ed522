"""What the tests of the screen rely on: Pilot goes on as soon as the app has nothing left to do."""

from __future__ import annotations

import pytest

from tests.support.stillness import make_still


@pytest.fixture(autouse=True)
def _no_idle_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    make_still(monkeypatch)
