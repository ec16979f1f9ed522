"""Bytes to typed configuration, loud about what it does not know; and what of it is believed."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from legion_tui.config.durations import seconds_of
from legion_tui.config.schema import (
    OF_TRACKERS,
    AutopilotSection,
    ProjectConfig,
    Section,
    TrackerSection,
    UserConfig,
    WorktreesSection,
)
from legion_tui.errors import ConfigError
from legion_tui.state import IssueStatus, Mode, short_id
from legion_tui.state.autopilot import ALLOWABLE, actions_of
from legion_tui.state.text import clean_line

# What may be believed of a file that came with a clone. Everything else could start a program, write elsewhere, or
# send a token somewhere, and waits for `legion-tui trust`.
SAFE_SECTIONS = frozenset({"project", "poll", "pipeline"})
SAFE_TRACKER_KEYS = frozenset({"kind", "repo", "team", "path"})

S = TypeVar("S", bound=Section)


def parse(data: bytes, kind: type[S], *, where: str) -> S:
    """Return the typed configuration in `data`; ConfigError names file and key."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(where, f"is not UTF-8 at byte {error.start}", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(where, f"is not valid TOML: {error}", "mend that line") from None
    except RecursionError:
        raise ConfigError(where, "is not valid TOML: nested too deeply", "no key here needs that") from None
    _refuse_unknown(raw, kind, where, ())
    try:
        return msgspec.convert(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong_value(error, kind, where) from None


def raw_tables(data: bytes) -> dict[str, Any]:
    """Return the tables of a file that `parse` has accepted."""
    return tomllib.loads(data.decode("utf-8"))


def without_effect(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that are set and do nothing with this tracker, as `section.key`."""
    tracker = raw.get("tracker")
    kind = tracker.get("kind", "local") if isinstance(tracker, Mapping) else "local"
    return tuple(key for key in _dotted(raw, "") if kind not in OF_TRACKERS.get(key, frozenset({kind})))


def _dotted(table: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in table.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{key}.")


def check_project(config: ProjectConfig, *, where: str) -> None:
    """Raise ConfigError where a value is of the right type and still cannot be meant."""
    try:
        short_id(config.project.id)
    except ValueError:
        what = f"project.id = {config.project.id!r} is no UUID" if config.project.id else "project.id is missing"
        raise ConfigError(where, what, "`legion-tui init` in an empty folder shows one") from None
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", config.project.key):
        raise ConfigError(where, f"project.key = {config.project.key!r}", 'a word such as key = "ENG" is needed')
    if not config.agent.command:
        raise ConfigError(where, "agent.command is empty", 'command = ["claude"]')
    _check_tracker(config.tracker, where)
    _check_worktrees(config.worktrees, where)
    check_numbers(config, where=where)


def _check_worktrees(worktrees: WorktreesSection, where: str) -> None:
    for pattern in worktrees.copy:
        if not pattern or pattern.startswith(("/", "~")) or ".." in pattern.split("/"):
            what = f"worktrees.copy: {clean_line(pattern, limit=100)!r}"
            raise ConfigError(where, what, 'a pattern below the project, such as ".env*" or "config/**/*.local"')
    if not all(argv and argv[0] for argv in worktrees.setup):
        raise ConfigError(where, "worktrees.setup holds an empty command", 'setup = [["uv", "sync"]]')


def _check_tracker(tracker: TrackerSection, where: str) -> None:
    repo = tracker.repo
    if tracker.kind == "github" and not (
        repo and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]{1,100}", repo)
    ):
        what = f"tracker.repo = {clean_line(repo, limit=100)!r}" if repo else "tracker.repo is missing"
        raise ConfigError(where, what, 'repo = "owner/name"')
    if tracker.kind == "linear" and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", tracker.team or ""):
        what = f"tracker.team = {clean_line(tracker.team, limit=60)!r}" if tracker.team else "tracker.team is missing"
        raise ConfigError(where, what, 'what the identifiers of its issues begin with: team = "ENG"')
    if tracker.comments and (tracker.write or ("all" if tracker.kind == "local" else "none")) != "all":
        raise ConfigError(where, "tracker.comments = true", 'comments have to be written: write = "all"')
    if tracker.board is not None and tracker.board < 1:
        raise ConfigError(where, f"tracker.board = {tracker.board}", "the number in the board's address")
    for word, ours in tracker.statuses.items():
        if IssueStatus.normalize(ours) not in list(IssueStatus):
            key = f"tracker.statuses.{clean_line(word, limit=60)}"
            raise ConfigError(where, f"{key} = {clean_line(ours, limit=60)!r}", _nearest(ours, list(IssueStatus)))


def check_numbers(config: ProjectConfig | UserConfig, *, where: str) -> None:
    """Raise ConfigError for a pace, a threshold or a count that cannot be meant."""
    if config.workers is not None and config.workers.max_concurrent < 1:
        raise ConfigError(where, f"workers.max_concurrent = {config.workers.max_concurrent}", "1 or more")
    if config.workers is not None:
        for name in ("park_finished_after", "keep_records"):
            value = getattr(config.workers, name)
            try:
                seconds_of(value)
            except ValueError:
                what = f"workers.{name} = {clean_line(value, limit=60)!r}"
                raise ConfigError(where, what, 'a duration such as "90s", "30m", "2h" or "1d", or "never"') from None
        if config.workers.heartbeat_seconds < 1:
            raise ConfigError(where, f"workers.heartbeat_seconds = {config.workers.heartbeat_seconds}", "1 or more")
    modes = config.modes if isinstance(config, ProjectConfig) else None
    for mode in Mode if modes is not None else ():
        limit = getattr(modes, mode.value).max_concurrent
        if limit is not None and limit < 1:
            raise ConfigError(where, f"modes.{mode}.max_concurrent = {limit}", "1 or more")
    for name, section, least in (("poll", config.poll, 0.1), ("workers", config.workers, 0.0)):
        for field in msgspec.structs.fields(section) if section is not None else ():
            value = getattr(section, field.name)
            # A comparison the other way round would let nan pass.
            if field.name.endswith("_seconds") and not least <= value < math.inf:
                raise ConfigError(where, f"{name}.{field.name} = {value}", f"{least:g} or more seconds")


def check_autopilot(config: AutopilotSection, *, where: str) -> None:
    """Raise ConfigError for an action that the autopilot does not know, or a limit that cannot be meant."""
    try:
        actions_of(config.actions)
    except ValueError as error:
        what = f"autopilot.actions: {clean_line(str(error), limit=100)!r} is none that it may run"
        raise ConfigError(where, what, _nearest(str(error), sorted(ALLOWABLE))) from None
    for name in ("max_workers", "max_rounds", "max_hours", "max_cost_usd"):
        value = getattr(config, name)
        if value is not None and not 0 < value < math.inf:
            raise ConfigError(where, f"autopilot.{name} = {value}", "more than 0")


def untrusted(config: ProjectConfig, raw: Mapping[str, Any]) -> tuple[ProjectConfig, tuple[str, ...]]:
    """Return `config` with only what is safe of it, and the keys that are inert until the file is trusted."""
    inert: list[str] = []
    safe: dict[str, Any] = {}
    for section, table in raw.items():
        if section in SAFE_SECTIONS:
            safe[section] = getattr(config, section)
        elif section == "tracker":
            kept = {key: getattr(config.tracker, key) for key in table if key in SAFE_TRACKER_KEYS}
            inert += [f"tracker.{key}" for key in table if key not in SAFE_TRACKER_KEYS]
            safe[section] = TrackerSection(**kept)
        else:
            inert += [f"{section}.{key}" for key in table]
    return ProjectConfig(**safe), tuple(inert)


def environment_tables(environ: Mapping[str, str], kind: type[Section]) -> dict[str, Any]:
    """Return the tables that `LEGION_TUI_SECTION_KEY` (or `LEGION_TUI_KEY`) variables spell."""
    tables: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        section = _section_of(field.type)
        prefix = f"LEGION_TUI_{field.name.upper()}"
        if section is None:
            if (value := environ.get(prefix)) is not None and _scalar(field.type):
                tables[field.name] = _coerced(value, field.type)
            continue
        for inner in msgspec.structs.fields(section):
            value = environ.get(f"{prefix}_{inner.name.upper()}")
            if value is not None and _scalar(inner.type):
                tables.setdefault(field.name, {})[inner.name] = _coerced(value, inner.type)
    return tables


def overlaid(config: S, tables: Mapping[str, Any], *, where: str) -> S:
    """Return `config` with `tables` over it; raises ConfigError naming the key."""
    if not tables:
        return config
    try:
        return msgspec.convert(_merge(msgspec.to_builtins(config), tables), type=type(config))
    except msgspec.ValidationError as error:
        raise _wrong_value(error, type(config), where) from None


def _refuse_unknown(raw: Mapping[str, Any], kind: type[Section], where: str, path: tuple[str, ...]) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key, value in raw.items():
        dotted = ".".join((*path, key))
        if key not in fields:
            raise ConfigError(where, f"unknown key {clean_line(dotted, limit=100)}", _nearest(key, list(fields)))
        section = _section_of(fields[key].type)
        if section is None:
            continue
        if not isinstance(value, dict):
            raise ConfigError(where, f"{dotted} = {value!r} is no table", f"write it as [{dotted}]")
        _refuse_unknown(value, section, where, (*path, key))


def _section_of(annotation: Any) -> type[Section] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Section):
            return candidate
    return None


def _scalar(annotation: Any) -> bool:
    return get_origin(annotation) not in (list, dict) and _section_of(annotation) is None


def _coerced(value: str, annotation: Any) -> Any:
    kinds = (annotation, *get_args(annotation))
    if bool in kinds and value.lower() in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        return value.lower() in ("1", "true", "yes", "on")
    for kind in (int, float):
        if kind in kinds:
            try:
                return kind(value)
            except ValueError:
                return value
    return value


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _wrong_value(error: msgspec.ValidationError, kind: type[Section], where: str) -> ConfigError:
    what, _, path = str(error).partition(" - at `$.")
    key = path.rstrip("`")
    words = _words(kind, key)
    given = re.fullmatch(r"Invalid enum value (.+)", what)
    if given is not None:
        return ConfigError(where, f"{key} = {clean_line(given[1], limit=100)}", _nearest(given[1].strip("'"), words))
    hint = f"one of: {', '.join(words)}" if words else "true or false" if "`bool`" in what else "see the README"
    return ConfigError(where, f"{key}: {what.replace('`', '').replace('Expected', 'expected')}", hint)


def _words(kind: type[Section], key: str) -> list[str]:
    """Return the words that the key at that path takes, none where it takes others."""
    annotation: Any = kind
    for name in re.sub(r"\[.*", "", key).split("."):
        section = _section_of(annotation)
        fields = {field.name: field.type for field in msgspec.structs.fields(section)} if section else {}
        annotation = fields.get(name)
    candidates = (annotation, *get_args(annotation))
    return [word for one in candidates if get_origin(one) is Literal for word in get_args(one)]


def _nearest(given: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
