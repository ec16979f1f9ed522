"""The life cycle of a worker: which transitions there are, held by python-statemachine.

Its import costs most of a tenth of a second, so this module is imported where a transition is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from statemachine import State, StateMachine
from statemachine.exceptions import TransitionNotAllowed

from legion_tui.errors import IllegalTransitionError
from legion_tui.state.life import LifeEvent, LifeState, Transition

# What a driver wants: the event, the reason in words, and what it was seen by.
Wanted = tuple[LifeEvent, str, str]
# Is told of every transition, in order, after it was made.
Observer = Callable[[Transition], None]


class Lifecycle(StateMachine):
    """From its creation to its end; one machine for each life.

    A process that leaves cleanly and can be resumed is parked, whether it was at work, at rest or interrupted then.
    """

    created = State(value=LifeState.CREATED.value, initial=True)
    queued = State(value=LifeState.QUEUED.value)
    running = State(value=LifeState.RUNNING.value)
    idle = State(value=LifeState.IDLE.value)
    interrupted = State(value=LifeState.INTERRUPTED.value)
    parked = State(value=LifeState.PARKED.value)
    completed = State(value=LifeState.COMPLETED.value, final=True)
    failed = State(value=LifeState.FAILED.value, final=True)

    enqueue = created.to(queued)
    start = queued.to(running)
    rest = running.to(idle)
    work = idle.to(running) | interrupted.to(running)
    interrupt = running.to(interrupted) | idle.to(interrupted)
    park = running.to(parked) | idle.to(parked) | interrupted.to(parked)
    resume = parked.to(running)
    complete = running.to(completed) | idle.to(completed) | interrupted.to(completed)
    fail = created.to(failed) | queued.to(failed) | running.to(failed) | idle.to(failed) | interrupted.to(failed)


class _Recorder:
    """Listens to a machine, and tells its observers."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers
        self.reason = ""
        self.evidence = ""

    def after_transition(self, event: str, source: State, target: State) -> None:
        made = Transition(
            event=LifeEvent(event),
            source=LifeState(source.value),
            target=LifeState(target.value),
            reason=self.reason,
            evidence=self.evidence,
        )
        for observer in self._observers:
            observer(made)


def pass_through(state: LifeState | None, wanted: Iterable[Wanted], observers: Sequence[Observer] = ()) -> LifeState:
    """Take a life that stands at `state` (None: not begun) through these events, and return where it stands then.

    Observers are told of each step before the next one. IllegalTransitionError for the first that is not allowed; what
    was before it has been made and told.
    """
    recorder = _Recorder(observers)
    machine = _machine(state, recorder) if state is not None else None
    for event, reason, evidence in wanted:
        recorder.reason, recorder.evidence = reason, evidence
        if event is LifeEvent.CREATE:
            if machine is not None:
                raise IllegalTransitionError("not created", f"this life is {_state(machine)} already")
            machine = _machine(LifeState.CREATED, recorder)
            begun = Transition(event=event, source=None, target=LifeState.CREATED, reason=reason, evidence=evidence)
            for observer in observers:
                observer(begun)
            continue
        if machine is None:
            raise IllegalTransitionError(f"cannot {event}", "this life has not begun")
        before = _state(machine)
        try:
            machine.send(event.value)
        except TransitionNotAllowed as error:
            raise IllegalTransitionError(f"cannot {event}", f"a life that is {before} does not {event}") from error
    if machine is None:
        raise IllegalTransitionError("no life", "nothing was to be done with it")
    return _state(machine)


def allows(state: LifeState, event: LifeEvent) -> bool:
    """Whether a life that stands at `state` takes this event."""
    return event.value in {allowed.id for allowed in _machine(state).allowed_events}


def diagram() -> str:
    """Return the machine as a Mermaid state diagram, for the docs."""
    return f"{Lifecycle:mermaid}".rstrip() + "\n"


def _machine(state: LifeState, *listeners: object) -> Lifecycle:
    return Lifecycle(start_value=state.value, listeners=list(listeners))


def _state(machine: Lifecycle) -> LifeState:
    (value,) = machine.configuration_values
    return LifeState(str(value))
