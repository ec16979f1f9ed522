"""A board on a real terminal with nothing behind it: `python -m tests.support.board_program ARGV…`.

Attaching hands the terminal to ARGV.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from legion_tui.state import AttachReceipt, Outcome
from legion_tui.ui.app import LegionApp
from tests.support.ports import FakeCollector, FakeCommands
from tests.support.snapshots import sample_snapshot

if __name__ == "__main__":
    receipt = AttachReceipt(target="ENG-21", outcome=Outcome.DONE, argv=tuple(sys.argv[1:]))
    LegionApp(FakeCollector(sample_snapshot(datetime.now(UTC))), FakeCommands(receipts={"attach": receipt})).run()
