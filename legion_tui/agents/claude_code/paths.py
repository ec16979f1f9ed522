"""Where the agent keeps its files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

_VARIABLE = "CLAUDE_CONFIG_DIR"
_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def config_folder(environ: Mapping[str, str], home: Path) -> Path:
    """Return the agent's folder: `CLAUDE_CONFIG_DIR`, else `~/.claude`."""
    named = environ.get(_VARIABLE)
    return Path(named) if named else home / ".claude"


def environment_for(folder: Path, home: Path) -> Mapping[str, str]:
    """Return what an agent needs in its environment to use this folder."""
    return {} if folder == home / ".claude" else {_VARIABLE: str(folder)}


def is_session_id(text: str) -> bool:
    """Return whether `text` can name a transcript: it becomes a part of a path."""
    return _SESSION_ID.fullmatch(text) is not None


def transcript_beside(projects: Path, cwd: str, session_id: str) -> Path:
    """Return where the transcript of a session in this folder is, unless it moved or the name is a long one."""
    return projects / re.sub(r"[^A-Za-z0-9]", "-", cwd) / f"{session_id}.jsonl"


def find_transcript(projects: Path, session_id: str) -> Path | None:
    """Return the newest transcript of a session, wherever it is; None where there is none. Blocks."""
    found: list[tuple[int, str]] = []
    try:
        with os.scandir(projects) as folders:
            for folder in folders:
                path = os.path.join(folder.path, f"{session_id}.jsonl")  # noqa: PTH118  a string for each folder
                try:
                    found.append((os.stat(path).st_mtime_ns, path))  # noqa: PTH116
                except OSError:
                    continue
    except OSError:
        return None
    return Path(max(found)[1]) if found else None
