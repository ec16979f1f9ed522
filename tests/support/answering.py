"""Every kind of question for the answer dialog, and the dialog on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot

from legion_tui.present.question import Drafts
from legion_tui.state import (
    AnswerRequest,
    Mode,
    Option,
    Question,
    QuestionItem,
    QuestionKind,
    Worker,
    WorkerState,
)
from legion_tui.ui.screens.answer import AnswerScreen
from tests.support.snapshots import NOW, back_off_question, question, worker
from tests.support.stage import Stage, shown

SAID = (
    "I found three places that send webhooks. The sender in api/hooks.py has no retry at all, the one in "
    "jobs/notify.py retries for ever, and the third is only used by the tests."
)
THREE = back_off_question(NOW)
SINGLE = replace(THREE, items=THREE.items[:1])
MULTI = replace(THREE, items=THREE.items[1:2])
PERMISSION = question(
    NOW,
    "git push --force-with-lease origin eng-40",
    "Yes",
    "Yes, and don't ask again for git push",
    "No",
    kind=QuestionKind.PERMISSION,
    header="Bash",
    age=41,
)
EDIT = replace(
    PERMISSION,
    id="edit",
    items=(
        replace(
            PERMISSION.items[0],
            header="Edit api/hooks.py",
            text="--- a/api/hooks.py\n+++ b/api/hooks.py\n@@ -12,2 +12,3 @@\n def deliver(event):\n"
            "-    requests.post(url, json=event)\n+    for attempt in range(5):\n+        send(url, event)",
        ),
    ),
)
PLAN = question(
    NOW,
    "# Drop the legacy auth path\n\nThe old middleware is used by **two** routes only, see `api/routes.py`.\n\n"
    + "".join(f"{n}. Step number {n}, which says what is done and why it is safe\n" for n in range(1, 31))
    + "\n| route | users |\n|---|---|\n| /login | 3 |\n\n```python\nassert not legacy\n```\n",
    "Yes, and use auto mode",
    "Yes, manually approve edits",
    "Tell Claude what to change",
    kind=QuestionKind.PLAN,
    age=730,
)
TRUST = question(NOW, "Do you trust the files in /home/ann/x?", "Yes, proceed", "No, exit", kind=QuestionKind.TRUST)
PREVIEWS = Question(
    id="previews",
    kind=QuestionKind.QUESTION,
    items=(
        QuestionItem(
            header="Layout",
            text="Which layout should the settlement page have?",
            options=tuple(
                Option(key=str(n), label=label, preview="\n".join(f"+--{label[:9]:-<24}+" for _ in range(5)))
                for n, label in enumerate(("Two columns", "One column", "Cards"), start=1)
            ),
        ),
    ),
    asked_at=NOW,
)


FOUR = Question(
    id="four",
    kind=QuestionKind.QUESTION,
    items=tuple(
        QuestionItem(
            header=header,
            text=text,
            multi_select=number % 2 == 1,
            takes_text=True,
            options=tuple(
                Option(key=str(n), label=label, description=description)
                for n, (label, description) in enumerate(
                    (
                        ("日本語の選択肢", "幅の広い文字は二つの桁を取るので、行の折り返しが変わる"),
                        ("A label that is too long to have its description beside it", "so it stands below"),
                        ("", "an option without a label"),
                        ("x", ""),
                    ),
                    start=1,
                )
            ),
        )
        for number, (header, text) in enumerate(
            (
                ("Database", "Which database should the service use, now that there are two of them?"),
                ("機能の選択", "どの機能が必要ですか"),
                ("A very long header that goes on", "What then?"),
                ("Q4", "Why?"),
            )
        )
    ),
    asked_at=NOW,
)


def asking(asked: Question | None, **changes: Any) -> Worker:
    made = worker(NOW, WorkerState.QUESTION, issue="ENG-21", mode=Mode.IMPLEMENT, asks=asked, last_words=SAID, age=250)
    return replace(made, **changes)


class Open:
    """The dialog on a stage, with what its owner keeps."""

    def __init__(self, asked: Question, drafts: Drafts, preselect: int | None) -> None:
        self.attached: list[str] = []
        self.screen = AnswerScreen(
            asking(asked),
            target="ENG-21",
            drafts=drafts,
            now=lambda: NOW,
            preselect=preselect,
            attach=self.attached.append,
        )
        self.app = Stage(lambda: self.screen)
        self.pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return shown(self.app)

    @property
    def sent(self) -> AnswerRequest:
        (request,) = self.app.results
        assert isinstance(request, AnswerRequest)
        assert request.target == "ENG-21"
        return request

    @property
    def closed_without(self) -> bool:
        return self.app.results == [None]


@asynccontextmanager
async def opened(
    asked: Question, *, drafts: Drafts | None = None, preselect: int | None = None, size: tuple[int, int] = (100, 40)
) -> AsyncIterator[Open]:
    dialog = Open(asked, drafts or Drafts(), preselect)
    async with dialog.app.run_test(size=size) as pilot:
        dialog.pilot = pilot
        await pilot.pause()
        yield dialog
