"""What is asked of Linear, and what is written to it: the texts, checked against its schema by a test."""

from __future__ import annotations

from typing import Final

# Linear counts what a question could return: a tenth of a point a field, one an object, times `first` of each list
# around it. These sizes make an issue some hundred points, of 10,000 a question.
_FACTS: Final = """
fragment facts on Issue {
  id identifier number title url description priority createdAt updatedAt labelIds
  state { id name type }
  assignee { id name displayName email }
  creator { displayName }
  parent { identifier }
  labels(first: 20) { nodes { id name } pageInfo { hasNextPage endCursor } }
  children(first: 20) { nodes { identifier } pageInfo { hasNextPage endCursor } }
  inverseRelations(first: 10) {
    nodes { type issue { identifier state { type } } } pageInfo { hasNextPage endCursor }
  }
  attachments(first: 5) { nodes { url metadata createdAt } pageInfo { hasNextPage endCursor } }
}
"""
_STAMPS: Final = """
fragment stamps on IssueConnection {
  nodes { id updatedAt labelIds state { id } assignee { id } }
  pageInfo { hasNextPage endCursor }
}
"""

# Whose key it is, the team and the words for where its issues stand.
WELCOME: Final = """
query welcome($key: String!) {
  viewer { id displayName }
  teams(filter: {key: {eqIgnoreCase: $key}}, first: 1) {
    nodes { id key name states(first: 100) { nodes { id name type position } } }
  }
}
"""

TEAMS: Final = """
query teams { teams(first: 100) { nodes { key } } }
"""

# What tells that an issue has changed; Linear's own time of change is that of "meaningful" ones.
STAMPS: Final = f"""
query stamps($open: IssueFilter!, $openSize: Int!, $closed: IssueFilter!, $closedSize: Int!) {{
  open: issues(filter: $open, first: $openSize, orderBy: updatedAt) {{ ...stamps }}
  closed: issues(filter: $closed, first: $closedSize, orderBy: updatedAt) {{ ...stamps }}
}}
{_STAMPS}
"""

MORE_STAMPS: Final = f"""
query moreStamps($open: IssueFilter!, $openSize: Int!, $after: String!) {{
  open: issues(filter: $open, first: $openSize, after: $after, orderBy: updatedAt) {{ ...stamps }}
}}
{_STAMPS}
"""

ISSUES: Final = f"""
query issues($filter: IssueFilter!, $size: Int!) {{
  issues(filter: $filter, first: $size, includeArchived: true) {{ nodes {{ ...facts }} }}
}}
{_FACTS}
"""

LABELS: Final = """
query labels($filter: IssueLabelFilter!) {
  issueLabels(filter: $filter, first: 100) { nodes { id name isGroup team { id } } }
}
"""

USERS: Final = """
query users($filter: UserFilter!) {
  users(filter: $filter, first: 10) { nodes { id name displayName email } }
}
"""

COMMENTS: Final = """
query comments($id: ID!) { comments(filter: {id: {eq: $id}}, first: 1) { nodes { id body } } }
"""

CREATE_ISSUE: Final = """
mutation createIssue($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier } } }
"""

UPDATE_ISSUE: Final = """
mutation updateIssue($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }
"""

CREATE_LABEL: Final = """
mutation createLabel($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { success } }
"""

CREATE_COMMENT: Final = """
mutation createComment($input: CommentCreateInput!) { commentCreate(input: $input) { success } }
"""

LINK: Final = """
mutation link($issue: String!, $url: String!) { attachmentLinkURL(issueId: $issue, url: $url) { success } }
"""

# Everything that is ever sent.
DOCUMENTS: Final = (
    WELCOME,
    TEAMS,
    STAMPS,
    MORE_STAMPS,
    ISSUES,
    LABELS,
    USERS,
    COMMENTS,
    CREATE_ISSUE,
    UPDATE_ISSUE,
    CREATE_LABEL,
    CREATE_COMMENT,
    LINK,
)
