"""The dialogs before there is a session: no status file, no title, the terminal's main screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from legion_tui.demo.standin.args import Options
from legion_tui.demo.standin.cells import BOLD, DIM, POINTER, YELLOW, Row, wrap
from legion_tui.demo.standin.dialog import Dialog, Outcome, Took

_TRUST = """\
Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source \
project, or work from your team). If not, take a moment to review what's in this folder first.

Claude Code'll be able to read, edit, and execute files here.
"""
_BYPASS = """\
In Bypass Permissions mode, Claude Code will not ask for your approval before running potentially dangerous commands.
This mode should only be used in a sandboxed container/VM that has restricted internet access and can easily be \
restored if damaged.

By proceeding, you accept all responsibility for actions taken while running in Bypass Permissions mode.

https://code.claude.com/docs/en/security
"""
NOT_TRUSTED = (
    "Claude Code didn't start because this folder isn't trusted.\n"
    "Run claude again and choose Yes, or run it in another folder.\n"
)


class StartupDialog(Dialog):
    """A menu without digits; its outcome is `accept` or `stop`."""

    def __init__(self, head: list[Row], labels: tuple[str, str], *, pointer: int, accept: int, indent: int) -> None:
        """Show `head` and the two `labels`; `accept` is the row that goes on."""
        super().__init__()
        self._head = head
        self._labels = labels
        self._accept = accept
        self._indent = " " * indent
        self.pointer = pointer

    def rows(self, width: int, height: int) -> list[Row]:
        """Return the dialog, a blank row above it."""
        rows: list[Row] = [[], [("─" * width, YELLOW)]]
        for row in self._head:
            text, style = row[0] if row else ("", "")
            rows += [[(self._indent + line, style)] for line in wrap(text, width - 1 - len(self._indent))]
        rows.append([])
        for i, label in enumerate(self._labels):
            here = i == self.pointer
            rows.append([(f"{self._indent}{'❯ ' if here else '  '}{label}", POINTER if here else "")])
        rows += [[], [(f"{self._indent}Enter to confirm · Esc to cancel", DIM)]]
        return rows[:height]

    def key(self, event: str) -> Took:
        """Take one event."""
        if event in ("up", "down"):
            self.pointer = 1 - self.pointer
            return Took.CHANGED
        if event in ("escape", "enter"):
            accepted = event == "enter" and self.pointer == self._accept
            return self.finish(Outcome("accept" if accepted else "stop"))
        return Took.NOTHING


def trust_dialog(cwd: str) -> StartupDialog:
    """Return the question whether this folder is trusted; No is pointed at."""
    head: list[Row] = [[("Accessing workspace:", f"{BOLD};{YELLOW}")], [], [(cwd, BOLD)], [], [(_TRUST, "")]]
    head.append([("Security guide", DIM)])
    return StartupDialog(head, ("No, exit", "Yes, I trust this folder"), pointer=0, accept=1, indent=1)


def bypass_dialog() -> StartupDialog:
    """Return the warning before permissions are bypassed; No is pointed at."""
    title = "WARNING: Claude Code running in Bypass Permissions mode"
    head: list[Row] = [[(title, f"{BOLD};{YELLOW}")], [], [(_BYPASS.rstrip(), "")]]
    return StartupDialog(head, ("No, exit", "Yes, I accept"), pointer=0, accept=1, indent=2)


def key_dialog(key: str) -> StartupDialog:
    """Return the question whether an API key of the environment is used; No is pointed at."""
    title = "Detected a custom API key in your environment"
    head: list[Row] = [[(title, f"{BOLD};{YELLOW}")], [], [(f"ANTHROPIC_API_KEY: sk-ant-...{key[-20:]}", "")]]
    head += [[], [("Do you want to use this API key?", "")]]
    return StartupDialog(head, ("Yes", "No (recommended)"), pointer=1, accept=0, indent=2)


class Startup:
    """Which of these dialogs are due, by the agent's own files; a folder without `.claude.json` shows none."""

    def __init__(self, config: Path, options: Options, environ: Mapping[str, str], cwd: str) -> None:
        """Read nothing yet."""
        self._file = config / ".claude.json"
        self._settings = config / "settings.json"
        self._options = options
        self._environ = environ
        self._cwd = cwd

    def dialogs(self) -> list[tuple[str, StartupDialog]]:
        """Return the names and dialogs in the agent's order."""
        known = _json(self._file)
        due: list[tuple[str, StartupDialog]] = []
        if known and not self._trusted(known):
            due.append(("trust", trust_dialog(self._cwd)))
        key = self._environ.get("ANTHROPIC_API_KEY", "")
        approved = (known.get("customApiKeyResponses") or {}).get("approved") or []
        if known and key and key[-20:] not in approved:
            due.append(("key", key_dialog(key)))
        bypass = self._options.permission_mode == "bypassPermissions"
        if known and bypass and not _json(self._settings).get("skipDangerousModePermissionPrompt"):
            due.append(("bypass", bypass_dialog()))
        return due

    def accepted(self, name: str) -> None:
        """Remember an accepted trust where the agent does."""
        if name != "trust":
            return
        known = _json(self._file)
        projects = known.setdefault("projects", {})
        projects.setdefault(self._root() or self._cwd, {})["hasTrustDialogAccepted"] = True
        beside = self._file.with_name(f"{self._file.name}.{id(known):x}.tmp")
        beside.write_text(json.dumps(known, indent=2), encoding="utf-8")
        beside.replace(self._file)

    def _trusted(self, known: Mapping[str, Any]) -> bool:
        projects = known.get("projects") or {}
        root = self._root()
        folders = [self._cwd, *(str(parent) for parent in Path(self._cwd).parents)]
        if root in folders:
            # Trust is inherited from a parent, but not across the root of a repository.
            folders = folders[: folders.index(root) + 1]
        elif root:
            folders.append(root)
        return any((projects.get(folder) or {}).get("hasTrustDialogAccepted") for folder in folders)

    def _root(self) -> str:
        """Return the main checkout that the working directory belongs to, empty outside any."""
        for folder in (Path(self._cwd), *Path(self._cwd).parents):
            mark = folder / ".git"
            if mark.is_dir():
                return str(folder)
            if mark.is_file():
                # A linked worktree: "gitdir: <main>/.git/worktrees/<name>".
                target = Path(mark.read_text(encoding="utf-8").partition(":")[2].strip())
                return str(target.parents[2]) if len(target.parents) > 2 else ""
        return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
