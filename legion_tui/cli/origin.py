"""Where a project is pushed to."""

from __future__ import annotations

import re
from pathlib import Path

from legion_tui.processes import run_command


async def origin_on(host: str, root: Path) -> str:
    """Return the remote origin's `owner/name` on a GitHub host, empty where it is elsewhere or there is none."""
    remote = await run_command(["git", "-C", str(root), "remote", "get-url", "origin"], timeout_seconds=5.0)
    pattern = rf"[@/]{re.escape(host)}[:/](?P<repo>[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+?)(?:\.git)?/?$"
    match = re.search(pattern, remote.stdout.strip()) if remote.ok else None
    return match["repo"] if match is not None else ""
