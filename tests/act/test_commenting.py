"""Answers that are kept where the issue lives: a real tracker's file, a real ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from legion_tui.act.commenting import Commenter, comment_of
from legion_tui.act.ledger import Ledger
from legion_tui.state import AnswerOutcome, AnswerReceipt, GivenAnswer, QuestionKind
from legion_tui.trackers import WRITES, NewIssue
from legion_tui.trackers.local import LocalTracker

RECEIPT = AnswerReceipt(
    issue="ENG-1",
    question_id="toolu_1",
    outcome=AnswerOutcome.CONFIRMED,
    answers=(GivenAnswer(question="Which\x1b[31m database?\nThink.", labels=("Postgres",), note="the old one"),),
    kind=QuestionKind.QUESTION,
)


class House:
    """A tracker with one issue, a ledger, and who keeps answers there."""

    def __init__(self, folder: Path, *, write: str = "all") -> None:
        self.tracker = LocalTracker(folder / "issues", root=folder, key="ENG")
        self.ledger = Ledger(folder / "state", clock=lambda: datetime.now(UTC), user="ann", program="test")
        written = LocalTracker(folder / "issues", root=folder, key="ENG", allowed=WRITES[write])
        self.commenter = Commenter(written, self.ledger, user="ann")

    async def text(self) -> str:
        return (await self.tracker.get("ENG-1")).body

    async def said(self) -> list[str]:
        return [entry.text for entry in await self.ledger.history("ENG-1")]


@pytest.fixture
async def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    await made.tracker.add(NewIssue(title="Retry"))
    return made


async def test_a_confirmed_answer_is_kept_with_its_question(house: House) -> None:
    assert await house.commenter.keep(RECEIPT) == RECEIPT
    text = await house.text()
    assert "Answered by ann with legion-tui." in text
    assert "> Which database?\n> Think.\n\n- Postgres\n(the old one)" in text
    assert [line.partition(" (")[0] for line in await house.said()] == ["ENG-1 comment begun", "ENG-1 comment done"]


@pytest.mark.parametrize(
    "receipt",
    [
        replace(RECEIPT, outcome=AnswerOutcome.REFUSED),
        replace(RECEIPT, outcome=AnswerOutcome.SENT_UNCONFIRMED),
        replace(RECEIPT, kind=QuestionKind.PERMISSION),
        replace(RECEIPT, kind=QuestionKind.TRUST),
        replace(RECEIPT, kind=None),
        replace(RECEIPT, issue=None),
    ],
)
async def test_nothing_else_is_kept(house: House, receipt: AnswerReceipt) -> None:
    assert await house.commenter.keep(receipt) == receipt
    assert "Answered" not in await house.text()
    assert await house.said() == []


async def test_the_answer_stands_where_it_cannot_be_kept(house: House, tmp_path: Path) -> None:
    house = House(tmp_path, write="labels")
    kept = await house.commenter.keep(RECEIPT)
    assert kept.outcome is AnswerOutcome.CONFIRMED
    assert kept.reason.startswith(
        "no comment was left on ENG-1: cannot comment on ENG-1: [tracker] write does not allow"
    )
    assert (await house.said())[-1].startswith("ENG-1 comment failed: cannot comment")


def test_what_a_comment_says() -> None:
    plan = GivenAnswer(question="\n".join(f"line {number}" for number in range(30)), text="Smaller\x07 steps.")
    told = comment_of((plan, GivenAnswer(question="")), "ann\x1b[2J")
    assert told.startswith("Answered by ann with legion-tui.\n\n> line 0\n")
    assert "> line 19\n> …\n\nSmaller steps.\n\n> (no text)\n\n(no words)" in told
