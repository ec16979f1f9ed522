"""One step of an answer by keys: from what the screen shows now to the next key. Pure.

Measured rules that the steps follow: a digit alone commits an option, toggles a box, moves the pointer beside
previews, and is text or nothing on the row of own words or of the chat; a paste goes to the row of own words by
itself; Enter on that row declines when it is empty; Escape declines everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from legion_tui.agents.claude_code.matching import FREE_ROW, shows_item, shows_option, shows_words
from legion_tui.agents.claude_code.menus import permission_step, plan_step, startup_step
from legion_tui.agents.claude_code.rows import Dialog, DialogKind, Row
from legion_tui.agents.claude_code.screen import Screen
from legion_tui.agents.protocol import Key, Paste, Refuse, Sent, Step, Wait
from legion_tui.state.questions import CHAT, Answer, Question, QuestionItem, QuestionKind
from legion_tui.state.text import letters

_ENOUGH = 20  # letters that are no coincidence
_CHAT = "Chat about this"
_NOTE_HINTS = ("press n to add notes", "Add notes on this design…")


def unanswerable(question: Question) -> str:
    """Return why a question cannot be answered by keys; empty when it can."""
    if question.kind is QuestionKind.TRUST and {option.key for option in question.items[0].options} != {
        "trust",
        "exit",
    }:
        return "this start-up dialog offers something that is not known: answer it in the terminal"
    return ""


def next_step(question: Question, answers: Sequence[Answer], screen: Screen, pressed: int) -> Step:
    """Return what to do next to answer `question`; no answers at all decline it."""
    off = _not_there(screen)
    if off:
        return Refuse(off)
    if screen.dialog is None:
        if pressed:
            return Sent()
        if screen.draft or screen.held_back:
            return Refuse("text stands in the prompt box, which holds the dialog back")
        return Refuse("the question is not on the screen")
    step = _on_dialog(question, answers, screen.dialog)
    if step is not None:
        return step
    if pressed and not (screen.dialog.clipped and screen.dialog.kind is DialogKind.QUESTION):
        # Another dialog in its place: what was pressed last has ended this one.
        return Sent()
    return Refuse("the screen shows another dialog, or too little of this one")


def _not_there(screen: Screen) -> str:
    if screen.transcript_view:
        return "the transcript view is open (ctrl+o closes it)"
    if screen.dead or screen.left:
        return "the agent has left this pane"
    return "the agent is suspended" if screen.suspended else ""


def _on_dialog(question: Question, answers: Sequence[Answer], dialog: Dialog) -> Step | None:
    """Return the step, None where the dialog is not this question's."""
    match question.kind:
        case QuestionKind.QUESTION:
            return _question_step(question, answers, dialog)
        case QuestionKind.PERMISSION:
            return permission_step(question, answers, dialog)
        case QuestionKind.PLAN:
            return plan_step(answers, dialog)
        case QuestionKind.TRUST:
            return startup_step(question, answers, dialog)


def _question_step(question: Question, answers: Sequence[Answer], dialog: Dialog) -> Step | None:
    if dialog.kind is DialogKind.REVIEW:
        return _review_step(question, answers, dialog)
    if dialog.kind is not DialogKind.QUESTION:
        return None
    if dialog.clipped and _is_all_words(question, answers, dialog):
        return Key("Enter", commits=True, page="words")
    pages = [index for index, item in enumerate(question.items) if shows_item(dialog, item)]
    if not pages or (dialog.tabs and len(dialog.tabs) != len(question.items)):
        return None
    if not answers:
        return Key("Escape", commits=True)
    if answers[0].keys == (CHAT,):
        return _chat_step(answers[0], dialog)
    if len(pages) > 1:
        return Refuse("two of its questions look the same on this screen")
    index = pages[0]
    item, answer = question.items[index], answers[index]
    if item.multi_select:
        step = _boxes_step(item, answer, dialog)
    elif any(option.preview for option in item.options):
        step = _preview_step(item, answer, dialog)
    elif len(question.items) > 1 and _stands(item, answer, dialog):
        step = _move_on(index, dialog)
    else:
        step = _choice_step(item, answer, dialog)
    return replace(step, page=item.text) if isinstance(step, Key) else step


def _chat_step(answer: Answer, dialog: Dialog) -> Step:
    """To the row that takes the question back; it takes no words along."""
    chat = next((row for row in reversed(dialog.rows) if row.text == _CHAT), None)
    if answer.note is not None:
        return Refuse("no words can go along with the chat by keys: leave them out")
    if chat is None:
        return Refuse("the row of the chat is not on the screen")
    if chat is dialog.pointed:
        return Key("Enter", commits=True)
    return _towards(dialog, chat)


def _is_all_words(question: Question, answers: Sequence[Answer], dialog: Dialog) -> bool:
    """Whether all that is left on the screen is the end of our own words, and they have the keyboard."""
    if len(question.items) != 1 or len(answers) != 1 or question.items[0].multi_select:
        return False
    text, item = answers[0].text, question.items[0]
    chat = dialog.row(len(item.options) + 2)
    if text is None or chat is None or chat.pointed or chat.text != _CHAT or "ctrl+g" not in dialog.footer:
        return False
    shown = letters(dialog.text.partition("──────────")[0])
    return len(shown) >= _ENOUGH and shown in letters(text)


def _choice_step(item: QuestionItem, answer: Answer, dialog: Dialog) -> Step:
    """One of several, or own words."""
    free = dialog.row(len(item.options) + 1)
    pointed = dialog.pointed
    typed = free is not None and free.text.removesuffix(" ✔") not in FREE_ROW
    if answer.text is not None and not answer.keys:
        if free is None:
            return Refuse("this question takes no own words")
        if not typed:
            return Paste(answer.text)
        if not shows_words(free, answer.text, clipped=dialog.clipped):
            return Refuse("other words stand in the row of own words")
        return Key("Enter", commits=True) if free.pointed else _towards(dialog, free)
    if typed:
        return Refuse("somebody has typed in the row of own words")
    number = int(answer.keys[0])
    if pointed is not None and (pointed is free or pointed.text == _CHAT):
        # A digit would be text here, or nothing.
        return Key("Up")
    return Key(str(number), commits=True)


def _boxes_step(item: QuestionItem, answer: Answer, dialog: Dialog) -> Step:
    """Several of several, and own words beside them."""
    if dialog.clipped:
        return Refuse("the pane is too low to see every box: make it higher")
    free = dialog.row(len(item.options) + 1)
    submit = next((row for row in dialog.rows if row.number is None and row.text in ("Submit", "Next")), None)
    if free is None or submit is None:
        return Refuse("this page has no row to submit it with")
    words = answer.text if answer.text is not None else answer.note
    typed = free.text not in FREE_ROW
    if words is None and typed and free.checked:
        return Refuse("somebody has typed in the row of own words")
    if words is not None and typed and not shows_words(free, words, clipped=False):
        return Refuse("other words stand in the row of own words")
    for number in range(1, len(item.options) + 1):
        row = dialog.row(number)
        if row is not None and bool(row.checked) is not (str(number) in answer.keys):
            # A digit would be text in the row of own words.
            return Key("Up") if free.pointed else Key(str(number))
    if words is not None and not typed:
        return Paste(words)
    if words is not None and not free.checked:
        return Refuse("the box of the own words is not ticked")
    return Key("Enter", commits=True) if submit.pointed else _towards(dialog, submit)


def _preview_step(item: QuestionItem, answer: Answer, dialog: Dialog) -> Step:
    """One of several beside previews, perhaps with a note: the digit points, Enter commits."""
    if not answer.keys:
        return Refuse("this question takes no own words")
    number = int(answer.keys[0])
    wanted = dialog.row(number)
    if wanted is None or not shows_option(wanted, item.options[number - 1]):
        return Refuse("the option is not on the screen: make the pane higher")
    noting = "ctrl+g" in dialog.footer
    notes = dialog.text.rpartition("Notes: ")[2].partition(" ───")[0].partition(_CHAT)[0].strip(" ❯─")
    # Cut to its column, it ends in an ellipsis.
    start = notes.removesuffix("…").rstrip()
    fresh = bool(start) and any(hint.startswith(start) for hint in _NOTE_HINTS)
    if dialog.pointed is not None and dialog.pointed.text == _CHAT:
        return Key("Up")
    ours = answer.note is not None and (
        letters(notes) == letters(answer.note) or (start != notes and letters(answer.note).startswith(letters(start)))
    )
    if not fresh and not ours:
        return Refuse("other notes stand beside the options")
    if not wanted.pointed:
        return Refuse("notes are being written for another option") if noting else Key(str(number))
    if noting and ours:
        # Measured: Enter in the notes hands them in without the option, where there are more questions than one.
        return Key("Escape", page="notes")
    if answer.note is None or not fresh:
        return Key("Enter", commits=True)
    return Paste(answer.note) if noting else Key("n")


def _stands(item: QuestionItem, answer: Answer, dialog: Dialog) -> bool:
    """Whether this page already has the wanted answer: its row bears a tick."""
    for number in range(1, len(item.options) + 2):
        row = dialog.row(number)
        if row is None or "✔" not in row.text:
            continue
        if number <= len(item.options):
            label = letters(item.options[number - 1].label)
            return answer.keys == (str(number),) and letters(row.text.partition("✔")[0]) == label
        words = row.text.removesuffix(" ✔")
        return answer.text is not None and letters(words) == letters(answer.text)
    return False


def _move_on(index: int, dialog: Dialog) -> Step:
    back = any(not answered for _, answered in dialog.tabs[:index])
    return Key("BTab" if back else "Tab")


def _review_step(question: Question, answers: Sequence[Answer], dialog: Dialog) -> Step | None:
    if len(dialog.tabs) != len(question.items):
        return None
    if not answers:
        return Key("Escape", commits=True)
    if answers[0].keys == (CHAT,):
        return Key("BTab", page="review")
    if not all(answered for _, answered in dialog.tabs):
        return Key("BTab", page="review")
    shown = letters(dialog.ask)
    for item, answer in zip(question.items, answers, strict=True):
        wanted = [option.label for option in item.options if option.key in answer.keys]
        words = answer.text if answer.text is not None else answer.note if item.multi_select else None
        wanted += [words] if words is not None else []
        if not dialog.clipped and not all(letters(one) in shown for one in (item.text, *wanted)):
            # Seen while the page is still being drawn; what stays so is refused.
            return Wait("the review shows other answers")
    return Key("1", commits=True, page="review")


def _towards(dialog: Dialog, row: Row) -> Step:
    """Return the arrow that leads from the pointer to a row."""
    if dialog.pointed is None:
        return Refuse("the pointer is not on the screen")
    return Key("Down" if dialog.rows.index(dialog.pointed) < dialog.rows.index(row) else "Up")
