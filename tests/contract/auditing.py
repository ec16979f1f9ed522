"""The Messages API for workers that are audited: an auditor reads what it is to read, and says its verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.contract.messages_api import MessagesApi, plain_text
from tests.contract.script import Act, Gate, Response, Say, Tool

# What stands for the prompt of the auditor itself, in a verdict that repeats it.
ECHO = "{prompt}"
_AUDITED = re.compile(r"You are the auditor.*?(/\S+/task-(\d+)/report-(\d+)\.md)", re.DOTALL)


class AuditingApi(MessagesApi):
    """Knows an auditor by its prompt: which task and round it is about. `verdicts` are by task and round."""

    def __init__(
        self, plays: Mapping[str, Sequence[Act]], verdicts: Mapping[tuple[int, int], str | Gate] | None = None
    ) -> None:
        super().__init__(plays)
        self._verdicts = verdicts or {}
        self._reports: dict[str, str] = {}
        self._prompts: dict[str, str] = {}

    def _place(self, body: Mapping[str, Any]) -> tuple[str, int]:
        messages = body["messages"]
        text = "\n".join(plain_text(message.get("content")) for message in messages if message.get("role") == "user")
        found = _AUDITED.search(text)
        if found is None:
            return super()._place(body)
        play = f"audit {found[2]} {found[3]}"
        self._reports[play] = found[1]
        self._prompts[play] = text[found.start() :].partition("\n")[0]
        return play, sum(message.get("role") == "assistant" for message in messages)

    def _response(self, play: str, step: int) -> Response:
        if not play.startswith("audit "):
            return super()._response(play, step)
        if step == 0:
            return (Tool("Read", {"file_path": self._reports[play]}),)
        _, task, number = play.split(" ")
        verdict = self._verdicts[int(task), int(number)]
        return (verdict if isinstance(verdict, Gate) else Say(verdict.replace(ECHO, self._prompts[play])),)
