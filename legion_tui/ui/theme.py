"""Our own themes, and colours for what the product talks of that any other theme gets by default."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

DEFAULT_THEME = "legion-dark"

DARK = Theme(
    name="legion-dark",
    primary="#7fa6d9",
    secondary="#a99bd3",
    accent="#e3b56b",
    warning="#dda15e",
    error="#e0787a",
    success="#8fbf86",
    foreground="#d4d8df",
    background="#14171c",
    surface="#1a1e25",
    panel="#232832",
    dark=True,
    variables={
        "legion-muted": "#868e9a",
        "legion-rule": "#3a414d",
        "legion-needs": "#e8b866",
        "legion-ready": "#8fbf86",
        "legion-busy": "#7fb4dc",
        "legion-waits": "#a99bd3",
        "legion-selected": "#262d39",
        "legion-key": "#e3b56b",
        "block-cursor-blurred-background": "#262d39",
        "input-selection-background": "#7fa6d9 35%",
    },
)
LIGHT = Theme(
    name="legion-light",
    primary="#2f5f9e",
    secondary="#6a55a5",
    accent="#8f5b00",
    warning="#9a5700",
    error="#b3282d",
    success="#34703a",
    foreground="#23272e",
    background="#f7f6f2",
    surface="#efeee8",
    panel="#e4e2da",
    dark=False,
    variables={
        "legion-muted": "#646b75",
        "legion-rule": "#c6c4ba",
        "legion-needs": "#8f5b00",
        "legion-ready": "#34703a",
        "legion-busy": "#1f6392",
        "legion-waits": "#6a55a5",
        "legion-selected": "#dfe4ec",
        "legion-key": "#8f5b00",
    },
)


# In the terminal's own sixteen colours, on its own ground. Its selection is the pointer alone, and so has no ground.
TERMINAL = Theme(
    name="legion-terminal",
    primary="ansi_blue",
    secondary="ansi_magenta",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "legion-muted": "ansi_bright_black",
        "legion-rule": "ansi_bright_black",
        "legion-needs": "ansi_yellow",
        "legion-ready": "ansi_green",
        "legion-busy": "ansi_blue",
        "legion-waits": "ansi_magenta",
        "legion-selected": "ansi_default",
        "legion-key": "ansi_yellow",
    },
)
OURS = (DARK, LIGHT, TERMINAL)


def theme_problem(name: str) -> str:
    """Return which themes there are, the nearest first, where none is called so; else an empty string."""
    known = [*(theme.name for theme in OURS), *sorted(BUILTIN_THEMES)]
    if name in known:
        return ""
    import difflib  # only where something is wrong

    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"one of: {', '.join(known)}"


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Return our variables as `theme` would have them: made of its own colours, so any theme works."""
    colours: Mapping[str, str] = theme.to_color_system().generate()
    if theme.ansi:
        muted = rule = "ansi_bright_black"
        tab, tab_ground = "ansi_bright_white", "ansi_blue"
    else:
        ground, text = Color.parse(colours["background"]), Color.parse(colours["foreground"])
        tab, tab_ground = colours["text-primary"], colours["primary-muted"]
        muted, rule = ground.blend(text, 0.6).hex, ground.blend(text, 0.25).hex
    return {
        "legion-muted": muted,
        "legion-rule": rule,
        "legion-needs": colours["text-warning"],
        "legion-ready": colours["text-success"],
        "legion-busy": colours["text-primary"],
        "legion-waits": colours["text-secondary"],
        "legion-good": colours["text-success"],
        "legion-warn": colours["text-warning"],
        "legion-bad": colours["text-error"],
        "legion-key": colours["text-accent"],
        "legion-selected": colours["panel"],
        "legion-tab": tab,
        "legion-tab-ground": tab_ground,
        "legion-brand": colours["text-accent"],
    }
