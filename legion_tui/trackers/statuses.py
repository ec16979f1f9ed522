"""Which of a tracker's words stands for which status: labels, a board's options, workflow states. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from legion_tui.state import IssueStatus

_ORDER = {status: place for place, status in enumerate(IssueStatus)}


class Statuses:
    """The project's own words (`[tracker.statuses]`) above the canonical ones."""

    def __init__(self, given: Mapping[str, str]) -> None:
        """Take the tracker's words and ours for them; ours may be written in any case."""
        self._given = {word.casefold(): IssueStatus.normalize(ours) for word, ours in given.items()}

    def ours(self, word: str) -> str:
        """Return our status for a word, or the word where none of ours is meant by it."""
        mapped = self._given.get(word.casefold())
        return mapped if mapped is not None else IssueStatus.normalize(word)

    def is_status(self, label: str) -> bool:
        """Whether a label says where the issue stands."""
        return self.ours(label) in _ORDER

    def of_labels(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return the labels that say where the issue stands, the furthest along first."""
        said = [label for label in labels if self.is_status(label)]
        return tuple(sorted(said, key=lambda label: (-_ORDER[IssueStatus(self.ours(label))], label)))

    def word_for(self, status: str, words: Collection[str]) -> str | None:
        """Return which of `words` stands for `status`: one that the project names before one that is called so."""
        named = [word for word in words if self._given.get(word.casefold()) == status]
        called = [word for word in words if word.casefold() not in self._given and self.ours(word) == status]
        # `Todo` before `Today`: the status's own name before another word for it.
        called.sort(key=lambda word: word.casefold() != status.casefold())
        return next(iter([*named, *called]), None)
