"""Where workers push to, so that a pull request can be asked for by its branch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from legion_tui.state import BranchRef

# Gives `owner/name`, empty where there is none.
FindRepository = Callable[[], Awaitable[str]]


async def nowhere() -> str:
    """Return no repository."""
    return ""


class Branches:
    """The branches of the project's repository, which is looked for once, when it is first needed."""

    def __init__(self, host: str, find_repository: FindRepository) -> None:
        """Take where repositories live, and what finds the project's."""
        self._host = host
        self._find_repository = find_repository
        self._repository: str | None = None

    async def refs(self, names: frozenset[str]) -> frozenset[BranchRef]:
        """Return the branches of these names, none where workers push nowhere."""
        if not names:
            return frozenset()
        if self._repository is None:
            self._repository = await self._find_repository()
        owner, slash, repo = self._repository.partition("/")
        return frozenset(BranchRef(self._host, owner, repo, name) for name in names) if slash else frozenset()
