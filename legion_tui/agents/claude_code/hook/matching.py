"""Which waiting hook is the one for a question. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable

from legion_tui.agents.claude_code.hook.spool import Waiting
from legion_tui.agents.claude_code.lines import value_of
from legion_tui.agents.claude_code.transcript import ToolUse, Transcript
from legion_tui.state.questions import Question


def call_of(hook: Waiting) -> ToolUse:
    """Return the call that a hook waits for."""
    given = json.dumps(hook.request.tool_input).encode()
    return ToolUse(id=hook.tool_use_id, name=hook.request.tool_name, message_id="", input=given, at=hook.since)


def hook_for(question: Question, hooks: Iterable[Waiting], transcript: Transcript | None) -> Waiting | None:
    """Return the hook that waits for this very call: of this session, tool and input; None where none does."""
    if not question.tool_use_id or question.unanswerable:
        return None
    hooks = tuple(hooks)
    for hook in hooks:
        if hook.certain and (hook.session_id, hook.tool_use_id) == (question.session_id, question.tool_use_id):
            return hook
    if transcript is None:
        return None
    use = next((use for use in transcript.pending if use.id == question.tool_use_id), None)
    for hook in hooks:
        if use is None or (hook.session_id, hook.tool_use_id) != (question.session_id, use.id):
            continue
        # An input that was too long to keep is compared by the hook alone.
        same = not use.input or value_of(use.input) == hook.request.tool_input
        if same and use.name == hook.request.tool_name:
            return hook
    return None
