"""What the agent waits for, as a question: from the pending tool call, the screen only for a menu's own words. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from legion_tui.agents.claude_code.changes import change_lines
from legion_tui.agents.claude_code.lines import record_of
from legion_tui.agents.claude_code.matching import shows_call
from legion_tui.agents.claude_code.rows import Dialog, DialogKind
from legion_tui.agents.claude_code.transcript import ToolUse
from legion_tui.state.questions import Option, Question, QuestionItem, QuestionKind
from legion_tui.state.text import clean, clean_line

ASK, PLAN = "AskUserQuestion", "ExitPlanMode"
INPUT_NEEDED, PERMISSION_PROMPT = "input needed", "permission prompt"
# Tools whose own calls ask in their name, with a prompt that is about something else.
_SUB_AGENTS = frozenset({"Agent", "Task"})
# The title stands at the head of a prompt; below it anything may stand.
_TITLE = 120
_PERMISSION_KEYS = ("allow", "allow_always", "allow_auto", "deny")
_ALWAYS = ("Yes, allow reading from ", "Yes, and allow ")
_ALWAYS_WORDS = ("don't ask again", "always allow", "accept edits", "allow all edits", "during this session")
_PLAN_KEYS = ("approve_manual", "approve_auto", "revise")
_PLAN_LABELS = ("Yes, manually approve edits", "Yes, and use auto mode", "Tell Claude what to change")


def asked_use(
    pending: Sequence[ToolUse], waiting_for: str, dialog: Dialog | None, *, of_sub_agents: Sequence[ToolUse] = ()
) -> ToolUse | None:
    """Return the pending call that the agent waits for, its own or one of its sub-agents; None where none is it."""
    own = _own_use(pending, waiting_for, dialog)
    if waiting_for != PERMISSION_PROMPT or dialog is None or dialog.kind is not DialogKind.PERMISSION:
        return own
    if not is_from_sub_agent(dialog) and not (dialog.clipped and of_sub_agents):
        return own
    # A clipped prompt does not say who asks: then only one call may be the one that it shows.
    calls = [*([own] if own is not None else []), *of_sub_agents]
    shown = [use for use in calls if shows_call(dialog, _permission_item(use.name, record_of(use.input), None))]
    return shown[0] if len(shown) == 1 else None


def _own_use(pending: Sequence[ToolUse], waiting_for: str, dialog: Dialog | None) -> ToolUse | None:
    if waiting_for == INPUT_NEEDED:
        return next((use for use in pending if use.name == ASK), None)
    if waiting_for != PERMISSION_PROMPT:
        return None
    kind = dialog.kind if dialog is not None else None
    if dialog is not None and is_from_sub_agent(dialog):
        return None
    for use in pending:
        fits = kind not in (DialogKind.PLAN, DialogKind.PERMISSION) or (use.name == PLAN) == (kind is DialogKind.PLAN)
        # A question can wait behind the prompt; a sub-agent's prompt is about a call of its own transcript.
        if use.name != ASK and use.name not in _SUB_AGENTS and fits:
            return use
    return None


def is_from_sub_agent(dialog: Dialog) -> bool:
    """Whether a permission prompt names another agent as the one that asks."""
    title = dialog.text[:_TITLE]
    return dialog.kind is DialogKind.PERMISSION and " · from the " in title and " agent" in title


def asker_of(dialog: Dialog | None) -> str:
    """Return which sub-agent a permission prompt names, such as `general-purpose`; empty where it names none."""
    if dialog is None or not is_from_sub_agent(dialog):
        return ""
    return clean_line(dialog.text[:_TITLE].partition(" · from the ")[2].partition(" agent")[0])


def question_of(use: ToolUse, dialog: Dialog | None, *, session_id: str) -> Question:
    """Return the question that a pending call asks. Never raises: an odd input gives an item with what there is."""
    given = record_of(use.input)
    if use.name == ASK:
        kind, items = QuestionKind.QUESTION, _items(given)
    elif use.name == PLAN:
        kind, items = QuestionKind.PLAN, (_plan_item(given, dialog),)
    else:
        kind, items = QuestionKind.PERMISSION, (_permission_item(use.name, given, dialog),)
    return Question(
        id=use.id,
        kind=kind,
        items=items,
        asked_at=use.at,
        session_id=session_id,
        asker=asker_of(dialog) if kind is QuestionKind.PERMISSION else "",
        tool_use_id=use.id,
        unanswerable="" if items else "its text could not be read: answer it in the terminal",
    )


def startup_question(dialog: Dialog, *, session_id: str, pid: int | None) -> Question:
    """Return the question of a start-up dialog; its id is the same at every size of the pane."""
    options = tuple(
        Option(key=key, label=clean_line(row.text))
        for key, word in (("trust", "Yes"), ("exit", "No"))
        for row in dialog.rows
        if row.text.startswith(word)
    )
    return Question(
        id=_hash(session_id, str(pid or ""), dialog.ask),
        kind=QuestionKind.TRUST,
        items=(QuestionItem(header=_STARTUP_HEADERS[dialog.kind], text=clean(dialog.ask), options=options),),
        session_id=session_id,
    )


def foreign_prompt(dialog: Dialog, *, session_id: str, pid: int | None) -> Question:
    """Return the question of a permission prompt whose call is on no record, or could be one of several."""
    return Question(
        id=_hash(session_id, str(pid or ""), dialog.text),
        kind=QuestionKind.PERMISSION,
        items=(QuestionItem(header="sub-agent", text=clean_line(dialog.text), options=permission_options(dialog)),),
        session_id=session_id,
        asker=asker_of(dialog),
        unanswerable="no call on record is known to be the one that this is about: answer it in the terminal",
    )


_STARTUP_HEADERS = {DialogKind.TRUST: "Folder", DialogKind.API_KEY: "API key", DialogKind.BYPASS: "Bypass"}


def permission_key(label: str) -> str | None:
    """Return which answer a row of a permission menu is, by its own words; None for one that is not known."""
    if label == "No" or label.startswith("No, "):
        return "deny"
    if label == "Yes" or label.startswith("Yes, and tell Claude what to do next"):
        return "allow"
    if not label.startswith("Yes, "):
        return None
    if "switch to auto mode" in label:
        return "allow_auto"
    always = label.startswith(_ALWAYS) or any(words in label for words in _ALWAYS_WORDS)
    return "allow_always" if always else None


def plan_key(label: str) -> str | None:
    """Return which answer a row of the plan's menu is; None for one that is not known."""
    if "manually approve" in label or label.startswith("Yes, and switch to default"):
        return "approve_manual"
    if label.startswith("Yes") and ("auto mode" in label or "auto-accept" in label):
        return "approve_auto"
    return "revise" if label.startswith(("Tell Claude what to change", "No")) else None


def permission_options(dialog: Dialog | None) -> tuple[Option, ...]:
    """Return what the menu on the screen offers, in our order; before it was seen, what every menu has."""
    if dialog is None or dialog.kind is not DialogKind.PERMISSION:
        return (Option(key="allow", label="Yes"), Option(key="deny", label="No"))
    labels: dict[str, str] = {}
    for row in dialog.rows:
        key = permission_key(row.text)
        if key is not None:
            labels.setdefault(key, row.text)
    labels |= {key: word for key, word in (("allow", "Yes"), ("deny", "No")) if key in labels}
    return tuple(Option(key=key, label=clean_line(labels[key])) for key in _PERMISSION_KEYS if key in labels)


def _items(given: Mapping[str, object]) -> tuple[QuestionItem, ...]:
    questions = given.get("questions")
    found = questions if isinstance(questions, list) else []
    return tuple(_item(question) for question in found[:4] if isinstance(question, dict))


def _item(question: Mapping[str, object]) -> QuestionItem:
    listed = question.get("options")
    options = [option for option in listed if isinstance(option, dict)] if isinstance(listed, list) else []
    previews = any(option.get("preview") for option in options)
    return QuestionItem(
        header=clean_line(_string(question.get("header")), limit=200),
        text=clean(_string(question.get("question"))).strip(),
        multi_select=question.get("multiSelect") is True,
        options=tuple(
            Option(
                key=str(number),
                label=clean_line(_string(option.get("label"))),
                description=clean(_string(option.get("description"))).strip(),
                preview=clean(_string(option.get("preview"))),
            )
            for number, option in enumerate(options, start=1)
        ),
        # Beside previews the agent has no row for own words.
        takes_text=not previews,
    )


def _plan_item(given: Mapping[str, object], dialog: Dialog | None) -> QuestionItem:
    labels = dict(zip(_PLAN_KEYS, _PLAN_LABELS, strict=True))
    if dialog is not None and dialog.kind is DialogKind.PLAN:
        seen = {plan_key(row.text): row.text for row in dialog.rows}
        # The last row shows what is typed in it, so its own words may be gone.
        labels = {key: seen.get(key, label) for key, label in labels.items() if key in seen or key == "revise"}
    return QuestionItem(
        header="Plan",
        text=clean(_string(given.get("plan"))).strip() or "Exit plan mode?",
        options=tuple(Option(key=key, label=clean_line(label)) for key, label in labels.items()),
    )


def _permission_item(tool: str, given: Mapping[str, object], dialog: Dialog | None) -> QuestionItem:
    words = _string(given.get("command")) or _string(given.get("url"))
    path = _string(given.get("file_path")) or _string(given.get("notebook_path"))
    if path:
        # The first line names it, on the board and to the screen's reader; the change follows.
        words = "\n".join((f"{tool} {PurePath(path).name}", *change_lines(path, given)))
    elif not words:
        words = json.dumps(dict(given), ensure_ascii=False)[:2000] if given else tool
    return QuestionItem(header=clean_line(tool, limit=200), text=clean(words), options=permission_options(dialog))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _hash(*parts: str) -> str:
    letters = "\0".join("".join(char for char in part if char.isalnum()) for part in parts)
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()[:32]
