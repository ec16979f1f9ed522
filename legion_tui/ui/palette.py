"""The command palette: every command with its key, and why it cannot act where it cannot."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from legion_tui.ui.command import Command
from legion_tui.ui.screens.commanding import CommandScreen


class CommandProvider(Provider):
    """Searches the commands of the screen by name and help, and what else the screen finds by name."""

    async def discover(self) -> Hits:
        """Offer all of them while nothing is typed."""
        for command in self._commands():
            yield DiscoveryHit(self._name(command), partial(self._run, command.id), command.name, self._about(command))

    async def search(self, query: str) -> Hits:
        """Offer those that match, best first."""
        matcher = self.matcher(query)
        for found in self._rows.finds() if self._rows is not None else ():
            if (score := matcher.match(found.name)) > 0:
                name = Content.assemble(found.name, "  ", (found.key, "$text-accent"))
                yield Hit(score, name, found.run, found.name, escape(found.about))
        for command in self._commands():
            score = max(matcher.match(command.name), matcher.match(command.help) * 0.5)
            if score > 0:
                yield Hit(
                    score, self._name(command), partial(self._run, command.id), command.name, self._about(command)
                )

    def _commands(self) -> list[Command]:
        found = self._rows.HAS if self._rows is not None else ()
        return [command for command in found if command.id != "palette"]

    @property
    def _rows(self) -> CommandScreen | None:
        return self.screen if isinstance(self.screen, CommandScreen) else None

    def _name(self, command: Command) -> Content:
        key = self._rows.key_of(command.id) if self._rows is not None else ""
        return Content.assemble(command.name, "  ", (key, "$text-accent"))

    def _about(self, command: Command) -> str:
        reason = self._rows.reason(command.id) if self._rows is not None else ""
        # The palette takes this for markup, and a reason may hold foreign text.
        return escape(f"{command.help} (not now: {reason})" if reason else command.help)

    def _run(self, command_id: str) -> None:
        if self._rows is not None:
            self._rows.run_command(command_id)
