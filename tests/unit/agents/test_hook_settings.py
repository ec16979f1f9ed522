from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.agents.claude_code.hook import hook_command, install, read_installed, uninstall, worker_settings
from legion_tui.errors import AgentError

COMMAND = hook_command(Path("/state/spool"), origin="user")
OLDER = hook_command(Path("/state/spool"), origin="user", python="/old/python")
THEIRS = """{
    "model": "größer",
    "hooks": {
        "PermissionRequest": [
            {
                "matcher": "Bash",
                "hooks": [
                    {
                        "type": "command",
                        "command": "notify-me"
                    }
                ]
            }
        ],
        "Stop": []
    },
    "last": [
        1,
        2.50
    ]
}
"""


def text(folder: Path) -> str:
    return (folder / "settings.json").read_bytes().decode()


def put(folder: Path, written: str) -> None:
    (folder / "settings.json").write_bytes(written.encode())


def test_installed_beside_what_others_put_there_and_taken_out_again(tmp_path: Path) -> None:
    put(tmp_path, THEIRS)
    assert not read_installed(tmp_path, COMMAND).commands
    assert install(tmp_path, COMMAND)
    settings = json.loads(text(tmp_path))
    theirs = json.loads(THEIRS)
    (first, ours) = settings["hooks"]["PermissionRequest"]
    assert first == theirs["hooks"]["PermissionRequest"][0]
    assert ours["hooks"][0]["command"] == COMMAND
    assert list(settings) == ["model", "hooks", "last"]
    assert "größer" in text(tmp_path)
    assert read_installed(tmp_path, COMMAND).current
    assert not install(tmp_path, COMMAND)
    assert uninstall(tmp_path)
    assert text(tmp_path) == THEIRS.replace("2.50", "2.5")
    assert not uninstall(tmp_path)


@pytest.mark.parametrize("written", ["{}", '{\n  "model": "a"\n}', '{\r\n\t"model": "a"\r\n}\r\n', '{"model": "a"}\n'])
def test_the_file_is_as_it_was_afterwards(tmp_path: Path, written: str) -> None:
    put(tmp_path, written)
    assert install(tmp_path, COMMAND)
    assert uninstall(tmp_path)
    assert text(tmp_path) == written


def test_an_older_hook_of_ours_gives_way(tmp_path: Path) -> None:
    install(tmp_path, OLDER)
    told = read_installed(tmp_path, COMMAND)
    assert told.commands == (OLDER,)
    assert not told.current
    assert install(tmp_path, COMMAND)
    assert read_installed(tmp_path, COMMAND).commands == (COMMAND,)


def test_our_hook_in_anothers_entry_is_all_that_goes(tmp_path: Path) -> None:
    entry = {"hooks": [{"type": "command", "command": "theirs"}, {"type": "command", "command": COMMAND}, "odd"]}
    put(tmp_path, json.dumps({"hooks": {"PermissionRequest": [entry, "odd"]}}))
    assert uninstall(tmp_path)
    kept = {"hooks": [{"type": "command", "command": "theirs"}, "odd"]}
    assert json.loads(text(tmp_path)) == {"hooks": {"PermissionRequest": [kept, "odd"]}}


def test_without_settings_a_private_file_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert not uninstall(folder)
    assert not folder.exists()
    assert install(folder, COMMAND)
    assert (folder / "settings.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert uninstall(folder)
    assert text(folder) == "{}\n"


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o640)
    (tmp_path / "settings.json").symlink_to(real)
    install(tmp_path, COMMAND)
    assert (tmp_path / "settings.json").is_symlink()
    assert "legion-tui" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('{"a": 1,\n}', "is not valid JSON: line 2"),
        ("[]", "holds no table of settings"),
        ('{"hooks": []}', "hooks.PermissionRequest is no list"),
        ('{"hooks": {"PermissionRequest": {}}}', "hooks.PermissionRequest is no list"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_broken_settings_are_one_clear_line_and_stay_as_they_are(tmp_path: Path, written: str, words: str) -> None:
    put(tmp_path, written)
    with pytest.raises(AgentError, match=r"settings\.json") as told:
        install(tmp_path, COMMAND)
    assert words in str(told.value)
    assert "\n" not in str(told.value)
    assert text(tmp_path) == written


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b"\xff{}")
    with pytest.raises(AgentError, match="not UTF-8 at byte 0"):
        read_installed(tmp_path, COMMAND)


def test_hooks_that_the_user_switched_off_are_told(tmp_path: Path) -> None:
    put(tmp_path, '{"disableAllHooks": true}')
    install(tmp_path, COMMAND)
    assert read_installed(tmp_path, COMMAND).disabled


def test_a_worker_may_use_the_tracker_and_nothing_else_of_ours(tmp_path: Path) -> None:
    settings = worker_settings(tmp_path / "spool", refused=("answer", "send"))
    permissions = settings["permissions"]
    assert permissions["allow"] == ["Bash(legion-tui issue:*)"]
    assert permissions["deny"] == [
        "Bash(legion-tui)",
        "Bash(legion-tui answer:*)",
        "Bash(legion-tui send:*)",
        "Bash(tmux:*)",
        f"Read(/{tmp_path}/spool/**)",
        f"Edit(/{tmp_path}/spool/**)",
    ]
    (entry,) = settings["hooks"]["PermissionRequest"]
    assert entry["hooks"][0]["command"] == hook_command(tmp_path / "spool", origin="session")
    assert "hooks" not in worker_settings(None, refused=())
