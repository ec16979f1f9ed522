"""Boxes that take what is typed in the order in which it was typed, however far ahead of the screen that is.

Textual runs a binding of a widget when the key has bubbled up to the app, and one of priority before the widget sees
the key at all. Of keys that come in one go, an erasing one would act after the letters that follow it, and Enter before
those that precede it: half a sentence would be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    _Base = Widget
else:  # no widget itself: a widget takes the looks of its first base that is one
    _Base = object


class _InOrder(_Base):
    """Runs the editing keys of its base at once. Bindings with an id are others' to remap, and go the usual way."""

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if not binding.id and await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return


class TypedArea(_InOrder, TextArea):
    """A text area that nothing overtakes."""


class TypedLine(_InOrder, Input):
    """A line that nothing overtakes."""


def after_typing(screen: Screen[Any], then: Callable[[], None]) -> None:
    """Run `then` once the box with the keyboard has taken every key that came before this one."""
    box = screen.focused
    if box is None or not box.call_later(then):
        then()
