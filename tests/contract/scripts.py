"""What agents say and ask in several scenarios."""

from __future__ import annotations

from tests.contract.script import Ask, Asked, Bash, Choice, Plan, Reply, Say

DATABASE = Asked(
    question="Which database should the service use?",
    header="Database",
    choices=(
        Choice("SQLite", "One file, no server"),
        Choice("Postgres", "Needs a server"),
        Choice("DuckDB", "Columnar, in process"),
    ),
)
# Wraps at every size, and does not fit into the lowest pane.
MIGRATION = Asked(
    question="The migration from the old event store to the new one can be done in several ways, each with its own "
    "risk for the running consumers and for the on-call team next week; which way should I take, given that the "
    "nightly export must not be late?",
    header="Migration path",
    choices=(
        Choice(
            "Dual write for two weeks, then switch the readers over one by one (Recommended)",
            "Both stores receive every event. Readers are moved one at a time behind a flag, and the old store is "
            "removed only after every reader has been on the new one for three full days without an alarm.",
        ),
        Choice(
            "Stop the world on Sunday night",
            "Consumers are paused from 02:00 to about 04:30, the whole history is copied with pg_dump and pg_restore, "
            "and the consumers start again on the new store; the nightly export runs late once.",
        ),
        Choice(
            "Keep the old store as it is and only add an index for the slow query",
            "No migration at all. Cheapest today, but it does not solve the retention problem that the auditors "
            "mentioned in their last two reports.",
        ),
    ),
)
FEATURES = Asked(
    question="Which features are wanted?",
    header="Features",
    choices=(Choice("Dark mode", "Less light"), Choice("Search, fuzzy", "Types ahead"), Choice("Export", "As CSV")),
    multi_select=True,
)
LAYOUT = Asked(
    question="Which layout?",
    header="Layout",
    choices=(Choice("Rows", "One below the other", "```\nA\nB\n```"), Choice("Columns", "Side by side", "A B")),
)
MAKE_FOLDER = Bash(command="mkdir -p build && touch build/marker", description="Create the build folder")
CACHE_PLAN = Plan(
    "# Plan: add a cache\n\n## Context\nThe service is slow on repeated reads.\n\n## Steps\n"
    "1. Add `cache.py` with an LRU of 1000 entries.\n2. Use it in `app.py`.\n3. Test with `pytest -q`.\n"
)
GOES_ON: Reply = (Say("I go on with that."),)


def asks(*questions: Asked) -> Reply:
    """Return a message that asks these questions in one dialog."""
    return (Say("I need a decision before I go on."), Ask(questions))
