"""What a screen shows, by its last lines and nothing else: what the agent prints above could be anything. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from legion_tui.agents.claude_code.dialogs import read_dialog
from legion_tui.agents.claude_code.rows import Dialog, is_rule, one_line
from legion_tui.agents.claude_code.sgr import plain_lines, with_dimness
from legion_tui.agents.protocol import Box

# The prompt box's mark is followed by a no-break space, a dialog's pointer by a plain one.
_BOX = re.compile(r"[❯!#]\u00a0(.*)", re.DOTALL)
_PROMPT = "❯"
# The upper rule of a box that holds more lines than it shows; none of those has the mark.
_OFFERED = re.compile(r"  ❯ (/\S+)(?: .*)?")
_MORE = re.compile(r"─{3} ↑ \d+ more ─+.*")
_HINTS = ("Resend your message to try again", "Once fixed, resend your message", "Press up to edit queued messages")
# A footer and a status line of the user's; a list of suggestions is longer.
_BELOW_BOX = 10
_NAME_RULE = re.compile(r"─{2,} \S.* ─")
_PANE_DEAD = re.compile(r"Pane is dead( \(.*\))?")
_SPINNER = re.compile(r"[·✢✳✶✻✽*] (?P<what>\S.*)")
_RETRY = re.compile(r"(?P<why>.*?) ·? ?retrying in \S+ · attempt (?P<attempt>\d+)/(?P<of>\d+)")
_AGENTS = re.compile(r"Waiting for (\d+) background agents? to finish")
_TRANSCRIPT_VIEW = re.compile(r"  (dialog waiting · )?Showing detailed transcript · .*")
_SUSPENDED = "Claude Code is suspended. Run"
_RESUMABLE = "Resume this session with:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One look at a pane. At most one of `box`, `dialog`, `transcript_view` and `suspended` has the keyboard."""

    # The prompt box is there; `draft` is what is typed in it, a hint of the agent's is none.
    box: bool = False
    # `!` and `#`: what is typed is run in a shell, or noted, and is no prompt.
    mark: str = _PROMPT
    draft: str = ""
    # The box shows the end of the draft only.
    clipped: bool = False
    # The marked one of the commands that are listed above the box.
    offers: str = ""
    dialog: Dialog | None = None
    transcript_view: bool = False
    suspended: bool = False
    # It left, and told how to come back.
    left: bool = False
    # The pane is dead; what it shows is what it showed last.
    dead: bool = False
    # The footer offers Escape to interrupt.
    interruptible: bool = False
    # The line of the spinner, as far as it is one that moves: `Fermenting… (3s · ↓ 7 tokens)`.
    spinner: str = ""
    compacting: bool = False
    attempt: int | None = None
    attempts: int | None = None
    retry_reason: str = ""
    background_agents: int = 0
    # A dialog waits behind a draft that somebody types.
    held_back: bool = False
    interrupted: bool = False
    error: str = ""


def read_screen(lines: Sequence[str]) -> Screen:
    """Return what is on these lines, coloured or plain, one string a row. Never raises."""
    plain = plain_lines(lines)
    end = _end(plain)
    if not end:
        return Screen()
    if _PANE_DEAD.fullmatch(plain[end - 1]):
        return Screen(dead=True, left=any(_RESUMABLE in line for line in plain[:end]))
    shown = plain[:end]
    if _TRANSCRIPT_VIEW.fullmatch(shown[-1]):
        return Screen(transcript_view=True)
    box = _box(shown)
    # What stands below the box was written after it; without a box, the last lines tell.
    ending = [line for line in (shown[box[1] + 1 :] if box is not None else shown[-8:]) if line.strip()]
    suspended = any(line.startswith(_SUSPENDED) for line in ending)
    left = any(line.startswith(_RESUMABLE) for line in ending)
    if suspended or left:
        return Screen(suspended=suspended, left=left)
    if box is not None and len(shown) - box[1] <= _BELOW_BOX:
        return _with_box(lines, shown, *box)
    dialog = read_dialog(shown)
    if dialog is not None:
        return Screen(dialog=dialog)
    return Screen() if box is None else _with_box(lines, shown, *box)


def _box(shown: Sequence[str]) -> tuple[int, int] | None:
    """Return the first row of the prompt box and the rule that ends it."""
    for first in range(len(shown) - 1, 0, -1):
        marked = _BOX.fullmatch(shown[first]) and is_rule(shown[first - 1])
        if marked or _MORE.fullmatch(shown[first - 1]):
            rule = next((i for i in range(first + 1, len(shown)) if is_rule(shown[i])), None)
            return None if rule is None else (first, rule)
    return None


def _with_box(lines: Sequence[str], shown: Sequence[str], first: int, rule: int) -> Screen:
    footer = one_line(shown[rule + 1 :])
    clipped = _MORE.fullmatch(shown[first - 1]) is not None
    spinner = attempt = attempts = None
    why, agents, error, interrupted, held = "", 0, "", False, False
    for line in _last_block(shown[: first - 1]):
        if (match := _SPINNER.fullmatch(line)) is not None:
            what = match["what"]
            retry = _RETRY.fullmatch(what)
            if retry is not None:
                attempt, attempts, why = int(retry["attempt"]), int(retry["of"]), retry["why"].strip(" ·")
            elif "…" in what.split(" (")[0]:
                spinner = what
            elif (waiting := _AGENTS.fullmatch(what)) is not None:
                agents = int(waiting[1])
        words = " ".join(line.split())
        if words.startswith(("●", "✻")):
            # Whatever the agent says after an error or an interruption ends it.
            interrupted, error = False, ""
            agents = agents if "background agent" in words else 0
        held = held or words == "Waiting for permission…"
        interrupted = interrupted or words.startswith(
            ("⎿ Interrupted · What should Claude do instead?", "● Declined to answer Claude's questions")
        )
        if words.startswith(("● API Error", "⎿ API Error", "⎿ Credit balance too low")):
            error = words[2:]
    return Screen(
        box=True,
        mark=shown[first][:1] if not clipped else _PROMPT,
        clipped=clipped,
        offers=_offered(shown[: first - 1]),
        draft=_draft(lines, shown, first, rule),
        interruptible="esc to interrupt" in footer,
        spinner=spinner or "",
        compacting=(spinner or "").startswith("Compacting"),
        attempt=attempt,
        attempts=attempts,
        retry_reason=why,
        background_agents=agents,
        held_back=held,
        interrupted=interrupted,
        error=error,
    )


def _offered(above: Sequence[str]) -> str:
    """Return the command that is marked in the list right above the box, empty without a list."""
    for line in reversed(above[-_BELOW_BOX:]):
        if (found := _OFFERED.fullmatch(line)) is not None:
            return found[1]
        if not line.startswith("    "):
            break
    return ""


def _last_block(above: Sequence[str]) -> Sequence[str]:
    """Return the lines since the last prompt of the user, at most 12: what the newest turn ended with."""
    start = max(0, len(above) - 200)
    for index in range(len(above) - 1, start - 1, -1):
        if above[index].startswith("❯ "):
            start = index + 1
            break
    said = [line for line in above[start:] if line.strip()]
    return said[-12:]


def _draft(lines: Sequence[str], shown: Sequence[str], first: int, rule: int) -> str:
    """Return what is typed in the box; dim text is the agent's own hint."""
    text = " ".join(" ".join([shown[first][2:], *shown[first + 1 : rule]]).split())
    if not text or text in _HINTS or with_dimness(lines, first).all_dim(2):
        return ""
    return text


def _end(plain: Sequence[str]) -> int:
    """Return where the lines that matter end: blank ones do not, nor the rule with the session's name.

    Measured: under a dialog that rule is the very last row of the pane, however far below the dialog's footer.
    """
    end = len(plain)
    while end and (not plain[end - 1].strip() or _NAME_RULE.fullmatch(plain[end - 1])):
        end -= 1
    return end


def at_rest(lines: Sequence[str]) -> bool:
    """Whether these lines show the prompt box, empty and with the keyboard."""
    box = box_of(read_screen(lines))
    return box.shown and not box.text and not box.working


def box_of(screen: Screen) -> Box:
    """Return what a screen shows of the prompt box."""
    return Box(
        shown=screen.box and not screen.held_back,
        text=screen.draft if screen.mark == _PROMPT else f"{screen.mark}{screen.draft}",
        clipped=screen.clipped,
        offers=screen.offers,
        working=screen.interruptible or bool(screen.spinner) or screen.attempt is not None,
    )
