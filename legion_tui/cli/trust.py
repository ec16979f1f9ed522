"""`legion-tui trust`: what a `legion.toml` may do, and accepting it."""

from __future__ import annotations

import argparse
import sys

import anyio

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, say
from legion_tui.cli.projects import trust
from legion_tui.errors import RefusedError
from legion_tui.state.text import clean


async def run(context: Context, options: argparse.Namespace) -> int:
    """Show what is inert, and put it in force when a person says so."""
    refuse_agents("trust")
    place = context.needed_place()
    if place.trusted:
        say(f"{place.file}: trusted, every key is in force")
        return 0
    say(f"{place.file} says:\n")
    say(clean(place.data.decode("utf-8")))
    say("Until it is trusted, these do nothing: " + ", ".join(place.inert))
    if not options.yes:
        if not sys.stdin.isatty():
            raise RefusedError("not trusted", "nobody is there to be asked", "run: legion-tui trust --yes")
        say("Put them in force? They can start programs and write files as you. [y/N] ")
        answer = await anyio.to_thread.run_sync(sys.stdin.readline)
        if answer.strip().lower() not in ("y", "yes"):
            raise RefusedError("not trusted", "nothing was changed")
    await anyio.to_thread.run_sync(trust, place.file, place.data, context.environ)
    say("trusted")
    return 0
