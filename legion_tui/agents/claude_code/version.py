"""Which version of the client is proven, and whether another is. Pure."""

from __future__ import annotations

# The version that the contract tests run on.
TESTED_VERSION = "2.1.328"


def is_tested(version: str | None) -> bool | None:
    """Whether the contract tests cover this version; None where it is not known."""
    return version == TESTED_VERSION if version else None
