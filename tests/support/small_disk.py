"""A disk of a few hundred kilobytes, for what happens when it is full or cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted tmpfs."""

    def __init__(self, at: Path) -> None:
        self.at = at

    def remount(self, *options: str) -> None:
        """Change its size, or whether it may be written."""
        subprocess.run(["mount", "-o", ",".join(["remount", *options]), str(self.at)], check=True, timeout=20)

    def fill(self, *, but: int = 0) -> None:
        """Take all of its room but so many bytes."""
        with (self.at / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"\0" * 4096)
            except OSError:
                pass
            if but:
                filler.truncate(max(0, filler.tell() - but))

    def free(self) -> None:
        """Give back what `fill` took."""
        (self.at / "filler").unlink()


@contextmanager
def small_disk(at: Path, *options: str) -> Iterator[SmallDisk]:
    """Mount one at `at`; skips the test where that is not allowed."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk: full and read-only disks were NOT tried")
    at.mkdir(parents=True, exist_ok=True)
    argv = ["mount", "-t", "tmpfs", "-o", ",".join(options or ("size=256k",)), "tmpfs", str(at)]
    mounted = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=20)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk could be mounted ({mounted.stderr.strip()}): full and read-only were NOT tried")
    try:
        yield SmallDisk(at)
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True, timeout=20)
