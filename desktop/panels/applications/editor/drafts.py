"""What was typed and not saved, kept outside of the application's folder (UI-AP-13)."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from runtime.admin.sources import Stamp
from runtime.foundation.files import write_atomic

VERSION = 1


@dataclass(frozen=True)
class Draft:
    """The text of a file that was not saved.

    Attributes:
        path: absolute path of the file.
        text: what was typed.
        stamp: of the file when it was read.
        when: seconds since 1970.
    """

    path: str
    text: str
    stamp: Stamp
    when: float


def draft_folder(data: Path) -> Path:
    """The folder of the drafts of files."""
    return data / "drafts" / "files"


def draft_path(data: Path, path: Path) -> Path:
    """The file of the draft of `path`."""
    number = hashlib.sha256(os.path.abspath(path).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return draft_folder(data) / f"{number}.json"


def keep(data: Path, path: Path, text: str, stamp: Stamp) -> float:
    """Keep a draft in one step; return its time.

    Raises:
        OSError: it can not be written.
    """
    now = time.time()
    target = draft_path(data, path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    document = {"version": VERSION, **asdict(Draft(str(path), text, stamp, now))}
    write_atomic(target, json.dumps(document), mode=0o600)
    return now


def forget(data: Path, path: Path) -> None:
    """Drop the draft of a file, if there is one."""
    draft_path(data, path).unlink(missing_ok=True)


def read(data: Path, path: Path) -> Draft | None:
    """Return the draft of a file; None when there is none or it can't be used."""
    return _read(draft_path(data, path))


def _read(target: Path) -> Draft | None:
    try:
        data = json.loads(target.read_bytes())
        stamp = Stamp(*(int(data["stamp"][name]) for name in ("size", "modified", "inode")))
        return Draft(str(data["path"]), str(data["text"]), stamp, float(data["when"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def left(data: Path, below: Path) -> list[Draft]:
    """Return the drafts of files below a folder, newest first."""
    try:
        found = [_read(target) for target in draft_folder(data).glob("*.json")]
    except OSError:
        return []
    root = os.path.abspath(below) + os.sep
    drafts = [draft for draft in found if draft is not None and draft.path.startswith(root)]
    return sorted(drafts, key=lambda draft: draft.when, reverse=True)
