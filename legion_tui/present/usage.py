"""What a worker runs and what it used, in words; what is not known is said to be unknown."""

from __future__ import annotations

from legion_tui.state import Worker

UNKNOWN = "unknown"


def usage(worker: Worker) -> tuple[tuple[str, str], ...]:
    """Return (name, words) of each figure, always the same names in the same order."""
    tokens = worker.tokens
    context, moved, cached = UNKNOWN, UNKNOWN, UNKNOWN
    if tokens is not None:
        moved = f"{tokens.input:,} in, {tokens.output:,} out"
        cached = f"{tokens.cache_read:,} read, {tokens.cache_write:,} written"
        if tokens.context_percent is not None:
            context = f"{tokens.context_percent:.0f} % used"
    return (
        ("model", worker.model or UNKNOWN),
        ("context", context),
        ("tokens", moved),
        ("cache", cached),
        ("cost", UNKNOWN if worker.cost_usd is None else f"${worker.cost_usd:.2f}"),
    )


def client_words(worker: Worker) -> str:
    """Return the version of the agent, and whether the contract tests cover it."""
    if worker.version is None or worker.tested is None:
        return worker.version or UNKNOWN
    return f"{worker.version} is {'' if worker.tested else 'not '}covered by the contract tests"
