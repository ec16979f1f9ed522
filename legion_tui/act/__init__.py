"""Writing: answer, dispatch, advance, attach, with a ledger and locks."""
