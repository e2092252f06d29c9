"""What a start of the program wants to see in the window: application, file, pack, ticket (SH-07)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.foundation.problems import UserError

COMMAND = "open"
KINDS: dict[str, dict[str, type]] = {
    "application": {"application": str},
    "file": {"path": str, "line": int},
    "pack": {"source": str},
    "ticket": {"ticket": str},
}
"""Kinds of links that a start may follow, with the types of their data."""


@dataclass(frozen=True)
class Wish:
    """A link to be followed once the panels are there."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)

    def as_message(self) -> dict[str, Any]:
        """What a second start sends to the first one."""
        return {"command": COMMAND, "kind": self.kind, "data": self.data}


def read_wish(what: str, site: Path) -> Wish:
    """What `what` means in a site; looks at the disk.

    Raises:
        UserError: it means nothing.
    """
    from runtime.admin.tickets import looks_like_number  # late: the window is painted without it

    applications = site / "applications"
    place = Path(what)
    if not place.is_absolute():
        if Path(what).name == what and (applications / what).is_dir():
            return Wish("application", {"application": what})
        if looks_like_number(what):
            return Wish("ticket", {"ticket": what})
        raise UserError(f"{site} has no application {what!r}, and it is neither a file nor a ticket")
    path, line = _with_line(place)
    if not path.exists():
        raise UserError(f"there is no file or folder {path}")
    inside = _below(path, applications)
    if path.is_dir():
        if path in (site, applications):
            return Wish("application", {"application": ""})
        return Wish("application", {"application": inside}) if inside else Wish("pack", {"source": str(path)})
    from runtime.admin.install import PACK_ENDINGS

    if path.name.lower().endswith(PACK_ENDINGS):
        return Wish("pack", {"source": str(path)})
    return Wish("file", {"path": str(path), "line": line})


def wish_of_message(message: dict[str, Any]) -> Wish | None:
    """The wish in a message of a second start; None for another message, and for nonsense."""
    kind, data = message.get("kind"), message.get("data")
    if message.get("command") != COMMAND or not isinstance(kind, str) or not isinstance(data, dict):
        return None
    types = KINDS.get(kind)
    if types is None or set(data) != set(types):
        return None
    if any(type(data[name]) is not wanted for name, wanted in types.items()):
        return None
    return Wish(kind, data)


def _with_line(place: Path) -> tuple[Path, int]:
    """Path and line of ``FILE:LINE``; line 0 for none."""
    name, _colon, line = place.name.rpartition(":")
    if name and line.isdecimal() and not place.exists():
        return place.with_name(name), int(line)
    return place, 0


def _below(path: Path, applications: Path) -> str:
    """Name of the application that a folder belongs to, or nothing."""
    try:
        parts = path.resolve().relative_to(applications.resolve()).parts
    except (ValueError, OSError):
        return ""
    return parts[0] if parts else ""
