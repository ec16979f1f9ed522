"""The words of a shell command told apart: strings, what runs, comments. Wrapped like any text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from legion_tui.present.prose import Line, Part, Role, wrap

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_ROLES = {"Comment": Role.COMMENT, "Keyword": Role.KEYWORD, "Name": Role.KEYWORD, "Operator": Role.KEYWORD}
# Beyond this a command is shown in one colour: nobody reads it by its colours, and it would take long.
_LONGEST = 20_000


def shell_lines(text: str, width: int, *, edge: Line = ()) -> list[Line]:
    """Return a shell command as lines of at most `width` cells, each after `edge`; not a character is left out."""
    parts = ((text, Role.CODE),) if len(text) > _LONGEST else tuple(_parts(text))
    return wrap(parts, width, first=edge, rest=edge)


def _parts(text: str) -> Iterator[Part]:
    # A comment ends with its line, the last one too.
    left = len(text)
    for kind, piece in _lexer().get_tokens(text + "\n"):
        yield piece[:left], _role(tuple(kind))
        left -= len(piece[:left])


@cache
def _lexer() -> Lexer:
    # Loaded when the first command is shown: it costs more than to read one.
    from pygments.lexers.shell import BashLexer

    return BashLexer(stripnl=False, ensurenl=False)


def _role(kind: tuple[str, ...]) -> Role:
    """Return the role of a token; its kind is a path, such as `("Literal", "String", "Double")`."""
    if "String" in kind:
        return Role.STRING
    return _ROLES.get(kind[0] if kind else "", Role.CODE)
