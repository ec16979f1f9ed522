from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.claude_code.keys import next_step
from legion_tui.agents.claude_code.questions import asked_use, question_of, startup_question
from legion_tui.agents.claude_code.screen import read_screen
from legion_tui.agents.protocol import Key, Paste, Refuse, Sent, Step
from legion_tui.state.questions import CHAT, Answer, Question
from tests.support.claude_code import CLASSIC, DATA, FULL, SMALL, WIDE, lines, screen, screens, transcript

INPUT, PERMISSION = "input needed", "permission prompt"


def question(name: str, waiting_for: str = INPUT) -> Question:
    mark = {"plan": "User has approved", "plan_reject": "The user doesn't want", "perm_edit": "has been updated"}
    use = asked_use(transcript(name, until=mark.get(name, '"tool_result"')).pending, waiting_for, None)
    assert use is not None
    return question_of(use, None, session_id="s")


def trust() -> Question:
    dialog = screen("trust", "dialog").dialog
    assert dialog is not None
    return startup_question(dialog, session_id="s", pid=1)


def step(asked: Question, moment: str, *answers: Answer, pressed: int = 0) -> tuple[str, str]:
    """The kind of the next step on a recorded screen (`scenario/moment[/size]`), with its key, text or reason."""
    scenario, shown, *size = moment.split("/")
    return told(next_step(asked, answers, screen(scenario, shown, *size), pressed))


def told(found: Step) -> tuple[str, str]:
    match found:
        case Key(name=name, commits=commits):
            return ("commit" if commits else "key", name)
        case Paste(text=text):
            return ("paste", text)
        case Sent():
            return ("sent", "")
        case _:
            return (type(found).__name__.lower(), found.why)


def chosen(*keys: str) -> Answer:
    return Answer(keys=keys)


@pytest.mark.parametrize("size", [FULL, SMALL, WIDE, CLASSIC])
def test_a_choice_is_one_digit(size: str) -> None:
    assert step(question("ask"), f"ask/dialog/{size}", chosen("2")) == ("commit", "2")


def test_a_digit_would_be_text_or_nothing_on_the_last_rows() -> None:
    ask = question("ask")
    assert step(ask, "askfree/free-row-focused", chosen("2")) == ("key", "Up")
    long = transcript_question_of_asklong()
    assert step(long, "asklong/after-down4", chosen("2")) == ("key", "Up")


@pytest.mark.parametrize("size", [FULL, SMALL, WIDE, CLASSIC])
def test_the_chat_is_walked_to_and_takes_no_words(size: str) -> None:
    ask = question("ask")
    assert step(ask, f"ask/dialog/{size}", chosen(CHAT)) == ("key", "Down")
    assert step(ask, "askfree/free-row-focused", chosen(CHAT)) == ("key", "Down")
    kind, why = step(ask, f"ask/dialog/{size}", Answer(keys=(CHAT,), note="why?"))
    assert (kind, "no words" in why) == ("refuse", True)
    long = transcript_question_of_asklong()
    assert step(long, "asklong/after-down4", chosen(CHAT)) == ("commit", "Enter")


def transcript_question_of_asklong() -> Question:
    """The long question, as its screens show it."""
    dialog = screen("asklong", "after-down4").dialog
    assert dialog is not None
    ask = question("ask")
    labels = (
        "Dual write for two weeks, then switch the readers over one by one (Recommended)",
        "Stop the world on Sunday night",
        "Keep the old store as it is and only add an index for the slow query",
    )
    options = tuple(replace(o, label=label) for o, label in zip(ask.items[0].options, labels, strict=True))
    return replace(ask, items=(replace(ask.items[0], text=dialog.ask, options=options),))


def test_own_words_are_pasted_looked_at_and_handed_in() -> None:
    ask = question("ask")
    assert step(ask, "ask/dialog", Answer(text="hi there")) == ("paste", "hi there")
    assert step(ask, "askfree/typed", Answer(text="hi there"), pressed=1) == ("commit", "Enter")
    assert step(ask, "askfree/left-row", Answer(text="hi there2"), pressed=1) == ("key", "Down")
    pasted = (
        "Use MariaDB, please: the operators know it.\nSecond: a rather long line that certainly has to wrap in a "
        "narrow pane because it is longer than eighty characters."
    )
    assert step(ask, f"askpaste/pasted/{SMALL}", Answer(text=pasted), pressed=1) == ("commit", "Enter")


def test_words_of_somebody_else_are_left_alone() -> None:
    ask = question("ask")
    assert step(ask, "askfree/typed", chosen("1"))[0] == "refuse"
    assert step(ask, "askfree/typed", Answer(text="other words"), pressed=1)[0] == "refuse"


def test_a_question_whose_top_is_cut_off_is_known_by_its_options() -> None:
    long = transcript_question_of_asklong()
    assert step(long, f"asklong/dialog/{SMALL}", chosen("1")) == ("commit", "1")
    assert step(question("ask"), f"asklong/dialog/{SMALL}", chosen("1"))[0] == "refuse"


def test_words_that_fill_the_whole_screen_are_handed_in() -> None:
    long = transcript_question_of_asklong()
    words = "Another way: " + " ".join(f"word{i}" for i in range(400))
    shown = [f"     word{i} word{i + 1}" for i in range(370, 399, 2)]
    tail = ["─" * 60, "  5. Chat about this", " ↑ 29 more lines"]
    footer = ["Enter to select · ↑/↓ to navigate · ctrl+g to edit in Vim ·", "Esc to cancel"]
    seen = read_screen([*shown, *tail, *footer])
    assert told(next_step(long, [Answer(text=words)], seen, 1)) == ("commit", "Enter")
    assert told(next_step(long, [Answer(text="Something else " * 50)], seen, 1))[0] == "refuse"
    unfocused = read_screen([*shown, *tail, "Enter to select · ↑/↓ to navigate · Esc to cancel"])
    assert told(next_step(long, [Answer(text=words)], unfocused, 1))[0] == "refuse"


def test_one_question_after_the_other() -> None:
    tabs = question("tabs")
    answers = chosen("2"), chosen("1")
    assert step(tabs, "tabs/q1", *answers) == ("commit", "2")
    assert step(tabs, "tabs/q2", *answers, pressed=1) == ("commit", "1")
    assert step(tabs, f"tabs/review/{SMALL}", *answers, pressed=2) == ("commit", "1")
    # Taken up where somebody went back: that one stands as wanted.
    assert step(tabs, "tabs/back-to-q1", *answers) == ("key", "Tab")
    assert step(tabs, "tabs/back-to-q1", chosen("3"), chosen("1")) == ("commit", "3")
    assert step(tabs, f"tabs/review/{SMALL}", chosen("1"), chosen("1"), pressed=2)[0] == "wait"
    assert step(tabs, "tabs_part/review-part", *answers, pressed=1) == ("key", "BTab")


def test_equal_keys_on_different_pages_are_told_apart() -> None:
    tabs = question("tabs")
    first = next_step(tabs, (chosen("1"), chosen("1")), screen("tabs", "q1"), 0)
    second = next_step(tabs, (chosen("1"), chosen("1")), screen("tabs", "q2"), 1)
    assert first != second


def test_boxes_are_ticked_and_submitted() -> None:
    multi = question("multi")
    wanted = Answer(keys=("1", "3"), note="Printing")
    assert step(multi, "multi/dialog", wanted) == ("key", "1")
    assert step(multi, "multi/checked-3", wanted, pressed=2) == ("paste", "Printing")
    assert step(multi, "multi/pasted", wanted, pressed=3) == ("key", "Down")
    assert step(multi, "multi/submit-row", wanted, pressed=4) == ("commit", "Enter")
    assert step(multi, "multi/review", wanted, pressed=5) == ("commit", "1")
    # A box too many is unticked; on the row of own words a digit would be text.
    assert step(multi, "multi/checked-3", chosen("1")) == ("key", "3")
    assert step(multi, "multi/pasted", Answer(keys=("1",), note="Printing")) == ("key", "Up")
    assert step(multi, "multi/pasted", chosen("1", "3"))[0] == "refuse"


def test_previews_are_pointed_at_and_then_entered() -> None:
    preview = question("preview")
    assert step(preview, "preview/dialog", chosen("2")) == ("key", "2")
    assert step(preview, "preview/digit-2", chosen("2"), pressed=1) == ("commit", "Enter")
    noted = Answer(keys=("2",), note="more contrast")
    assert step(preview, "preview/digit-2", noted, pressed=1) == ("key", "n")
    assert step(preview, f"preview/notes/{SMALL}", noted, pressed=2) == ("paste", "more contrast")
    assert step(preview, f"preview/notes-typed/{SMALL}", noted, pressed=3) == ("key", "Escape")
    assert step(preview, f"preview/notes-typed/{SMALL}", chosen("2"))[0] == "refuse"
    assert step(preview, "preview/dialog", Answer(text="own"))[0] == "refuse"


def test_permissions_are_chosen_by_their_words() -> None:
    bash = question("perm_bash", PERMISSION)
    for key, digit in (("allow", "1"), ("allow_always", "2"), ("allow_auto", "3"), ("deny", "4")):
        assert step(bash, f"perm_bash/dialog/{SMALL}", chosen(key)) == ("commit", digit)
    edit = question("perm_edit", PERMISSION)
    assert step(edit, "perm_edit/dialog", chosen("deny")) == ("commit", "3")
    assert step(edit, "perm_edit/dialog", chosen("allow_auto"))[0] == "refuse"
    assert step(edit, "perm_bash/dialog", chosen("allow"))[0] == "refuse"
    assert step(bash, "perm_edit/dialog", chosen("allow"))[0] == "refuse"


def test_words_go_with_a_yes_or_a_no() -> None:
    bash = question("perm_bash", PERMISSION)
    assert step(bash, "perm_bash/dialog", Answer(keys=("allow",), note="and list it")) == ("key", "Tab")
    assert step(bash, "perm_bash/amend-yes", Answer(keys=("allow",), note="and list it")) == ("paste", "and list it")
    denied = Answer(keys=("deny",), note="use another name")
    assert step(bash, "perm_bash/dialog", denied) == ("key", "Down")
    assert step(bash, "perm_bash_no/amend-typed", denied, pressed=3) == ("commit", "Enter")
    # Somebody else is writing there.
    assert step(bash, "perm_bash/amend-yes", chosen("allow"))[0] == "refuse"
    assert step(bash, "perm_bash_no/amend-typed", Answer(keys=("deny",), note="other"))[0] == "refuse"


@pytest.mark.parametrize("size", [FULL, SMALL, CLASSIC])
def test_plans(size: str) -> None:
    plan, moment = question("plan", PERMISSION), f"plan/dialog/{size}"
    assert step(plan, moment, chosen("approve_auto")) == ("commit", "1")
    assert step(plan, moment, chosen("approve_manual")) == ("commit", "2")
    assert step(plan, moment, Answer(keys=("revise",), note="Use 500 entries")) == ("key", "Down")
    assert step(plan, moment, Answer(keys=("revise",))) == ("commit", "Escape")
    assert step(plan, moment, Answer(keys=("approve_auto",), note="quickly")) == ("key", "Down")
    # What goes along with words is the approval of the first row, whichever the pointer was on before.
    assert step(plan, moment, Answer(keys=("approve_manual",), note="quickly"))[0] == "refuse"


def test_what_to_change_in_a_plan() -> None:
    plan = question("plan_reject", PERMISSION)
    words = Answer(keys=("revise",), note="Use 500 entries")
    assert step(plan, "plan_reject/feedback", words, pressed=3) == ("commit", "Enter")
    approved = Answer(keys=("approve_auto",), note="Use 500 entries")
    assert step(plan, "plan_reject/feedback", approved, pressed=3) == ("commit", "BTab")
    assert step(plan, "plan_reject/feedback", chosen("approve_auto"))[0] == "refuse"
    assert step(plan, "plan_reject/feedback", Answer(keys=("revise",)))[0] == "refuse"


def test_startup_dialogs_take_arrows() -> None:
    assert step(trust(), "trust/dialog", chosen("trust")) == ("key", "Down")
    assert step(trust(), f"trust/down/{SMALL}", chosen("trust"), pressed=1) == ("commit", "Enter")
    assert step(trust(), "trust/dialog", chosen("exit")) == ("commit", "Enter")
    assert step(trust(), "bypass/dialog", chosen("trust"))[0] == "refuse"


def test_declining_is_escape_and_only_on_the_dialog() -> None:
    assert step(question("ask"), "ask/dialog") == ("commit", "Escape")
    assert step(question("tabs"), f"tabs/review/{SMALL}") == ("commit", "Escape")
    assert step(question("ask"), "idle/idle")[0] == "refuse"
    assert step(question("ask"), "busy/before-output")[0] == "refuse"


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("ctrlo/transcript", "the transcript view is open (ctrl+o closes it)"),
        ("config/config-open", "the screen shows another dialog, or too little of this one"),
        ("draft_dialog/held-back", "text stands in the prompt box, which holds the dialog back"),
        ("idle/idle", "the question is not on the screen"),
        ("exit/pane-dead", "the agent has left this pane"),
        ("kill9/after", "the agent has left this pane"),
        ("suspended/suspended", "the agent is suspended"),
        ("askpar/second", "the screen shows another dialog, or too little of this one"),
        ("tabs/q1", "the screen shows another dialog, or too little of this one"),
        ("perm_bash/dialog", "the screen shows another dialog, or too little of this one"),
    ],
)
def test_nothing_is_pressed_elsewhere(moment: str, why: str) -> None:
    assert step(question("ask"), moment, chosen("2")) == ("refuse", why)


def test_a_dialog_that_is_gone_after_a_key_has_it() -> None:
    ask = question("ask")
    assert step(ask, "ask/answered-2", chosen("2"), pressed=1) == ("sent", "")
    assert step(question("askpar"), "askpar/second", chosen("1"), pressed=1) == ("sent", "")


ALL = [
    *(question(name) for name in ("ask", "askpar", "tabs", "multi", "preview", "askpaste")),
    *(question(name, PERMISSION) for name in ("perm_bash", "perm_edit", "plan")),
    trust(),
]


@given(st.data())
def test_never_raises_and_never_presses_without_a_dialog(data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(ALL))
    name = data.draw(st.sampled_from(screens()))
    answers = [
        Answer(keys=(data.draw(st.sampled_from([option.key for option in item.options])),)) for item in asked.items
    ]
    shown = lines(name)[data.draw(st.integers(0, 3)) :]
    found = ClaudeCode(DATA).step(asked, answers, shown, 0)
    if read_screen(shown).dialog is None:
        assert isinstance(found, Refuse)


@given(st.lists(st.text(max_size=60), max_size=25))
def test_nothing_is_pressed_on_a_screen_of_any_text(shown: list[str]) -> None:
    for asked in ALL:
        answers = [Answer(keys=(item.options[0].key,)) for item in asked.items]
        assert isinstance(ClaudeCode(DATA).step(asked, answers, shown, 0), Refuse)
