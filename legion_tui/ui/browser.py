"""Opening a page in the person's browser."""

from __future__ import annotations

import webbrowser

# These would take the terminal that the board is on.
_ON_THE_TERMINAL = frozenset({"www-browser", "links", "elinks", "lynx", "w3m"})


def open_in_browser(url: str) -> bool:
    """Open `url` in a browser with a window of its own; False where there is none. May take seconds."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if getattr(browser, "name", "") in _ON_THE_TERMINAL:
        return False
    return browser.open(url)
