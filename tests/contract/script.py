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
# So long the agent waits before it tries a request again.
RETRY_SECONDS = 4


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SubAgent:
    """An agent that the agent starts; the play `play` is what it does: it asks for its command, or waits."""

    task: str
    play: str
    bash: Bash | None = None
    gate: str = ""

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
        waits = (Gate(self.gate),) if self.gate else ()
        asks = ((self.bash,),) if self.bash is not None else ()
        return (*asks, (*waits, Say("That is what came of it.")))


Block = Say | Gate | Ask | Bash | Tool | Server | SubAgent
Reply = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that is handed over for approval; three replies of the real API."""

    text: str
    opening: str = "The plan is ready."


class Failure(Enum):
    """An error of the API: what it answers, the stand-in's name for it, and whether it is tried again."""

    BILLING = (
        "billing",
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. "
        "Please go to Plans & Billing to upgrade or purchase credits.",
    )
    TOO_LONG = ("invalid_request", 400, "invalid_request_error", "prompt is too long: 1000014 tokens > 1000000 maximum")
    LOGIN = ("login", 401, "authentication_error", "invalid x-api-key")
    FORBIDDEN = ("forbidden", 403, "permission_error", "Your account does not have access to this.")
    RATE_LIMIT = (
        "rate_limit",
        429,
        "rate_limit_error",
        "This request would exceed your account's rate limit. Please try again later.",
    )
    LIMIT = ("limit", 429, "rate_limit_error", "You've hit your session limit · resets 11:30pm")
    INTERNAL = ("internal", 500, "api_error", "Internal server error")
    OVERLOADED = ("server", 529, "overloaded_error", "Overloaded")

    def __init__(self, standin: str, status: int, kind: str, message: str) -> None:
        self.standin = standin
        self.status = status
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Retrying:
    """An error that is tried again until the test lets it go on with the reply."""

    failure: Failure
    gate: str
    reply: Reply

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the server sends when it is let go on."""
        return tuple(_part(block) for block in self.reply)


Act = Reply | Plan | Failure | Retrying

# What the server sends in one response.
Part = Say | Gate | Tool
Response = tuple[Part, ...] | Failure | Retrying


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
        elif isinstance(act, Failure | Retrying):
            found.append(act)
        else:
            found.append(tuple(_part(block) for block in act))
    return tuple(found)


def steps(script: Sequence[Act]) -> list[dict[str, Any]]:
    """Return the same as the stand-in's steps."""
    found: list[dict[str, Any]] = []
    in_background = False
    for act in script:
        # What is said after an agent was started ends the turn, but for the agent.
        waits, in_background = in_background, _starts_agent(act)
        if isinstance(act, Plan):
            found += [{"say": act.opening}, {"plan": act.text}]
        elif isinstance(act, Failure):
            found.append({"error": act.standin})
        elif isinstance(act, Retrying):
            text = f"{act.failure.status} {act.failure.message}"
            found.append({"retry": {"text": text, "gate": act.gate, "seconds": RETRY_SECONDS}})
            found += _steps(act.reply)
        else:
            found += _steps(act)
        if waits:
            found.append({"agents": True})
    return found


def scenario(plays: Mapping[str, Sequence[Act]], *, compacts: Reply = ()) -> dict[str, Any]:
    """Return the stand-in's whole scenario; a compaction that the user asks for waits at the gate in `compacts`."""
    gates = [block.name for block in compacts if isinstance(block, Gate)]
    return {
        "marker": MARKER,
        "pace_seconds": 0.05,
        "plays": {name: steps(script) for name, script in plays.items()},
        **({"compacts": {"compact": 0, "gate": gates[0]}} if gates else {}),
    }


def _starts_agent(act: Act) -> bool:
    return isinstance(act, tuple) and any(isinstance(block, SubAgent) and block.bash is None for block in act)


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
            case SubAgent(task=task, bash=Bash() as bash):
                found.append({"agent": task, "tool": "Bash", "input": bash.wire})
            case SubAgent(task=task, gate=gate):
                found.append({"agent": task, "gate": gate})
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
