from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.claude_code.hook import Waiting
from legion_tui.agents.claude_code.hook.decision import Request
from legion_tui.agents.claude_code.hook.spool import HEADLESS
from legion_tui.agents.claude_code.limits import limit_of
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.status_file import StatusFile
from legion_tui.agents.claude_code.transcript import Spent, Transcript, TurnState
from legion_tui.agents.protocol import Sighting
from legion_tui.processes import ProcessFacts
from legion_tui.state.names import Mode
from legion_tui.state.panes import Pane
from legion_tui.state.questions import Channel, QuestionKind
from legion_tui.state.workers import Rung, Turn, Worker, WorkerState
from tests.support.claude_code import CLASSIC, DATA, FULL, lines, screens, transcript

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=10)
AGENT = ClaudeCode(DATA)
PANE = Pane(
    pane_id="%1",
    window_id="@1",
    session_id="$1",
    session_name="s",
    window_name="eng-1-implement",
    pid=7,
    command="claude",
)
STATUS = StatusFile(pid=7, session_id="s1", started_at=LONG_AGO, status="idle", status_at=LONG_AGO, version="2.1.328")
LIVES = ProcessFacts(7, LONG_AGO.timestamp(), False, "claude", 1)


def sighting(
    status: StatusFile | None = STATUS,
    *,
    pane: Pane | None = PANE,
    lives: bool = True,
    process: ProcessFacts | None = LIVES,
    told: Transcript | None = None,
    others: tuple[int, ...] = (),
    told_to_end: bool = False,
) -> Sighting:
    return Sighting(
        session_id="s1",
        issue="ENG-1",
        mode=Mode.IMPLEMENT,
        pane=pane,
        pid=7,
        process=process,
        started_at=status.started_at if status else None,
        told_to_end=told_to_end,
        records=Records(
            status=status,
            lives=lives and status is not None,
            transcript=told,
            transcript_whole=True,
            others=others,
        ),
    )


def judged(seen: Sighting, screen: str = "") -> Worker:
    """The worker, with a recorded screen (`scenario.moment`, or with the size between them)."""
    if not screen:
        return AGENT.judge(seen, None, NOW)
    parts = screen.split(".")
    name = screen if len(parts) == 3 else f"{parts[0]}.{FULL}.{parts[1]}"
    return AGENT.judge(seen, lines(name), NOW)


def says(status: str, waiting_for: str = "", *, ago: float = 600) -> StatusFile:
    return replace(STATUS, status=status, waiting_for=waiting_for, status_at=NOW - timedelta(seconds=ago))


def decided(worker: Worker) -> list[Rung]:
    return [piece.rung for piece in worker.evidence if piece.decided]


ENDED = Transcript(turn=TurnState.ENDED, turn_at=LONG_AGO, prompt_at=LONG_AGO)
RUNNING = Transcript(turn=TurnState.RUNNING, turn_at=LONG_AGO, prompt_at=LONG_AGO)


@pytest.mark.parametrize(
    ("seen", "screen", "state", "rung"),
    [
        (sighting(told=ENDED), "", "idle", Rung.STATUS_FILE),
        (sighting(says("shell"), told=ENDED), "", "idle", Rung.STATUS_FILE),
        (sighting(says("busy"), told=RUNNING), "", "busy", Rung.STATUS_FILE),
        (sighting(says("busy"), told=RUNNING), "err429.attempt-3", "retrying", Rung.SCREEN),
        (sighting(says("busy"), told=RUNNING), "busy.text-streamed", "busy", Rung.STATUS_FILE),
        (sighting(says("")), "", "starting", Rung.STATUS_FILE),
        (sighting(says("dreaming")), "", "unknown", Rung.STATUS_FILE),
        (sighting(says("waiting", "dialog open")), "config.config-open", "dialog", Rung.STATUS_FILE),
        (sighting(says("waiting", "goal proposal")), "", "dialog", Rung.STATUS_FILE),
        (sighting(told=transcript("err400")), "", "error", Rung.TRANSCRIPT),
        (sighting(told=transcript("err429x")), "", "error", Rung.TRANSCRIPT),
        (sighting(told=transcript("interrupted")), "", "interrupted", Rung.TRANSCRIPT),
        (sighting(told=transcript("escape")), "escape.declined", "interrupted", Rung.TRANSCRIPT),
        # Escape before the first output leaves no record: the prompt stands in the box again.
        (sighting(told=transcript("interrupted_early")), "interrupted_early.later", "unsubmitted", Rung.SCREEN),
        (sighting(told=RUNNING), "interrupted.interrupted", "interrupted", Rung.SCREEN),
        (sighting(told=Transcript()), "draft.draft", "unsubmitted", Rung.SCREEN),
        (sighting(told=ENDED), "draft.draft", "idle", Rung.STATUS_FILE),
        (sighting(process=replace(LIVES, stopped=True)), "", "suspended", Rung.STATUS_FILE),
        (sighting(pane=None), "", "idle", Rung.STATUS_FILE),
        # Remains: the process is gone.
        (sighting(lives=False, process=None), "", "crashed", Rung.STATUS_FILE),
        (sighting(lives=False, process=None, pane=None), "", "crashed", Rung.STATUS_FILE),
        (sighting(lives=False, process=None, pane=replace(PANE, command="bash")), "", "crashed", Rung.TMUX),
        (sighting(lives=False, process=None, pane=replace(PANE, dead=True)), "", "crashed", Rung.TMUX),
        (sighting(lives=False, process=None, pane=replace(PANE, dead=True, dead_status=0)), "", "crashed", Rung.TMUX),
        (sighting(None, pane=replace(PANE, dead=True, dead_status=1)), "", "crashed", Rung.TMUX),
        (sighting(None, pane=replace(PANE, dead=True, dead_status=0)), "", "exited", Rung.TMUX),
        (sighting(None, pane=replace(PANE, dead=True)), "", "exited", Rung.TMUX),
        (sighting(None, pane=replace(PANE, command="-zsh")), "", "exited", Rung.TMUX),
        (sighting(None, pane=None, process=None), "", "gone", Rung.TMUX),
        # Ended from here: it left as it was told, by a signal.
        (sighting(None, pane=replace(PANE, dead=True, dead_status=143), told_to_end=True), "", "exited", Rung.TMUX),
        (sighting(lives=False, process=None, pane=None, told_to_end=True), "", "gone", Rung.TMUX),
        (sighting(told_to_end=True), "", "idle", Rung.STATUS_FILE),
        # A pane without a status file.
        (sighting(None), "trust.dialog", "startup_dialog", Rung.SCREEN),
        (sighting(None), "apikey.dialog", "startup_dialog", Rung.SCREEN),
        (sighting(None), "bypass.dialog", "startup_dialog", Rung.SCREEN),
        (sighting(None), "onboarding.first", "dialog", Rung.SCREEN),
        (sighting(None), "ask.dialog", "dialog", Rung.SCREEN),
        (sighting(None), "", "unknown", Rung.SCREEN),
        (sighting(None, told=RUNNING), "busy.text-streamed", "busy", Rung.SCREEN),
        (sighting(None, told=ENDED), "idle.idle", "idle", Rung.SCREEN),
        # One sign alone is none.
        (sighting(None, told=RUNNING), "idle.idle", "unknown", Rung.SCREEN),
        (sighting(None), "idle.idle", "unknown", Rung.SCREEN),
    ],
)
def test_states(seen: Sighting, screen: str, state: str, rung: Rung) -> None:
    worker = judged(seen, screen)
    assert (worker.state.value, decided(worker)) == (state, [rung] if screen or rung is not Rung.SCREEN else [])


@pytest.mark.parametrize(
    ("name", "waiting_for", "state", "kind"),
    [
        ("kill9", "input needed", WorkerState.QUESTION, QuestionKind.QUESTION),
        ("perm_bash", "permission prompt", WorkerState.PERMISSION, QuestionKind.PERMISSION),
        ("plan", "permission prompt", WorkerState.PLAN, QuestionKind.PLAN),
    ],
)
def test_what_is_asked(name: str, waiting_for: str, state: WorkerState, kind: QuestionKind) -> None:
    mark = "User has approved" if name == "plan" else '"tool_result"'
    worker = judged(sighting(says("waiting", waiting_for), told=transcript(name, until=mark)))
    assert worker.state is state
    assert worker.asking
    assert worker.question is not None
    assert (worker.question.kind, worker.question.unanswerable) == (kind, "")
    assert worker.turn is Turn.RUNNING
    assert not worker.conflict


def test_a_question_of_a_dead_agent_is_none() -> None:
    told = transcript("kill9")
    for seen in (
        sighting(says("waiting", "input needed"), lives=False, process=None, told=told),
        sighting(says("waiting", "input needed"), process=replace(LIVES, stopped=True), told=told),
        sighting(None, pane=None, process=None, told=told),
    ):
        worker = judged(seen)
        assert worker.question is None
        assert worker.state in (WorkerState.CRASHED, WorkerState.SUSPENDED, WorkerState.GONE)
        assert worker.turn is Turn.RUNNING  # cut off, not over


def test_a_moment_after_a_dialog_came_up_nothing_is_asked_that_may_be_over() -> None:
    old = transcript("perm_bash", until='"tool_result"')
    worker = judged(sighting(says("waiting", "permission prompt", ago=0.1), told=old))
    assert (worker.state, worker.question, worker.conflict) == (WorkerState.PERMISSION, None, False)


def test_waiting_without_a_pending_call_is_a_conflict_only_after_a_moment() -> None:
    fresh = judged(sighting(says("waiting", "input needed", ago=0.5), told=RUNNING))
    stale = judged(sighting(says("waiting", "input needed"), told=RUNNING))
    assert (fresh.state, fresh.conflict) == (WorkerState.QUESTION, False)
    assert (stale.state, stale.conflict, stale.asking) == (WorkerState.QUESTION, True, False)


def test_a_prompt_of_a_sub_agent_without_a_record_is_shown_and_not_answered() -> None:
    seen = sighting(says("waiting", "permission prompt"), told=ENDED)
    worker = judged(seen, "agent.sub-agent-permission")
    assert worker.state is WorkerState.PERMISSION
    assert worker.question is not None
    assert worker.question.unanswerable


def test_the_second_of_two_questions_is_asked_since_the_first_was_answered() -> None:
    from legion_tui.agents.claude_code.fold import read_lines
    from tests.support.claude_code import records

    data = records("askpar")
    first = next(i for i, line in enumerate(data) if b'"tool_result"' in line)
    told = read_lines(data[: first + 1])
    worker = judged(sighting(replace(says("waiting", "input needed"), status_at=told.pending[0].at), told=told))
    assert worker.question is not None
    assert worker.question.text == "Ship it now?"
    assert worker.question.asked_at == max(result.at for result in told.results.values() if result.at)


def test_idle_right_after_the_start_is_starting() -> None:
    now = replace(says("idle", ago=0.2), started_at=NOW - timedelta(seconds=0.5))
    assert judged(sighting(now)).state is WorkerState.STARTING
    told = Transcript(turn=TurnState.ENDED, turn_at=NOW, prompt_at=NOW)
    assert judged(sighting(now, told=told)).state is WorkerState.IDLE
    later = replace(now, started_at=NOW - timedelta(seconds=5))
    assert judged(sighting(later)).state is WorkerState.IDLE


def test_a_young_pane_without_a_status_file_is_starting() -> None:
    young = replace(LIVES, started_at=NOW.timestamp() - 2)
    for screen in ("", "idle.idle", "ask.dialog"):
        worker = judged(sighting(None, process=young), screen)
        assert worker.state in (WorkerState.STARTING, WorkerState.UNKNOWN), screen
    assert judged(sighting(None, process=young)).state is WorkerState.STARTING


def test_a_turn_that_ends_this_moment_is_no_conflict_and_a_stuck_record_is() -> None:
    assert not judged(sighting(says("idle", ago=0.5), told=RUNNING)).conflict
    worker = judged(sighting(told=RUNNING), "idle.idle")
    assert (worker.state, worker.conflict) == (WorkerState.IDLE, True)


def test_what_disagrees_is_a_conflict() -> None:
    assert judged(sighting(told=ENDED), "ask.dialog").conflict
    assert judged(sighting(says("busy"), told=RUNNING), "ask.dialog").conflict
    assert judged(sighting(pane=replace(PANE, command="bash"), told=ENDED)).conflict
    held = judged(sighting(told=ENDED, others=(99,)))
    assert held.conflict
    assert held.evidence[-1].value == "also held by pid 99"


def test_working_agents_in_the_background_keep_the_turn_running() -> None:
    worker = judged(sighting(says("busy"), told=replace(ENDED, background_agents=1)))
    assert (worker.turn, worker.state) == (Turn.RUNNING, WorkerState.BUSY)


def test_details() -> None:
    retry = judged(sighting(says("busy"), told=RUNNING), "err429.attempt-3").detail
    assert (retry.attempt, retry.of) == (3, 10)
    assert (retry.error or "").startswith("429 This request")
    assert judged(sighting(told=transcript("err400"))).detail.error == "Credit balance is too low"
    crashed = judged(sighting(None, pane=replace(PANE, dead=True, dead_status=1)))
    assert crashed.detail.error == "ended with status 1"


def test_what_a_worker_tells_of_itself() -> None:
    worker = judged(sighting(says("idle"), told=transcript("ask")))
    assert (worker.session_id, worker.issue, worker.mode) == ("s1", "ENG-1", Mode.IMPLEMENT)
    assert (worker.pane, worker.window, worker.session_name, worker.pid) == ("%1", "@1", "s", 7)
    assert (worker.model, worker.version, worker.branch) == ("claude-opus-5-5", "2.1.328", "main")
    assert worker.tested is True
    assert worker.last_words == "Postgres it is. I wrote the configuration."
    assert worker.tokens is not None
    assert (worker.tokens.input, worker.tokens.output, worker.tokens.context_percent) == (2400, 100, 0.7)
    assert worker.turn is Turn.ENDED
    assert worker.turn_at == datetime(2026, 11, 21, 4, 16, 3, 978000, UTC)


@pytest.mark.parametrize(("version", "tested"), [("2.2.0", False), ("2.1.328", True), ("", None)])
def test_a_version_is_known_to_be_covered_or_not(version: str, tested: bool | None) -> None:
    worker = judged(sighting(replace(STATUS, version=version)))
    assert (worker.version, worker.tested) == (version or None, tested)


def test_sums_of_a_part_are_not_told() -> None:
    told = Transcript(spent=Spent(input=5, output=5))
    seen = sighting(told=told)
    assert isinstance(seen.records, Records)
    partly = replace(seen, records=replace(seen.records, transcript_whole=False))
    assert judged(seen).tokens is not None
    assert judged(partly).tokens is None


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (sighting(told=ENDED), False),
        (sighting(told=transcript("interrupted")), True),
        (sighting(told=transcript("err400")), True),
        (sighting(told=RUNNING), True),
        (sighting(says("idle", ago=0.5), told=RUNNING), False),
        (sighting(says("busy", ago=5), told=RUNNING), False),
        (sighting(says("busy"), told=RUNNING), True),
        (sighting(says("busy"), told=replace(RUNNING, last_at=NOW - timedelta(seconds=9))), False),
        (sighting(says("waiting", "input needed"), told=transcript("kill9")), False),
        (sighting(says("waiting", "input needed"), told=RUNNING), True),
        (sighting(says("waiting", "permission prompt"), told=transcript("perm_bash", until="tool_result")), True),
        (sighting(says("waiting", "dialog open"), told=ENDED), True),
        (sighting(says(""), told=ENDED), True),
        (sighting(None), True),
        (sighting(None, pane=replace(PANE, command="bash")), False),
        (sighting(None, pane=replace(PANE, dead=True)), False),
        (sighting(None, pane=None), False),
        (sighting(process=replace(LIVES, stopped=True), told=RUNNING), False),
    ],
)
def test_whose_screen_is_looked_at(seen: Sighting, wanted: bool) -> None:
    assert AGENT.wants_screen(seen, NOW) is wanted


@pytest.mark.parametrize(
    ("kind", "text", "limited", "until"),
    [
        ("rate_limit", "API Error: Request rejected (429)", False, None),
        ("rate_limit", "You've hit your session limit · resets 6am", True, "06:00"),
        ("rate_limit", "You've hit your limit · resets 5:30am", True, "05:30"),
        ("unknown", "You've reached your weekly limit · resets Nov 24, 9am", True, "09:00"),
        ("rate_limit", "You've hit your limit · resets 4am", True, "09:00"),  # tomorrow: four hours are believed
        ("unknown", "You're out of usage credits", True, None),
        ("rate_limit", "You've hit your limit · resets Feb 31, 9am", True, None),
        ("billing_error", "Credit balance is too low", False, None),
    ],
)
def test_limits(kind: str, text: str, limited: bool, until: str | None) -> None:
    found = limit_of(kind, text, NOW)
    assert found == (limited, None if until is None else NOW.replace(hour=int(until[:2]), minute=int(until[3:])))


def test_a_limit_is_a_state_of_its_own() -> None:
    told = Transcript(
        turn=TurnState.ERROR, turn_at=LONG_AGO, error="rate_limit", error_text="You've hit your limit · resets 6am"
    )
    worker = judged(sighting(told=told))
    assert worker.state is WorkerState.RATE_LIMITED
    assert worker.detail.until == NOW.replace(hour=6)


_statuses = st.sampled_from(["", "idle", "shell", "busy", "waiting", "odd"])
_waits = st.sampled_from(["", "input needed", "permission prompt", "dialog open"])
_tells = st.sampled_from(["ask", "kill9", "escape", "err400", "plan", "askpar", "interrupted_early"])


@given(
    status=_statuses,
    waits=_waits,
    told=st.none() | _tells,
    screen=st.none() | st.sampled_from(screens()),
    pane=st.sampled_from([None, PANE, replace(PANE, dead=True), replace(PANE, command="bash")]),
    lives=st.booleans(),
    file=st.booleans(),
)
def test_judging_is_total_and_every_live_state_has_evidence(
    *, status: str, waits: str, told: str | None, screen: str | None, pane: Pane | None, lives: bool, file: bool
) -> None:
    seen = sighting(
        says(status, waits) if file else None,
        pane=pane,
        lives=lives,
        process=LIVES if lives else None,
        told=transcript(told, until='"tool_result"') if told else None,
    )
    worker = AGENT.judge(seen, None if screen is None else lines(screen), NOW)
    assert worker.evidence
    if worker.question is not None:
        assert worker.live
    if worker.state is WorkerState.GONE:
        assert pane is None
    AGENT.wants_screen(seen, NOW)


def test_a_foreign_sighting_is_judged_by_its_pane_alone() -> None:
    seen = Sighting(session_id="s", pane=PANE, records={"not": "ours"})
    assert AGENT.judge(seen, lines(f"idle.{CLASSIC}.idle"), NOW).state is WorkerState.UNKNOWN


def test_what_did_not_change_is_judged_once() -> None:
    agent, seen = ClaudeCode(DATA), sighting()
    first = agent.judge(seen, None, NOW)
    assert agent.judge(replace(seen), None, NOW + timedelta(hours=1)) is first
    assert agent.judge(seen, ("another", "screen"), NOW + timedelta(hours=1)) is not first


@pytest.mark.parametrize("seconds", [2.9, 3.0])
def test_time_alone_changes_what_was_judged(seconds: float) -> None:
    started = replace(STATUS, started_at=NOW, status_at=NOW)
    agent, seen = ClaudeCode(DATA), sighting(started, process=ProcessFacts(7, NOW.timestamp(), False, "claude", 1))
    assert agent.judge(seen, None, NOW).state is WorkerState.STARTING
    later = agent.judge(seen, None, NOW + timedelta(seconds=seconds))
    assert later == ClaudeCode(DATA).judge(seen, None, NOW + timedelta(seconds=seconds))
    assert (later.state is WorkerState.IDLE) is (seconds == 3.0)


def test_a_clock_that_was_set_back_brings_back_no_later_judgement() -> None:
    started = replace(STATUS, started_at=NOW, status_at=NOW)
    agent, seen = ClaudeCode(DATA), sighting(started)
    assert agent.judge(seen, None, NOW + timedelta(minutes=5)).state is WorkerState.IDLE
    assert agent.judge(seen, None, NOW + timedelta(seconds=1)).state is WorkerState.STARTING


@given(
    st.lists(st.floats(0, 200), min_size=2, max_size=6),
    st.sampled_from(["", "idle", "busy", "waiting", "shell"]),
    st.booleans(),
)
def test_judging_anew_would_have_told_the_same(moments: list[float], status: str, has_file: bool) -> None:
    said = replace(STATUS, status=status, started_at=NOW, status_at=NOW, waiting_for="input needed")
    seen = sighting(said if has_file else None, process=ProcessFacts(7, NOW.timestamp(), False, "claude", 1))
    agent = ClaudeCode(DATA)
    for seconds in sorted(moments):
        now = NOW + timedelta(seconds=seconds)
        assert agent.judge(seen, None, now) == ClaudeCode(DATA).judge(seen, None, now)


def test_what_a_client_without_a_screen_asks_needs_no_record_but_its_own() -> None:
    request = Request(tool_name="Bash", tool_input={"command": "touch a"})
    left = Waiting(
        id="1",
        folder=Path("/spool/1"),
        pid=8,
        session_id="s1",
        tool_use_id="toolu_of_a_sub_agent",
        request=request,
        since=NOW,
        origin=HEADLESS,
    )
    status = replace(STATUS, status="waiting", waiting_for="permission prompt")
    seen = sighting(status, pane=None)
    assert isinstance(seen.records, Records)
    worker = judged(replace(seen, records=replace(seen.records, hooks=(left,))))
    assert worker.state is WorkerState.PERMISSION
    assert worker.question is not None
    assert (worker.question.id, worker.question.text) == ("toolu_of_a_sub_agent", "touch a")
    assert worker.question.channel is Channel.HOOK
    # A hook that is one among several of a message says nothing for certain.
    hook = replace(left, origin="session")
    assert judged(replace(seen, records=replace(seen.records, hooks=(hook,)))).question is None
