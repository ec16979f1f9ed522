"""Built-in plays: one for each thing that an agent can be seen doing. `demo:NAME` in a prompt plays one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_DATABASE = {
    "question": "Which database should the service use?",
    "header": "Database",
    "multiSelect": False,
    "options": [
        {"label": "SQLite", "description": "One file, no server"},
        {"label": "Postgres", "description": "Needs a server"},
        {"label": "DuckDB", "description": "Columnar, in process"},
    ],
}
_SHIP = {
    "question": "Ship it now?",
    "header": "Ship",
    "multiSelect": False,
    "options": [
        {"label": "Yes", "description": "Merge and release"},
        {"label": "No", "description": "Wait for review"},
    ],
}
_CACHE = {
    "question": "Which cache should sit in front of it?",
    "header": "Cache",
    "multiSelect": False,
    "options": [
        {"label": "Redis", "description": "Separate process"},
        {"label": "In memory", "description": "Lost on restart"},
    ],
}
_FEATURES = {
    "question": "Which features should be in the first release?",
    "header": "Features",
    "multiSelect": True,
    "options": [
        {"label": "Dark mode", "description": "A second theme"},
        {"label": "Export", "description": "CSV and JSON"},
        {"label": "Search", "description": "Full text"},
        {"label": "Offline", "description": "Service worker"},
    ],
}
_LAYOUT = {
    "question": "Which layout do you prefer?",
    "header": "Layout",
    "multiSelect": False,
    "options": [
        {
            "label": "Sidebar",
            "description": "Navigation at the left",
            "preview": "+------+-----------+\n| nav  | content   |\n|      |           |\n+------+-----------+",
        },
        {
            "label": "Top bar",
            "description": "Navigation above",
            "preview": "+------------------+\n| nav              |\n+------------------+\n"
            "| content          |\n+------------------+",
        },
    ],
}
_BASH = {"command": "mkdir -p build && touch build/marker", "description": "Create the build folder"}
_PLAN = (
    "# Plan: add a cache\n\n## Context\nThe service is slow on repeated reads.\n\n## Steps\n"
    "1. Add `cache.py` with an LRU of 1000 entries.\n2. Use it in `app.py`.\n3. Test with `pytest -q`.\n"
)
_DECIDE = {"say": "I need one decision before I go on."}
_CALLS = [
    {"tool": "Read", "input": {"file_path": "app.py"}, "result": "1\timport sys", "seconds": 1},
    {
        "tool": "Bash",
        "input": {"command": "pytest -q", "description": "Run the tests"},
        "result": "12 passed in 0.84s",
        "seconds": 2,
    },
]

PLAYS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "hello": [
        {
            "say": "I looked at the service and its tests.\n\n- The handler in `app/main.py` opens one connection per "
            "request.\n- The tests need a **real** database.\n\nNext I will write the migration."
        }
    ],
    "busy": [{"say": "Looking at the code first."}, {"pause": 3600}],
    "work": [
        {"say": "I start with the code."},
        {"work": 6, "calls": _CALLS},
        {"say": "Done: the tests pass."},
    ],
    "ask": [
        _DECIDE,
        {"ask": {"questions": [_DATABASE]}},
        {"say": "{answer} it is. I wrote the configuration."},
    ],
    "ask-work": [
        _DECIDE,
        {"ask": {"questions": [_DATABASE]}},
        {"say": "{answer} it is. I go on with that."},
        {"work": 3600, "calls": _CALLS},
    ],
    "ask-twice": [
        {"ask": {"questions": [_DATABASE]}},
        {"say": "One more."},
        {"ask": {"questions": [_SHIP]}},
        {"say": "Both noted."},
    ],
    "parallel": [
        {"say": "Two decisions."},
        {"ask": [{"questions": [_DATABASE]}, {"questions": [_SHIP]}]},
        {"say": "Both noted."},
    ],
    "tabs": [
        {"say": "Two related decisions."},
        {"ask": {"questions": [_DATABASE, _CACHE]}},
        {"say": "Noted: {answer}."},
    ],
    "three-tabs": [
        {"ask": {"questions": [_DATABASE, _FEATURES, _CACHE]}},
        {"say": "Noted: {answer}."},
    ],
    "multi": [{"ask": {"questions": [_FEATURES]}}, {"say": "Noted: {answer}."}],
    "preview": [{"ask": {"questions": [_LAYOUT]}}, {"say": "Noted: {answer}."}],
    "permission": [
        {"say": "I will make the folder first."},
        {"tool": "Bash", "input": _BASH, "permit": True},
        {"say": "The folder is there."},
    ],
    "edit": [
        {
            "tool": "Edit",
            "input": {
                "file_path": "app.py",
                "old_string": "    return 1",
                "new_string": "    value = 2\n    return value",
                "replace_all": False,
            },
            "permit": True,
        },
        {"say": "Edited."},
    ],
    "plan": [{"say": "The plan is ready."}, {"plan": _PLAN}, {"say": "I start with the cache."}],
    "retry": [
        {"retry": {"text": "429 This request would exceed your account's rate limit", "of": 10, "seconds": 2}},
        {"error": "rate_limit"},
    ],
    "limit": [{"error": "limit"}],
    "billing": [{"error": "billing"}],
    "server-error": [{"error": "server"}],
    "compact": [{"compact": 2}, {"say": "Going on where I was."}],
    "shell": [{"shell": 1}, {"say": "Server is running in the background."}],
    "crash": [_DECIDE, {"crash": True}],
    "crash-asking": [_DECIDE, {"ask": {"questions": [_DATABASE]}}, {"crash": True}],
    "exit": [{"say": "Goodbye."}, {"exit": 0}],
}
