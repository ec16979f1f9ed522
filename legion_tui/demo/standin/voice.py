"""What the agent says and calls, as records: messages of several lines, tool calls and their results."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from legion_tui.demo.standin import results
from legion_tui.demo.standin.transcript import MODEL, Transcript

REJECTED = {
    "toolUseResult": "User rejected tool use",
    "toolDenialKind": "user-rejected",
    "toolDenialBeforeRun": True,
}


class Usage:
    """Tokens of a session, growing as a conversation's do."""

    def __init__(self) -> None:
        """Start with the size of a fresh conversation."""
        self.input = self.output = self.cache_read = self.cache_write = 0
        self._context = 5000

    def message(self, size: int) -> dict[str, Any]:
        """Return the usage of one more message of about `size` characters."""
        written, fresh = 40 + size // 4, 300 + size // 3
        usage = {
            "input_tokens": 12,
            "cache_creation_input_tokens": fresh,
            "cache_read_input_tokens": self._context,
            "output_tokens": written,
            "service_tier": "standard",
        }
        self.input += 12
        self.output += written
        self.cache_read += self._context
        self.cache_write += fresh
        self._context += fresh + written
        return usage

    def cost(self, model: str, *, milliseconds: int) -> dict[str, Any]:
        """Return the record of what the session cost, at list prices."""
        total = round((self.input * 5 + self.output * 25 + self.cache_read * 0.5 + self.cache_write * 6.25) / 1e6, 6)
        usage = {
            "inputTokens": self.input,
            "outputTokens": self.output,
            "cacheReadInputTokens": self.cache_read,
            "cacheCreationInputTokens": self.cache_write,
            "costUSD": total,
        }
        return {
            "type": "cost-state",
            "totalCostUSD": total,
            "totalDuration": milliseconds,
            "modelUsage": {model: usage},
            "hasUnknownModelCost": False,
        }


class Voice:
    """The records of one turn. A message's lines share its id and usage; what is said is held until it is complete."""

    def __init__(self, log: Transcript, usage: Usage, *, model: str, prompt_id: str) -> None:
        """Record nothing yet."""
        self._log = log
        self._usage = usage
        self._model = model or MODEL
        self._prompt_id = prompt_id
        self._message = ""
        self._block = 0
        self._message_usage: dict[str, Any] = {}
        self._spoken: list[str] = []
        self._open: dict[str, str] = {}
        # Tokens that were written in this turn.
        self.tokens = 0

    @property
    def open_calls(self) -> tuple[str, ...]:
        """The tool calls without a result."""
        return tuple(self._open)

    def say(self, text: str) -> None:
        """Hold a text until its message is complete."""
        self._spoken.append(text)

    def complete(self, stop_reason: str | None) -> None:
        """Record what was said, and end the message unless a tool is called in it."""
        self._write_spoken(stop_reason)
        if stop_reason != "tool_use":
            self._message = ""

    def call(self, name: str, tool_input: Mapping[str, Any]) -> str:
        """Record a tool call and return its id."""
        self.complete("tool_use")
        call = f"toolu_{os.urandom(12).hex()}"
        content = {"type": "tool_use", "id": call, "name": name, "input": dict(tool_input)}
        self._open[call] = self._write(content, "tool_use")
        return call

    def give(self, call: str, text: str, extra: Mapping[str, Any], *, error: bool = False) -> None:
        """Record a tool's result; the message that called it is over once all its calls have one."""
        content: dict[str, Any] = {"type": "tool_result", "content": text}
        if error:
            content["is_error"] = True
        self._user([{**content, "tool_use_id": call}], sourceToolAssistantUUID=self._open.pop(call), **extra)
        if not self._open:
            self._message = ""

    def add_words(self, text: str) -> None:
        """Record what a person said along with a decision."""
        self._user([{"type": "text", "text": text}])

    def stop(self) -> None:
        """Record that a person stopped the turn; what was cut off is recorded first."""
        self._write_spoken(None)
        message = self._message
        tools = self.open_calls
        for call in tools:
            self.give(call, results.STOPPED, REJECTED, error=True)
        self.stopped(tool=bool(tools), message=message)

    def stopped(self, *, tool: bool, message: str = "") -> None:
        """Record the end of a turn that a person stopped."""
        text = results.INTERRUPTED_TOOL if tool else results.INTERRUPTED
        extra = {"interruptedMessageId": message} if message else {}
        self._user([{"type": "text", "text": text}], **extra)

    def _write_spoken(self, stop_reason: str | None) -> None:
        spoken, self._spoken = self._spoken, []
        for text in spoken:
            self._write({"type": "text", "text": text}, stop_reason)

    def _user(self, content: list[dict[str, Any]], **extra: object) -> None:
        record = {"promptId": self._prompt_id, "type": "user", "message": {"role": "user", "content": content}}
        self._log.add({**record, **extra})

    def _write(self, content: Mapping[str, Any], stop_reason: str | None) -> str:
        """Record one block of the message that is being written: a line of its own, as the agent does."""
        if not self._message:
            self._message = f"msg_{os.urandom(12).hex()}"
            self._block = 0
            self._message_usage = self._usage.message(len(str(content)))
            self.tokens += self._message_usage["output_tokens"]
        record = {
            "message": {
                "id": self._message,
                "type": "message",
                "role": "assistant",
                "model": self._model,
                "content": [content],
                "stop_reason": stop_reason,
                "stop_sequence": None,
                "usage": self._message_usage,
                "stop_details": None,
            },
            "apiBlockIndex": self._block,
            "requestId": f"req_{self._message.removeprefix('msg_')}",
            "requestedModel": self._model,
            "type": "assistant",
            "effort": "medium",
            "perTurnEffort": "medium",
            "madeBy": "model",
        }
        self._block += 1
        return self._log.add(record)
