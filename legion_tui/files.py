"""Files that must not be lost: written beside, flushed to the disk, swapped in, verified. Everything here blocks."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from legion_tui.errors import LegionError

# Of renameat2 (Linux) and renamex_np (macOS); both happen to call the swap 2.
_AT_FDCWD = -100
_SWAP = 2
_REMEDIES = {
    errno.ENOSPC: "make room there, then try again",
    errno.EDQUOT: "make room there, then try again",
    errno.EROFS: "it is mounted for reading only",
    errno.EACCES: "make it writable for you",
    errno.EPERM: "make it writable for you",
}


def file_error(title: str, error: OSError, path: Path) -> LegionError:
    """Return the one clear line about a file that could not be read or written, whatever `error` names."""
    return LegionError(title, f"{path}: {error.strerror or error}", _REMEDIES.get(error.errno or 0, ""))


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `data` so that a crash at any moment leaves the old file or the new one, never a part.

    The new file keeps the permission bits of the one that it replaces. Raises OSError; then `path` is as before.
    """
    replaces = False
    with contextlib.suppress(FileNotFoundError):
        mode, replaces = path.stat().st_mode & 0o777, True
    beside = _written_beside(path, data, mode, exactly=replaces)
    try:
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)
    written = path.stat().st_size
    if written != len(data):
        raise OSError(f"{path}: {written} bytes are there, {len(data)} were written")


def create_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Make a new file as `write_durably` does; raises FileExistsError, and leaves it, where there is one by now."""
    beside = _written_beside(path, data, mode, exactly=False)
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError as error:  # not every file system has hard links
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def replace_unless_changed(path: Path, before: bytes, data: bytes) -> bool:
    """Replace `path` by `data` as `write_durably` does where it still holds `before`; False where it does not.

    Then it is as others left it. What they write at the very moment is not lost either, on a system and a file system
    that can swap two files in one step: what was swapped out is looked at, and put back where it is news.
    """
    beside: Path | None = None
    expected, put = before, data
    try:
        beside = _written_beside(path, data, path.stat().st_mode & 0o777, exactly=True)
        if path.read_bytes() != before:
            return False
        while _exchange(beside, path):
            found = beside.read_bytes()
            if found == expected:
                break
            # Somebody wrote meanwhile, and that is newer: it goes back, in the place of what was put there.
            expected, put = put, found
        else:
            beside.replace(path)
        sync_folder(path.parent)
        return put is data
    except FileNotFoundError:
        # An editor that moves the old file away first: between its two steps there is none.
        if put is not data and beside is not None:
            with contextlib.suppress(OSError):
                os.link(beside, path)
        return False
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


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


def _written_beside(path: Path, data: bytes, mode: int, *, exactly: bool) -> Path:
    """Return a file with `data`, on the disk beside `path`. The umask is for new files, so not for `exactly`."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            if exactly:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step; False where the system or the file system cannot. Raises OSError."""
    swap = _swapper()
    if swap is None:
        return False
    if swap(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(other))


@functools.cache
def _swapper() -> Callable[[bytes, bytes], int] | None:
    """Return the system's own call, which Python has no name for: of Linux, or of macOS."""
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "renameat2"):
        linux = library.renameat2
        linux.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        return lambda one, other: int(linux(_AT_FDCWD, one, _AT_FDCWD, other, _SWAP))
    if hasattr(library, "renamex_np"):
        macos = library.renamex_np
        macos.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
        return lambda one, other: int(macos(one, other, _SWAP))
    return None
