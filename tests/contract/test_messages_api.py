"""The scripted API itself: what it streams, keeps and refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest

from tests.contract.messages_api import MessagesApi, Result
from tests.contract.script import Ask, Failure, Gate, Plan, Say, scenario
from tests.contract.scripts import DATABASE, MAKE_FOLDER
from tests.support.waiting import until

_PROMPT = {"role": "user", "content": "<system-reminder>play:other</system-reminder>Go. (play:main)"}
_SCRIPT = (
    (Say("One decision, in more than forty characters of text."), Gate("ask"), Ask((DATABASE,))),
    (Say("Fine."),),
    Failure.RATE_LIMIT,
)


@pytest.fixture
async def api() -> AsyncIterator[MessagesApi]:
    async with MessagesApi({"main": _SCRIPT, "plan": (Plan("# Plan"),)}).serving() as serving:
        yield serving


async def ask(api: MessagesApi, *messages: dict[str, Any], tools: bool = True) -> httpx.Response:
    body = {"model": "m", "stream": True, "messages": messages, "tools": [{"name": "Bash"}] if tools else []}
    async with httpx.AsyncClient() as client:
        return await client.post(f"{api.url}/v1/messages", json=body, timeout=10)


def events(response: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: ")]


def message(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the blocks that the deltas add up to."""
    blocks: list[dict[str, Any]] = []
    for event in events(response):
        match event["type"]:
            case "content_block_start":
                assert event["index"] == len(blocks)
                blocks.append({**event["content_block"], "json": ""})
            case "content_block_delta":
                delta = event["delta"]
                blocks[event["index"]]["json"] += delta.get("partial_json", "")
                if "text" in delta:
                    blocks[event["index"]]["text"] += delta["text"]
    return blocks


async def test_a_message_is_held_at_its_gate_and_its_deltas_add_up(api: MessagesApi) -> None:
    answers: list[httpx.Response] = []

    async def first() -> None:
        answers.append(await ask(api, _PROMPT))

    async with anyio.create_task_group() as group:
        group.start_soon(first)
        await until(lambda: api.requests)
        assert not answers
        api.release("ask")
    text, call = message(answers[0])
    assert text["text"] == "One decision, in more than forty characters of text."
    assert call["name"] == "AskUserQuestion"
    assert json.loads(call["json"]) == Ask((DATABASE,)).wire
    assert events(answers[0])[-2]["delta"]["stop_reason"] == "tool_use"


async def test_a_result_is_kept_once_and_the_next_step_follows(api: MessagesApi) -> None:
    api.release("ask")
    blocks = message(await ask(api, _PROMPT))
    said = {"role": "assistant", "content": [{"type": "tool_use", "id": blocks[1]["id"], "name": "x", "input": {}}]}
    content = [{"type": "text", "text": "SQLite"}]
    told = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": blocks[1]["id"], "content": content}]}
    for _ in range(2):
        (block,) = message(await ask(api, _PROMPT, said, told))
        assert block["text"] == "Fine."
    assert api.results == [Result("AskUserQuestion", "SQLite", is_error=False)]


async def test_an_error_is_the_apis_own(api: MessagesApi) -> None:
    said = {"role": "assistant", "content": "x"}
    response = await ask(api, _PROMPT, said, said)
    assert response.status_code == 429
    assert response.headers["x-should-retry"] == "false"
    assert response.json()["error"]["type"] == "rate_limit_error"


async def test_a_plan_goes_where_the_agent_says(api: MessagesApi) -> None:
    prompt = {"role": "user", "content": "(play:plan) Write it to /home/dev/.claude/plans/blue-fox.md only."}
    (block,) = message(await ask(api, prompt))
    assert json.loads(block["json"]) == {"file_path": "/home/dev/.claude/plans/blue-fox.md", "content": "# Plan"}


async def test_what_is_not_scripted_is_a_problem_and_what_is_beside_is_none(api: MessagesApi) -> None:
    said = {"role": "assistant", "content": "x"}
    assert (await ask(api, _PROMPT, tools=False)).is_success
    assert api.problems == []
    assert (await ask(api, _PROMPT, said, said, said)).is_success
    assert api.problems == ["nothing is scripted for step 3 of main"]


def test_the_stand_in_is_told_the_same() -> None:
    told = scenario({"main": (*_SCRIPT, (MAKE_FOLDER,), Plan("# Plan"))})
    assert told["plays"]["main"] == [
        {"say": "One decision, in more than forty characters of text."},
        {"gate": "ask"},
        {"ask": [Ask((DATABASE,)).wire]},
        {"say": "Fine."},
        {"error": "rate_limit"},
        {"tool": "Bash", "input": MAKE_FOLDER.wire, "permit": True},
        {"say": "The plan is ready."},
        {"plan": "# Plan"},
    ]
