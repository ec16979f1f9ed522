"""What keeps a turn from going on: an API that fails, a compaction, agents that work in the background."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from legion_tui.demo.standin import blocks
from legion_tui.demo.standin.waits import Play, Sleep, Until

if TYPE_CHECKING:
    from legion_tui.demo.standin.turn import Turn

_TRIES = 10


def retry(turn: Turn, step: Mapping[str, Any]) -> Play:
    """Try again and again, every so many seconds, until the attempts are over or the gate is open."""
    how: Mapping[str, Any] = step["retry"]
    turn.voice.complete("end_turn")
    what = str(how.get("text", "API error"))
    of = int(how.get("of", _TRIES))
    opened = turn.session.gate(str(how["gate"])) if "gate" in how else lambda: None
    for attempt in range(int(how.get("from", 1)), int(how.get("attempts", of)) + 1):
        end = time.monotonic() + float(how.get("seconds", 2))
        while (left := end - time.monotonic()) > 0:
            turn.spinner = f"✻ {what} · retrying in {int(left) + 1}s · attempt {attempt}/{of}"
            yield Sleep(min(1.0, left))
        if opened():
            break
    turn.spinner = ""


def compact(turn: Turn, step: Mapping[str, Any]) -> Play:
    """Sum the conversation up, for so many seconds and until the gate is open."""
    seconds = float(step["compact"])
    turn.spinner = "✻ Compacting conversation…"
    yield Sleep(seconds)
    if "gate" in step:
        yield Until(turn.session.gate(str(step["gate"])))
    turn.spinner = ""
    turn.session.log.compacted(int(seconds * 1000))


def start_agent(turn: Turn, step: Mapping[str, Any]) -> None:
    """Start an agent that works in the background until its gate is open; a step `agents` waits for it."""
    task = str(step["agent"])
    kind = str(step.get("type", "general-purpose"))
    call = turn.voice.call("Agent", {"description": task, "prompt": task, "subagent_type": kind})
    turn.view.add(blocks.titled(f"Agent({task})", ["Backgrounded agent (↓ to manage · ctrl+o to expand)"]))
    turn.voice.give(call, "Async agent launched successfully. The agent is working in the background.", {})
    turn.agents[task] = turn.session.gate(str(step["gate"]))


def wait_for_agents(turn: Turn, _step: Mapping[str, Any]) -> Play:
    """End the turn as far as its record goes, and go on when each agent is done."""
    turn.voice.complete("end_turn")
    count = len(turn.agents)
    turn.session.log.ended(turn.milliseconds, waiting_for=count)
    turn.spinner = f"✻ Waiting for {count} background agent{'s'[: count > 1]} to finish"
    # Nothing is there to be interrupted.
    turn.view.busy = False
    for task, done in turn.agents.items():
        yield Until(done)
        turn.view.add(blocks.said(f'Agent "{task}" finished'))
    turn.agents.clear()
    turn.spinner = ""
    turn.view.busy = True
