"""Pull requests served on loopback: as much of GitHub's GraphQL as asking for many, and merging one, needs."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "demo"  # noqa: S105  it opens nothing but this server
_REPOSITORY = re.compile(r'(\w+)\s*:\s*repository\(\s*owner:\s*"([^"]*)"\s*,\s*name:\s*"([^"]*)"\s*\)')
_PULL_REQUEST = re.compile(r"(?:(\w+)\s*:\s*)?pullRequest\(\s*number:\s*(\d+)\s*\)")
_LARGEST_BODY = 1_000_000
_CHECKS = ("tests", "lint", "types", "docs")
_OPINIONS = frozenset({"APPROVED", "CHANGES_REQUESTED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One pull request. `checks` are passed, failed and pending; `review` is GitHub's word or None."""

    number: int
    title: str
    branch: str
    state: str = "OPEN"
    draft: bool = False
    review: str | None = None
    mergeable: str = "MERGEABLE"
    checks: tuple[int, int, int] = (0, 0, 0)
    additions: int = 0
    deletions: int = 0

    @property
    def head(self) -> str:
        """The hash of its head commit."""
        return f"{self.number:040x}"

    def record(self) -> dict[str, Any]:
        """Return everything that may be asked of it, in GitHub's shapes."""
        passed, failed, pending = self.checks
        counts = (("SUCCESS", passed), ("FAILURE", failed), ("IN_PROGRESS", pending))
        rollup = {
            "state": "FAILURE" if failed else "PENDING" if pending else "SUCCESS",
            "contexts": {
                "nodes": [_failed(name) for name in _CHECKS[:failed]],
                "checkRunCountsByState": [{"state": state, "count": count} for state, count in counts if count],
                "statusContextCountsByState": [],
            },
        }
        opinion = {
            "state": self.review,
            "submittedAt": None,
            "author": {"__typename": "User", "login": "kim"},
            "commit": {"oid": self.head},
        }
        return {
            "id": f"PR_{self.number}",
            "number": self.number,
            "state": self.state,
            "isDraft": self.draft,
            "title": self.title,
            "reviewDecision": self.review,
            "mergeable": self.mergeable if self.state == "OPEN" else "UNKNOWN",
            "headRefName": self.branch,
            "headRefOid": self.head,
            "baseRefName": "main",
            "isCrossRepository": False,
            "headRepositoryOwner": None,
            "reviewRequests": {"nodes": []},
            "latestOpinionatedReviews": {"nodes": [opinion] if self.review in _OPINIONS else []},
            "reviewThreads": {"totalCount": 0, "nodes": []},
            "additions": self.additions,
            "deletions": self.deletions,
            "commits": {"nodes": [{"commit": {"statusCheckRollup": rollup if any(self.checks) else None}}]},
        }


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up: the terminal belongs to the dashboard."""


class PullRequestServer:
    """A context manager that serves the pull requests of one repository; `api_url` is where."""

    def __init__(self, owner: str, repo: str, served: Mapping[int, Served]) -> None:
        """Take a free port of the loopback interface; nobody is answered before `with`."""
        self._repository = (owner, repo)
        self._served = dict(served)
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if self.path != "/graphql" or not 0 < length <= _LARGEST_BODY:
                    self._reply(404, {"message": "Not Found"})
                elif self.headers.get("Authorization", "").lower() not in (f"bearer {TOKEN}", f"token {TOKEN}"):
                    self._reply(401, {"message": "Bad credentials"})
                else:
                    status, answer = server.answer(self.rfile.read(length))
                    self._reply(status, answer)

            def _reply(self, status: int, answer: Mapping[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the terminal to the dashboard."""

        self._http = _Http(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, name="pull requests", daemon=True)

    @property
    def api_url(self) -> str:
        """What stands for `https://api.github.com`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> PullRequestServer:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the port back."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """Return the status and the answer to a request's body."""
        try:
            document = json.loads(body)
            query, variables = str(document["query"]), dict(document.get("variables") or {})
        except (ValueError, KeyError, TypeError):
            return 400, {"message": "Problems parsing JSON"}
        if "mergePullRequest" in query:
            return 200, self._merge(dict(variables.get("input") or {}))
        if variables.get("number") is not None:
            return 200, self._one(variables)
        return 200, self._many(query)

    def _one(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        served = self._served.get(variables["number"])
        here = (variables.get("owner"), variables.get("name")) == self._repository
        record = served.record() if served is not None and here else None
        return {"data": {"repository": {"viewerDefaultMergeMethod": "SQUASH", "pullRequest": record}}}

    def _merge(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        for number, served in self._served.items():
            record = served.record()
            if record["id"] == given.get("pullRequestId"):
                if served.state != "OPEN" or served.head != given.get("expectedHeadOid"):
                    break
                self._served[number] = replace(served, state="MERGED")
                return {"data": {"mergePullRequest": {"pullRequest": {"number": number, "state": "MERGED"}}}}
        told = {"type": "UNPROCESSABLE", "path": ["mergePullRequest"], "message": "Pull Request is not mergeable"}
        return {"data": {"mergePullRequest": None}, "errors": [told]}

    def _many(self, query: str) -> Mapping[str, Any]:
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        repositories = list(_REPOSITORY.finditer(query))
        for i, found in enumerate(repositories):
            alias, owner, name = found.groups()
            end = repositories[i + 1].start() if i + 1 < len(repositories) else len(query)
            if (owner, name) != self._repository:
                data[alias] = None
                errors.append(_not_found([alias], f"a Repository with the name '{owner}/{name}'"))
                continue
            data[alias] = {"nameWithOwner": f"{owner}/{name}"}
            for asked in _PULL_REQUEST.finditer(query, found.end(), end):
                served = self._served.get(int(asked[2]))
                field = asked[1] or "pullRequest"
                data[alias][field] = served.record() if served else None
                if served is None:
                    errors.append(_not_found([alias, field], f"a PullRequest with the number of {asked[2]}"))
        if "viewer" in query:
            data["viewer"] = {"login": "you"}
        if "rateLimit" in query:
            data["rateLimit"] = {"cost": 1, "remaining": 4999, "limit": 5000, "resetAt": "2100-01-01T00:00:00Z"}
        return {"data": data, **({"errors": errors} if errors else {})}


def _failed(name: str) -> dict[str, Any]:
    return {"name": name, "conclusion": "FAILURE", "url": f"https://example.com/checks/{name}"}


def _not_found(path: list[str], what: str) -> dict[str, Any]:
    return {"type": "NOT_FOUND", "path": path, "message": f"Could not resolve to {what}."}
