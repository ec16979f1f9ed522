"""Sending a write once, and telling what was refused from what nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from legion_tui.errors import TrackerError
from legion_tui.network import GraphQLClient, UnsureError
from legion_tui.state import IssueStatus, Label

# Labels that are made where there are none yet; any other one may be a slip.
OURS: Final = frozenset({*Label, *IssueStatus})
_LOOK = "look at it where the issue lives"


@dataclass(frozen=True, slots=True)
class Sent:
    """A write that was sent. `unsure` says why nobody knows whether it was carried out, None where it was."""

    unsure: UnsureError | None = None


class Sender:
    """Sends writes. A refusal of the service's is a TrackerError; what came of the rest, the caller reads back."""

    def __init__(self, client: GraphQLClient, *, forbidden: Collection[str]) -> None:
        """Take the way to the service, and the kinds of its errors that mean that the login may not."""
        self._client = client
        self._forbidden = forbidden

    async def send(self, what: str, mutation: str, variables: Mapping[str, object]) -> Sent:
        """Send one write; TrackerError where the service refuses it."""
        try:
            await self.send_for(what, mutation, variables)
        except UnsureError as error:
            return Sent(error)
        return Sent()

    async def send_for(self, what: str, mutation: str, variables: Mapping[str, object]) -> Mapping[str, Any]:
        """Send one write for what it returns; UnsureError where nobody knows whether it was carried out."""
        answer = await self._client.write(mutation, variables)
        if answer.errors:
            error = answer.errors[0]
            remedy = self._client.service.rights_remedy if error.kind in self._forbidden else _LOOK
            raise TrackerError(f"cannot {what}", error.message, remedy)
        return answer.data or {}


def not_confirmed(what: str, sent: Sent) -> TrackerError:
    """Return the error of a write that reading back does not show."""
    if sent.unsure is not None:
        return TrackerError(f"could not {what}", f"{sent.unsure.message}, and it is not there", "try again")
    return TrackerError(f"could not {what}", "it was written, and reading back does not show it", _LOOK)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for line ends and the space around them."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
