"""What a person prefers, from their own config.toml to the values that the screen takes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from legion_tui.config import UserConfig
from legion_tui.errors import ConfigError
from legion_tui.present.finding import query
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
    return Preferences(
        theme=user.theme,
        glyphs=user.glyphs,
        animation=user.animation,
        keymap={id: normal(keys) for id, keys in user.keymap.items()},
        sort=Sort(user.sort),
        filters=user.filters,
        editor=tuple(shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "")),
    )
