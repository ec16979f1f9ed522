"""The core runs without a screen, and starts without what only some commands need."""

from __future__ import annotations

import json
import subprocess
import sys

CORE = ["legion_tui.state", "legion_tui.fetch", "legion_tui.act"]

IMPORT_THEM = """
import importlib, json, pkgutil, sys
for name in sys.argv[2:]:
    package = importlib.import_module(name)
    if sys.argv[1] == "all":
        for module in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."):
            importlib.import_module(module.name)
print(json.dumps(list(sys.modules)))
"""


def modules_loaded_by(names: list[str], how: str) -> set[str]:
    """What a fresh interpreter has loaded after it imported `names`: `just` them, or `all` below."""
    ran = subprocess.run(
        [sys.executable, "-c", IMPORT_THEM, how, *names],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def test_no_module_of_the_core_loads_textual() -> None:
    loaded = modules_loaded_by(CORE, "all")

    assert "textual" not in loaded
    assert len([name for name in loaded if name.startswith("legion_tui.")]) > len(CORE)


def test_the_core_starts_without_the_network_client() -> None:
    assert "httpx" not in modules_loaded_by(CORE, "just")


def test_the_probe_sees_what_is_loaded() -> None:
    assert {"textual", "httpx"} <= modules_loaded_by([*CORE, "textual", "httpx"], "just")
