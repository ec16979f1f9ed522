"""`legion-tui answer`: answer a worker's question without attaching."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.parts import open_parts
from legion_tui.errors import RefusedError, UsageError
from legion_tui.present.receipts import answer_document, answer_line
from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, AnswerRequest

EXIT_CODES = {AnswerOutcome.CONFIRMED: 0, AnswerOutcome.REFUSED: 3, AnswerOutcome.SENT_UNCONFIRMED: 4}


async def run(context: Context, options: argparse.Namespace) -> int:
    """Answer, and tell what came of it."""
    request = requested(options)
    try:
        refuse_agents("answer")
        async with open_parts(context) as parts:
            receipt: AnswerReceipt = await parts.actions.run_answer(request)
    except RefusedError as error:
        if not options.json:
            raise
        receipt = AnswerReceipt(issue=request.target, question_id="", outcome=AnswerOutcome.REFUSED, reason=str(error))
    if options.json:
        say_json(answer_document(receipt))
    elif receipt.outcome is AnswerOutcome.CONFIRMED:
        say(answer_line(receipt))
    else:
        warn(answer_line(receipt))
    return EXIT_CODES[receipt.outcome]


def requested(options: argparse.Namespace) -> AnswerRequest:
    """Return the request that the words mean; raises UsageError where they mean none."""
    if options.timeout <= 0:
        raise UsageError("--timeout", "is not above 0")
    request = AnswerRequest(
        target=options.issue, deny=options.deny, question_id=options.id, timeout_seconds=options.timeout
    )
    if options.deny:
        if any(option != "text" for option, _ in options.given) or len(options.given) > 1:
            raise UsageError("--deny", "takes one --text and nothing else")
        return replace(request, text=options.given[0][1] if options.given else None)
    answers = in_order(options.given)
    if not answers:
        raise UsageError("no answer", "--choose, --text or --deny is needed")
    return replace(request, answers=tuple(answers))


def in_order(given: Sequence[tuple[str, str]]) -> list[Answer]:
    """Return the answers in the order in which they were written, each with the note behind it."""
    answers: list[Answer] = []
    for option, value in given:
        if option == "text":
            answers.append(Answer(text=value))
        elif option == "choose":
            answers.append(Answer(keys=_keys(value)))
        elif not answers or answers[-1].note is not None:
            raise UsageError(f"--note {value!r}", "stands behind no --choose or --text of its own")
        else:
            answers[-1] = replace(answers[-1], note=value)
    return answers


def _keys(value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(","))
    for key in keys:
        if not key:
            raise UsageError(f"--choose {value!r}", "holds an empty choice")
        if key.lstrip("-").isdecimal() and int(key) < 1:
            raise UsageError(f"--choose {value}", "choices count from 1")
    return keys
