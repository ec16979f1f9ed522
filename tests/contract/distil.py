"""Make the corpus of what `--record` kept: `python -m tests.contract.distil`. Its README says what it takes out."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from legion_tui.agents.claude_code import TESTED_VERSION
from legion_tui.agents.claude_code.screen import read_screen
from legion_tui.agents.claude_code.sgr import plain_lines
from tests.contract import normal
from tests.contract.recording import HOME, RAW
from tests.support.corpus import LOOKS, RECORDED, meaning_of

# The agent writes its status up to 60 ms after the screen has changed, half a second on a busy machine.
_SURE_MILLISECONDS = 1500
# Of one that has ended, the transcript is the same at every size and by every renderer.
_WITH_RECORDS = "-80x24-fullscreen"
# What must be nowhere in the corpus, whatever a client writes next.
_FOREIGN = re.compile(
    "|".join(
        [
            r"/tmp/(?!lt-0{8}\b|claude-)",
            r"/(home|Users)/(?!dev\b)",
            r"sk-ant-\w+-0",
            "IMPORTANT: ",
            r"<system-reminder>(?!\[removed)",
            *(re.escape(own) for own in (str(Path(__file__).parents[2]), f"{Path.home()}/", socket.gethostname())),
        ]
    )
)


def main() -> int:
    """Write every recording; tell what contradicts the agent's own status."""
    place = RECORDED / TESTED_VERSION
    recordings = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RAW.glob("*.json"))]
    for folder in place.glob("*/"):
        if not folder.name.startswith("hand."):
            shutil.rmtree(folder)
    # Smaller ones first where they tell the same: a screen is kept once in the whole corpus.
    known: dict[str, Mapping[str, str]] = {}
    for recording in recordings:
        names = normal.Names(recording["home"], HOME)
        for look in recording["looks"]:
            said = _said(recording["statuses"], look["at"] * 1000)
            text = _screen(look["lines"], names)
            known[text] = known.get(text) or said
    written: set[str] = set()
    for recording in sorted(recordings, key=lambda one: (_WITH_RECORDS not in one["name"], one["name"])):
        folder = place / recording["name"]
        _write(recording, folder, known, written)
    found = [
        f"{path.parent.name}/{path.name}: {match[0]}"
        for path in sorted(place.glob("*/*"))
        for match in [_FOREIGN.search(path.read_text(encoding="utf-8"))]
        if match
    ]
    print(f"{len(recordings)} recordings, {len(known)} screens")  # noqa: T201
    for line in found:
        print(f"not of the corpus: {line}", file=sys.stderr)  # noqa: T201
    return bool(found)


def _write(
    recording: Mapping[str, Any], folder: Path, said: Mapping[str, Mapping[str, str]], written: set[str]
) -> None:
    names = normal.Names(recording["home"], HOME)
    files: Mapping[str, str] = recording["transcripts"]
    times = normal.Times([*files.values(), *recording["statuses"]])
    looks: list[str] = []
    screens: dict[str, str] = {}
    meanings: list[Mapping[str, Any]] = []
    for look in recording["looks"]:
        text = _screen(look["lines"], names)
        if text in written:
            continue
        meaning = meaning_of(read_screen(text.split("\n")))
        if "-80x24-" not in recording["name"] and (meaning["dialog"] is None or meaning in meanings):
            continue  # at the other sizes dialogs are kept, and each step of one once
        meanings.append(meaning)
        written.add(text)
        coloured = "\x1b" in text
        name = f"{len(screens) + 1:02}.{'ansi' if coloured else 'txt'}"
        screens[name] = text
        looks.append(json.dumps({"screen": name, **said[text], "meaning": meaning}, ensure_ascii=False))
    if not looks and _WITH_RECORDS not in recording["name"]:
        return
    folder.mkdir(parents=True)
    for name, text in screens.items():
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
    (folder / LOOKS).write_text("".join(f"{line}\n" for line in looks), encoding="utf-8")
    if _WITH_RECORDS in recording["name"]:
        _write_records(recording, folder, names, times, written)


def _write_records(
    recording: Mapping[str, Any], folder: Path, names: normal.Names, times: normal.Times, written: set[str]
) -> None:
    own, agents, others = "session.jsonl", 0, 0
    for path, text in recording["transcripts"].items():
        if "/subagents/" in path:
            agents += 1
            name = f"agent-{agents}.jsonl"
        elif Path(path).stem == recording["session_id"]:
            name = own
        else:
            others += 1
            name = f"session-{others + 1}.jsonl"
        records = [normal.record(json.loads(line)) for line in text.split("\n") if line.strip()]
        kept = _one_attachment([record for record in records if record is not None])
        lines = [times.of(names.of(_json(normal.numbers(record)))) for record in kept]
        # What it repeats with every turn is there once.
        lines = list(dict.fromkeys(lines))
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    told: dict[tuple[str, str], str] = {}
    for text in recording["statuses"]:
        status = normal.status(json.loads(text))
        said = str(status.get("status", "")), str(status.get("waitingFor", ""))
        told.setdefault(said, times.of(names.of(_json(status))))
    story = " ".join(map(str, told))
    if story in written:
        return  # it went through the same states as another run
    written.add(story)
    (folder / "status.jsonl").write_text("".join(f"{line}\n" for line in told.values()), encoding="utf-8")


def _one_attachment(records: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the records with the first attachment of all: without what it held, they are alike."""
    first = next((i for i, record in enumerate(records) if record["type"] == "attachment"), None)
    return [record for i, record in enumerate(records) if record["type"] != "attachment" or i == first]


def _screen(lines: Sequence[str], names: normal.Names) -> str:
    """Return a screen as text, without colours unless they change what it means."""
    plain = [normal.screen_line(names.of(line)) for line in plain_lines(lines)]
    while plain and not plain[-1]:
        plain.pop()
    if read_screen(lines).draft != read_screen(plain).draft:
        # A hint of the agent's is told from a draft by its dimness.
        rows = zip(lines, plain, plain_lines(lines), strict=False)
        return "\n".join(names.of(line).rstrip() if row == names.of(seen) else row for line, row, seen in rows)
    return "\n".join(plain)


def _said(statuses: Sequence[str], at: float) -> Mapping[str, str]:
    """Return what the only agent's status file certainly said at a moment; nothing near a change of it."""
    told = [json.loads(text) for text in statuses]
    if len({one["pid"] for one in told}) != 1:
        return {}
    dated = sorted(
        ((one["statusUpdatedAt"], one) for one in told if "statusUpdatedAt" in one), key=lambda pair: pair[0]
    )
    changes = [changed for changed, _ in dated]
    if not dated or at < changes[0] or any(abs(changed - at) < _SURE_MILLISECONDS for changed in changes):
        return {}
    newest = next(one for changed, one in reversed(dated) if changed <= at)
    return {key: newest[name] for key, name in (("status", "status"), ("waiting_for", "waitingFor")) if name in newest}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
