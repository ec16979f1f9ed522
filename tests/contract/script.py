"""What an agent does on a prompt, written once: told to the real one by its API, to the stand-in as a play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

# `play:NAME` in a prompt sets off the script of that name, with the real agent and with the stand-in.
MARKER = "play"
# Stands for the file that the agent names in its own words when it plans.
PLAN_FILE = "{plan file}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a question."""

    label: str
    description: str
    preview: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of a dialog."""

    question: str
    header: str
    choices: tuple[Choice, ...]
    multi_select: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Text."""

    text: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Nothing more comes until the test lets it."""

    name: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One dialog of up to four questions."""

    questions: tuple[Asked, ...]

    @property
    def wire(self) -> dict[str, Any]:
        """The tool's input."""
        return {"questions": [_question(asked) for asked in self.questions]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bash:
    """A command; the agent asks before it runs it unless its settings allow it."""

    command: str
    description: str

    @property
    def wire(self) -> dict[str, Any]:
        """The tool's input."""
        return {"command": self.command, "description": self.description}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool call as the API sends it; the agent asks before it makes a change."""

    name: str
    input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """A command that goes on running in the background."""

    command: str

    @property
    def wire(self) -> dict[str, Any]:
        """The tool's input."""
        return {"command": self.command, "description": "Serve in the background", "run_in_background": True}


@dataclass(frozen=True, slots=True)
class SubAgent:
    """An agent that the agent starts, for one command that it has to ask for; the play `play` is what it does."""

    task: str
    bash: Bash
    play: str

    @property
    def wire(self) -> dict[str, Any]:
        """The tool's input."""
        return {
            "description": self.task,
            "prompt": f"{self.task}. ({MARKER}:{self.play})",
            "subagent_type": "general-purpose",
        }

    @property
    def script(self) -> Sequence[Act]:
        """What it does on its prompt."""
        return ((self.bash,), (Say("That is what came of it."),))


Block = Say | Gate | Ask | Bash | Tool | Server | SubAgent
Reply = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that is handed over for approval; three replies of the real API."""

    text: str
    opening: str = "The plan is ready."


class Failure(Enum):
    """An error that ends the turn: what the API answers, and the stand-in's name for it."""

    BILLING = (
        "billing",
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. "
        "Please go to Plans & Billing to upgrade or purchase credits.",
    )
    RATE_LIMIT = (
        "rate_limit",
        429,
        "rate_limit_error",
        "This request would exceed your account's rate limit. Please try again later.",
    )

    def __init__(self, standin: str, status: int, kind: str, message: str) -> None:
        self.standin = standin
        self.status = status
        self.kind = kind
        self.message = message


Act = Reply | Plan | Failure

# What the server sends in one response.
Part = Say | Gate | Tool
Response = tuple[Part, ...] | Failure


def responses(script: Sequence[Act]) -> tuple[Response, ...]:
    """Return what the API answers, request after request."""
    found: list[Response] = []
    for act in script:
        if isinstance(act, Plan):
            found += [
                (Tool("Write", {"file_path": PLAN_FILE, "content": act.text}),),
                # The tool that hands a plan over is one that has to be looked up first.
                (Tool("ToolSearch", {"query": "select:ExitPlanMode"}),),
                (Say(act.opening), Tool("ExitPlanMode")),
            ]
        elif isinstance(act, Failure):
            found.append(act)
        else:
            found.append(tuple(_part(block) for block in act))
    return tuple(found)


def steps(script: Sequence[Act]) -> list[dict[str, Any]]:
    """Return the same as the stand-in's steps."""
    found: list[dict[str, Any]] = []
    for act in script:
        if isinstance(act, Plan):
            found += [{"say": act.opening}, {"plan": act.text}]
        elif isinstance(act, Failure):
            found.append({"error": act.standin})
        else:
            found += _steps(act)
    return found


def scenario(plays: Mapping[str, Sequence[Act]]) -> dict[str, Any]:
    """Return the stand-in's whole scenario."""
    return {"marker": MARKER, "pace_seconds": 0.05, "plays": {name: steps(script) for name, script in plays.items()}}


def _steps(reply: Reply) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    # Dialogs of one message are called together, and asked one after the other.
    together: list[dict[str, Any]] = []
    for block in reply:
        match block:
            case Say(text):
                found.append({"say": text})
            case Gate(name):
                found.append({"gate": name})
            case Ask():
                together.append(block.wire)
            case Bash():
                found.append({"tool": "Bash", "input": block.wire, "permit": True})
            case SubAgent(task, bash):
                found.append({"agent": task, "tool": "Bash", "input": bash.wire})
            case Server():
                found.append({"shell": 1})
            case Tool(name, given):
                found.append({"tool": name, "input": dict(given), "permit": True})
    return [*found, {"ask": together}] if together else found


def _part(block: Block) -> Part:
    match block:
        case Ask():
            return Tool("AskUserQuestion", block.wire)
        case Bash() | Server():
            return Tool("Bash", block.wire)
        case SubAgent():
            return Tool("Agent", block.wire)
        case _:
            return block


def _question(asked: Asked) -> dict[str, Any]:
    return {
        "question": asked.question,
        "header": asked.header,
        "multiSelect": asked.multi_select,
        "options": [
            {
                "label": choice.label,
                "description": choice.description,
                **({"preview": choice.preview} if choice.preview else {}),
            }
            for choice in asked.choices
        ],
    }
