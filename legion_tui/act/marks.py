"""Which checkouts are not made or furnished to the end, kept over crashes: a small file of ours for each."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

import anyio

from legion_tui.files import file_error, private_folder, write_durably
from legion_tui.processes import ProcessFacts, process_facts, still_lives


@dataclass(frozen=True, slots=True)
class Mark:
    """The file `path`; there from before a checkout is made until everything is done."""

    path: Path

    async def exists(self) -> bool:
        """Whether the checkout is unfinished."""
        return await anyio.Path(self.path).exists()

    async def write(self, checkout: Path) -> None:
        """Mark `checkout` as unfinished; on the disk when this returns. LegionError where that cannot be."""
        await self._write({"checkout": str(checkout)})

    async def started(self, checkout: Path, pid: int) -> None:
        """Note the process that sets it up, which goes on where we are killed; LegionError where that cannot be."""
        facts = await anyio.to_thread.run_sync(process_facts, pid)
        if facts is not None:
            process = {"pid": facts.pid, "started": facts.started_at, "name": facts.name}
            await self._write({"checkout": str(checkout), "process": process})

    async def running(self) -> ProcessFacts | None:
        """Return the process that was noted, if that very one still runs."""
        return await anyio.to_thread.run_sync(self._running)

    async def remove(self) -> None:
        """Everything is done; a mark that stays has it done once more, which is harmless."""
        with contextlib.suppress(OSError):
            await anyio.Path(self.path).unlink(missing_ok=True)

    async def _write(self, told: dict[str, object]) -> None:
        data = json.dumps(told).encode()
        try:
            await anyio.to_thread.run_sync(
                lambda: write_durably(private_folder(self.path.parent) / self.path.name, data)
            )
        except OSError as error:
            raise file_error("it could not be noted that a worktree is made", error, self.path) from error

    def _running(self) -> ProcessFacts | None:
        try:
            process = json.loads(self.path.read_bytes())["process"]
            facts = ProcessFacts(int(process["pid"]), float(process["started"]), False, str(process["name"]), 0)
            return facts if still_lives(facts) else None
        except (OSError, ValueError, KeyError, TypeError, OverflowError):  # none is noted
            return None
