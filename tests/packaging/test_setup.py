"""`.ci/setup` on machines that lack something: the script is the real one, the system's programs stand in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

# A Python that can do everything, and writes down what it was asked to do.
GOOD_PYTHON = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  *"version_info <"*) ;;
  *sys.executable*) command -v "$0" ;;
  *version_info*) echo 3.11 ;;
  "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""
BROKEN_SHIM = "#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n"
# A package manager that really makes the program appear.
INSTALLER = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
echo "#!/bin/sh" >"$BIN/tmux"
chmod +x "$BIN/tmux"
"""


class Machine:
    """A checkout, and a PATH that holds only what is put there."""

    def __init__(self, root: Path) -> None:
        self.checkout = root / "checkout"
        self.bin = root / "bin"
        self.calls_file = root / "calls"
        (self.checkout / ".ci").mkdir(parents=True)
        self.bin.mkdir()
        self.calls_file.touch()
        shutil.copy(REPOSITORY / ".ci" / "setup", self.checkout / ".ci" / "setup")
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy(REPOSITORY / name, self.checkout / name)
        for name in ("basename", "cat", "chmod", "cksum", "cp", "dirname", "env", "mkdir", "rm", "sh"):
            found = shutil.which(name)
            assert found is not None
            (self.bin / name).symlink_to(found)
        self.has("id", "#!/bin/sh\necho 1000\n")

    def has(self, name: str, script: str = "#!/bin/sh\n") -> None:
        (self.bin / name).write_text(script, "utf-8")
        (self.bin / name).chmod(0o755)

    def set_up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        names = {"PATH": str(self.bin), "BIN": str(self.bin), "CALLS": str(self.calls_file), **environment}
        return subprocess.run(
            ["sh", ".ci/setup"],
            cwd=self.checkout,
            env=names,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def calls(self) -> list[str]:
        """What the stand-ins were asked since the last look."""
        lines = self.calls_file.read_text("utf-8").splitlines()
        self.calls_file.write_text("", "utf-8")
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("apt-get", "run: sudo apt-get install -y tmux"),
        ("dnf", "run: sudo dnf install -y tmux"),
        ("apk", "run: sudo apk add tmux"),
        ("brew", "run: brew install tmux"),
    ],
)
def test_without_tmux_a_user_is_told_the_one_line(machine: Machine, manager: str, line: str) -> None:
    machine.has(manager, INSTALLER)

    ran = machine.set_up()

    assert ran.returncode == 1
    assert line in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert machine.calls() == []


@pytest.mark.parametrize(
    ("manager", "root", "first_calls"),
    [
        ("apt-get", True, ["apt-get install -y tmux"]),
        ("apt-get", False, ["sudo", "apt-get install -y tmux"]),
        ("pacman", True, ["pacman -Sy --noconfirm tmux"]),
        ("brew", False, ["brew install tmux"]),  # refuses to run as root
    ],
)
def test_without_tmux_root_and_ci_get_it(machine: Machine, manager: str, root: bool, first_calls: list[str]) -> None:
    machine.has(manager, INSTALLER)
    machine.has("python3", GOOD_PYTHON)
    machine.has("sudo", '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\necho sudo >>"$CALLS"\nexec "$@"\n')
    if root:
        machine.has("id", "#!/bin/sh\necho 0\n")

    ran = machine.set_up(**({} if root else {"CI": "true"}))

    assert ran.returncode == 0, ran.stderr
    assert machine.calls()[: len(first_calls)] == first_calls


def test_a_shim_that_fails_is_passed_over(machine: Machine) -> None:
    machine.has("tmux")
    machine.has("python3", BROKEN_SHIM)
    machine.has("python3.13", BROKEN_SHIM)
    machine.has("python3.12", GOOD_PYTHON)

    ran = machine.set_up()

    assert ran.returncode == 0, ran.stderr


def test_no_python_is_one_clear_line(machine: Machine) -> None:
    machine.has("tmux")
    machine.has("python3", BROKEN_SHIM)

    ran = machine.set_up()

    assert ran.returncode == 1
    assert "no Python 3.11 or newer was found" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_no_way_to_get_pip_is_one_clear_line_and_leaves_nothing(machine: Machine) -> None:
    machine.has("tmux")
    machine.has("apt-get", INSTALLER)
    machine.has("python3", GOOD_PYTHON.replace('"-m venv"*', "-m*) exit 1 ;; never"))

    ran = machine.set_up()

    assert ran.returncode == 1
    assert "sudo apt-get install -y python3.11-venv" in ran.stderr.splitlines()[-1]
    assert not (machine.checkout / ".venv").exists()


def installs(calls: list[str]) -> list[str]:
    return [call for call in calls if "pip install" in call]


def test_done_once_and_again_when_the_pins_change_or_the_checkout_moves(machine: Machine) -> None:
    machine.has("tmux")
    machine.has("python3", GOOD_PYTHON)

    assert machine.set_up().returncode == 0
    assert installs(machine.calls())[-1].endswith("-c constraints.txt --no-build-isolation -e .[dev]")
    again = machine.set_up()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert installs(machine.calls()) == []

    with (machine.checkout / "constraints.txt").open("a", encoding="utf-8") as pins:
        pins.write("another==1.0\n")
    assert machine.set_up().returncode == 0
    assert installs(machine.calls())

    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))
    assert machine.set_up().returncode == 0
    assert installs(machine.calls())


def test_a_failing_pip_is_shown_and_leaves_nothing_that_counts_as_done(machine: Machine) -> None:
    machine.has("tmux")
    machine.has("python3", GOOD_PYTHON)
    assert machine.set_up().returncode == 0
    pins = machine.checkout / "constraints.txt"
    good_pins = pins.read_text("utf-8")
    pins.write_text("another==1.0\n", "utf-8")
    python = machine.checkout / ".venv" / "bin" / "python"
    good_python = python.read_text("utf-8")
    python.write_text(
        good_python.replace("case", 'case "$*" in *"-e ."*) echo no network >&2; exit 1 ;; esac\ncase', 1)
    )

    failed = machine.set_up()
    pins.write_text(good_pins, "utf-8")
    python.write_text(good_python, "utf-8")
    machine.calls()
    mended = machine.set_up()

    assert failed.returncode == 1
    assert "no network" in failed.stderr
    assert mended.returncode == 0
    assert installs(machine.calls())


def test_the_script_is_executable_and_names_its_shell() -> None:
    for name in ("setup", "run"):
        script = REPOSITORY / ".ci" / name
        assert os.access(script, os.X_OK)
        assert script.read_text("utf-8").startswith("#!/")


def test_the_pins_are_exact_and_name_no_index() -> None:
    lines = (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()

    assert "textual==8.2.8" in lines
    assert [line for line in lines if line.count("==") != 1 or "/" in line or line.startswith("-")] == []
