"""The issues of the demo: what the tracker, GitHub and the agents say of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from legion_tui.demo.github import Served
from legion_tui.state import IssueStatus, Mode

KEY = "ENG"
OWNER, REPOSITORY = "acme", "payments"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoIssue:
    """One issue. `play` is what its worker does, empty without one; `trusted` is whether its folder is."""

    number: int
    title: str
    status: IssueStatus
    body: str
    age_days: float = 3.0
    priority: int | None = None
    labels: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    pull_request: Served | None = None
    play: str = ""
    mode: Mode = Mode.IMPLEMENT
    permission_mode: str = "auto"
    trusted: bool = field(default=True)

    @property
    def id(self) -> str:
        """The id in the tracker."""
        return f"{KEY}-{self.number}"

    @property
    def url(self) -> str:
        """The page of its pull request, empty without one."""
        request = self.pull_request
        return f"https://github.com/{OWNER}/{REPOSITORY}/pull/{request.number}" if request else ""


ISSUES = (
    DemoIssue(
        number=21,
        title="Retry for the webhook sender",
        status=IssueStatus.IN_PROGRESS,
        body="Deliveries that fail are lost. Retry them with a back-off, and give up loudly in the end.\n\n"
        "Seen with three merchants last week; one of them noticed before we did.",
        priority=1,
        pull_request=Served(
            number=412,
            title="Retry failed webhook deliveries",
            branch="ENG-21",
            review="REVIEW_REQUIRED",
            checks=(5, 0, 2),
            additions=214,
            deletions=31,
        ),
        play="webhook",
    ),
    DemoIssue(
        number=34,
        title="Drop the legacy auth path",
        status=IssueStatus.IN_PROGRESS,
        body="Nobody has signed in through `/v1/login` since March. Remove the middleware and migrate what is left.",
        age_days=9,
        priority=2,
        play="legacy-auth",
        permission_mode="plan",
    ),
    DemoIssue(
        number=40,
        title="Rotate the signing keys",
        status=IssueStatus.IN_PROGRESS,
        body="Keys are rotated by hand once a year. Make it a job, keep two generations valid.",
        priority=1,
        pull_request=Served(
            number=418,
            title="Rotate signing keys every 30 days",
            branch="ENG-40",
            review="REVIEW_REQUIRED",
            checks=(7, 0, 0),
            additions=96,
            deletions=12,
        ),
        play="signing-keys",
        permission_mode="manual",
    ),
    DemoIssue(
        number=27,
        title="Round currencies by their own rules",
        status=IssueStatus.IN_PROGRESS,
        body="JPY has no cents, TND has three decimals. The invoice sums are off by one for both.",
        age_days=6,
        play="rounding",
    ),
    DemoIssue(
        number=29,
        title="Ledger export as Parquet",
        status=IssueStatus.IN_PROGRESS,
        body="Finance loads the CSV by hand. Write Parquet files to the bucket every night.",
        pull_request=Served(
            number=415,
            title="Nightly ledger export",
            branch="ENG-29",
            draft=True,
            checks=(2, 0, 5),
            additions=402,
            deletions=8,
        ),
        play="ledger",
    ),
    DemoIssue(
        number=31,
        title="Bulk refunds in the API",
        status=IssueStatus.IN_PROGRESS,
        body="Support refunds one by one. `POST /refunds/bulk` should take up to 500 at once, all or nothing.",
        age_days=5,
        play="bulk-refunds",
    ),
    DemoIssue(
        number=33,
        title="Split the invoice job",
        status=IssueStatus.IN_PROGRESS,
        body="The nightly job takes four hours. Split it by merchant.",
        play="limit",
    ),
    DemoIssue(
        number=36,
        title="Cache the exchange rates",
        status=IssueStatus.IN_PROGRESS,
        body="The rates are asked for on every request; the provider has started to throttle us.",
        play="throttled",
    ),
    DemoIssue(
        number=44,
        title="Flaky test in the settlement suite",
        status=IssueStatus.IN_PROGRESS,
        body="`test_settles_across_midnight` fails about once in forty runs.",
        labels=("flaky", "worker-active"),
        play="crashes",
    ),
    DemoIssue(
        number=47,
        title="Timezones in the payout report",
        status=IssueStatus.IN_PROGRESS,
        body="The report mixes UTC and local days.",
        pull_request=Served(
            number=421,
            title="Payout report in the merchant's timezone",
            branch="ENG-47",
            review="REVIEW_REQUIRED",
            checks=(5, 2, 0),
            additions=58,
            deletions=40,
        ),
        play="finished",
    ),
    DemoIssue(
        number=49,
        title="Vendor the card-reader SDK",
        status=IssueStatus.IN_PROGRESS,
        body="Their package index is down every other week. Vendor the sources.",
        age_days=1,
        play="vendor",
        trusted=False,
    ),
    DemoIssue(
        number=18,
        title="Idempotent refunds",
        status=IssueStatus.NEEDS_REVIEW,
        body="A refund that is sent twice must not pay twice.",
        age_days=12,
        priority=1,
        pull_request=Served(
            number=409,
            title="Idempotency keys for refunds",
            branch="ENG-18",
            review="APPROVED",
            checks=(7, 0, 0),
            additions=180,
            deletions=22,
        ),
        play="finished",
    ),
    DemoIssue(
        number=41,
        title="Paginate the dispute list",
        status=IssueStatus.NEEDS_REVIEW,
        body="The list takes nine seconds for our largest merchant.",
        pull_request=Served(
            number=420,
            title="Cursor pagination for disputes",
            branch="ENG-41",
            review="REVIEW_REQUIRED",
            checks=(7, 0, 0),
            additions=77,
            deletions=19,
        ),
    ),
    DemoIssue(
        number=52,
        title="Reject expired cards early",
        status=IssueStatus.TODO,
        body="The check happens after the reservation. Do it before.",
        age_days=1,
        priority=2,
    ),
    DemoIssue(
        number=53,
        title="Audit log for role changes",
        status=IssueStatus.TODO,
        body="Who gave whom which role, and when.",
        age_days=2,
    ),
    DemoIssue(
        number=38,
        title="Alert on dead webhooks",
        status=IssueStatus.TODO,
        body="Once retries are in, a webhook that is dead for a day should page its owner.",
        blockers=("ENG-21",),
    ),
    DemoIssue(
        number=55,
        title="Dark mode for the dashboard",
        status=IssueStatus.BACKLOG,
        body="Asked for by eleven people.",
        age_days=30,
        priority=4,
    ),
    DemoIssue(
        number=56,
        title="Import from the old billing system",
        status=IssueStatus.BACKLOG,
        body="Only the open subscriptions matter.",
        age_days=25,
    ),
    DemoIssue(
        number=9,
        title="Offline receipts",
        status=IssueStatus.ICEBOX,
        body="Nice to have on trains.",
        age_days=90,
    ),
    DemoIssue(
        number=12,
        title="Health endpoint for the load balancer",
        status=IssueStatus.DONE,
        body="`GET /healthz`, without a database query.",
        age_days=14,
        pull_request=Served(
            number=398,
            title="Add /healthz",
            branch="ENG-12",
            state="MERGED",
            review="APPROVED",
            checks=(7, 0, 0),
            additions=34,
        ),
    ),
)


def with_workers(agents: int | None) -> tuple[DemoIssue, ...]:
    """Return the issues so that exactly `agents` of them have a worker; None is as many as there are by themselves."""
    if agents is None:
        return ISSUES
    shown: list[DemoIssue] = []
    for issue in ISSUES:
        if issue.play and agents <= 0:
            continue
        agents -= bool(issue.play)
        shown.append(issue)
    return (*shown, *_more(agents))


def _more(count: int) -> Iterator[DemoIssue]:
    subjects = ("Tax rules", "Address check", "Chargeback form", "Payout batch", "Fee table", "Fraud score")
    verbs = ("Speed up", "Test", "Rework", "Document", "Instrument")
    plays = ("steady", "steady", "steady", "asks-later", "finished")
    for n in range(count):
        yield DemoIssue(
            number=100 + n,
            title=f"{verbs[n % len(verbs)]}: {subjects[n % len(subjects)].lower()} {n // len(subjects) + 1}",
            status=IssueStatus.IN_PROGRESS,
            body="One of many.",
            play=plays[n % len(plays)],
        )
