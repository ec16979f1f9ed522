"""What is asked of GitHub, and what is written to it: the texts, checked against its published schema by a test."""

from __future__ import annotations

from typing import Final

# GitHub's own limits of the lists below are 100 labels, 10 assignees, 100 sub-issues and 50 relations of an issue;
# the total says where one is longer all the same.
_RELATED = "totalCount nodes { number state repository { nameWithOwner } }"
_FACTS: Final = f"""
fragment facts on Issue {{
  id number title state url body createdAt updatedAt
  repository {{ nameWithOwner }}
  author {{ login }}
  parent {{ number state repository {{ nameWithOwner }} }}
  labels(first: 100) {{ totalCount nodes {{ id name }} }}
  assignees(first: 20) {{ totalCount nodes {{ id login }} }}
  subIssues(first: 100) {{ {_RELATED} }}
  closedByPullRequestsReferences(first: 20, includeClosedPrs: true) {{ totalCount nodes {{ number url state }} }}
  BLOCKED_BY
}}
"""
_BLOCKED_BY = f"blockedBy(first: 50) {{ {_RELATED} }}"
_RATE = "rateLimit { cost remaining limit resetAt }"
_STATUS_VALUE = """
fragment statusValue on ProjectV2ItemFieldValue {
  ... on ProjectV2ItemFieldSingleSelectValue { name optionId }
}
"""
_STATUS_FIELD = """
fragment statusField on ProjectV2FieldConfiguration {
  ... on ProjectV2SingleSelectField { id name options { id name } }
}
"""

# Whose login it is, what the server's schema knows, and whether the repository is one to work in.
WELCOME: Final = f"""
query welcome($owner: String!, $name: String!) {{
  viewer {{ id login }}
  __type(name: "Issue") {{ fields {{ name }} }}
  repository(owner: $owner, name: $name) {{ id nameWithOwner hasIssuesEnabled isArchived viewerPermission }}
  {_RATE}
}}
"""

ISSUES: Final = f"""
query issues(
  $owner: String!, $name: String!, $size: Int!, $after: String,
  $states: [IssueState!], $filter: IssueFilters, $order: IssueOrder!
) {{
  repository(owner: $owner, name: $name) {{
    nameWithOwner
    issues(first: $size, after: $after, states: $states, filterBy: $filter, orderBy: $order) {{
      totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ ...facts }}
    }}
  }}
  {_RATE}
}}
{_FACTS}
"""

BOARD: Final = f"""
query board($owner: String!, $number: Int!, $field: String!, $size: Int!, $after: String) {{
  repositoryOwner(login: $owner) {{ ... on ProjectV2Owner {{ projectV2(number: $number) {{
    id title
    field(name: $field) {{ ...statusField }}
    items(first: $size, after: $after) {{
      totalCount pageInfo {{ hasNextPage endCursor }}
      nodes {{
        id type isArchived
        fieldValueByName(name: $field) {{ ...statusValue }}
        content {{ ... on Issue {{ ...facts }} }}
      }}
    }}
  }} }} }}
  {_RATE}
}}
{_STATUS_FIELD}{_STATUS_VALUE}{_FACTS}
"""

ISSUE: Final = f"""
query issue($owner: String!, $name: String!, $number: Int!, $field: String!, $withItems: Boolean!) {{
  repository(owner: $owner, name: $name) {{
    nameWithOwner
    issue(number: $number) {{
      ...facts
      projectItems(first: 50, includeArchived: false) @include(if: $withItems) {{
        totalCount
        nodes {{ id project {{ id number }} fieldValueByName(name: $field) {{ ...statusValue }} }}
      }}
    }}
  }}
  {_RATE}
}}
{_STATUS_VALUE}{_FACTS}
"""

STATUS_FIELD: Final = f"""
query statusField($owner: String!, $number: Int!, $field: String!) {{
  repositoryOwner(login: $owner) {{ ... on ProjectV2Owner {{ projectV2(number: $number) {{
    id title
    field(name: $field) {{ ...statusField }}
  }} }} }}
}}
{_STATUS_FIELD}
"""

LABEL_ID: Final = """
query label($owner: String!, $name: String!, $label: String!) {
  repository(owner: $owner, name: $name) { id label(name: $label) { id name } }
}
"""

REPOSITORY_LABELS: Final = """
query labels($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    labels(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id name } }
  }
}
"""

USER_ID: Final = """
query user($login: String!) { user(login: $login) { id login } }
"""

NEWEST: Final = """
query newest($owner: String!, $name: String!, $by: String!) {
  repository(owner: $owner, name: $name) {
    issues(first: 10, orderBy: {field: CREATED_AT, direction: DESC}, filterBy: {createdBy: $by}) {
      nodes { id number title body }
    }
  }
}
"""

COMMENTS: Final = """
query comments($id: ID!) {
  node(id: $id) { ... on Issue { comments(last: 10) { totalCount nodes { id body viewerDidAuthor } } } }
}
"""

CREATE_ISSUE: Final = """
mutation createIssue($input: CreateIssueInput!) { createIssue(input: $input) { issue { id number } } }
"""

UPDATE_ISSUE: Final = """
mutation updateIssue($input: UpdateIssueInput!) { updateIssue(input: $input) { issue { id } } }
"""

CREATE_LABEL: Final = """
mutation createLabel($input: CreateLabelInput!) { createLabel(input: $input) { label { id name } } }
"""

CHANGE_LABELS: Final = """
mutation changeLabels($id: ID!, $add: [ID!]!, $remove: [ID!]!, $adds: Boolean!, $removes: Boolean!) {
  addLabelsToLabelable(input: {labelableId: $id, labelIds: $add}) @include(if: $adds) { clientMutationId }
  removeLabelsFromLabelable(input: {labelableId: $id, labelIds: $remove}) @include(if: $removes) { clientMutationId }
}
"""

CHANGE_ASSIGNEES: Final = """
mutation changeAssignees($id: ID!, $add: [ID!]!, $remove: [ID!]!, $adds: Boolean!, $removes: Boolean!) {
  addAssigneesToAssignable(input: {assignableId: $id, assigneeIds: $add}) @include(if: $adds) { clientMutationId }
  removeAssigneesFromAssignable(input: {assignableId: $id, assigneeIds: $remove}) @include(if: $removes) {
    clientMutationId
  }
}
"""

ADD_COMMENT: Final = """
mutation addComment($input: AddCommentInput!) { addComment(input: $input) { commentEdge { node { id } } } }
"""

CLOSE_ISSUE: Final = """
mutation closeIssue($id: ID!) { closeIssue(input: {issueId: $id, stateReason: COMPLETED}) { issue { id } } }
"""

REOPEN_ISSUE: Final = """
mutation reopenIssue($id: ID!) { reopenIssue(input: {issueId: $id}) { issue { id } } }
"""

ADD_ITEM: Final = """
mutation addItem($project: ID!, $content: ID!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $content}) { item { id } }
}
"""

SET_STATUS: Final = """
mutation setStatus($project: ID!, $item: ID!, $field: ID!, $option: String!) {
  updateProjectV2ItemFieldValue(
    input: {projectId: $project, itemId: $item, fieldId: $field, value: {singleSelectOptionId: $option}}
  ) { projectV2Item { id } }
}
"""


def with_facts(query: str, *, dependencies: bool) -> str:
    """Return `query` with what an issue is blocked by asked for, where the server's schema has it."""
    return query.replace("BLOCKED_BY", _BLOCKED_BY if dependencies else "")


_READS = (WELCOME, ISSUES, BOARD, ISSUE, STATUS_FIELD, LABEL_ID, REPOSITORY_LABELS, USER_ID, NEWEST, COMMENTS)
_WRITES = (
    CREATE_ISSUE,
    UPDATE_ISSUE,
    CREATE_LABEL,
    CHANGE_LABELS,
    CHANGE_ASSIGNEES,
    ADD_COMMENT,
    CLOSE_ISSUE,
    REOPEN_ISSUE,
    ADD_ITEM,
    SET_STATUS,
)
# Everything that is ever sent.
DOCUMENTS: Final = tuple(with_facts(text, dependencies=has) for text in (*_READS, *_WRITES) for has in (True, False))
