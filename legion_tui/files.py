"""Files that must not be lost: written beside, flushed to the disk, swapped in, verified. Everything here blocks."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `data` so that a crash at any moment leaves the old file or the new one, never a part.

    The new file keeps the permission bits of the one that it replaces. Raises OSError; then `path` is as before.
    """
    replaces = False
    with contextlib.suppress(FileNotFoundError):
        mode, replaces = path.stat().st_mode & 0o777, True
    beside = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            if replaces:  # the umask is for new files
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)
    written = path.stat().st_size
    if written != len(data):
        raise OSError(f"{path}: {written} bytes are there, {len(data)} were written")


def sync_folder(folder: Path) -> None:
    """Make a rename or a new entry in `folder` durable; a file system that cannot is left as it is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse fsync on a folder
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(path: Path) -> Path:
    """Create `path`, and every parent that is missing, for this user only (0700), and return it."""
    for folder in (*reversed(path.parents), path):
        # One by one: `mkdir(parents=True)` gives the mode to the last one only.
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
    return path
