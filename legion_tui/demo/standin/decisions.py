"""Steps on which a person decides: a question, a permission, a plan. Each is a generator like the turn's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from legion_tui.demo.standin import blocks, results
from legion_tui.demo.standin.dialog import Outcome
from legion_tui.demo.standin.permission import PermissionDialog
from legion_tui.demo.standin.plan import PlanDialog
from legion_tui.demo.standin.questions import QuestionDialog
from legion_tui.demo.standin.voice import REJECTED
from legion_tui.demo.standin.waits import Play, Show, Sleep

if TYPE_CHECKING:
    from legion_tui.demo.standin.turn import Turn

_DENIED = {"toolDenialKind": "user-rejected", "holdsPersonsWords": True}
_BY_HOOK = {"decision": "accept", "source": "hook", "reasonType": "hook", "reasonCode": "unknown"}
_INTERRUPTED = "Interrupted · What should Claude do instead?"


def ask(turn: Turn, step: Mapping[str, Any]) -> Play:
    """Ask one dialog after another, all called in one message; declining one declines the rest."""
    asked = step["ask"] if isinstance(step["ask"], list) else [step["ask"]]
    calls = [(turn.voice.call("AskUserQuestion", tool_input), tool_input) for tool_input in asked]
    clarify = False
    # The hooks of all of them are asked at once, long before the last one's dialog.
    asking = [turn.session.ask_hooks("AskUserQuestion", tool_input) for _, tool_input in calls]
    for i, (call, tool_input) in enumerate(calls):
        questions = tool_input["questions"]
        outcome: Outcome = yield Show(QuestionDialog(tool_input), asking[i])
        if outcome.verdict == "stop":
            for left, _ in calls[i:]:
                turn.voice.give(left, results.STOPPED, REJECTED, error=True)
            turn.view.add(blocks.declined(questions))
            turn.stopped()
            return
        if outcome.verdict == "reject":
            turn.voice.give(call, outcome.words, _denied_by_hook(outcome.words), error=True)
            turn.view.add(blocks.declined(questions))
            continue
        if outcome.verdict == "clarify":
            clarify = True
            _refuse(turn, call, results.clarify(questions, outcome.given), {})
            turn.view.add(blocks.declined(questions))
            continue
        text, record = results.answered(questions, outcome.given)
        turn.answer = "; ".join(one.answer for one in outcome.given if one.answered)
        decision = _BY_HOOK if outcome.by_hook else _decision("once")
        turn.voice.give(call, text, {"toolUseResult": record, "permissionDecision": decision})
        turn.view.add(blocks.answered(questions, outcome.given))
    yield Sleep(turn.pace)
    if clarify and "chat" in step:
        yield from turn.steps(step["chat"])
        turn.end()


def permit(turn: Turn, call: str, step: Mapping[str, Any], shown: str) -> Play:
    """Ask whether a tool may run; returns the record of the decision and words with it, or None when it may not."""
    log = turn.session.log
    dialog = PermissionDialog(str(step["tool"]), step["input"], cwd=turn.session.cwd, mode=log.mode)
    outcome: Outcome = yield Show(dialog, turn.session.ask_hooks(str(step["tool"]), step["input"]))
    if outcome.verdict == "accept":
        for_session = outcome.choice in ("edits", "auto")
        if for_session:
            turn.session.set_mode("acceptEdits" if outcome.choice == "edits" else "auto")
        decision = _BY_HOOK if outcome.by_hook else _decision("session" if for_session else outcome.choice)
        return decision, outcome.words
    if outcome.words:
        if outcome.by_hook:
            turn.voice.give(call, outcome.words, _denied_by_hook(outcome.words), error=True)
        else:
            _refuse(turn, call, results.refused(outcome.words), {"userFeedback": outcome.words})
        lines = [f"$ {shown}", "Not run · rejected"]
        turn.view.change(blocks.titled("Did not run 1 call", lines, bullet=False))
        yield Sleep(turn.pace)
        return None
    turn.voice.give(call, results.STOPPED, REJECTED, error=True)
    turn.view.change(blocks.titled("Did not run 1 call", [f"$ {shown}", _INTERRUPTED], bullet=False))
    turn.stopped()
    return None


def plan(turn: Turn, step: Mapping[str, Any]) -> Play:
    """Hand a plan over for approval."""
    text = str(step["plan"])
    path = turn.session.write_plan(text)
    home = Path.home()
    shown = f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
    tool_input = {"plan": text, "planFilePath": str(path)}
    call = turn.voice.call("ExitPlanMode", tool_input)
    outcome: Outcome = yield Show(PlanDialog(text, shown), turn.session.ask_hooks("ExitPlanMode", tool_input))
    if outcome.verdict == "accept":
        record = {"plan": text, "isAgent": False, "filePath": str(path)}
        decision = _BY_HOOK if outcome.by_hook else _decision("session")
        extra = {"toolUseResult": record, "permissionDecision": decision}
        turn.voice.give(call, results.approved(text, str(path)), extra)
        turn.session.set_mode("auto" if outcome.choice == "auto" else "default")
        turn.view.add(blocks.approved_plan(text, shown))
        if outcome.words:
            turn.voice.add_words(outcome.words)
            turn.view.add(blocks.prompt(outcome.words))
    elif outcome.words:
        if outcome.by_hook:
            turn.voice.give(call, outcome.words, _denied_by_hook(outcome.words), error=True)
        else:
            _refuse(turn, call, results.refused(outcome.words), {"userFeedback": outcome.words})
        turn.view.add(blocks.rejected_plan(text), glued=True)
        turn.answer = outcome.words
        if "revised" in step:
            yield Sleep(turn.pace)
            yield from turn.steps(step["revised"])
            turn.end()
    else:
        turn.voice.give(call, results.STOPPED, REJECTED, error=True)
        turn.view.add(blocks.rejected_plan(text), glued=True)
        turn.stopped()
    yield Sleep(turn.pace)


def _refuse(turn: Turn, call: str, text: str, extra: Mapping[str, Any]) -> None:
    decision = {"decision": "reject", "source": "user_reject", "reasonCode": "unknown"}
    record = {**_DENIED, "toolUseResult": f"Error: {text}", **extra, "permissionDecision": decision}
    turn.voice.give(call, text, record, error=True)


def _decision(scope: str) -> dict[str, str]:
    return {"decision": "accept", "source": "user_temporary", "grantScope": scope, "reasonCode": "unknown"}


def _denied_by_hook(words: str) -> dict[str, Any]:
    decision = {"decision": "reject", "source": "hook", "reasonType": "hook", "reasonCode": "hook:PermissionRequest"}
    return {
        "toolUseResult": f"Error: {words}",
        "toolDenialKind": "permission-rule",
        "permissionDecision": decision,
    }
