"""What an issue is called: `{KEY}-{number}`, with a key for each repository. Pure."""

from __future__ import annotations

import re

_LONGEST_KEY = 8
_NAMED = re.compile(r"(?:(?P<key>[A-Za-z0-9_]+)-|#?)(?P<number>[0-9]{1,10})")


def key_of(name: str) -> str:
    """Return the key that a repository's name makes: its letters and digits, upper case, eight at the most."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*", name)
    return "".join(words).upper()[:_LONGEST_KEY] or "ENG"


class Names:
    """Names issues of one repository, and of the others that a board brings in. Repositories are `owner/name`."""

    def __init__(self, repository: str, key: str) -> None:
        """Take the project's own repository and its key; the others' keys come from their names."""
        self._own = repository
        self._keys = {repository.casefold(): key}
        self._repositories = {key.casefold(): repository}

    def renamed(self, to: str) -> None:
        """Take what the project's own repository is called by now for the same repository."""
        self._keys[to.casefold()] = self._keys[self._own.casefold()]

    @property
    def own(self) -> str:
        """The project's own repository."""
        return self._own

    def id_of(self, repository: str, number: int) -> str:
        """Return the issue's id; the first repository of a key keeps it, another one's key names its owner too."""
        return f"{self._key(repository)}-{number}"

    def shown(self, repository: str, number: int) -> str:
        """Return what a person calls it: `#12`, or with the repository's name where it is another one."""
        if self._key(repository) == self._key(self._own):
            return f"#{number}"
        return f"{repository.partition('/')[2]}#{number}"

    def find(self, given: str) -> tuple[str, int] | None:
        """Return the repository and number that `KEY-12`, `#12` or `12` names; None where it names none known."""
        match = _NAMED.fullmatch(given.strip())
        if match is None:
            return None
        key = match["key"]
        repository = self._own if key is None else self._repositories.get(key.casefold())
        return (repository, int(match["number"])) if repository is not None else None

    def _key(self, repository: str) -> str:
        folded = repository.casefold()
        if folded not in self._keys:
            owner, _, name = repository.partition("/")
            key = key_of(name)
            if key.casefold() in self._repositories:
                key = f"{key_of(owner)}_{key}"
            self._keys[folded] = key
            self._repositories.setdefault(key.casefold(), repository)
        return self._keys[folded]
