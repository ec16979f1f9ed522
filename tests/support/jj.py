"""A stand-in for jj where it is not installed: it keeps workspaces and bookmarks, and answers what we ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from legion_tui.processes import MISSING, Ran

OPTIONS = ("--no-pager", "--color=never", "--ignore-working-copy")


class FakeJj:
    """Runs no jj. `answers`: what is said instead, by the words that a command begins with."""

    def __init__(self, top: Path) -> None:
        self.top = top
        (top / ".jj" / "repo").mkdir(parents=True)
        self.workspaces = {"default": top}
        self.bookmarks = {"main"}
        self.answers: dict[str, Ran] = {}
        self.said: list[str] = []
        self.missing = False
        # What `jj log` gives for the workspace's unsaved commits.
        self.unsaved = ""

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        if self.missing:
            return Ran("", "jj: not found", MISSING)
        assert argv[:2] == ("jj", "-R")
        at, words = Path(argv[2]), [word for word in argv[3:] if word not in OPTIONS]
        self.said.append(" ".join(words))
        for begin, answer in self.answers.items():
            if self.said[-1].startswith(begin):
                return answer
        return self._answer(at, words)

    def _answer(self, at: Path, words: list[str]) -> Ran:
        match words:
            case ["workspace", "list", *_]:
                return Ran("".join(json.dumps(name) + "\n" for name in self.workspaces), "", 0)
            case ["workspace", "root", "--name", name]:
                where = self.workspaces[name]
                gone = Ran("", f"Error: Cannot resolve absolute workspace path: {where}", 1)
                return Ran(f"{where}\n", "", 0) if where.exists() else gone
            case ["workspace", "forget", *named]:
                name = named[-1] if named else next(name for name, path in self.workspaces.items() if path == at)
                del self.workspaces[name]
                return Ran("", "", 0)
            case ["workspace", "add", "--name", name, *_, "--", path]:
                (Path(path) / ".jj").mkdir(parents=True)
                (Path(path) / ".jj" / "repo").write_text(str(self.top / ".jj" / "repo"))
                self.workspaces[name] = Path(path)
                return Ran("", f'Created workspace in "{path}"\n', 0)
            case ["bookmark", "create", "-r", "@", "--", name]:
                self.bookmarks.add(name)
                return Ran("", "", 0)
            case ["log", "--no-graph", "-r", revset, "-T", template]:
                return Ran(self._log(revset, template), "", 0)
            case ["log", "--no-graph", "--limit", "1", "-r", revset, *_]:
                known = revset in self.bookmarks
                return Ran("c0ffee" if known else "", "" if known else f"Error: Revision `{revset}` doesn't exist", 0)
            case _:
                return Ran("", "", 0)

    def _log(self, revset: str, template: str) -> str:
        if revset == "@":
            return "c0ffee"
        if revset.startswith("(("):
            return self.unsaved
        if revset.startswith("@- & root()"):
            return ""
        named = [name for name in self.bookmarks if f'"{name}"' in revset]
        return "".join(f"{json.dumps(name)}\n" if "json" in template else "1" for name in named)
