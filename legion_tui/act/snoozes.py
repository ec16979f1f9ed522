"""What is snoozed, kept over restarts in one small file, which two dashboards of a project share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
from filelock import FileLock, Timeout

from legion_tui.errors import LegionError
from legion_tui.files import file_error, private_folder, write_durably
from legion_tui.state.snooze import Snooze

_VERSION = 1
_FILE = "snoozed.json"
_LOCK_SECONDS = 2.0
_TITLE = "what is snoozed could not be read"


class SnoozeFile:
    """Reads and changes the file in `folder`; every LegionError is one clear line about it."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in `folder`, which is made when something is first kept."""
        self._folder = folder
        self._path = folder / _FILE

    async def load(self) -> Mapping[str, Snooze]:
        """Return what is snoozed; LegionError where the file cannot be read, which stays as it is."""
        return await anyio.to_thread.run_sync(self._read)

    async def change(self, changes: Mapping[str, Snooze | None]) -> Mapping[str, Snooze]:
        """Put some to sleep, and wake those that are None; return what is snoozed then, by others too.

        A file that cannot be understood is put aside under another name, and a new one begun.
        """
        return await anyio.to_thread.run_sync(self._change, changes)

    def _change(self, changes: Mapping[str, Snooze | None]) -> Mapping[str, Snooze]:
        try:
            private_folder(self._folder)
            with FileLock(self._folder / f"{_FILE}.lock", timeout=_LOCK_SECONDS, mode=0o600):
                return self._changed(changes)
        except Timeout:
            raise LegionError(
                "not kept", f"{self._path} is locked by another dashboard for {_LOCK_SECONDS:g} s", "try again"
            ) from None
        except OSError as error:
            raise file_error("what is snoozed could not be kept", error, self._path) from error

    def _changed(self, changes: Mapping[str, Snooze | None]) -> Mapping[str, Snooze]:
        try:
            kept = dict(self._read())
        except _NotUnderstoodError:
            self._put_aside()
            kept = {}
        for target, snooze in changes.items():
            if snooze is None:
                kept.pop(target, None)
            else:
                kept[target] = snooze
        write_durably(self._path, _encoded(kept))
        return kept

    def _read(self) -> Mapping[str, Snooze]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise file_error(_TITLE, error, self._path) from error
        try:
            return _decoded(data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"{self._path}: {type(error).__name__}: {error}"
            remedy = "all rows are shown; it is put aside when something is snoozed"
            raise _NotUnderstoodError(_TITLE, what, remedy) from error

    def _put_aside(self) -> None:
        number = 1
        while (aside := self._path.with_name(f"{_FILE}.unreadable-{number}")).exists():
            number += 1
        self._path.replace(aside)


class _NotUnderstoodError(LegionError):
    """The file is there, and holds something else than what we write."""


def _encoded(snoozes: Mapping[str, Snooze]) -> bytes:
    rows = {
        target: {"mark": snooze.mark, "until": snooze.until.isoformat() if snooze.until is not None else None}
        for target, snooze in sorted(snoozes.items())
    }
    return json.dumps({"version": _VERSION, "snoozed": rows}, indent=1).encode() + b"\n"


def _decoded(data: bytes) -> dict[str, Snooze]:
    document: Any = json.loads(data)
    if document["version"] != _VERSION:
        raise ValueError(f"version {document['version']!r} is not {_VERSION}")
    return {str(target): _snooze(row) for target, row in document["snoozed"].items()}


def _snooze(row: Any) -> Snooze:
    until = datetime.fromisoformat(row["until"]) if row["until"] is not None else None
    if until is not None and until.tzinfo is None:
        raise ValueError(f"{row['until']!r} has no zone")
    if not isinstance(row["mark"], str):
        raise TypeError("a mark is a string")
    return Snooze(mark=row["mark"], until=until)
