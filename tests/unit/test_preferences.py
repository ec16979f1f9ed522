"""What a person wrote into their own config.toml, checked where the screen's own words are known."""

from __future__ import annotations

from datetime import time

import pytest
from textual.theme import BUILTIN_THEMES

from legion_tui.cli.preferences import preferences_of
from legion_tui.config import NotificationsSection, UserConfig
from legion_tui.errors import ConfigError
from legion_tui.present.notify import Kind, Wishes
from legion_tui.present.sorting import Sort
from legion_tui.ui.keymap import keymap_problem, normal, places

FILE = "/home/ann/.config/legion-tui/config.toml"


def refused(user: UserConfig) -> str:
    with pytest.raises(ConfigError) as caught:
        preferences_of(user, {}, where=FILE)
    assert caught.value.title == FILE
    return f"{caught.value.message}; {caught.value.remedy}"


def test_all_that_is_preferred_arrives() -> None:
    user = UserConfig(
        theme="nord",
        glyphs="ascii",
        animation=False,
        sort="age",
        filters={"mine": "label:x -is:quiet"},
        keymap={"filter": "/,ctrl+f", "answer.write": "o"},
    )
    found = preferences_of(user, {"EDITOR": "vim -n"}, where=FILE)
    assert (found.theme, found.glyphs, found.animation, found.sort) == ("nord", "ascii", False, Sort.AGE)
    assert found.filters == {"mine": "label:x -is:quiet"}
    assert found.keymap == {"filter": "slash,ctrl+f", "answer.write": "o"}
    assert found.editor == ("vim", "-n")


def test_what_is_to_be_told_arrives() -> None:
    section = NotificationsSection(
        toast=False, bell=False, kinds=["asks", "idle"], quiet_hours="22:00 - 7:00", missing_cooldown_minutes=0
    )
    found = preferences_of(UserConfig(notifications=section), {}, where=FILE)
    assert (found.toast, found.bell) == (False, False)
    assert found.wishes.kinds == {Kind.ASKS, Kind.IDLE}
    assert found.wishes.quiet == (time(22), time(7))
    assert found.wishes.cooldown_seconds == {Kind.FAILED: 300, Kind.IDLE: 300, Kind.MISSING: 0}
    assert preferences_of(UserConfig(), {}, where=FILE).wishes == Wishes()


@pytest.mark.parametrize("theme", ["legion-dark", "legion-light", "legion-terminal", *BUILTIN_THEMES])
def test_every_theme_that_there_is_can_be_chosen(theme: str) -> None:
    assert preferences_of(UserConfig(theme=theme), {}, where=FILE).theme == theme


@pytest.mark.parametrize(
    ("user", "told"),
    [
        (
            UserConfig(notifications=NotificationsSection(quiet_hours="22-7")),
            "notifications.quiet_hours = '22-7'; from when to when, such as \"22:00-07:00\"",
        ),
        (
            UserConfig(notifications=NotificationsSection(quiet_hours="22:00-25:00")),
            "notifications.quiet_hours = '22:00-25:00'; from when",
        ),
        (
            UserConfig(notifications=NotificationsSection(idle_cooldown_minutes=float("nan"))),
            "notifications.idle_cooldown_minutes = nan; 0 or more minutes",
        ),
        (UserConfig(notifications=NotificationsSection(command=[""])), "notifications.command begins with an empty"),
        (UserConfig(theme="gruvbux"), "theme = 'gruvbux'; did you mean gruvbox?"),
        (UserConfig(theme="x"), "theme = 'x'; one of: legion-dark, legion-light, legion-terminal, ansi-dark"),
        (UserConfig(filters={"mine": "stats:todo"}), "filters.mine: no field stats: did you mean status?"),
        (UserConfig(filters={"red": "ci:rde"}), "filters.red: ci: has no rde: known: passing, failing"),
        (UserConfig(keymap={"dispach": "D"}), "keymap.dispach is no command; did you mean dispatch?"),
        (UserConfig(keymap={"zzz": "D"}), "keymap.zzz is no command; the help (?) names commands"),
        (UserConfig(keymap={"dispatch": ""}), "keymap.dispatch = ''; a key, or several with commas"),
        (UserConfig(keymap={"dispatch": "D,"}), "keymap.dispatch = 'D,'; a key, or several"),
        (
            UserConfig(keymap={"dispatch": "x"}),
            "keymap: x would be dispatch and interrupt in the board; give interrupt another key too",
        ),
        (
            UserConfig(keymap={"dispatch": "D,/"}),
            "keymap: / would be dispatch and filter in the board; give filter another key too",
        ),
        (
            UserConfig(keymap={"dispatch": "D", "new": "D"}),
            "keymap: D would be dispatch and new in the board; give dispatch another key too",
        ),
        (
            UserConfig(keymap={"snooze": "A", "autopilot": "Z"}),
            "keymap: A would be snooze and inbox.alike in the inbox; give inbox.alike another key too",
        ),
        (
            UserConfig(keymap={"answer.write": "n"}),
            "keymap: n would be answer.write and answer.note in an answer; give answer.note another key too",
        ),
        (UserConfig(keymap={"dispatch": "1"}), "keymap: 1 would be dispatch and choose.1 in the board"),
    ],
)
def test_what_cannot_be_meant_names_the_file_the_key_and_what_is_near(user: UserConfig, told: str) -> None:
    assert refused(user).startswith(told)


def test_keys_can_be_exchanged() -> None:
    assert keymap_problem({"dispatch": "x", "interrupt": "d"}) == ("", "")
    assert keymap_problem({"down": "n,down", "new": "N"}) == ("", "")


def test_no_two_have_the_same_key_as_they_come() -> None:
    assert keymap_problem({}) == ("", "")
    assert all(places().values())


def test_keys_are_told_by_their_names() -> None:
    assert normal("/, ctrl+d,space") == "slash,ctrl+d,space"


@pytest.mark.parametrize(
    "command",
    [
        ["sh", "-c", "notify {text}"],
        ["/bin/bash", "-lc", "{text}"],
        ["env", "zsh", "-c", "x {title}"],
        ["python3.12", "-c", "print('{text}')"],
        ["osascript", "-e", 'display notification "{text}"'],
    ],
)
def test_what_an_agent_said_is_never_a_script(command: list[str]) -> None:
    section = NotificationsSection(command=command)
    with pytest.raises(ConfigError, match="would run what an agent said"):
        preferences_of(UserConfig(notifications=section), {}, where=FILE)


@pytest.mark.parametrize(
    "command",
    [["sh", "-c", 'notify "$1"', "sh", "{text}"], ["sh", "-c", "notify"], ["curl", "-e", "{title}", "{text}"]],
)
def test_words_behind_a_script_are_words(command: list[str]) -> None:
    section = NotificationsSection(command=command)
    assert preferences_of(UserConfig(notifications=section), {}, where=FILE).toast
