"""Where the style sheets are."""

from __future__ import annotations

from pathlib import Path

from legion_tui.errors import LegionError

_PACKAGE = Path(__file__).resolve().parent.parent


def styles_dir(package: Path = _PACKAGE) -> Path:
    """Return the folder of the `.tcss` files, absolute; a `LegionError` says where it was looked for.

    A wheel carries them inside the package; in the repository, and an editable install, they lie beside it.
    """
    candidates = (package / "styles", package.parent / "styles")
    for candidate in candidates:
        if any(candidate.glob("*.tcss")):
            return candidate
    places = " or ".join(str(candidate) for candidate in candidates)
    raise LegionError("the style sheets are missing", f"none in {places}", "install legion-tui again")
