"""A recording without anything of this machine, this run, or the vendor's prompts. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

REMOVED = "[removed]"
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
# Identities, each with how its stable fake is spelled: never shorter or longer, so that nothing on a screen moves.
_IDS: Sequence[tuple[re.Pattern[str], Callable[[int], str]]] = (
    (
        re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        lambda number: f"00000000-0000-4000-8000-{number:012d}",
    ),
    (re.compile(r"\bmsg_[0-9a-zA-Z]{24}\b"), lambda number: f"msg_{number:024d}"),
    (re.compile(r"\btoolu_[0-9a-zA-Z]{24}\b"), lambda number: f"toolu_{number:024d}"),
    (re.compile(r"\breq_[0-9a-zA-Z]{24}\b"), lambda number: f"req_{number:024d}"),
    (re.compile(r"(?<=agent-)[0-9a-f]{17}\b|\ba[0-9a-f]{16}\b"), lambda number: f"a{number:016d}"),
)
_KEY = re.compile(r"sk-ant-[\w-]+")
_SCRATCH = re.compile(r"/tmp/lt-\w{8}(?!\w)")
_PLAN = re.compile(r"(?<=plans/)[a-z0-9-]+(?=\.md)")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_SECONDS = re.compile(r"\b\d+(\.\d+)?s\b")
_SPINNING = re.compile(r"^[·✢✳✶✻✽*] (?P<verb>\w+)…(?P<rest>.*)$")
_DONE = re.compile(r"^✻ \w+ for (?P<rest>.*)$")
_CLOCK = re.compile(r"\b\d{1,2}:\d\d [AP]M\b")
_DEAD = re.compile(r"^(Pane is dead \([^,]*), .*\)$")
_EFFORT = re.compile(r"^ +◐ \w+ · /effort$")
_TIP = re.compile(r"Tip: .*|tmux focus-events off · .*")

# What the vendor writes for its model, and what is only for its own use.
_DROPPED = ("api-request", "atis-latch", "file-history")
# The parsers read from here on what a person said, and nothing else of a result that tells of a refusal.
_SAID = re.compile(r"[Tt]he user said:\n.*", re.DOTALL)
_TAGGED = re.compile(r"<(local-command|bash-|command-|system-reminder)[^>]*>")
_INTERRUPTED = "[Request interrupted by user"
_LONGEST = 40
# Bookkeeping of the client's that nobody here reads.
_UNREAD = frozenset(
    {
        "apiBlockIndex",
        "cache_creation",
        "fallback_credit",
        "inference_geo",
        "iterations",
        "madeBy",
        "output_tokens_details",
        "perTurnEffort",
        "promptCacheRequested",
        "rendered",
        "renderedBesideToolResult",
        "renderedRole",
        "requestRef",
        "serverClassifierRequest",
        "server_tool_use",
        "service_tier",
        "session_id",
        "speed",
        "toolInputStreamMs",
        "turnOrigin",
        "turnPosition",
    }
)


class Names:
    """Stable fakes in the order of first appearance; one for all files of a recording."""

    def __init__(self, home: str, new_home: str) -> None:
        self._home, self._new_home = home, new_home
        self._known: dict[str, str] = {}
        self._counts: dict[int, int] = {}

    def of(self, text: str) -> str:
        """Return the text without paths, keys and identities of the run."""
        text = text.replace(self._home, self._new_home)
        text = text.replace(self._home.replace("/", "-"), self._new_home.replace("/", "-"))
        text = _SCRATCH.sub("/tmp/lt-00000000", _KEY.sub("sk-ant-test", text))
        text = _PLAN.sub(lambda found: ("a-plan-" * 20)[: len(found[0])].rstrip("-").ljust(len(found[0]), "n"), text)
        for kind, (pattern, spell) in enumerate(_IDS):
            text = pattern.sub(lambda found, kind=kind, spell=spell: self._fake(found[0], kind, spell), text)  # type: ignore[misc]
        return text

    def _fake(self, real: str, kind: int, spell: Callable[[int], str]) -> str:
        if real not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[real] = spell(self._counts[kind])
        return self._known[real]


class Times:
    """The n-th moment of a recording is n seconds after its begin."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = {_milliseconds(stamp) for text in texts for stamp in _ISO.findall(text)}
        found |= {int(number) for text in texts for number in re.findall(r"\b1[6-9]\d{11}\b", text)}
        self._order = {at: number for number, at in enumerate(sorted(found))}

    def of(self, text: str) -> str:
        """Return the text with its times made stable."""
        text = _ISO.sub(lambda found: self._at(_milliseconds(found[0])).strftime("%Y-%m-%dT%H:%M:%S.000Z"), text)
        return re.sub(r"\b1[6-9]\d{11}\b", lambda found: str(int(self._at(int(found[0])).timestamp() * 1000)), text)

    def _at(self, milliseconds: int) -> datetime:
        return _BEGIN + timedelta(seconds=self._order[milliseconds])


def _milliseconds(stamp: str) -> int:
    return round(datetime.fromisoformat(stamp).timestamp() * 1000)


def screen_line(line: str) -> str:
    """Return one line of a screen (plain) without what differs from run to run, and without the vendor's hints."""
    if spinning := _SPINNING.match(line):
        line = f"✻ Pondering…{spinning['rest']}"
    elif done := _DONE.match(line):
        line = f"✻ Pondered for {done['rest']}"
    elif _EFFORT.match(line):
        line = ""
    if line.startswith("✻ "):
        line = _SECONDS.sub("3s", line)
    line = _CLOCK.sub("2:10 AM", _TIP.sub(REMOVED, line))
    return _DEAD.sub(r"\1, Thu Jan  1 00:00:00 2026)", line).rstrip(" ")


def record(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a transcript's record without the vendor's own words; None for one that is nothing else."""
    kind = str(found.get("type"))
    if kind.startswith(_DROPPED):
        return None
    if kind == "attachment":
        return {**dict(_short(found)), "attachment": {"type": found["attachment"].get("type")}}
    if kind not in ("user", "assistant"):
        return dict(_short(found))
    kept = dict(_short({key: value for key, value in found.items() if key not in ("message", "toolUseResult")}))
    if "message" in found:
        kept["message"] = _message(found["message"], whole=kind == "assistant" or not _is_vendors(found))
    if "toolUseResult" in found:
        result = found["toolUseResult"]
        kept["toolUseResult"] = result if isinstance(result, dict) and "answers" in result else _short(result)
    return kept


def _is_vendors(found: Mapping[str, Any]) -> bool:
    return bool(found.get("isMeta") or found.get("isCompactSummary"))


def _message(message: Mapping[str, Any], *, whole: bool) -> Mapping[str, Any]:
    content = message.get("content")
    if "usage" in message:
        message = {**message, "usage": _short(message["usage"])}
    if isinstance(content, str):
        return {**message, "content": _said(content, whole=whole)}
    if isinstance(content, list):
        return {**message, "content": [_block(block, whole=whole) for block in content]}
    return message


def _said(text: str, *, whole: bool) -> str:
    if text.startswith(_INTERRUPTED):
        return text
    if tag := _TAGGED.match(text):
        return f"{tag[0]}{REMOVED}"
    return text if whole else REMOVED


def _block(block: Mapping[str, Any], *, whole: bool) -> Mapping[str, Any]:
    if block.get("type") == "text":
        return {**block, "text": _said(str(block.get("text")), whole=whole)}
    if block.get("type") != "tool_result":
        return block
    content = block.get("content")
    said = content if isinstance(content, str) else json.dumps(content)
    found = _SAID.search(said) if isinstance(content, str) else None
    return {**block, "content": f"{REMOVED} {found[0]}" if found else REMOVED}


def _short(value: Any) -> Any:
    """Return the same structure without long texts and long lists."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else REMOVED
    if isinstance(value, list):
        return [_short(one) for one in value[:3]]
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items() if key not in _UNREAD}
    return value


_NUMBERS = {"pid": 4001, "procStart": "100001", "totalDuration": 1000, "durationMs": 1000, "totalAPIDuration": 1000}


def numbers(value: Any) -> Any:
    """Return the same without process ids and durations of the run."""
    if isinstance(value, dict):
        return {key: _NUMBERS.get(key, numbers(one)) for key, one in value.items()}
    return [numbers(one) for one in value] if isinstance(value, list) else value


def status(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a status file without what belongs to the machine."""
    kept = {key: value for key, value in found.items() if key not in ("pidDomain", "messagingSocketPath")}
    name = str(found.get("name", ""))
    # The vendor adds two letters of its own to the folder's name.
    kept |= {"name": re.sub(r"-[0-9a-f]{2}$", "-00", name)} if name else {}
    return dict(numbers(kept))
