"""The prompt before a tool runs: Bash, Edit, Write, WebFetch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from legion_tui.demo.standin.cells import BOLD, DIM, FAINT, GREEN, POINTER, Row, wrap
from legion_tui.demo.standin.dialog import Dialog, Outcome, Took, digit, edit

_AUTO_TIP = 'Tip: auto mode handles these prompts for you — choose "switch to auto mode" below'
_AUTO = "Yes, and switch to auto mode · auto mode handles these prompts for you"
_EDITS = (
    "Yes, and switch to accept edits (auto-approve file edits and common file commands) for this session (shift+tab)"
)


@dataclass(frozen=True)
class Choice:
    """One row of the menu; `amended` is what Tab makes of it, empty where Tab does nothing."""

    verdict: str
    label: str
    amended: str = ""


class PermissionDialog(Dialog):
    """Asks whether a tool may run. `mode` is the permission mode: manual offers the switch to auto mode."""

    def __init__(self, tool: str, tool_input: Mapping[str, Any], *, cwd: str, mode: str, asks: str = "") -> None:
        """Prepare the menu; the pointer is on Yes. `asks` is the kind of a sub-agent that asks."""
        super().__init__()
        self._tool = tool
        self._asks = asks
        self._input = tool_input
        self._manual = mode == "default"
        self._file = PurePath(str(tool_input.get("file_path") or "")).name
        self.choices = self._menu(cwd)
        self.pointer = 0
        self.amending = False
        self.words = ""

    def _menu(self, cwd: str) -> list[Choice]:
        yes = Choice("once", "Yes", "Yes, and tell Claude what to do next")
        no = Choice("no", "No", "No, and tell Claude what to do differently")
        if self._tool in ("Edit", "Write"):
            return [yes, Choice("edits", _EDITS), no]
        if self._tool == "WebFetch":
            host = str(self._input.get("url") or "").partition("://")[2].partition("/")[0]
            return [yes, Choice("always", f"Yes, and don't ask again for {host}"), no]
        command = str(self._input.get("command") or "")
        always = []
        # What a shell expands cannot be allowed once and for all.
        if "$" not in command and "\n" not in command:
            parts = " and ".join(part.strip() for part in command.replace("||", "&&").split("&&"))
            always = [Choice("always", f"Yes, and don't ask again for {parts} commands in {cwd}")]
        return [yes, *always, *([Choice("auto", _AUTO)] if self._manual else []), no]

    def rows(self, width: int, height: int) -> list[Row]:
        """Return the prompt; what does not fit is left out at the top, with a count above the footer."""
        body: list[Row] = [[("─" * width, POINTER)], [(" ", ""), (self._title(), f"{BOLD};{POINTER}")]]
        body += self._details(width)
        body.append([(f" {self._question()}", "")])
        for i, choice in enumerate(self.choices):
            here = i == self.pointer
            lines = wrap(self._label(choice, here=here), width - 7)
            style = POINTER if here else ""
            body.append([(" ❯ " if here else "   ", POINTER), (f"{i + 1}. ", DIM), (lines[0], style)])
            body += [[("      ", ""), (line, style)] for line in lines[1:]]
        amendable = self.choices[self.pointer].amended and not self.amending
        footer: Row = [(" Esc to cancel · Tab to amend" if amendable else " Esc to cancel", DIM)]
        if len(body) + 2 <= height:
            return [*body, [], footer]
        hidden = len(body) - max(0, height - 2)
        more = f" ↑ {hidden} more line{'' if hidden == 1 else 's'}"
        return [*body[hidden:], [(more, DIM)], footer]

    def key(self, event: str) -> Took:
        """Take one event: a digit commits at once, Tab on Yes or No opens words to go with it."""
        if event == "escape":
            return self.finish(Outcome("stop", choice="no"))
        if event == "enter":
            return self._commit(self.pointer)
        if event in ("up", "down"):
            self.pointer = (self.pointer + (-1 if event == "up" else 1)) % len(self.choices)
            self.amending = False
            return Took.CHANGED
        if event == "tab":
            if not self.choices[self.pointer].amended:
                return Took.NOTHING
            self.amending = not self.amending
            return Took.CHANGED
        if self.amending:
            words = edit(self.words, event)
            if words is None:
                return Took.NOTHING
            self.words = words
            return Took.CHANGED
        number = digit(event)
        return self._commit(number - 1) if 0 < number <= len(self.choices) else Took.NOTHING

    def _commit(self, row: int) -> Took:
        choice = self.choices[row]
        words = self.words.strip() if self.amending and row == self.pointer else ""
        if choice.verdict == "no":
            return self.finish(Outcome("reject" if words else "stop", words=words, choice="no"))
        return self.finish(Outcome("accept", words=words, choice=choice.verdict))

    def _label(self, choice: Choice, *, here: bool) -> str:
        if not (here and self.amending):
            return choice.label
        return f"{choice.label}, {self.words}" if self.words else choice.amended

    def _title(self) -> str:
        titles = {"Edit": "Edit file", "Write": "Create file", "WebFetch": "Fetch"}
        title = titles.get(self._tool, f"{self._tool} command")
        return f"{title} · from the {self._asks} agent" if self._asks else title

    def _question(self) -> str:
        if self._tool == "Edit":
            return f"Do you want to make this edit to {self._file}?"
        if self._tool == "Write":
            return f"Do you want to create {self._file}?"
        if self._tool == "WebFetch":
            return "Do you want to allow Claude to fetch this content?"
        return "Do you want to proceed?"

    def _details(self, width: int) -> list[Row]:
        rule: Row = [("╌" * width, FAINT)]
        if self._tool in ("Edit", "Write"):
            return [[(f" {self._file}", "")], rule, *self._change(width), rule]
        rows: list[Row] = []
        if self._manual:
            rows += [[(f" {line}", BOLD)] for line in wrap(_AUTO_TIP, width - 2)]
        description = str(self._input.get("description") or "")
        rows += [[(f" {line}", DIM)] for line in wrap(description, width - 2)] if description else []
        text = str(self._input.get("command") or self._input.get("url") or "")
        lines = wrap(text, width - 4)
        bar = "│ " if len(lines) > 1 else ""
        rows += [rule, *([(f" {bar}{line}", "")] for line in lines), rule]
        if "$" in text:
            rows += [[(" A variable in this command can't be checked before it runs", "")], []]
        return rows

    def _change(self, width: int) -> list[Row]:
        if self._tool == "Write":
            content = str(self._input.get("content") or "").rstrip("\n").split("\n")
            return [[(f" {n:>2} {line}"[: width - 1], "")] for n, line in enumerate(content, 1)]
        old = str(self._input.get("old_string") or "").split("\n")
        new = str(self._input.get("new_string") or "").split("\n")
        rows: list[Row] = [[(f" {n:>2} - {line}"[: width - 1], "38;5;210")] for n, line in enumerate(old, 1)]
        return rows + [[(f" {n:>2} + {line}"[: width - 1], GREEN)] for n, line in enumerate(new, 1)]
