"""GraphQL over one kept-open connection: for every tracker and source that is asked over the network."""

from __future__ import annotations

from legion_tui.network.addresses import endpoint, is_loopback, token_may_go_to
from legion_tui.network.answers import Answer, AnswerError, RateLimit, read_answer
from legion_tui.network.client import TRIES, GraphQLClient, TooLargeError, UnsureError
from legion_tui.network.service import Service, github_service, linear_service
from legion_tui.network.token import GitHubToken, LinearToken, Token

__all__ = [
    "TRIES",
    "Answer",
    "AnswerError",
    "GitHubToken",
    "GraphQLClient",
    "LinearToken",
    "RateLimit",
    "Service",
    "Token",
    "TooLargeError",
    "UnsureError",
    "endpoint",
    "github_service",
    "is_loopback",
    "linear_service",
    "read_answer",
    "token_may_go_to",
]
