from __future__ import annotations

from dataclasses import replace

from legion_tui.present.receipts import action_line, answer_line
from legion_tui.state import ActionReceipt, AnswerOutcome, AnswerReceipt, Channel, GivenAnswer, Outcome


def test_the_receipt_repeats_the_words_that_went_along() -> None:
    given = GivenAnswer(question="", labels=("Yes",), text=None, note="use the\nlease")
    receipt = AnswerReceipt(
        issue="ENG-40",
        question_id="q",
        outcome=AnswerOutcome.CONFIRMED,
        via=Channel.KEYS,
        answers=(given,),
        took_ms=212,
    )
    assert answer_line(receipt) == "ENG-40 answered: Yes, “use the lease” · confirmed in 0.2 s by keys"
    unnamed = replace(receipt, issue=None, outcome=AnswerOutcome.REFUSED, reason="it is gone")
    assert answer_line(unnamed, session="docs-site") == "docs-site: nothing was typed: it is gone"


def test_an_action_is_told_in_the_words_of_the_board() -> None:
    receipt = ActionReceipt(
        issue="ENG-44", action="remove_worker_active_and_redispatch", outcome=Outcome.DONE, steps=("label removed",)
    )
    assert action_line(receipt) == "ENG-44 redispatch: done: label removed"
