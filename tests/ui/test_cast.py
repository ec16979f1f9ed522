"""The film of the README: each picture in its time, with its words."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.cast import SCENES, Scene, film, make


def picture(text: str) -> str:
    return (
        f'<svg class="rich-terminal" viewBox="0 0 100 40" xmlns="http://www.w3.org/2000/svg"><text>{text}</text></svg>'
    )


def test_each_picture_has_its_time_and_its_words() -> None:
    scenes = (Scene((), "first & foremost", 1.0), Scene(("j",), "then", 3.0))
    made = film([picture("one"), picture("two")], scenes)
    root = ET.fromstring(made)  # noqa: S314  made by ourselves a line above
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["one", "first & foremost", "two", "then"]
    assert re.search(r"scene0 \{ .* 0\.00% \{ visibility: visible \} 25\.00% \{ visibility: hidden \}", made)
    assert re.search(r"scene1 \{ .* 25\.00% \{ visibility: visible \} 100\.00% \{ visibility: hidden \}", made)
    assert "prefers-reduced-motion" in made


async def test_every_scene_shows_what_its_words_say(tmp_path: Path) -> None:
    await make(tmp_path / "cast.svg")
    text = (tmp_path / "cast.svg").read_text("utf-8")
    groups = re.split(r'<g class="scene\d">', text)[1:]
    assert len(groups) == len(SCENES)
    board, answer, dispatch = "NEEDS&#160;YOU", "question&#160;1&#160;of", "Dispatch&#160;ENG-52"
    shown = (board, "ENG-21", answer, "INBOX", "ENG-52", dispatch, "why", "WORKING")
    assert all(words in group for group, words in zip(groups, shown, strict=True))
