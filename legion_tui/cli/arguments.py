"""The words of the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from legion_tui import __version__
from legion_tui.state.names import Strategy

if TYPE_CHECKING:
    from legion_tui.cli.context import Context

# Stands before a word that begins with a hyphen and is none of our options.
TAKEN = "\0"
_MOST_SECONDS = 366 * 24 * 3600
_LABEL = re.compile(r"-(?![hv]$)[^-].*")

Run = Callable[["Context", argparse.Namespace], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, its line in the help, its own arguments, and where it is carried out.

    `module` is imported only when the command runs, so that a status line does not pay for a dashboard.
    """

    name: str
    help: str
    module: str
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the words are told."""

    def error(self, message: str) -> NoReturn:
        """Leave with 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class InOrder(argparse.Action):
    """Collects `--choose`, `--text` and `--note` in the order in which they were written."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Append (option, value) to `namespace.given`."""
        del parser
        given = list(getattr(namespace, "given", None) or ())
        given.append(((option_string or "").lstrip("-"), str(values)))
        namespace.given = given


def parse_arguments(commands: Sequence[Command], argv: Sequence[str]) -> argparse.Namespace:
    """Return the parsed words; exits with 2 where they are off, as with `--help` and `--version` (0)."""
    main = Parser(
        prog="legion-tui",
        description="The control room of one engineer who runs many coding agents at once. Alone: the dashboard.",
        parents=[_common(None)],
        allow_abbrev=False,
    )
    main.add_argument("--version", action="version", version=f"legion-tui {__version__}")
    main.add_argument("--plain", action="store_true", help="print the board once, as lines")
    main.set_defaults(command=None)
    # SUPPRESS: an option after the command overrides the one before it, and its absence overrides nothing.
    common = common_options()
    subparsers = main.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for command in commands:
        parser = subparsers.add_parser(
            command.name, help=command.help, description=command.help, parents=[common], allow_abbrev=False
        )
        parser.set_defaults(command=command)
        command.arguments(parser)
    return main.parse_args(_labels_apart(argv))


def _labels_apart(argv: Sequence[str]) -> list[str]:
    """Mark what is to be removed in `issue label ID -worker-active`, which would be read as an option."""
    words = list(argv)
    for at in range(len(words) - 1):
        if words[at] == "issue" and words[at + 1] in ("label", "assign"):
            behind = [f"{TAKEN}{word}" if _LABEL.fullmatch(word) else word for word in words[at + 2 :]]
            return [*words[: at + 2], *behind]
    return words


def common_options() -> Parser:
    """Return the global options as the parent of a parser below a command."""
    return _common(argparse.SUPPRESS)


def _common(default: Any) -> Parser:
    parser = Parser(add_help=False, argument_default=default)
    group = parser.add_argument_group("global options, before or after the command")
    group.add_argument("--project", metavar="DIR", help="the project's folder (default: found from this folder up)")
    group.add_argument("--config", metavar="FILE", help="your own config.toml")
    group.add_argument("--socket", metavar="NAME|PATH", help="the tmux server (default: the one in $TMUX)")
    group.add_argument(
        "--strategy",
        choices=[strategy.value for strategy in Strategy],
        help="how sources are read: side by side (the default), one after the other, or what waits for you first",
    )
    group.add_argument("-v", "--verbose", action="store_true", default=default or False, help="say more of an error")
    return parser


def at_least_one(text: str) -> int:
    """Return the number that an option's word spells."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 up")
    return number


def seconds(text: str) -> float:
    """Return the time above 0 that an option's word spells."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return number


def issue_argument(parser: argparse.ArgumentParser) -> None:
    """Add the issue that a command is about."""
    parser.add_argument("issue", metavar="ISSUE", help="the issue's id, as the board shows it")


def json_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print the receipt as JSON")
