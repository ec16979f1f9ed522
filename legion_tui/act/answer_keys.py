"""The closed loop: a look before every key, and nothing is pressed on a screen that is not the question's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from legion_tui.act.answer_choices import in_one_line
from legion_tui.act.looking import Sight
from legion_tui.act.reach import NO_PANE
from legion_tui.agents.protocol import Agent, Key, Paste, Refuse, Sent, Wait
from legion_tui.errors import RefusedError
from legion_tui.state.questions import Answer, Question
from legion_tui.state.workers import WorkerState
from legion_tui.tmux import Tmux

# A key that the dialog dropped leaves no trace: it is pressed again after this time, so often at most.
COMMIT_SECONDS = 1.5
CHANGE_SECONDS = 1.0
TRIES = 3
# A page that replaces another one drops keys for a moment.
PAGE_SECONDS = 0.3
_LOOK_EVERY_SECONDS = 0.03
# Keys that may be pressed once too often: the next look puts it right.
_WALKING = frozenset({"Up", "Down", "Tab", "BTab"})
# Four questions of four boxes with words and a walk to their ends need fewer.
_MOST_STEPS = 80


@dataclass(frozen=True, slots=True)
class Driven:
    """How far it came: the steps that were sent, and why it stopped short."""

    pressed: int
    refused: str = ""


def refusal(sight: Sight, question: Question) -> str:
    """Return why no key may go to this pane now; empty when one may."""
    worker, pane = sight.worker, sight.pane
    if question.unanswerable:
        return question.unanswerable
    if pane is None:
        return NO_PANE
    if pane.dead:
        return "the agent's process is gone"
    if pane.in_mode:
        return "the pane is in copy mode"
    if pane.shell_in_front:
        return "a shell is in front in its pane"
    if worker is None or not worker.live:
        return "the agent's process is gone"
    if worker.state in (WorkerState.SUSPENDED, WorkerState.UNKNOWN):
        return f"the agent is {worker.state}"
    if worker.question is None:
        return "the question was answered meanwhile"
    return (
        "" if worker.question.id == question.id else f"the question changed: it is now {in_one_line(worker.question)!r}"
    )


class Driver:
    """Answers one question."""

    def __init__(
        self,
        tmux: Tmux,
        agent: Agent,
        look: Callable[[], Awaitable[Sight]],
        sleep: Callable[[float], Awaitable[None]],
        seconds: Callable[[], float],
    ) -> None:
        """Take the parts; `look` reads the worker, its pane and its screen anew."""
        self._tmux = tmux
        self._agent = agent
        self._look = look
        self._sleep = sleep
        self._seconds = seconds
        self.pressed = 0

    def first(self, question: Question, answers: Sequence[Answer], sight: Sight) -> None:
        """Raise RefusedError where this screen allows no first step."""
        step = self._agent.step(question, answers, sight.lines, 0)
        if isinstance(step, Refuse):
            raise RefusedError("not answered", step.why)

    async def drive(self, question: Question, answers: Sequence[Answer]) -> Driven:
        """Press keys until the dialog has what it needs. TmuxError, AgentError; `pressed` tells how far it came."""
        tries = 0
        while self.pressed < _MOST_STEPS:
            sight = await self._look()
            if self.pressed and _over(sight, question):
                return Driven(self.pressed)
            why = refusal(sight, question)
            if why:
                return Driven(self.pressed, why)
            step = self._agent.step(question, answers, sight.lines, self.pressed)
            if isinstance(step, Sent):
                return Driven(self.pressed)
            if isinstance(step, Refuse):
                return Driven(self.pressed, step.why)
            if tries == TRIES:
                return Driven(self.pressed, step.why if isinstance(step, Wait) else "the dialog takes no keys")
            moved = await self._press(question, answers, sight, step)
            tries = 0 if moved else tries + 1
        return Driven(self.pressed, "the dialog did not come to an end")

    async def _press(
        self, question: Question, answers: Sequence[Answer], sight: Sight, step: Key | Paste | Wait
    ) -> bool:
        """Send one step and wait until the screen shows it; False when it never did."""
        pane_id = sight.pane.pane_id if sight.pane is not None else ""
        # Counted before it is sent: a key that tmux did not answer for may have arrived.
        match step:
            case Key(name=name):
                self.pressed += 1
                await self._tmux.send_key(pane_id, name)
            case Paste(text=text):
                self.pressed += 1
                await self._tmux.paste(pane_id, text)
        patient = isinstance(step, Paste) or (isinstance(step, Key) and step.commits)
        deadline = self._seconds() + (COMMIT_SECONDS if patient else CHANGE_SECONDS)
        walking = isinstance(step, Key) and step.name in _WALKING
        while self._seconds() < deadline:
            await self._sleep(_LOOK_EVERY_SECONDS)
            capture = (await self._tmux.capture([pane_id], colour=True)).get(pane_id)
            if capture is None:
                return True
            following = self._agent.step(question, answers, capture.lines, self.pressed)
            if following != step or (walking and capture.lines != sight.lines):
                if patient and not isinstance(following, Sent):
                    await self._sleep(PAGE_SECONDS)
                return True
        return False


def _over(sight: Sight, question: Question) -> bool:
    """Whether the agent asks something else, or nothing, after what was pressed."""
    worker = sight.worker
    return worker is None or not worker.live or worker.question is None or worker.question.id != question.id
