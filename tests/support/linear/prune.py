"""Write the part of Linear's schema that is asked for here: `python -m tests.support.linear.prune TYPES VERSION`.

TYPES is the largest of the `.d.mts` files of the npm package `@linear/sdk` (`npm pack` brings it), which declares every
type of Linear's schema with its fields, arguments and nullability. A type that is named below is kept with every field
that leads to a scalar, an enumeration or another type that is named; inputs follow from the arguments. So a query that
Linear would refuse is refused here too. To ask for more, name its type, run this again, and look at the difference.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PRUNED = Path(__file__).parents[2] / "data" / "linear" / "schema.graphql"
_HEADER = """\
# The part of Linear's GraphQL schema that the tests' server speaks: made by tests/support/linear/prune.py.
# From the types of the npm package @linear/sdk {version}, MIT License, Copyright (c) Linear.
"""

# The ways in: of these two types only the fields that are named.
_ROOTS: Mapping[str, frozenset[str]] = {
    "Query": frozenset({"comments", "issueLabels", "issues", "teams", "users", "viewer"}),
    "Mutation": frozenset(
        {"attachmentLinkURL", "commentCreate", "issueCreate", "issueLabelCreate", "issueUpdate"},
    ),
}
_OBJECTS = frozenset(
    {
        "Attachment",
        "AttachmentConnection",
        "AttachmentPayload",
        "Comment",
        "CommentConnection",
        "CommentPayload",
        "Issue",
        "IssueConnection",
        "IssueLabel",
        "IssueLabelConnection",
        "IssueLabelPayload",
        "IssuePayload",
        "IssueRelation",
        "IssueRelationConnection",
        "PageInfo",
        "Project",
        "Team",
        "TeamConnection",
        "User",
        "UserConnection",
        "WorkflowState",
        "WorkflowStateConnection",
    }
)
# Inputs lead to each other without an end; those of other things than issues are left out.
_INPUTS = frozenset(
    {
        "BooleanComparator",
        "CommentCreateInput",
        "CommentFilter",
        "DateComparator",
        "IdComparator",
        "IssueCreateInput",
        "IssueFilter",
        "IssueIdComparator",
        "IssueLabelCollectionFilter",
        "IssueLabelCreateInput",
        "IssueLabelFilter",
        "IssueUpdateInput",
        "NullableDateComparator",
        "NullableProjectFilter",
        "NullableStringComparator",
        "NullableTeamFilter",
        "NullableUserFilter",
        "NumberComparator",
        "StringComparator",
        "TeamFilter",
        "UserFilter",
        "WorkflowStateFilter",
    }
)
_BUILT_IN = frozenset({"ID", "String", "Boolean", "Int", "Float"})
_TYPE = re.compile(r"^type (\w+) = (?:[\w &]+ & )?\{\n(.*?)^\};", re.M | re.S)
_ENUM = re.compile(r"^(?:export )?declare enum (\w+) \{\n(.*?)^\}", re.M | re.S)
_FIELD = re.compile(r"^  (\w+)(\??): (.+);$", re.M)
_VALUE = re.compile(r'^  \w+ = "(\w+)",?$', re.M)
_SCALAR = re.compile(r'Scalars\["(\w+)"\]')
_WRAPPED = re.compile(r"(?:Maybe|InputMaybe)<(.+)>")
_LIST = re.compile(r"Array<(.+)>")


class Declared:
    """What the package declares, as far as SDL has to know it."""

    def __init__(self, text: str) -> None:
        self.fields = {
            name: [(field, bool(mark), kind) for field, mark, kind in _FIELD.findall(body) if field != "__typename"]
            for name, body in _TYPE.findall(text)
        }
        # The package spells `URL` in a field's name `Url` in that of its arguments.
        self._arguments = {name.casefold(): fields for name, fields in self.fields.items()}
        self.enums = {name: _VALUE.findall(body) for name, body in _ENUM.findall(text)}

    def sdl(self) -> Iterator[str]:
        """Yield each definition that is kept."""
        enums: set[str] = set()
        scalars: set[str] = set()

        def keeps(kind: str, objects: Iterable[str]) -> bool:
            name = _core(kind)
            if name in self.enums:
                enums.add(name)
            elif _SCALAR.search(kind):
                scalars.add(name)
            elif name not in objects:
                return False
            return True

        for name in sorted({*_ROOTS, *_OBJECTS}):
            lines = []
            for field, _, kind in self.fields[name]:
                if name in _ROOTS and field not in _ROOTS[name]:
                    continue
                if not keeps(kind, _OBJECTS):
                    continue
                given = self._arguments.get(f"{name}{field}Args".casefold(), [])
                arguments = [
                    f"{argument}: {_sdl(of, optional=optional)}"
                    for argument, optional, of in given
                    if keeps(of, _INPUTS)
                ]
                told = f"({', '.join(arguments)})" if arguments else ""
                lines.append(f"  {field}{told}: {_sdl(kind)}")
            yield f"type {name} {{\n" + "\n".join(lines) + "\n}\n"
        for name in sorted(_INPUTS):
            lines = [
                f"  {field}: {_sdl(kind, optional=optional)}"
                for field, optional, kind in self.fields[name]
                if keeps(kind, _INPUTS)
            ]
            yield f"input {name} {{\n" + "\n".join(lines) + "\n}\n"
        for name in sorted(enums):
            yield f"enum {name} {{\n" + "\n".join(f"  {value}" for value in self.enums[name]) + "\n}\n"
        yield from (f"scalar {name}\n" for name in sorted(scalars - _BUILT_IN))


def _core(kind: str) -> str:
    scalar = _SCALAR.search(kind)
    return scalar[1] if scalar else re.sub(r"(?:InputMaybe|Maybe|Array)<|>", "", kind)


def _sdl(kind: str, *, optional: bool = False) -> str:
    wrapped = _WRAPPED.fullmatch(kind)
    if wrapped is not None:
        return _sdl(wrapped[1]).removesuffix("!")
    listed = _LIST.fullmatch(kind)
    inner = f"[{_sdl(listed[1])}]" if listed is not None else _core(kind)
    return inner if optional else f"{inner}!"


def main() -> None:
    """Write the schema anew."""
    types, version = sys.argv[1:]
    PRUNED.write_text(_HEADER.format(version=version) + "\n" + "\n".join(Declared(Path(types).read_text()).sdl()))


if __name__ == "__main__":
    main()
