"""`legion-tui questions`: what workers wait for, oldest first."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from legion_tui.cli.context import Context, say, say_json
from legion_tui.cli.parts import open_parts
from legion_tui.present.document import age_seconds, pending, questions_document


async def run(context: Context, options: argparse.Namespace) -> int:
    """Print every pending question with its full text and options."""
    async with open_parts(context) as parts:
        snapshot = await parts.collector.collect()
    if options.json:
        say_json(questions_document(snapshot))
        return 0
    now = snapshot.collected_at or datetime.now(UTC)
    waiting = pending(snapshot)
    if not waiting:
        say("nobody waits for you")
    for issue, worker, question in waiting:
        age = age_seconds(question.asked_at or worker.since, now)
        aged = f", for {age:.0f} s" if age is not None else ""
        say(f"{issue or worker.session_id} ({worker.mode or 'session'}, {question.kind}{aged})  id {question.id}")
        for number, item in enumerate(question.items, 1):
            say(f"  {number}. {item.text}" if len(question.items) > 1 else f"  {item.text}")
            for option in item.options:
                about = f": {option.description}" if option.description else ""
                say(f"     {option.key}  {option.label}{about}")
        if question.unanswerable:
            say(f"  cannot be answered from here: {question.unanswerable}")
    return 0
