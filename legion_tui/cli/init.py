"""`legion-tui init`: make a repository a project."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from uuid import uuid4

import anyio

from legion_tui.cli.context import Context, say
from legion_tui.cli.projects import trust
from legion_tui.config import PROJECT_FILE
from legion_tui.errors import ConfigError
from legion_tui.files import write_durably
from legion_tui.processes import run_command

_EXCLUDED = "/.legion/"
_TEMPLATE = """\
[project]
id = "{id}"
key = "{key}"

[tracker]
kind = "local"
path = ".legion/issues"

[pipeline]
preset = "{preset}"
ci_gate = {ci_gate}
"""


async def run(context: Context, options: argparse.Namespace) -> int:
    """Write `legion.toml` and the issues' folder; never overwrites, asks nothing."""
    start = (context.cwd / context.project_given).resolve() if context.project_given else context.cwd
    top = await run_command(["git", "-C", str(start), "rev-parse", "--show-toplevel"])
    root = Path(top.stdout.strip()) if top.ok else start
    file = root / PROJECT_FILE
    if file.exists():
        raise ConfigError(str(file), "is there already", "run: legion-tui")
    remote = await run_command(["git", "-C", str(root), "remote", "get-url", "origin"])
    on_github = remote.ok and re.search(r"[@/]github\.com[:/]", remote.stdout) is not None
    text = _TEMPLATE.format(
        id=uuid4(),
        key=options.key or _key_of(root.name),
        preset=options.preset,
        ci_gate="true" if on_github else "false",
    )
    await anyio.to_thread.run_sync(_write, root, file, text)
    # Whoever wrote it just now need not be asked whether to believe it.
    await anyio.to_thread.run_sync(trust, file, text.encode(), context.environ)
    say(f"wrote {file}")
    say('next: legion-tui issue add "First issue", then: legion-tui')
    return 0


def _write(root: Path, file: Path, text: str) -> None:
    try:
        write_durably(file, text.encode(), mode=0o644)
        (root / ".legion" / "issues").mkdir(parents=True, exist_ok=True)
        exclude = root / ".git" / "info" / "exclude"
        if (root / ".git").is_dir():
            exclude.parent.mkdir(exist_ok=True)
            there = exclude.read_text("utf-8") if exclude.exists() else ""
            if _EXCLUDED not in there.splitlines():
                between = "" if not there or there.endswith("\n") else "\n"
                write_durably(exclude, f"{there}{between}{_EXCLUDED}\n".encode(), mode=0o644)
    except OSError as error:
        raise ConfigError(str(error.filename or root), error.strerror or "cannot be written") from None


def _key_of(name: str) -> str:
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*", name)
    key = "".join(words).upper()[:8]
    return key or "ENG"
