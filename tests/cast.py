"""Makes screenshots/cast.svg, a short film of the board, from the snapshots' fixtures: `python -m tests.cast`.

One SVG that moves by itself wherever pictures are shown; who asks for less motion sees its first picture.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import anyio

from tests.screenshots import FOLDER, LOG, WORKER_SCREEN
from tests.support.apps import on_stage
from tests.support.snapshots import sample_snapshot

SIZE = (110, 32)
_OPENING = re.compile(r'<svg [^>]*viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"[^>]*>')
_CAPTION_HEIGHT = 40


@dataclass(frozen=True)
class Scene:
    """What is pressed, what is said of it, and for how many seconds that is to be seen."""

    keys: tuple[str, ...]
    caption: str
    seconds: float = 3.0


SCENES = (
    Scene((), "Every issue with its worker: what needs you is on top", 4.0),
    Scene(("j",), "j k  walk through the rows"),
    Scene(("2",), "2  opens its question, that answer marked", 4.0),
    Scene(("escape", "i"), "i  all that waits for you, what waits longest first", 4.0),
    Scene(("escape", *"jjjj"), "The next step is on the row, and its key"),
    Scene(("d",), "d  starts a worker, after you saw exactly how", 4.0),
    Scene(("escape", *"jj", "e"), "e  why this is the next step, and what says so", 4.0),
    Scene(("escape", "slash", *"is:working"), "/  finds by words and terms"),
)


async def make(path: Path) -> None:
    """Write the film to `path`."""
    pictures: list[str] = []
    async with on_stage(sample_snapshot(), size=SIZE) as stage:
        stage.collector.screens = {issue.id: WORKER_SCREEN for issue in stage.app.snapshot.issues}
        stage.collector.logs = {"ENG-29": LOG}
        for scene in SCENES:
            await stage.press(*scene.keys)
            # What is shown in passing is not what the scene is about.
            stage.app.clear_notifications()
            await stage.settle()
            pictures.append(stage.app.export_screenshot(title="legion-tui"))
    await anyio.Path(path).write_text(film(pictures, SCENES), "utf-8")


def film(pictures: Sequence[str], scenes: Sequence[Scene]) -> str:
    """Return one SVG that shows the pictures one after the other, each with its caption, again and again."""
    openings = [_OPENING.search(picture) for picture in pictures]
    first = openings[0]
    assert first is not None
    width, height = float(first["width"]), float(first["height"])
    whole = sum(scene.seconds for scene in scenes)
    rules, groups, at = [], [], 0.0
    for number, (picture, opening, scene) in enumerate(zip(pictures, openings, scenes, strict=True)):
        assert opening is not None
        begins, ends = at / whole * 100, (at + scene.seconds) / whole * 100
        at += scene.seconds
        rules.append(
            f"@keyframes scene{number} {{ 0% {{ visibility: hidden }} {begins:.2f}% {{ visibility: visible }} "
            f"{ends:.2f}% {{ visibility: hidden }} }}\n"
            f".scene{number} {{ visibility: hidden; animation: scene{number} {whole:g}s step-end infinite }}"
        )
        inside = picture[opening.end() : picture.rindex("</svg>")]
        groups.append(
            f'<g class="scene{number}">{inside}<text x="{width / 2:g}" y="{height + 26:g}" class="caption">'
            f"{escape(scene.caption)}</text></g>"
        )
    still = (
        "@media (prefers-reduced-motion: reduce) { [class^=scene] { animation: none } .scene0 { visibility: visible } }"
    )
    caption = ".caption { font: 20px sans-serif; text-anchor: middle; fill: #8a94a6 }"
    style = "\n".join((*rules, still, caption))
    size = f'viewBox="0 0 {width:g} {height + _CAPTION_HEIGHT:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>\n{style}\n</style>\n{"".join(groups)}\n</svg>\n'


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "cast.svg"))
