"""The bin of a site: what was removed stays in ``deposit/bin`` for 30 days, to be put back (AP-06, AP-17)."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

DAYS = 30
_NOTE, _CONTENT = "what.json", "content"


class BinError(UserError):
    """Something can not be moved to the bin or back; the text says why."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """Something in the bin.

    Attributes:
        id: name of its folder in the bin.
        kind: ``application``, ``file`` or ``folder``.
        path: where it was, relative to the site.
        when: seconds since 1970.
    """

    id: str
    kind: str
    path: str
    when: float


def bin_folder(site: Path) -> Path:
    """Return the folder of the bin; it may not exist yet."""
    return site / "deposit" / "bin"


def throw_away(site: Path, path: Path, kind: str = "") -> Thrown:
    """Move a file or folder below `site` into its bin.

    Raises:
        BinError: there is nothing at `path`, it lies outside of the site, or it can not be moved.
    """
    try:
        relative = path.absolute().relative_to(site.absolute())
    except ValueError:
        raise BinError(f"{path} is not below {site}.") from None
    if not os.path.lexists(path):
        raise BinError(f"{path} is not there any more.")
    now = time.time()
    thrown = Thrown(
        f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(4)}",
        kind or ("folder" if path.is_dir() else "file"),
        relative.as_posix(),
        now,
    )
    place = bin_folder(site) / thrown.id
    try:
        place.mkdir(parents=True)
        write_atomic(place / _NOTE, json.dumps(asdict(thrown)))
        shutil.move(path, place / _CONTENT)
    except OSError as error:
        if not os.path.lexists(place / _CONTENT):  # else the part that was moved stays in the bin
            shutil.rmtree(place, ignore_errors=True)
        raise BinError(f"{path} can't be moved to the bin: {error.strerror or error}.") from error
    return thrown


def contents(site: Path) -> list[Thrown]:
    """Return what is in the bin, newest first; entries that can't be read are left out."""
    out = []
    try:
        names = os.listdir(bin_folder(site))
    except OSError:
        return []
    for name in names:
        try:
            data = json.loads((bin_folder(site) / name / _NOTE).read_bytes())
            out.append(Thrown(name, str(data["kind"]), str(data["path"]), float(data["when"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(out, key=lambda thrown: thrown.when, reverse=True)


def put_back(site: Path, thrown: Thrown) -> Path:
    """Move something back to where it was and return that place.

    Raises:
        BinError: there is something else by now, or it can not be moved.
    """
    target = site / thrown.path
    place = bin_folder(site) / thrown.id
    if os.path.lexists(target):
        raise BinError(f"{thrown.path} can't be put back: there is something of that name now.")
    if not os.path.lexists(place / _CONTENT):
        raise BinError(f"{thrown.path} is not in the bin any more.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(place / _CONTENT, target)
        shutil.rmtree(place, ignore_errors=True)
    except OSError as error:
        raise BinError(f"{thrown.path} can't be put back: {error.strerror or error}.") from error
    return target


def empty(site: Path, days: float = DAYS, now: float | None = None) -> int:
    """Destroy what is in the bin for longer than `days`; return how much that was. 0 empties it."""
    moment = time.time() if now is None else now
    old = [thrown for thrown in contents(site) if moment - thrown.when >= days * 86_400]
    for thrown in old:
        shutil.rmtree(bin_folder(site) / thrown.id, ignore_errors=True)
    return len(old)
