"""What is to be asked for, from what is known of issues and workers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from legion_tui.state import Issue, PullRequestRef, Turn, Worker, parse_pull_request_url

# What a worker's checkout is on where it has no branch of its own.
_NO_BRANCHES = frozenset({"HEAD", "main", "master", "trunk", "develop"})


def named_pull_requests(issues: Iterable[Issue], workers: Iterable[Worker], *, host: str) -> frozenset[PullRequestRef]:
    """Return the pull requests on `host` that issues link to, or that workers' own records name."""
    named = [issue.pull_request for issue in issues]
    named += [
        parse_pull_request_url(worker.pull_request_url, host=host) for worker in workers if worker.issue is not None
    ]
    return frozenset(ref for ref in named if ref is not None and ref.host == host)


def branches_to_look_for(workers: Iterable[Worker]) -> frozenset[str]:
    """Return the branches of issues' workers whose records name no pull request."""
    names = {worker.branch for worker in workers if worker.issue is not None and not worker.pull_request_url}
    return frozenset(name for name in names if name and name not in _NO_BRANCHES)


def ended_work(workers: Iterable[Worker]) -> frozenset[tuple[str, datetime | None]]:
    """Return the folders of issues' workers whose turn has ended, each with when it did."""
    return frozenset(
        (worker.cwd, worker.turn_at)
        for worker in workers
        if worker.issue is not None and worker.cwd and worker.turn is Turn.ENDED
    )
