"""The prompt box: a draft, and long pastes that stand in it as a placeholder."""

from __future__ import annotations

import os

# More than this and a paste is folded, and marked as pasted where the agent's model sees it.
_FOLD_CHARACTERS = 800
_FOLD_LINES = 3


class Composer:
    """What stands in the box; `typed_at` is the monotonic time of the last key that went there."""

    def __init__(self) -> None:
        """Start empty."""
        self.text = ""
        self.typed_at = float("-inf")
        self._pastes: dict[str, str] = {}

    def key(self, event: str, now: float) -> bool:
        """Take an event; False where it is none of a text field's."""
        kind, colon, body = event.partition(":")
        if colon:
            folded = len(body) > _FOLD_CHARACTERS or (kind == "paste" and body.count("\n") >= _FOLD_LINES)
            self.text += self._fold(body) if folded else body
        elif event == "backspace":
            self.text = self.text[:-1]
        elif event == "newline":
            self.text += "\n"
        elif event == "ctrl+u":
            # On an empty last line it takes the line break.
            line = self.text.rfind("\n") + 1
            self.text = self.text[: line if line < len(self.text) else max(0, line - 1)]
        else:
            return False
        self.typed_at = now
        return True

    def take(self) -> str:
        """Return what is submitted, and empty the box."""
        text, self.text = self.text, ""
        for placeholder, body in self._pastes.items():
            mark = os.urandom(2).hex()
            text = text.replace(placeholder, f'\n\n<pasted_content id="{mark}">\n{body}\n</pasted_content>\n')
        self._pastes.clear()
        return text

    def _fold(self, body: str) -> str:
        lines = body.count("\n")
        placeholder = f"[Pasted text #{len(self._pastes) + 1}{f' +{lines} lines' if lines else ''}]"
        self._pastes[placeholder] = body
        return placeholder
