"""People's own editors, in a real terminal, on an issue that an agent writes meanwhile."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from legion_tui.tmux import NewWindow, OneShotTmux
from legion_tui.trackers import NewIssue
from legion_tui.trackers.local import LocalTracker
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]


@dataclass(frozen=True)
class Editor:
    """A program, the keys that add a line `mine`, and those that save it."""

    argv: tuple[str, ...]
    add: tuple[str, ...]
    save: tuple[str, ...]
    # What it says first of a file that has changed on the disk.
    asks: str = ""
    # The keys that save it all the same.
    insist: tuple[str, ...] = ()


EDITORS = {
    "vim": Editor(
        ("vim", "-u", "NONE", "-N"),
        ("G", "o", "m", "i", "n", "e", "Escape"),
        (":", "w", "Enter"),
        "changed since reading it",
        ("y", "Enter"),
    ),
    "nano": Editor(
        ("nano", "--ignorercfiles"),
        ("M-/", "m", "i", "n", "e", "Enter"),
        ("C-o", "Enter"),
        "modified since you opened it",
        ("y",),
    ),
    "emacs": Editor(
        ("emacs", "-nw", "-Q"),
        ("M->", "m", "i", "n", "e", "Enter"),
        ("C-x", "C-s"),
        "has changed since visited",
        ("y", "e", "s", "Enter"),
    ),
    "micro": Editor(("micro",), ("C-End", "m", "i", "n", "e", "Enter"), ("C-s",)),
}


@pytest.mark.parametrize("name", EDITORS)
async def test_what_an_editor_saves_over_is_asked_about_or_shown(
    name: str, private_tmux: OneShotTmux, tmp_path: Path
) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"no {name} on this machine")
    editor = EDITORS[name]
    tracker = LocalTracker(tmp_path / "issues", root=tmp_path, key="ENG")
    await tracker.add(NewIssue(title="One", body="Body."))
    file = tmp_path / "issues" / "ENG-1.md"
    window = NewWindow(
        session="editor",
        name="editor",
        cwd=str(tmp_path),
        argv=(*editor.argv, str(file)),
        env={"HOME": str(tmp_path), "TERM": "screen-256color"},
        options={},
    )
    pane = (await private_tmux.open_window(window)).pane_id

    async def screen() -> str:
        return "\n".join((await private_tmux.capture([pane]))[pane].lines)

    async def shows(words: str) -> None:
        async def there() -> bool:
            return words in " ".join((await screen()).split())

        await until_async(there)

    await shows("Body.")
    for key in editor.add:
        await private_tmux.send_key(pane, key)
    await shows("mine")
    await tracker.label("ENG-1", add=["worker-done"])
    for key in editor.save:
        await private_tmux.send_key(pane, key)
    if editor.asks:
        # It asks before it saves over what an agent wrote.
        await shows(editor.asks)
        assert (await tracker.get("ENG-1")).labels == {"worker-done"}
    for key in editor.insist:
        await private_tmux.send_key(pane, key)

    async def is_saved() -> bool:
        return "mine" in file.read_text()

    await until_async(is_saved)
    # Saved all the same it is shown for what it is.
    assert (await tracker.get("ENG-1")).labels == set()
    (problem,) = (await tracker.read()).problems
    assert problem.what.endswith("worker-done was saved over")
