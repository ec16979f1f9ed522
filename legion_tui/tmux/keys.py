"""Which keys tmux presses; every other word it would type, letter by letter."""

from __future__ import annotations

import re

_KEY = re.compile(
    r"(?:[CMS]-){0,3}"
    r"(?:Up|Down|Left|Right|Enter|Escape|Tab|BTab|Space|BSpace|DC|IC|Home|End|PPage|NPage|PageUp|PageDown|F(?:[1-9]|1[0-2])"
    r"|[^\W_]|[!-~])"
)
# What could end a bracketed paste and go on as keys.
_UNPASTEABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def is_key(key: str) -> bool:
    """Whether `send-keys` presses exactly one key for this."""
    return _KEY.fullmatch(key) is not None


def first_unpasteable(text: str) -> int | None:
    """Return the index of the first character that cannot be pasted safely, or None."""
    found = _UNPASTEABLE.search(text)
    return found.start() if found else None
