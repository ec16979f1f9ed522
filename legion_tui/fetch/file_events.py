"""Tells when files change, so that nobody waits for the next reading; where it cannot, the clock alone has to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import anyio
from anyio import from_thread, to_thread

# Events that come within a step of each other are told together, those of a busy swarm after this time at the latest.
_STEP_MS = 50
_TOGETHER_MS = 200
# How often it is looked whether the folders are still the same, and those that were missing there.
_LOOK_EVERY_MS = 5_000
# The library is loaded when the first picture is there.
_FIRST_SECONDS = 1.0
# After the system has refused: it has a limit of watches, which others use up too.
_REST_SECONDS = 60.0


class FileEvents:
    """Watches folders with all that is below them. `run` goes on until cancelled and raises nothing."""

    def __init__(self, folders: Mapping[str, Sequence[Path]], notice: Callable[[str], None]) -> None:
        """Take the folders of each name; `notice` is told, on the event loop, which name's files changed."""
        self._roots = {path: name for name, paths in folders.items() for path in paths}
        self._notice = notice
        # How many folders are watched, and why not, in words, where the system refuses.
        self.watched = 0
        self.why = ""
        # How often somebody was told.
        self.told = 0

    async def run(self) -> None:
        """Watch; folders that come, go or are replaced are followed within seconds."""
        if not self._roots:
            return
        stop = threading.Event()
        # A thread of its own: those that others wait for are not used up.
        one = anyio.CapacityLimiter(1)
        await anyio.sleep(_FIRST_SECONDS)
        async with anyio.create_task_group() as group:
            group.start_soon(_set_when_cancelled, stop)
            while True:
                self.why = await to_thread.run_sync(self._watch, stop, limiter=one)
                self.watched = 0
                await anyio.sleep(_REST_SECONDS if self.why else _LOOK_EVERY_MS / 1000)

    def _watch(self, stop: threading.Event) -> str:
        """Watch the folders that are there until others are; return why that is not possible."""
        identities = self._identities()
        # Events name real paths, whatever links lead there.
        there = {path.resolve(): name for path, name in self._roots.items() if identities[path] is not None}
        if not there:
            return ""
        # Only here: a command that reads once has no use for it.
        from watchfiles import watch

        try:
            changes = watch(
                *there,
                watch_filter=None,
                debounce=_TOGETHER_MS,
                step=_STEP_MS,
                stop_event=stop,
                rust_timeout=_LOOK_EVERY_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            self.watched, self.why = len(there), ""
            for changed in changes:
                names = {name for _, path in changed if (name := _name_of(Path(path), there))}
                if names and not stop.is_set():
                    from_thread.run_sync(self._tell, names)
                if not changed and self._identities() != identities:
                    return ""
        except OSError as error:
            return error.strerror or str(error)
        except RuntimeError as error:  # what the library says of all else that goes wrong in it
            return str(error)
        return ""

    def _identities(self) -> Mapping[Path, tuple[int, int] | None]:
        return {path: _identity(path) for path in self._roots}

    def _tell(self, names: set[str]) -> None:
        for name in names:
            self.told += 1
            self._notice(name)


async def _set_when_cancelled(stop: threading.Event) -> None:
    # A thread cannot be cancelled, only asked to end.
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()


def _name_of(path: Path, roots: Mapping[Path, str]) -> str:
    return next((name for root, name in roots.items() if path.is_relative_to(root)), "")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
