"""Configuration: the project's `legion.toml` and the user's `config.toml`, typed."""

from __future__ import annotations

from legion_tui.config.durations import seconds_of
from legion_tui.config.homes import config_home, state_home
from legion_tui.config.reading import (
    check_autopilot,
    check_numbers,
    check_project,
    environment_tables,
    overlaid,
    parse,
    raw_tables,
    untrusted,
    without_effect,
)
from legion_tui.config.schema import (
    AutopilotSection,
    NotificationsSection,
    PipelineSection,
    ProjectConfig,
    UserConfig,
    WorkersSection,
)

PROJECT_FILE = "legion.toml"

__all__ = [
    "PROJECT_FILE",
    "AutopilotSection",
    "NotificationsSection",
    "PipelineSection",
    "ProjectConfig",
    "UserConfig",
    "WorkersSection",
    "check_autopilot",
    "check_numbers",
    "check_project",
    "config_home",
    "environment_tables",
    "overlaid",
    "parse",
    "raw_tables",
    "seconds_of",
    "state_home",
    "untrusted",
    "without_effect",
]
