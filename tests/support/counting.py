"""A runner that counts the processes it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from legion_tui.processes import Ran, run_command


class CountedRunner:
    """Runs real commands and counts them."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        self.count += 1
        return await run_command(argv, stdin=stdin, env=env, cwd=cwd, timeout_seconds=timeout_seconds)
