"""A worker's screen as it is now, in colour: only lines that changed and are in view are parsed and painted."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import ClassVar, Protocol

import anyio
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import var
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from legion_tui.present.ansi import PLAIN, Colour, Sgr, carry, cells, parse_line
from legion_tui.present.prose import crop, wrap_text
from legion_tui.ui.ports import LiveScreen as Screenful


class Read(Protocol):
    """Gives a worker's screen; not `closely`, as it was at the last sign of a change."""

    def __call__(self, target: str, *, closely: bool) -> Awaitable[Screenful]:
        """Read it."""
        ...


# Seconds: how often it is read just after a key or a change, for how long so, and how often else.
FAST_SECONDS, FAST_FOR_SECONDS, SLOW_SECONDS = 0.1, 3.0, 0.5
# More lines than any terminal has twice over; beyond, the oldest half is dropped.
_CACHED = 2_000


class LiveScreen(ScrollView, can_focus=True):
    """Shows the screen of `target` and follows its end until it is scrolled; hidden, it reads nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "lines(1)", "down", id="live.down", show=False),
        Binding("up,k", "lines(-1)", "up", id="live.up", show=False),
        Binding("right,l", "columns(8)", "right", id="live.right", show=False),
        Binding("left,h", "columns(-8)", "left", id="live.left", show=False),
        Binding("pagedown,ctrl+d", "pages(1)", "page down", id="live.page_down", show=False),
        Binding("pageup,ctrl+u", "pages(-1)", "page up", id="live.page_up", show=False),
        Binding("home,g", "top", "top", id="live.top", show=False),
        Binding("end,G", "follow", "follow", id="live.follow", show=False),
    ]
    target: var[str | None] = var(None)

    def __init__(self, read: Read, *, monotonic: Callable[[], float] = time.monotonic, id: str | None = None) -> None:
        super().__init__(id=id)
        self._read_screen = read
        self._monotonic = monotonic
        self._asked: str | None = None
        self._screenful: Screenful | None = None
        self._texts: tuple[str, ...] = ()
        self._entries: tuple[Sgr, ...] = ()
        self._painted: dict[tuple[str, Sgr], Strip] = {}
        self._follows = True
        self._suspended = False
        self._quick_until = 0.0
        self._poke = anyio.Event()

    def on_mount(self) -> None:
        """Begin to read; a suspended app paints nothing, so nothing is read for it."""
        self.app.app_suspend_signal.subscribe(self, lambda _: self._rest(True))
        self.app.app_resume_signal.subscribe(self, lambda _: self._rest(False))
        self._pull()

    def on_show(self) -> None:
        """Read at once: it was hidden, and what it shows may be old."""
        self.hurry()

    def watch_target(self) -> None:
        """Forget the other worker's screen at once: it must not be taken for this one's."""
        self._screenful, self._follows = None, True
        self._take_lines(())
        self.hurry()

    def hurry(self) -> None:
        """Read now, and often for a while: somebody pressed a key."""
        self._quick_until = self._monotonic() + FAST_FOR_SECONDS
        self._poke.set()

    def on_key(self, event: events.Key) -> None:
        """Whoever presses keys here is looking."""
        self.hurry()

    @property
    def note(self) -> str:
        """Why there is no screen, in plain words; empty when there is one."""
        if self.target is None:
            return "No worker is selected."
        if self._screenful is None:
            return "Loading…"
        return self._screenful.note

    def _rest(self, suspended: bool) -> None:
        self._suspended = suspended
        self._poke.set()

    def _seen(self) -> bool:
        """Whether this widget is on the glass: a dialog over it leaves it visible, another screen does not."""
        if self._suspended or not self.is_attached or not self.is_on_screen:
            return False
        stack = list(self.app.screen_stack)
        while stack and stack[-1] is not self.screen and isinstance(stack[-1], ModalScreen):
            stack.pop()
        return bool(stack) and stack[-1] is self.screen

    @work(group="live-screen", exclusive=True, exit_on_error=True)
    async def _pull(self) -> None:
        shown: str | None = None
        while True:
            target = self.target
            quick = self._monotonic() < self._quick_until
            if target is not None and self._seen():
                # Another worker's is shown at once as it was last seen here, and read a moment later.
                screenful = await self._read_screen(target, closely=quick and target == shown)
                # The selection may have moved on while this was read.
                if target == self.target:
                    self._take(screenful)
                shown = target
            quick = self._monotonic() < self._quick_until
            self._poke = anyio.Event()
            with anyio.move_on_after(FAST_SECONDS if quick else SLOW_SECONDS):
                await self._poke.wait()

    def _take(self, screenful: Screenful) -> None:
        if screenful == self._screenful:
            return
        first = self._screenful is None
        self._screenful = screenful
        if not first:
            self._quick_until = self._monotonic() + FAST_FOR_SECONDS
        texts = list(screenful.lines)
        while texts and not texts[-1].strip():
            texts.pop()
        self._take_lines(tuple(texts))

    def _take_lines(self, texts: tuple[str, ...]) -> None:
        entries: list[Sgr] = []
        style = PLAIN
        for text in texts:
            entries.append(style)
            style = carry(text, style)
        old = list(zip(self._texts, self._entries, strict=True))
        self._texts, self._entries = texts, tuple(entries)
        new = list(zip(self._texts, self._entries, strict=True))
        if not new or not old or len(old) != len(new):
            self.virtual_size = Size(max(map(cells, texts), default=0), len(texts))
            if self._follows:
                # How far it is to the end is known once the scroll bars are laid out.
                self.call_after_refresh(self.scroll_end, animate=False)
            self.refresh()
            return
        top = self.scroll_offset.y
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after and top <= index < top + self.size.height:
                self.refresh_lines(index)

    def render_line(self, y: int) -> Strip:
        """Return a line of the view."""
        left, top = self.scroll_offset
        width = self.size.width
        base = self.rich_style
        if self.note or not self._texts:
            return self._note_line(y, width, base)
        index = y + top
        if index >= len(self._texts):
            return Strip.blank(width, base)
        strip = self._line(self._texts[index], self._entries[index])
        return strip.crop(left, left + width).extend_cell_length(width).apply_style(base)

    def _line(self, text: str, entry: Sgr) -> Strip:
        key = (text, entry)
        strip = self._painted.get(key)
        if strip is None:
            runs, _ = parse_line(text, entry)
            segments = [Segment(shown, style_of(sgr)) for shown, sgr in runs]
            strip = Strip(segments, sum(cell_len(shown) for shown, _ in runs))
            if len(self._painted) >= _CACHED:
                for old in list(self._painted)[: _CACHED // 2]:
                    del self._painted[old]
            self._painted[key] = strip
        return strip

    def _note_line(self, y: int, width: int, base: Style) -> Strip:
        lines = wrap_text(self.note or "The screen is empty.", max(width - 4, 8))
        index = y - max((self.size.height - len(lines)) // 2, 0)
        if not 0 <= index < len(lines):
            return Strip.blank(width, base)
        text = "".join(part for part, _ in crop(lines[index], width))
        space = " " * ((width - cell_len(text)) // 2)
        strip = Strip([Segment(space + text, Style(dim=True))])
        return strip.extend_cell_length(width).apply_style(base)

    def on_resize(self) -> None:
        """Keep the end in view while following."""
        if self._follows:
            self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow again as soon as the end is reached, by whatever means; only a person scrolls back."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y or (self._follows and new_value >= old_value)

    def action_lines(self, step: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=step, animate=False)

    def action_columns(self, step: int) -> None:
        """Scroll sideways."""
        self.scroll_relative(x=step, animate=False)

    def action_pages(self, step: int) -> None:
        """Scroll by pages."""
        self.scroll_relative(y=step * max(self.size.height - 1, 1), animate=False)

    def action_top(self) -> None:
        """Go to the first line."""
        self.scroll_home(animate=False)

    def action_follow(self) -> None:
        """Go to the last line and stay there."""
        self._follows = True
        self.scroll_end(animate=False)


@lru_cache(maxsize=1024)
def style_of(sgr: Sgr) -> Style:
    """Return the style for an SGR state; a concealed text is shown, blinking and underline colours are not."""
    return Style(
        color=_colour(sgr.foreground),
        bgcolor=_colour(sgr.background),
        bold=sgr.bold or None,
        dim=sgr.dim or None,
        italic=sgr.italic or None,
        underline=sgr.underline or None,
        reverse=sgr.reverse or None,
        strike=sgr.strike or None,
    )


def _colour(colour: Colour) -> Color | None:
    if colour is None:
        return None
    return Color.from_ansi(colour) if isinstance(colour, int) else Color.from_rgb(*colour)
