"""Prune GitHub's published schema to what is asked for here: `python -m tests.support.github.prune SCHEMA`.

SCHEMA is `schema.graphql` of the npm package `@octokit/graphql-schema` (`npm pack` brings it). A type that is named
below is kept with every field that leads to a scalar, an enumeration or another type that is named, with GitHub's own
arguments and nullability; inputs follow from the arguments. So a query that GitHub would refuse is refused here too. To
ask for more, name its type, run this again, and look at the difference.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
    visit,
)
from graphql.language import Visitor

PRUNED = Path(__file__).parents[2] / "data" / "github" / "schema.graphql"
_HEADER = """\
# The part of GitHub's GraphQL schema that the tests' server speaks: made by tests/support/github/prune.py.
# From the npm package @octokit/graphql-schema {version}, MIT License, Copyright (c) GitHub 2025.
"""

# The ways in: of these two types only the fields that are named.
_ROOTS: Mapping[str, frozenset[str]] = {
    "Query": frozenset({"id", "node", "rateLimit", "repository", "repositoryOwner", "user", "viewer"}),
    "Mutation": frozenset(
        {
            "addAssigneesToAssignable",
            "addComment",
            "addLabelsToLabelable",
            "addProjectV2ItemById",
            "closeIssue",
            "createIssue",
            "createLabel",
            "markPullRequestReadyForReview",
            "mergePullRequest",
            "removeAssigneesFromAssignable",
            "removeLabelsFromLabelable",
            "reopenIssue",
            "updateIssue",
            "updateProjectV2ItemFieldValue",
        }
    ),
}
# Of these, only what is named: the rest of them is large and far away.
_PARTS: Mapping[str, frozenset[str]] = {
    "Organization": frozenset({"avatarUrl", "id", "login", "name", "projectV2", "resourcePath", "url"}),
    "Repository": frozenset(
        {
            "hasIssuesEnabled",
            "id",
            "isArchived",
            "isPrivate",
            "issue",
            "issues",
            "label",
            "labels",
            "name",
            "nameWithOwner",
            "owner",
            "pullRequest",
            "pullRequests",
            "ref",
            "url",
            "viewerDefaultMergeMethod",
            "viewerPermission",
        }
    ),
    "RepositoryOwner": frozenset({"avatarUrl", "id", "login", "resourcePath", "url"}),
    "User": frozenset({"avatarUrl", "id", "login", "name", "projectV2", "resourcePath", "url"}),
}
_TYPES = frozenset(
    [
        "Actor",
        "Assignable",
        "Bot",
        "CheckRun",
        "CheckRunStateCount",
        "Closable",
        "Commit",
        "DraftIssue",
        "Issue",
        "IssueComment",
        "IssueCommentConnection",
        "IssueCommentEdge",
        "IssueConnection",
        "Label",
        "LabelConnection",
        "Labelable",
        "Milestone",
        "Node",
        "PageInfo",
        "ProjectV2",
        "ProjectV2FieldCommon",
        "ProjectV2FieldConfiguration",
        "ProjectV2ItemContent",
        "ProjectV2Field",
        "ProjectV2Item",
        "ProjectV2ItemConnection",
        "ProjectV2ItemFieldSingleSelectValue",
        "ProjectV2ItemFieldTextValue",
        "ProjectV2ItemFieldValue",
        "ProjectV2ItemFieldValueCommon",
        "ProjectV2Owner",
        "ProjectV2SingleSelectField",
        "ProjectV2SingleSelectFieldOption",
        "PullRequest",
        "PullRequestCommit",
        "PullRequestCommitConnection",
        "PullRequestConnection",
        "PullRequestReview",
        "PullRequestReviewConnection",
        "PullRequestReviewThread",
        "PullRequestReviewThreadConnection",
        "RateLimit",
        "Ref",
        "RequestedReviewer",
        "ReviewRequest",
        "ReviewRequestConnection",
        "StatusCheckRollup",
        "StatusCheckRollupContext",
        "StatusCheckRollupContextConnection",
        "StatusContext",
        "StatusContextStateCount",
        "SubIssuesSummary",
        "Team",
        "UserConnection",
    ]
)
_NOTHING: Mapping[str, object] = {"description": None, "directives": ()}
# Scalars that nobody here shows.
_UNWANTED_SCALARS = frozenset({"HTML", "BigInt", "Base64String", "X509Certificate"})

_Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
_Definition = (
    ObjectTypeDefinitionNode
    | InterfaceTypeDefinitionNode
    | UnionTypeDefinitionNode
    | EnumTypeDefinitionNode
    | ScalarTypeDefinitionNode
    | InputObjectTypeDefinitionNode
)


def prune(sdl: str) -> str:
    """Return the part of `sdl` that is named above; KeyError for a name that it does not know."""
    known = {
        definition.name.value: definition
        for definition in parse(sdl, no_location=True).definitions
        if isinstance(definition, _Definition)
    }
    kept = {*_ROOTS, *_PARTS, *_TYPES}
    kept |= {_named(field) for field in _fields(known["Mutation"], kept, known)}
    needed: dict[str, DefinitionNode] = {}
    waiting = sorted(kept)
    while waiting:
        name = waiting.pop()
        if name in needed or name in ("Boolean", "Float", "ID", "Int", "String"):
            continue
        needed[name] = pruned = _pruned(known[name], kept, known)
        waiting += _leaves(pruned, known)
    document = DocumentNode(definitions=tuple(visit(needed[name], _Bare()) for name in sorted(needed)))
    return print_ast(document) + "\n"


def _pruned(definition: _Definition, kept: set[str], known: Mapping[str, _Definition]) -> DefinitionNode:
    if isinstance(definition, UnionTypeDefinitionNode):
        return UnionTypeDefinitionNode(
            name=definition.name, types=tuple(one for one in definition.types or () if one.name.value in kept)
        )
    if isinstance(definition, _Fielded):
        return type(definition)(
            name=definition.name,
            interfaces=tuple(one for one in definition.interfaces or () if one.name.value in kept),
            fields=tuple(_fields(definition, kept, known)),
        )
    return definition


def _fields(
    definition: _Definition, kept: Iterable[str], known: Mapping[str, _Definition]
) -> Iterable[FieldDefinitionNode]:
    assert isinstance(definition, _Fielded)
    name = definition.name.value
    only = _ROOTS.get(name) or _PARTS.get(name)
    missing = (only or frozenset()) - {field.name.value for field in definition.fields or ()}
    if missing:
        raise KeyError(f"{name} has no {', '.join(sorted(missing))}")
    for field in definition.fields or ():
        leads_to = known.get(_named(field))
        leaf = leads_to is None or (
            isinstance(leads_to, ScalarTypeDefinitionNode | EnumTypeDefinitionNode)
            and leads_to.name.value not in _UNWANTED_SCALARS
        )
        gone = any(directive.name.value == "deprecated" for directive in field.directives or ())
        wanted = field.name.value in only if only is not None else not gone
        if wanted and (name == "Mutation" or leaf or _named(field) in kept):
            yield field


def _leaves(definition: DefinitionNode, known: Mapping[str, _Definition]) -> Iterable[str]:
    """Return what the definition needs beside the types that are named: scalars, enumerations, inputs."""
    values: list[FieldDefinitionNode | InputValueDefinitionNode] = []
    if isinstance(definition, _Fielded):
        for field in definition.fields or ():
            values += [field, *(field.arguments or ())]
    elif isinstance(definition, InputObjectTypeDefinitionNode):
        values += definition.fields or ()
    for value in values:
        name = _named(value)
        if isinstance(
            known.get(name), ScalarTypeDefinitionNode | EnumTypeDefinitionNode | InputObjectTypeDefinitionNode
        ):
            yield name


def _named(value: FieldDefinitionNode | InputValueDefinitionNode) -> str:
    node: Node = value.type
    while not hasattr(node, "name"):
        node = cast("FieldDefinitionNode", node).type
    return str(cast("FieldDefinitionNode", node).name.value)


class _Bare(Visitor):
    """Takes away descriptions and directives."""

    def enter(self, node: Node, *_: object) -> Node | None:
        if not (getattr(node, "description", None) or getattr(node, "directives", None)):
            return None
        told = {key: getattr(node, key) for key in node.keys if hasattr(node, key)}
        bare: Node = type(node)(**told | {key: nothing for key, nothing in _NOTHING.items() if key in told})
        return bare


def main() -> None:
    """Write the pruned schema."""
    source = Path(sys.argv[1])
    version = sys.argv[2] if len(sys.argv) > 2 else "of an unknown version"
    PRUNED.write_text(_HEADER.format(version=version) + prune(source.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
