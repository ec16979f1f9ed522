"""Our hook in the user's own settings of the agent, beside whatever else stands there. Blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from legion_tui.agents.claude_code.hook.settings import commands_of, with_ours, without_ours
from legion_tui.errors import AgentError
from legion_tui.files import private_folder, write_durably


@dataclass(frozen=True, slots=True)
class Installed:
    """What the user's settings have of us. `current`: our hook as this version would write it, and nothing else."""

    file: Path
    commands: tuple[str, ...]
    current: bool
    # The user has switched all hooks off.
    disabled: bool


def read_installed(folder: Path, command: str) -> Installed:
    """Return what `settings.json` of the agent's folder has; AgentError where it cannot be read."""
    file = folder / "settings.json"
    settings = _parsed(file, _text(file))
    commands = commands_of(settings)
    disabled = settings.get("disableAllHooks") is True
    return Installed(file, commands, current=commands == (command,), disabled=disabled)


def install(folder: Path, command: str) -> bool:
    """Put our hook into the settings; False where it stood there already. AgentError."""
    return _rewrite(folder, lambda settings: with_ours(settings, command), already=(command,))


def uninstall(folder: Path) -> bool:
    """Take our hook out, of whatever version; False where there was none. AgentError."""
    return _rewrite(folder, without_ours, already=())


def _rewrite(folder: Path, change: Any, *, already: tuple[str, ...]) -> bool:
    # Where it is a link into a folder of dot files, that file is the one to write.
    file = (folder / "settings.json").resolve()
    text = _text(file)
    settings = _parsed(file, text)
    if commands_of(settings) == already:
        return False
    try:
        changed = change(settings)
        if not text.strip() and not changed:
            return False
        data = _written(changed, like=text)
        private_folder(file.parent)
        if _text(file) != text:
            raise AgentError(f"{file} is being written by another program", "", "try again")
        write_durably(file, data)
    except ValueError as error:
        raise AgentError(str(file), f"{error}", "mend it: nothing was changed") from None
    except OSError as error:
        raise AgentError(str(file), error.strerror or str(error), "nothing was changed") from None
    return True


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise AgentError(str(file), error.strerror or "cannot be read") from None
    except UnicodeDecodeError as error:
        raise AgentError(str(file), f"is not UTF-8 at byte {error.start}", "save it as UTF-8") from None


def _parsed(file: Path, text: str) -> Mapping[str, Any]:
    if not text.strip():
        return {}
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise AgentError(str(file), f"is not valid JSON: {where}", "mend it: nothing was changed") from None
    if not isinstance(settings, dict):
        raise AgentError(str(file), "holds no table of settings", "mend it: nothing was changed")
    return settings


def _written(settings: Mapping[str, Any], *, like: str) -> bytes:
    """Return the settings as text, indented and ended as the text that they replace."""
    found = re.search(r"\{\r?\n([ \t]+)", like)
    indent = found[1] if found else None if like.strip() not in ("", "{}") else 2
    text = json.dumps(settings, indent=indent, ensure_ascii=False)
    if "\r\n" in like:
        text = text.replace("\n", "\r\n")
    end = like[len(like.rstrip()) :] if like.strip() else "\n"
    return (text + end).encode()
