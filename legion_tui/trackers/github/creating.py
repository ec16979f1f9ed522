"""Opening an issue once, also where the answer is lost on its way."""

from __future__ import annotations

from legion_tui.errors import TrackerError
from legion_tui.network import UnsureError
from legion_tui.state import IssueStatus
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.github import queries
from legion_tui.trackers.github.welcome import Welcome
from legion_tui.trackers.github.writing import Writer, same_issue
from legion_tui.trackers.protocol import NewIssue
from legion_tui.trackers.sending import Sent, not_confirmed
from legion_tui.trackers.statuses import Statuses


async def create(writer: Writer, welcome: Welcome, new: NewIssue, *, status: str, labels: Statuses | None) -> int:
    """Open the issue and return its number; where statuses are `labels`, with that of its status.

    Where the answer was lost, the newest issues of the same login tell whether it is there.
    """
    title, body = clean_line(new.title), clean(new.body).strip()
    if not title:
        raise TrackerError("an issue needs a title")
    repository = welcome.repository
    put_on = [await writer.label(repository, name) for name in dict.fromkeys(new.labels)]
    if labels is not None and status != IssueStatus.DONE:
        there = await writer.labels(repository)
        word = labels.word_for(status, list(there))
        if word is not None:
            put_on.append(there[word])
        elif status not in (IssueStatus.TODO, labels.ours("open")):
            # An open issue without a label is as good as Todo; any other status has to be said.
            put_on.append(await writer.label(repository, status))
    above = max((one.number for one in await writer.newest_of(repository, welcome.login)), default=0)
    what = f"add {title!r}"
    given = {
        "repositoryId": welcome.repository_id,
        "title": title,
        "body": body,
        "labelIds": list(dict.fromkeys(label.id for label in put_on)),
    }
    try:
        data = await writer.send_for(what, queries.CREATE_ISSUE, {"input": given})
    except UnsureError as error:
        mine = same_issue(title, body, above)
        found = [one.number for one in await writer.newest_of(repository, welcome.login) if mine(one)]
        if not found:
            raise not_confirmed(what, Sent(error)) from None
        return max(found)
    made = (data.get("createIssue") or {}).get("issue") or {}
    if not isinstance(made.get("number"), int):
        raise not_confirmed(what, Sent())
    return int(made["number"])
