"""The Messages API on loopback, as far as the real agent uses it: every answer is scripted, every request kept."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from tests.contract.script import (
    MARKER,
    PLAN_FILE,
    RETRY_SECONDS,
    Act,
    Failure,
    Gate,
    Part,
    Response,
    Retrying,
    Say,
    Tool,
    responses,
)

_MARK = re.compile(rf"\b{MARKER}:([\w-]+)")
_REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
_PLAN_PATH = re.compile(r'(/[^\s"\\`]+/plans/[^\s"\\`]+\.md)')
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    529: "Overloaded",
}
_USAGE = {
    "input_tokens": 1200,
    "output_tokens": 50,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 5000,
}
_DELTA_CHARACTERS = 40
# A stream that says nothing for long is taken for a broken one.
_PING_SECONDS = 5.0
_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one tool call, as the agent told the API."""

    tool: str
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for a message. `play` is empty for what the agent asks beside the conversation."""

    play: str
    step: int
    body: Mapping[str, Any]


class MessagesApi:
    """Answers from the conversation alone, so a retry gets the same again. `results` in the order of arrival."""

    def __init__(self, plays: Mapping[str, Sequence[Act]]) -> None:
        self.requests: list[Request] = []
        self.results: list[Result] = []
        self.problems: list[str] = []
        self.port = 0
        self._plays = {name: responses(script) for name, script in plays.items()}
        self._gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._calls: dict[str, str] = {}
        self._told: set[str] = set()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """What `ANTHROPIC_BASE_URL` is to be."""
        return f"http://127.0.0.1:{self.port}"

    def release(self, gate: str) -> None:
        """Let everything go on that waits at that gate, now or later."""
        self._gates[gate].set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Listen on a free port of loopback until the block ends."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=_BODY_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                await self._answer(writer, *request)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the agent ended, or stopped listening
        except asyncio.CancelledError:
            pass  # the test is over; the server's own callback would log it
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, method: str, path: str, body: bytes) -> None:
        path = path.partition("?")[0]
        if method == "POST" and path == "/v1/messages":
            await self._message(writer, json.loads(body))
        elif method == "POST" and path == "/v1/messages/count_tokens":
            await _send(writer, 200, {"input_tokens": max(1, len(body) // 4)})
        else:
            await _send(writer, 404, _error("not_found_error", f"no such path: {path}"))

    async def _message(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
        play, step = self._place(body) if body.get("tools") else ("", 0)
        self.requests.append(Request(play=play, step=step, body=body))
        self._keep_results(body["messages"])
        response = self._response(play, step)
        if isinstance(response, Retrying):
            if not self._gates[response.gate].is_set():
                await _fail(writer, response.failure, {"retry-after": str(RETRY_SECONDS)})
                return
            response = response.parts
        if isinstance(response, Failure):
            await _fail(writer, response, {"x-should-retry": "false"})
        elif body.get("stream"):
            await self._stream(writer, body, response)
        else:
            await _send(writer, 200, _message(body, response))

    def _place(self, body: Mapping[str, Any]) -> tuple[str, int]:
        """Return the play that a request belongs to, and how far that is."""
        return place_of(body["messages"])

    def _response(self, play: str, step: int) -> Response:
        if not play:
            return (Say("ok"),)
        script = self._plays.get(play)
        if script is None or step >= len(script):
            self.problems.append(f"nothing is scripted for step {step} of {play}")
            return (Say("Nothing is scripted for this."),)
        return script[step]

    def _keep_results(self, messages: Sequence[Mapping[str, Any]]) -> None:
        for message in messages:
            for block in _blocks(message):
                call = block.get("tool_use_id", "")
                if block.get("type") == "tool_result" and call in self._calls and call not in self._told:
                    self._told.add(call)
                    text = plain_text(block.get("content"))
                    self.results.append(Result(self._calls[call], text, bool(block.get("is_error"))))

    async def _stream(self, writer: asyncio.StreamWriter, body: Mapping[str, Any], parts: Sequence[Part]) -> None:
        events = _Events(writer)
        await events.begin()
        start = {**_message(body, ()), "stop_reason": None, "usage": {**_USAGE, "output_tokens": 1}}
        await events.send("message_start", message=start)
        index = 0
        for part in parts:
            if isinstance(part, Gate):
                await self._hold(events, part.name)
                continue
            block, deltas = self._block(part, body)
            await events.send("content_block_start", index=index, content_block=block)
            for delta in deltas:
                await events.send("content_block_delta", index=index, delta=delta)
            await events.send("content_block_stop", index=index)
            index += 1
        delta = {"stop_reason": _stop_reason(parts), "stop_sequence": None}
        await events.send("message_delta", delta=delta, usage=_USAGE)
        await events.send("message_stop")
        await events.end()

    async def _hold(self, events: _Events, gate: str) -> None:
        while not self._gates[gate].is_set():
            try:
                await asyncio.wait_for(self._gates[gate].wait(), _PING_SECONDS)
            except TimeoutError:
                await events.send("ping")

    def _block(self, part: Say | Tool, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return a block as it begins, and the deltas that fill it."""
        if isinstance(part, Say):
            block: dict[str, Any] = {"type": "text", "text": ""}
            return block, [{"type": "text_delta", "text": piece} for piece in _pieces(part.text)]
        call = f"toolu_{secrets.token_hex(12)}"
        self._calls[call] = part.name
        text = json.dumps(_filled(part.input, body))
        block = {"type": "tool_use", "id": call, "name": part.name, "input": {}}
        return block, [{"type": "input_json_delta", "partial_json": piece} for piece in _pieces(text)]


class _Events:
    """Server-sent events in a chunked response."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def begin(self) -> None:
        headers = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
        self._writer.write(_head(200, headers))
        await self._writer.drain()

    async def send(self, kind: str, **data: object) -> None:
        event = f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
        self._writer.write(b"%x\r\n%b\r\n" % (len(event), event))
        await self._writer.drain()

    async def end(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, str, bytes] | None:
    line = await reader.readline()
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (header := (await reader.readline()).strip()) != b"":
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, path, await _read_body(reader, headers)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = bytearray()
    while size := int((await reader.readline()).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return bytes(body)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"request-id: req_{secrets.token_hex(12)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _send(
    writer: asyncio.StreamWriter, status: int, value: object, headers: Mapping[str, str] | None = None
) -> None:
    body = json.dumps(value).encode()
    all_headers = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    writer.write(_head(status, all_headers) + body)
    await writer.drain()


async def _fail(writer: asyncio.StreamWriter, failure: Failure, headers: Mapping[str, str]) -> None:
    await _send(writer, failure.status, _error(failure.kind, failure.message), headers)


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _message(body: Mapping[str, Any], parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "id": f"msg_{secrets.token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": part.text} for part in parts if isinstance(part, Say)],
        "stop_reason": _stop_reason(parts),
        "stop_sequence": None,
        "usage": _USAGE,
    }


def _stop_reason(parts: Sequence[Part]) -> str:
    return "tool_use" if any(isinstance(part, Tool) for part in parts) else "end_turn"


def place_of(messages: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return the play that the newest marked prompt names, and how many messages of the agent follow it."""
    step = 0
    for message in reversed(messages):
        if message.get("role") == "assistant":
            step += 1
            continue
        texts = [str(block.get("text", "")) for block in _blocks(message) if block.get("type") == "text"]
        marks = _MARK.findall(_REMINDER.sub("", "\n".join(texts)))
        if marks:
            return str(marks[-1]), step
    return "", step


def _filled(given: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    if PLAN_FILE not in given.values():
        return dict(given)
    named = _PLAN_PATH.search(json.dumps(body))
    assert named is not None, "the agent names no file for its plan"
    return {key: named[1] if value == PLAN_FILE else value for key, value in given.items()}


def _blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def plain_text(content: object) -> str:
    """Return the text of a tool result, which is a string or a list of blocks."""
    if isinstance(content, list):
        return "\n".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    return str(content or "")


def _pieces(text: str) -> list[str]:
    return [text[at : at + _DELTA_CHARACTERS] for at in range(0, len(text), _DELTA_CHARACTERS)]
