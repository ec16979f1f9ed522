"""Every command, declared once."""

from __future__ import annotations

import argparse

from legion_tui.cli.arguments import (
    Command,
    InOrder,
    at_least_one,
    common_options,
    issue_argument,
    json_argument,
    seconds,
)


def _state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--issues", metavar="FILE|-", help="Legion's JSON instead of the project's tracker")
    parser.add_argument("--project-id", metavar="UUID", help="the project's id, where there is no legion.toml")
    parser.add_argument("--compat", choices=["legion-python"], help="write what Legion's Python version knew")
    parser.add_argument("--watch", action="store_true", help="a line now, and one for every change")


def _answer(parser: argparse.ArgumentParser) -> None:
    issue_argument(parser)
    parser.add_argument("--choose", action=InOrder, metavar="N|KEY[,…]", help="the n-th answers the n-th question")
    parser.add_argument("--text", action=InOrder, metavar="T", help="own words; with --deny, the words to send back")
    parser.add_argument("--note", action=InOrder, metavar="T", help="beside the answer before it")
    parser.add_argument("--deny", action="store_true", help="deny, decline, reject or exit")
    parser.add_argument("--id", metavar="QUESTION_ID", help="only this question, as `questions --json` names it")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="to wait for a confirmation")
    parser.set_defaults(given=[])
    json_argument(parser)


def _questions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _dispatch(parser: argparse.ArgumentParser) -> None:
    issue_argument(parser)
    parser.add_argument("--mode", choices=["architect", "plan", "implement", "test", "review", "merge"])
    parser.add_argument("--dry-run", action="store_true", help="print the exact command, start nothing")
    json_argument(parser)


def _advance(parser: argparse.ArgumentParser) -> None:
    issue_argument(parser)
    parser.add_argument("--no-follow", action="store_true", help="do not dispatch after a change of status")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, do nothing")
    parser.add_argument("--yes", action="store_true", help="without asking before a merge")
    json_argument(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--max-concurrent", type=at_least_one, metavar="N", help="workers at once, at most")
    parser.add_argument("--only", metavar="ACTION,…", help="of the listed actions only these, `dispatch_*` for many")
    parser.add_argument("--once", action="store_true", help="what is due now, and no more")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done and what waits, do nothing")
    parser.add_argument("--json", action="store_true", help="an object a line")


def _oneshot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tasks", metavar="TASK", nargs="*", help="what is to be done; - reads one from standard input; none: past runs"
    )
    parser.add_argument("--auditor", action="store_true", help="have another agent judge each round")
    parser.add_argument("--max-rounds", type=at_least_one, default=5, metavar="N", help="with --auditor (default: 5)")
    parser.add_argument(
        "--idle-threshold", type=seconds, default=30.0, metavar="SECONDS", help="of silence: idle (default: 30)"
    )
    parser.add_argument("--interrupt-idle", action="store_true", help="end what is idle: SIGINT, SIGTERM, SIGKILL")
    parser.add_argument(
        "--heartbeat-interval", type=seconds, default=10.0, metavar="SECONDS", help="to look for that (default: 10)"
    )
    parser.add_argument(
        "--max-concurrent", type=at_least_one, default=5, metavar="N", help="tasks at once (default: 5)"
    )
    parser.add_argument("--json", action="store_true", help="print what came of them as JSON, and progress on stderr")


def _send(parser: argparse.ArgumentParser) -> None:
    issue_argument(parser)
    parser.add_argument("text", metavar="TEXT", nargs="?", help="what the worker is told; - reads standard input")
    parser.add_argument("--queue", action="store_true", help="to a busy worker: once it is idle")
    parser.add_argument("--cancel", action="store_true", help="take back what waits for this worker")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="to wait for a confirmation")
    json_argument(parser)


def _interrupt(parser: argparse.ArgumentParser) -> None:
    issue_argument(parser)
    json_argument(parser)


def _stop(parser: argparse.ArgumentParser) -> None:
    issue_argument(parser)
    told = "without asking, neither before it is asked to end nor before it is killed where it does not"
    parser.add_argument("--yes", action="store_true", help=told)
    json_argument(parser)


def _resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("issues", metavar="ISSUE", nargs="*", help="the issues whose workers are brought back")
    parser.add_argument("--all", action="store_true", help="every worker that was cut off in an unfinished issue")
    parser.add_argument("--dry-run", action="store_true", help="print who would be brought back, do nothing")
    json_argument(parser)


def _clean(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--merged", action="store_true", help="only issues whose pull request is merged")
    parser.add_argument("--dry-run", action="store_true", help="print what would be removed and what stays, do nothing")
    json_argument(parser)


def _issue(parser: argparse.ArgumentParser) -> None:
    common = common_options()
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = actions.add_parser("list", help="every issue", parents=[common])
    listing.add_argument("--json", action="store_true", help="as JSON")
    show = actions.add_parser("show", help="one issue", parents=[common])
    issue_argument(show)
    show.add_argument("--json", action="store_true", help="as JSON")
    add = actions.add_parser("add", help="a new issue; prints its id", parents=[common])
    add.add_argument("title", metavar="TITLE")
    add.add_argument("--id", metavar="ID", help="such as ENG-7 (default: the next one)")
    add.add_argument("--status", default="Todo")
    add.add_argument("--label", action="append", default=[], metavar="L")
    add.add_argument("--priority", type=int, metavar="N", help="1 is the most urgent")
    add.add_argument("--body-file", metavar="F|-", help="the text below the title")
    add.add_argument("--dispatch", action="store_true", help="and start a worker on it")
    move = actions.add_parser("move", help="set the status", parents=[common])
    issue_argument(move)
    move.add_argument("status", metavar="STATUS")
    label = actions.add_parser("label", help="add and remove labels", parents=[common])
    issue_argument(label)
    label.add_argument("labels", nargs="+", metavar="+LABEL|-LABEL")
    assign = actions.add_parser("assign", help="add and remove people", parents=[common])
    issue_argument(assign)
    assign.add_argument("people", nargs="+", metavar="+NAME|-NAME", help="@me is yourself")
    comment = actions.add_parser("comment", help="say something below the issue", parents=[common])
    issue_argument(comment)
    words = comment.add_mutually_exclusive_group(required=True)
    words.add_argument("text", nargs="?", metavar="TEXT")
    words.add_argument("--body-file", metavar="F|-", help="the text, from a file")
    close = actions.add_parser("close", help="it is done", parents=[common])
    issue_argument(close)
    edit = actions.add_parser("edit", help="change fields; without any, open the text in $EDITOR", parents=[common])
    issue_argument(edit)
    edit.add_argument("--title", metavar="T")
    edit.add_argument("--priority", type=int, metavar="N")
    edit.add_argument("--pull-request", metavar="URL")
    edit.add_argument("--body-file", metavar="F|-")


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tracker", choices=["local", "github", "linear"], default="local", help="where issues live")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="on GitHub (default: the remote origin's)")
    parser.add_argument("--board", type=at_least_one, metavar="N", help="a Projects board of the repository's owner")
    parser.add_argument("--team", metavar="KEY", help="on Linear: what its issues' identifiers begin with, such as ENG")
    parser.add_argument("--write", choices=["none", "labels", "all"], default="none", help="what is written there")
    parser.add_argument("--preset", choices=["simple", "legion"], default="simple")
    parser.add_argument("--key", metavar="KEY", help="the word before an issue's number (default: the folder's name)")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agents", type=int, default=None, metavar="N", help="how many agents at work")
    parser.add_argument("--keep", action="store_true", help="leave the project's folder behind, and say where")


def _trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="without asking")


def _log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("issue", metavar="ISSUE", nargs="?", help="only this issue")


def _hooks(parser: argparse.ArgumentParser) -> None:
    common = common_options()
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    actions.add_parser("install", help="add it, beside whatever else stands there", parents=[common])
    actions.add_parser("uninstall", help="take it out again, and nothing else", parents=[common])
    actions.add_parser("status", help="whether it is there, and which hooks wait", parents=[common])


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


DASHBOARD = Command("dashboard", "the board", "legion_tui.cli.dashboard")

COMMANDS = (
    Command("demo", "a whole swarm, without account or network", "legion_tui.cli.demo", _demo),
    Command("init", "make this repository a project", "legion_tui.cli.init", _init),
    Command("state", "everything known, as JSON", "legion_tui.cli.state", _state),
    Command("explain", "why a row says what it says", "legion_tui.cli.explain", issue_argument),
    Command("questions", "what workers wait for, oldest first", "legion_tui.cli.questions", _questions),
    Command("answer", "answer a worker's question", "legion_tui.cli.answer", _answer),
    Command("dispatch", "start, or resume, a worker", "legion_tui.cli.dispatch", _dispatch),
    Command("advance", "run the suggested action", "legion_tui.cli.advance", _advance),
    Command("run", "the autopilot: what your own config lets it do", "legion_tui.cli.run", _run),
    Command("oneshot", "tasks without a screen, judged by an auditor until done", "legion_tui.cli.oneshot", _oneshot),
    Command("attach", "go to a worker's window", "legion_tui.cli.attach", issue_argument),
    Command("send", "tell an idle worker something", "legion_tui.cli.send", _send),
    Command("interrupt", "stop what a busy worker does", "legion_tui.cli.interrupt", _interrupt),
    Command("stop", "end a worker; its worktree and transcript stay", "legion_tui.cli.stop", _stop),
    Command("resume", "bring crashed, parked and rebooted-away workers back", "legion_tui.cli.resume", _resume),
    Command("clean", "remove worktrees and windows of finished issues", "legion_tui.cli.clean", _clean),
    Command("issue", "the project's tracker: list, show, add, move, label and more", "legion_tui.cli.issue", _issue),
    Command("log", "what was done, from the ledger", "legion_tui.cli.log", _log),
    Command("status-line", "one short line for tmux's status bar", "legion_tui.cli.status_line"),
    Command("hooks", "answer sessions started elsewhere by a hook, not by keys", "legion_tui.cli.hooks", _hooks),
    Command("trust", "what this legion.toml may do, and accept it", "legion_tui.cli.trust", _trust),
    Command("doctor", "what is found, what is missing, how to mend it", "legion_tui.cli.doctor", _doctor),
)
