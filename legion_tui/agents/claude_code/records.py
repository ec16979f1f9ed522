"""What was read of one agent, as the adapter keeps it in a sighting."""

from __future__ import annotations

from dataclasses import dataclass

from legion_tui.agents.claude_code.hook import Waiting
from legion_tui.agents.claude_code.status_file import StatusFile
from legion_tui.agents.claude_code.transcript import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The status file and the transcript of one agent, each with what is wrong with it.

    `lives`: the process of the status file is there and is the one that wrote it.
    """

    status: StatusFile | None = None
    status_problem: str = ""
    lives: bool = False
    transcript: Transcript | None = None
    transcript_problem: str = ""
    # The transcript was read from its first line, so its sums are those of the whole session.
    transcript_whole: bool = False
    # Those of the agents that it started, the newest first; read only while it waits for a permission.
    sub_agents: tuple[Transcript, ...] = ()
    # Other live processes that hold the same session.
    others: tuple[int, ...] = ()
    # Our hooks that wait in this session, oldest first.
    hooks: tuple[Waiting, ...] = ()
