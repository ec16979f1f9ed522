"""What a person prefers, from their own config.toml to the values that the screen takes."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING

from legion_tui.cli.notifying import becomes_a_script
from legion_tui.config import UserConfig
from legion_tui.errors import ConfigError
from legion_tui.present.finding import query
from legion_tui.present.notify import Kind, Wishes
from legion_tui.present.sorting import Sort
from legion_tui.state.text import clean_line

if TYPE_CHECKING:
    from legion_tui.ui.preferences import Preferences


def preferences_of(user: UserConfig, environ: Mapping[str, str], *, where: str) -> Preferences:
    """Return the preferences; ConfigError names the file, the key, and the nearest right word."""
    from legion_tui.ui.keymap import keymap_problem, normal
    from legion_tui.ui.preferences import Preferences
    from legion_tui.ui.theme import theme_problem

    for name, text in user.filters.items():
        if problems := query(text).problems:
            raise ConfigError(where, f"filters.{clean_line(name, limit=60)}: {problems[0]}", "mend that filter")
    if user.keymap:  # the screens are needed to know their keys, and cost a start
        what, remedy = keymap_problem(user.keymap)
        if what:
            raise ConfigError(where, what, remedy)
    if remedy := theme_problem(user.theme):
        raise ConfigError(where, f"theme = {clean_line(user.theme, limit=60)!r}", remedy)
    section = user.notifications
    if section.command and not section.command[0]:
        raise ConfigError(where, "notifications.command begins with an empty word", 'command = ["ntfy", "publish"]')
    if word := becomes_a_script(section.command):
        what = f"notifications.command: {clean_line(word, limit=80)!r} would run what an agent said"
        raise ConfigError(where, what, 'give it as a word behind: ["sh", "-c", "say \\"$1\\"", "sh", "{text}"]')
    return Preferences(
        theme=user.theme,
        glyphs=user.glyphs,
        animation=user.animation,
        keymap={id: normal(keys) for id, keys in user.keymap.items()},
        sort=Sort(user.sort),
        compact=user.density == "compact",
        hidden_columns=frozenset(user.hidden_columns),
        filters=user.filters,
        toast=section.toast,
        bell=section.bell,
        wishes=Wishes(
            kinds=frozenset(map(Kind, section.kinds)),
            quiet=_quiet(section.quiet_hours, where),
            cooldown_seconds={
                Kind.FAILED: _minutes("failed", section.failed_cooldown_minutes, where),
                Kind.IDLE: _minutes("idle", section.idle_cooldown_minutes, where),
                Kind.MISSING: _minutes("missing", section.missing_cooldown_minutes, where),
            },
        ),
        editor=tuple(shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "")),
    )


def _quiet(text: str, where: str) -> tuple[time, time] | None:
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
    try:
        if found is None:
            raise ValueError
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        what = f"notifications.quiet_hours = {clean_line(text, limit=60)!r}"
        raise ConfigError(where, what, 'from when to when, such as "22:00-07:00"') from None
    return begin, end


def _minutes(name: str, minutes: float, where: str) -> float:
    # A comparison the other way round would let nan pass.
    if not 0 <= minutes < math.inf:
        raise ConfigError(where, f"notifications.{name}_cooldown_minutes = {minutes}", "0 or more minutes")
    return minutes * 60
