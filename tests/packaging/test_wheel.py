"""What the sdist and the wheel carry. `.ci/run` installs the wheel where nothing else is, and runs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import legion_tui

REPOSITORY = Path(__file__).resolve().parents[2]


def build(source: Path, kind: str, out: Path) -> Path:
    """Build one distribution of `source`; `hatchling` is called itself, so nothing is downloaded."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    ran = subprocess.run(argv, cwd=source, check=False, capture_output=True, text=True, timeout=50)
    assert ran.returncode == 0, ran.stderr
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    packed = build(REPOSITORY, "sdist", tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("unpacked")
    # The first 3.11 releases unpack without the filter that the later ones ask for: tar suits them all.
    subprocess.run(["tar", "-xzf", str(packed), "-C", str(folder)], check=True, timeout=30)
    (root,) = folder.iterdir()
    return root


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist as an installer would."""
    return build(sdist, "wheel", tmp_path_factory.mktemp("wheel"))


def files_below(folder: Path, pattern: str) -> set[str]:
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert found
    return found


def test_the_sdist_can_set_itself_up_and_test_itself(sdist: Path) -> None:
    for name in ("Makefile", "constraints.txt", ".ci/run", ".ci/setup", "README.md", "LICENSE"):
        assert (sdist / name).read_bytes() == (REPOSITORY / name).read_bytes()
    assert files_below(sdist / "tests", "*.py") == files_below(REPOSITORY / "tests", "*.py")
    assert files_below(sdist / "styles", "*.tcss") == files_below(REPOSITORY / "styles", "*.tcss")


def test_the_wheel_carries_the_package_its_types_and_its_styles_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    package = {f"legion_tui/{name}" for name in files_below(REPOSITORY / "legion_tui", "*")}
    styles = {f"legion_tui/styles/{name}" for name in files_below(REPOSITORY / "styles", "*.tcss")}
    assert names == package | styles
    assert "legion_tui/py.typed" in names


def test_the_wheel_is_named_after_the_version_in_the_package(wheel: Path) -> None:
    assert wheel.name == f"legion_tui-{legion_tui.__version__}-py3-none-any.whl"


def test_an_installed_copy_finds_its_own_styles(wheel: Path, tmp_path: Path) -> None:
    site_packages = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)
    # The editable install of the repository must not answer in its place.
    program = f"import sys; sys.path.insert(0, {str(site_packages)!r})\n"
    program += "from legion_tui.ui.styles import styles_dir; print(styles_dir())"

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=30
    )

    assert ran.stdout.strip() == str(site_packages.resolve() / "legion_tui" / "styles")


def test_the_command_is_on_the_path_of_this_environment() -> None:
    assert shutil.which("legion-tui", path=str(Path(sys.executable).parent))
