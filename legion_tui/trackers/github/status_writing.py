"""Setting where an issue stands: its card on the board, or a label; and closing and reopening along with it."""

from __future__ import annotations

from legion_tui.errors import TrackerError
from legion_tui.network.shapes import Named
from legion_tui.state import IssueStatus
from legion_tui.state.text import clean_line
from legion_tui.trackers.github import queries
from legion_tui.trackers.github.shapes import Board, IssueNode
from legion_tui.trackers.github.writing import Writer
from legion_tui.trackers.sending import Sent
from legion_tui.trackers.statuses import Statuses


class StatusWriter:
    """Sets a status. What came of it, the caller reads back."""

    def __init__(self, writer: Writer, statuses: Statuses) -> None:
        """Take what sends, and which words stand for which status."""
        self._writer = writer
        self._statuses = statuses

    async def by_board(self, what: str, node: IssueNode, status: str, board: Board, card: str | None) -> Sent:
        """Set the status of a card, which is put on the board where it is not there yet."""
        option = self._option(what, board, status)
        closed = await self._close(what, node) if status == IssueStatus.DONE else Sent()
        if option is None or closed.unsure is not None:
            return closed
        field_id = board.field.id if board.field is not None else None
        item = card or await self._put(what, node, board)
        variables = {"project": board.id, "item": item, "field": field_id, "option": option.id}
        sent = await self._writer.send(what, queries.SET_STATUS, variables)
        return sent if status == IssueStatus.DONE or sent.unsure is not None else await self._reopen(what, node)

    async def by_label(self, what: str, node: IssueNode, status: str) -> Sent:
        """Put the label of the status on, and take those of other statuses off, in one request."""
        closed = await self._close(what, node) if status == IssueStatus.DONE else Sent()
        if closed.unsure is not None:
            return closed
        label = await self._label(node, status)
        if label is None:
            return closed
        others = [name for name in node.label_names if self._statuses.is_status(name) and name != label.name]
        add = [] if label.name in node.label_names else [label]
        sent = await self._writer.change_labels(what, node, add, others)
        return sent if status == IssueStatus.DONE or sent.unsure is not None else await self._reopen(what, node)

    async def _label(self, node: IssueNode, status: str) -> Named | None:
        """Return the label of a status; None where closed or open says it already and there is no label for it."""
        repository = node.repository.name_with_owner
        labels = await self._writer.labels(repository)
        word = self._statuses.word_for(status, list(labels))
        if word is not None:
            return labels[word]
        if status == IssueStatus.DONE:
            return None
        return await self._writer.label(repository, status)

    def _option(self, what: str, board: Board, status: str) -> Named | None:
        """Return the option of a status; None for Done where there is none, as a closed issue is done."""
        options = {option.name: option for option in (board.field.options if board.field is not None else ())}
        word = self._statuses.word_for(status, list(options))
        if word is not None:
            return options[word]
        if status == IssueStatus.DONE:
            return None
        named = ", ".join(clean_line(name, limit=60) for name in options) or "none"
        remedy = f'say which one it is: "WORD" = "{status}" below [tracker.statuses]'
        raise TrackerError(f"cannot {what}", f"the board's statuses are: {named}", remedy)

    async def _put(self, what: str, node: IssueNode, board: Board) -> str:
        """Put the issue on the board, and return its card; doing so twice makes no second card."""
        answer = await self._writer.send_for(what, queries.ADD_ITEM, {"project": board.id, "content": node.id})
        item = (answer.get("addProjectV2ItemById") or {}).get("item") or {}
        if not isinstance(item.get("id"), str):
            raise TrackerError(f"cannot {what}", "the board did not take the issue", "look at the board")
        return str(item["id"])

    async def _close(self, what: str, node: IssueNode) -> Sent:
        return await self._writer.send(what, queries.CLOSE_ISSUE, {"id": node.id}) if node.is_open else Sent()

    async def _reopen(self, what: str, node: IssueNode) -> Sent:
        return Sent() if node.is_open else await self._writer.send(what, queries.REOPEN_ISSUE, {"id": node.id})
