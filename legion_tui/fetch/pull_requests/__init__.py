"""Pull requests, all of them in one request."""

from __future__ import annotations

from legion_tui.fetch.pull_requests.query import Answered
from legion_tui.fetch.pull_requests.reading import PullRequestReading
from legion_tui.fetch.pull_requests.source import PullRequests

__all__ = ["Answered", "PullRequestReading", "PullRequests"]
