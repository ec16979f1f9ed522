"""Pull requests, all of them in one request."""

from __future__ import annotations

from legion_tui.fetch.pull_requests.source import PullRequests
from legion_tui.fetch.pull_requests.token import GitHubToken, endpoint, token_may_go_to

__all__ = ["GitHubToken", "PullRequests", "endpoint", "token_may_go_to"]
