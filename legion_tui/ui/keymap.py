"""A person's own keys: what can be given another key, and what is wrong with what they wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType


def normal(keys: str) -> str:
    """Return keys by the names that a terminal's keys go by: `/,ctrl+d` is `slash,ctrl+d`."""
    return ",".join(binding.key for binding in Binding.make_bindings([Binding(keys, "", "")]))


def places() -> Mapping[str, Mapping[str, str]]:
    """Return by place, each of which has the keyboard for itself, the keys that every id has there as it comes."""
    from legion_tui.ui.answer_keys import answer_bindings
    from legion_tui.ui.commands import COMMANDS, INBOX_COMMANDS, bindings
    from legion_tui.ui.screens.choosing import ChoosingScreen
    from legion_tui.ui.screens.confirm import ConfirmScreen
    from legion_tui.ui.screens.detail import DetailScreen
    from legion_tui.ui.screens.goto import GotoScreen
    from legion_tui.ui.screens.message import MessageScreen
    from legion_tui.ui.screens.new_issue import NewIssueScreen
    from legion_tui.ui.widgets.detail_pane import DetailPane
    from legion_tui.ui.widgets.reader import Reader

    return {
        "the board": _ids(bindings(COMMANDS)),
        "the inbox": _ids(bindings(INBOX_COMMANDS)),
        "an answer": _ids(answer_bindings()),
        "the detail": _ids([*DetailPane.BINDINGS, *DetailScreen.BINDINGS]),
        "a list to read": _ids(Reader.BINDINGS),
        "a list to choose from": _ids(ChoosingScreen.BINDINGS),
        "a preview": _ids(ConfirmScreen.BINDINGS),
        "a message": _ids(MessageScreen.BINDINGS),
        "a new issue": _ids(NewIssueScreen.BINDINGS),
        "going to a row": _ids(GotoScreen.BINDINGS),
    }


def keymap_problem(keymap: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong with a keymap and how to mend it, two empty strings where nothing is.

    Wrong are an id that there is not, keys that are none, and a key that two of one place would have.
    """
    known = places()
    ids = {id for place in known.values() for id in place}
    for id, keys in keymap.items():
        if id not in ids:
            return f"keymap.{id} is no command", _nearest(id, ids)
        if not all(key.strip() for key in keys.split(",")):
            return f"keymap.{id} = {keys!r}", 'a key, or several with commas between: "D" or "D,ctrl+d"'
    for where, place in known.items():
        taken: dict[str, str] = {}
        for id in sorted(place, key=lambda one: one not in keymap):
            for key in normal(keymap.get(id, place[id])).split(","):
                if (other := taken.setdefault(key, id)) != id:
                    what = f"keymap: {_shown(key)} would be {other} and {id} in {where}"
                    return what, f"give {id if id not in keymap else other} another key too"
    return "", ""


def _ids(bindings: Iterable[BindingType]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding) and binding.id:
            found.setdefault(binding.id, []).append(binding.key)
    return {id: normal(",".join(keys)) for id, keys in found.items()}


def _shown(key: str) -> str:
    from legion_tui.ui.commands import shown_key

    return shown_key(key, "enter")


def _nearest(given: str, known: Iterable[str]) -> str:
    import difflib  # only where something is wrong

    near = difflib.get_close_matches(given, sorted(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "the help (?) names commands; the README lists their ids"
