"""Permission rules of the settings, as far as workers are given any: commands by prefix, files by folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

# What stands between the commands of one line, each of which has to be allowed.
_NEXT_COMMAND = re.compile(r"&&|\|\||[;|\n]")
_IN_FOLDER = "<tool_use_error>File is in a directory that is denied by your permission settings.</tool_use_error>"


def refusal(files: Sequence[Path], tool: str, tool_input: Mapping[str, Any]) -> str:
    """Return the words with which a rule of these settings refuses a call; empty where none does."""
    if tool == "Bash":
        command = str(tool_input.get("command") or "")
        refused = any(_is(one, rule) for rule in _rules(files, "deny", tool) for one in _commands(command))
        return f"Permission to use Bash with command {command} has been denied." if refused else ""
    path = PurePath(str(tool_input.get("file_path") or ""))
    folders = (rule.removesuffix("/**").replace("//", "/") for rule in _rules(files, "deny", tool))
    return _IN_FOLDER if any(path.is_relative_to(folder) for folder in folders) else ""


def allows(files: Sequence[Path], tool: str, tool_input: Mapping[str, Any]) -> bool:
    """Whether a rule of these settings lets a command run unasked."""
    if tool != "Bash":
        return False
    rules = list(_rules(files, "allow", tool))
    return all(any(_is(one, rule) for rule in rules) for one in _commands(str(tool_input.get("command") or "")))


def _commands(line: str) -> list[str]:
    return [command.strip() for command in _NEXT_COMMAND.split(line) if command.strip()]


def _is(command: str, rule: str) -> bool:
    prefix = rule.removesuffix(":*")
    return command == prefix or (prefix != rule and command.startswith(f"{prefix} "))


def _rules(files: Sequence[Path], kind: str, tool: str) -> Iterator[str]:
    """Yield what stands in the brackets of each rule for a tool; a file that is missing or wrong has none."""
    for file in files:
        try:
            found = json.loads(file.read_text(encoding="utf-8"))["permissions"][kind]
        except (OSError, ValueError, LookupError, TypeError):
            continue
        for rule in found if isinstance(found, list) else ():
            name, bracket, rest = str(rule).partition("(")
            if name == tool and bracket and rest.endswith(")"):
                yield rest[:-1]
