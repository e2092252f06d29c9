"""Which applications of a site have a scheduler, told by their models without running them (DESK-08)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runtime.admin.applications import list_applications

_SIGN = b"Scheduler"
_MOST_BYTES = 2_000_000


def applications_with_scheduler(site: Path) -> list[str]:
    """Return the names of the applications whose models make a scheduler or include ``scheduler.py``."""
    return [info.name for info in list_applications(site) if _has_one(site / "applications" / info.name)]


def _has_one(folder: Path) -> bool:
    if (folder / "models" / "scheduler.py").is_file():
        return True
    return any(_mentions(path) for path in _models(folder))


def _models(folder: Path) -> Iterator[Path]:
    yield from sorted((folder / "models").rglob("*.py"))
    yield from sorted((folder / "compiled").glob("models*.pyc"))


def _mentions(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            text = stream.read(_MOST_BYTES)
    except OSError:
        return False
    return _SIGN + b"(" in text or (path.suffix == ".pyc" and _SIGN in text)
