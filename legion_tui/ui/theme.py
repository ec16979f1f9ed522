"""Our own themes, and colours for what the product talks of that any other theme gets by default."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color
from textual.theme import Theme

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


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Return our variables as `theme` would have them: made of its own colours, so any theme works."""
    colours: Mapping[str, str] = theme.to_color_system().generate()
    if theme.ansi:
        muted = rule = "ansi_bright_black"
    else:
        ground, text = Color.parse(colours["background"]), Color.parse(colours["foreground"])
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
        "legion-brand": colours["text-accent"],
    }
