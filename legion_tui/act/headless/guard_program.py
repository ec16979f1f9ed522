"""The guard: ends the runs that are left when the program that started them is gone, by whatever means.

`python -I -m legion_tui.act.headless.guard_program`, in a session of its own. Each line of its standard input adds a
run (`+ MARK`) or takes it out (`- MARK`); its end, of which that program holds the only other one, tells that that
program is gone.
"""

from __future__ import annotations

import signal
import sys
import time

from legion_tui.act.headless.marks import end_marked

_WITHIN_SECONDS = 3.0
# A process that was being started at that moment has its mark only a moment later.
_LOOKS, _BETWEEN_SECONDS = 3, 0.2


def main() -> int:
    """Guard until the end of the input."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # Whoever ends the program by its terminal or its group shall not end the guard before its work.
        signal.signal(number, signal.SIG_IGN)
    marks: set[str] = set()
    for line in sys.stdin:
        what, _, mark = line.strip().partition(" ")
        (marks.add if what == "+" else marks.discard)(mark)
    for look in range(_LOOKS if marks else 0):
        time.sleep(_BETWEEN_SECONDS if look else 0)
        for mark in marks:
            end_marked(mark, within_seconds=_WITHIN_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
