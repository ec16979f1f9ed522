"""An agent that the agent starts: a record of its own beside the session's, and prompts in its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from legion_tui.demo.standin import blocks, delays
from legion_tui.demo.standin.dialog import Outcome
from legion_tui.demo.standin.permission import PermissionDialog
from legion_tui.demo.standin.transcript import Transcript, new_id
from legion_tui.demo.standin.voice import Voice
from legion_tui.demo.standin.waits import Play, Show, Sleep

if TYPE_CHECKING:
    from legion_tui.demo.standin.turn import Turn

_STARTED = "Async agent launched successfully. The agent is working in the background."
_DENIED = (
    "Permission for this tool use was denied. The tool use was rejected "
    "(eg. if it was a file edit, the new_string was NOT written to the file). "
)
_GO_ON = "Try a different approach or report the limitation to complete your task."
_WORDS = "The user said:\n"


def start(turn: Turn, step: Mapping[str, Any]) -> Play:
    """Start one that makes one tool call and asks whether it may; refused, it goes on, unlike its session."""
    if "gate" in step:
        delays.start_agent(turn, step)
        return
    task = str(step["agent"])
    kind = str(step.get("type", "general-purpose"))
    tool, tool_input = str(step["tool"]), dict(step["input"])
    call = turn.voice.call("Agent", {"description": task, "prompt": task, "subagent_type": kind})
    turn.view.add(blocks.titled(f"Agent({task})"))
    turn.voice.give(call, _STARTED, {})
    yield Sleep(turn.pace)
    log = _log(turn)
    voice = Voice(log, turn.session.usage, model=turn.session.model, prompt_id=new_id())
    log.add({"type": "user", "message": {"role": "user", "content": task}})
    asked = voice.call(tool, tool_input)
    log.flush(last=True)
    dialog = PermissionDialog(tool, tool_input, cwd=turn.session.cwd, mode=turn.session.log.mode, asks=kind)
    outcome: Outcome = yield Show(dialog, turn.session.ask_hooks(tool, tool_input))
    accepted = outcome.verdict == "accept"
    decision = {
        "decision": "accept" if accepted else "reject",
        "source": "user_temporary" if accepted else "user_reject",
        **({"grantScope": "once"} if accepted else {}),
        "reasonCode": "subcommandResults",
    }
    text = _DENIED + (_WORDS + outcome.words if outcome.words else _GO_ON)
    extra: dict[str, Any] = {"toolUseResult": {"stdout": "", "stderr": ""}, "permissionDecision": decision}
    if accepted:
        voice.give(asked, "(Bash completed with no output)", extra)
    else:
        refused = {**extra, "toolUseResult": f"Error: {text}", "toolDenialKind": "user-rejected"}
        voice.give(asked, text, refused, error=True)
    yield Sleep(turn.pace)
    voice.say(str(step.get("say", "Done.")))
    voice.complete("end_turn")
    log.flush(last=True)
    turn.view.add(blocks.said(f'Agent "{task}" finished'))


def _log(turn: Turn) -> Transcript:
    session = turn.session.log
    agent_id = f"a{new_id().replace('-', '')[:16]}"
    folder = session.path.with_suffix("") / "subagents"
    log = Transcript(
        folder / f"agent-{agent_id}.jsonl",
        session_id=session.session_id,
        cwd=session.cwd,
        branch=session.branch,
        agent_id=agent_id,
    )
    log.mode = session.mode
    return log
