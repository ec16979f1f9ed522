"""Which waiting hook is the one for a question. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from legion_tui.agents.claude_code.hook.spool import Waiting
from legion_tui.agents.claude_code.lines import value_of
from legion_tui.agents.claude_code.transcript import Transcript
from legion_tui.state.questions import Question


def hook_for(question: Question, hooks: Iterable[Waiting], transcript: Transcript | None) -> Waiting | None:
    """Return the hook that waits for this very call: of this session, tool and input; None where none does."""
    if not question.tool_use_id or question.unanswerable or transcript is None:
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
