# Each target sets up what it needs first, so `make demo` and `make test` work on a fresh clone.
# It needs Python 3.11 or newer and make; ARGS="…" is handed on to the command.

PYTHON_IN_VENV := .venv/bin/python
# Test processes side by side; 0 runs the tests in one. They wait more than they compute.
JOBS ?= 4
# The real agent computes as it starts.
CONTRACT_JOBS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak contract record check bench screenshots machine-paths

help:
	@awk -F ' *## *' '/^[a-z-]+:.*## / { sub(/:.*/, "", $$1); printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup:
	@sh .ci/setup

demo: setup ## open the dashboard on a whole swarm of stand-in agents; leaves nothing behind
	@.venv/bin/legion-tui demo $(ARGS)

test: setup ## run all tests but the contract tests
	$(PYTHON_IN_VENV) -m pytest -n $(JOBS) -m "not contract" $(ARGS)

soak: setup ## 30 issues through the whole pipeline, the autopilot killed at 200 random moments (about ten minutes)
	LEGION_TUI_SOAK_ISSUES=30 LEGION_TUI_SOAK_KILLS=200 LEGION_TUI_HOUR_CYCLES=3600 \
		$(PYTHON_IN_VENV) -m pytest -n 0 tests/live/test_soak.py tests/live/test_hour.py $(ARGS)

contract: setup ## drive the real agent and its stand-in through every scenario, at every size; writes tests/contract/REPORT.md
	$(PYTHON_IN_VENV) -m pytest -n $(CONTRACT_JOBS) -m contract --install-client --whole-matrix --write-report tests/contract $(ARGS)

record: setup ## record the real agent's screens and records anew, as tests/data/claude_code/recorded (half an hour)
	$(PYTHON_IN_VENV) -m pytest -n 0 -m contract --install-client --record --timeout 240 tests/contract $(ARGS)
	$(PYTHON_IN_VENV) -m tests.contract.distil

check: setup machine-paths ## lint, formatting, types, the arrows between the rooms
	$(PYTHON_IN_VENV) -m ruff check
	$(PYTHON_IN_VENV) -m ruff format --check
	$(PYTHON_IN_VENV) -m mypy
	.venv/bin/lint-imports --no-cache --no-logo

bench: setup ## measure what must stay fast
	$(PYTHON_IN_VENV) -m tests.benchmarks $(ARGS)

screenshots: setup ## make screenshots/ anew, and the short film of them, from the fixtures of the snapshot tests
	$(PYTHON_IN_VENV) -m tests.screenshots
	$(PYTHON_IN_VENV) -m tests.cast

# A snapshot or a copied log easily holds the path of the machine it was made on.
MACHINE_PATH = /(work|root|(home|Users)/(runner|$(shell id -un))|var/folders|tmp/pytest-of-[^/]*)/

machine-paths:
	@found=$$(grep -rsnIE --exclude-dir=__pycache__ "(^|[^A-Za-z0-9_.~-]|/private)$(MACHINE_PATH)" \
	  legion_tui styles tests screenshots docs .ci .github .editorconfig .gitattributes .gitignore \
	  *.md *.toml *.txt LICENSE Makefile); \
	if [ -n "$$found" ]; then \
	  echo "$$found"; echo "legion-tui: the lines above hold paths of one machine; take them out" >&2; exit 1; \
	fi
