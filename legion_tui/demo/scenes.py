"""What the agents of the demo do: the scenario that the stand-ins play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Step = dict[str, Any]


def _read(path: str, seconds: float = 2) -> Step:
    return {"tool": "Read", "input": {"file_path": path}, "result": f"1\t# {path}", "seconds": seconds}


def _bash(command: str, description: str, result: str = "", seconds: float = 4) -> Step:
    return {
        "tool": "Bash",
        "input": {"command": command, "description": description},
        "result": result,
        "seconds": seconds,
    }


def _edit(path: str, old: str, new: str, seconds: float = 3) -> Step:
    change = {"file_path": path, "old_string": old, "new_string": new, "replace_all": False}
    return {"tool": "Edit", "input": change, "result": f"The file {path} has been updated.", "seconds": seconds}


def _choice(question: str, header: str, *options: tuple[str, str], several: bool = False) -> dict[str, Any]:
    return {
        "question": question,
        "header": header,
        "multiSelect": several,
        "options": [{"label": label, "description": description} for label, description in options],
    }


_LABEL_DONE: Step = {"run": ["{python}", "-m", "legion_tui", "issue", "label", "{issue}", "+worker-done"]}
_ROUND = [
    _read("src/payments/api.py"),
    _edit("src/payments/api.py", "    return total", "    return total.quantize(unit)"),
    _bash("pytest -q tests/test_api.py", "Run the tests of the API", "14 passed in 1.92s"),
    _bash("git diff --stat", "Look at the changes", " src/payments/api.py | 6 +++---\n 1 file changed"),
]
_WORK: Step = {"work": 3600, "calls": _ROUND}

_BACK_OFF = _choice(
    "Which back-off should failed deliveries use?",
    "Back-off",
    ("Exponential (Recommended)", "Doubles up to 1 h, with jitter"),
    ("Fixed", "Every 60 s"),
    ("None", "Fail at once, alert"),
)
_LIMITS = _choice(
    "What should end the retries?",
    "Limits",
    ("24 hours", "Counted from the first attempt"),
    ("20 attempts", "Whatever the time"),
    ("A 410 Gone", "The receiver does not want it"),
    several=True,
)
_STORAGE = _choice(
    "Where should pending deliveries wait?",
    "Storage",
    ("Postgres", "A table and SKIP LOCKED; no new service"),
    ("Redis", "A stream; faster, one more thing to run"),
)
_ROUNDING = _choice(
    "Half a cent is left over when an amount is split. Who gets it?",
    "Rounding",
    ("The merchant", "As the contract says for fees"),
    ("The customer", "As the old system did"),
    ("A suspense account", "Finance clears it every month"),
)
_PARTITION = _choice(
    "By what should the files be partitioned?",
    "Partition",
    ("Day", "One folder a day; small merchants share files"),
    ("Merchant", "One folder a merchant; many small files"),
)
_ATOMIC = _choice(
    "One refund of a batch fails. What then?",
    "Batch",
    ("Roll all back", "All or nothing, as the issue says"),
    ("Keep the rest", "Report the one that failed"),
)
_SITE = _choice(
    "The docs build has 40 warnings about old links. What should I do with them?",
    "Links",
    ("Fix them", "About an hour"),
    ("Silence them", "They are in the archive only"),
)
_PLAN = """\
# Plan: drop the legacy auth path

## Context
`/v1/login` has had no traffic since March. Its middleware still runs on every request and costs 3 ms.

## Steps
1. Remove `LegacyAuthMiddleware` and its settings.
2. Migrate the 212 sessions that are left to the new store.
3. Answer `/v1/login` with 410 Gone and a link to the guide.
4. Delete `auth/legacy/` and its tests.
5. Drop the column `users.legacy_token` in a migration of its own.
6. Say so in the changelog.

## Test
`pytest -q tests/auth`, and a request with an old cookie by hand.
"""
_PUSH = {"command": "git push --force-with-lease origin ENG-40", "description": "Push the rebased branch"}

PLAYS: Mapping[str, Sequence[Step]] = {
    "webhook": [
        {"say": "I look for the places that send webhooks."},
        _read("src/payments/hooks.py", 0.5),
        {"say": "I found three places that send webhooks. The sender in `hooks.py` has no retry at all."},
        {"ask": {"questions": [_BACK_OFF, _LIMITS, _STORAGE]}, "chat": [{"say": "What would you like to clarify?"}]},
        {"say": "Understood: {answer}. I go on with that."},
        _WORK,
    ],
    "legacy-auth": [
        {"say": "I read the middleware and who still calls it."},
        _bash("rg -n legacy_token src", "Search for the token", "src/auth/legacy.py:12", 0.5),
        {"say": "The plan is ready."},
        {"plan": _PLAN, "revised": [{"say": "I take that in: {answer}"}, {"plan": _PLAN}, _WORK]},
        {"say": "I start with the middleware."},
        _WORK,
    ],
    "signing-keys": [
        {"say": "The branch is rebased on main and the tests pass. It has to be pushed over the old one."},
        {"tool": "Bash", "input": _PUSH, "permit": True, "result": "ENG-40 -> ENG-40 (forced update)", "seconds": 2},
        {"say": "Pushed. I watch the checks."},
        _WORK,
    ],
    "rounding": [
        {"say": "Both currencies are handled now; one rule is missing."},
        {"ask": {"questions": [_ROUNDING]}, "chat": [{"say": "What would you like to clarify?"}]},
        {"say": "{answer}: I write that down in `money.py` and in the tests."},
        _WORK,
    ],
    "ledger": [
        {"say": "The schema is clear. I write the exporter."},
        {"work": 45, "calls": _ROUND},
        {"ask": {"questions": [_PARTITION]}, "chat": [{"say": "What would you like to clarify?"}]},
        {"say": "Partitioned by {answer}. I finish the job."},
        {"work": 60, "calls": _ROUND},
        _LABEL_DONE,
        {"say": "The export is done: 1.2 million rows in 38 s. The pull request is ready for review."},
    ],
    "bulk-refunds": [
        {"say": "I start with the endpoint, then the transaction."},
        {"work": 90, "calls": _ROUND},
        {"compact": 8},
        {"work": 60, "calls": _ROUND},
        {"ask": {"questions": [_ATOMIC]}},
        {"say": "{answer}. That makes the code simpler."},
        _WORK,
    ],
    "limit": [
        {"say": "I split the job by merchant."},
        _read("jobs/invoices.py", 0.5),
        {"error": "limit", "text": "You've hit your session limit · resets 11:30pm"},
    ],
    "throttled": [
        {"say": "I look at how often the rates are asked for."},
        _read("src/payments/rates.py", 0.5),
        {
            "retry": {
                "text": "429 This request would exceed your account's rate limit",
                "from": 2,
                "attempts": 8,
                "seconds": 20,
            }
        },
        {"say": "Through. I go on with the cache."},
        _WORK,
    ],
    "crashes": [
        {"say": "I run the test two hundred times."},
        _bash("pytest -q --count 200 tests/settlement", "Run the suite many times", "1 failed, 199 passed", 1),
        {"say": "It fails where the clock is read twice."},
        _read("tests/settlement/test_midnight.py", 1),
        {"crash": True},
    ],
    "finished": [
        {"say": "I read the brief."},
        _read("src/payments/refunds.py", 0.5),
        _bash("pytest -q", "Run the tests", "212 passed in 9.41s", 0.5),
        {"say": "Done: the change is pushed and the pull request is open."},
    ],
    "vendor": [{"say": "Thank you. I fetch the sources of the SDK."}, _WORK],
    "steady": [{"say": "I start with the tests."}, _WORK],
    "asks-later": [
        {"say": "I look around first."},
        {"work": 30, "calls": _ROUND},
        {"ask": {"questions": [_ATOMIC]}},
        {"say": "{answer}. I go on."},
        _WORK,
    ],
    "docs-site": [
        {"say": "The site builds."},
        {"ask": {"questions": [_SITE]}},
        {"say": "{answer}: on it."},
        _WORK,
    ],
    "explorer": [{"say": "The slow query is the one without the index on `merchant_id`."}],
    "dispatched": [
        {"say": "I read the brief and look at the code."},
        {"work": 15, "calls": _ROUND},
        {"ask": {"questions": [_ATOMIC]}, "chat": [{"say": "What would you like to clarify?"}]},
        {"say": "{answer}. I finish it that way."},
        {"work": 20, "calls": _ROUND},
        _LABEL_DONE,
        {"say": "Done. The tests pass and the issue is labelled."},
    ],
    "taken-up": [
        {"say": "I go on where I was."},
        {"work": 20, "calls": _ROUND},
        _LABEL_DONE,
        {"say": "Done. The tests pass and the issue is labelled."},
    ],
    "follow-up": [
        {"say": "I see. Let me look."},
        {"work": 8, "calls": _ROUND[2:]},
        {"say": "Done as you said; the tests still pass."},
    ],
}


def scenario(sessions: Mapping[str, str]) -> dict[str, Any]:
    """Return the scenario file's content; `sessions` names the play of each session that the demo starts."""
    return {
        "pace_seconds": 0.4,
        "plays": PLAYS,
        "sessions": dict(sessions),
        "first": "dispatched",
        "resumed": "taken-up",
        "default": "follow-up",
    }
