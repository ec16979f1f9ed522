"""API errors as the agent records and shows them, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ApiError:
    """One kind: the record's words and the screen's; `under` hangs it on the prompt, without a bullet."""

    error: str
    status: int
    type: str
    text: str
    shown: str
    hint: str = ""
    under: bool = False

    def record(self, message_id: str) -> Mapping[str, Any]:
        """Return the assistant record that stands for the failed turn."""
        return {
            "type": "assistant",
            "message": {
                "id": message_id,
                "container": None,
                "model": "<synthetic>",
                "role": "assistant",
                "stop_details": None,
                "stop_reason": "stop_sequence",
                "stop_sequence": "",
                "type": "message",
                "usage": {
                    "input_tokens": 0,
                    "output_tokens": 0,
                    "cache_creation_input_tokens": 0,
                    "cache_read_input_tokens": 0,
                },
                "content": [{"type": "text", "text": self.text}],
                "context_management": None,
            },
            "error": self.error,
            "isApiErrorMessage": True,
            "apiErrorStatus": self.status,
            "apiErrorType": self.type,
            "perTurnEffort": "medium",
            "failedResponseHadNoToolCall": True,
            "madeBy": "model",
        }


_RATE = (
    "API Error: Request rejected (429) · This request would exceed your account's rate limit. Please try again later."
)
_SERVER = (
    "API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. "
    "Try again in a moment."
)
_INTERNAL = (
    "API Error: 500 Internal server error. This is a server-side issue, usually temporary — try again in a moment. "
    "If it persists, check your inference gateway (127.0.0.1)."
)
_LOGIN = "Invalid API key · Fix external API key"
_FORBIDDEN = "Please run /login · API Error: 403 Your account does not have access to this."
_AGAIN = "Resend your message to try again"
_FIXED = "Once fixed, resend your message"


def api_error(kind: str, text: str = "") -> ApiError:
    """Return the error of that kind; `text` replaces the words of `limit` and `invalid_request`. Raises KeyError."""
    limit = text or "You've hit your session limit · resets 11:30pm"
    long = text or "Prompt is too long"
    return {
        "billing": ApiError(
            "billing_error",
            400,
            "invalid_request_error",
            "Credit balance is too low",
            "Credit balance too low · Add funds: https://platform.claude.com/settings/billing",
            _FIXED,
            under=True,
        ),
        "rate_limit": ApiError("rate_limit", 429, "rate_limit_error", _RATE, _RATE),
        "limit": ApiError("rate_limit", 429, "rate_limit_error", limit, limit, under=True),
        "internal": ApiError("server_error", 500, "api_error", _INTERNAL, _INTERNAL, _AGAIN),
        "server": ApiError("server_error", 529, "overloaded_error", _SERVER, _SERVER, _AGAIN),
        "login": ApiError("authentication_failed", 401, "authentication_error", _LOGIN, _LOGIN, _FIXED, under=True),
        "forbidden": ApiError("authentication_failed", 403, "permission_error", _FORBIDDEN, _FORBIDDEN, _FIXED),
        "invalid_request": ApiError("invalid_request", 400, "invalid_request_error", long, long, under=True),
    }[kind]
