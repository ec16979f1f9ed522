"""What came of a deed to a worker, on the terminal."""

from __future__ import annotations

from legion_tui.cli.context import say, say_json, warn
from legion_tui.present.receipts import worker_document, worker_line
from legion_tui.state import Outcome, WorkerReceipt

EXIT_CODES = {Outcome.REFUSED: 3, Outcome.UNCONFIRMED: 4}


def tell_worker(receipt: WorkerReceipt, *, as_json: bool) -> int:
    """Print a receipt, and return its exit code."""
    if as_json:
        say_json(worker_document(receipt))
    elif receipt.outcome in EXIT_CODES:
        warn(worker_line(receipt))
    else:
        say(worker_line(receipt))
    return EXIT_CODES.get(receipt.outcome, 0)
