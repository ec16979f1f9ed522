"""`python -m tests.support.person ARGUMENTS…`: legion-tui as a person runs it, also where an agent runs the tests."""

from __future__ import annotations

import sys
from typing import Any

import psutil

from legion_tui.cli import main


def _nobody(self: psutil.Process) -> list[Any]:
    del self
    return []


if __name__ == "__main__":
    # What refuses agents has tests of its own; these commands are a person's, whoever started the tests.
    psutil.Process.parents = _nobody  # type: ignore[method-assign]
    sys.exit(main())
