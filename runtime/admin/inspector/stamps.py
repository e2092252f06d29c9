"""The files of an application that its models are made of, and whether they have changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

from runtime.foundation.version import version

Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of change in nanoseconds, and size of each file."""

_WATCHED = (("models", (".py",)), ("modules", (".py",)), ("private", (".ini", ".json")))


def source_stamp(folder: Path) -> Stamp:
    """Return what changes whenever a file that the models of the application in `folder` use changes."""
    found: list[tuple[str, int, int]] = []
    for part, ends in _WATCHED:
        for parent, _, names in os.walk(folder / part):
            for name in names:
                if name.endswith(ends):
                    path = os.path.join(parent, name)
                    with contextlib.suppress(OSError):
                        info = os.stat(path)
                        found.append((os.path.relpath(path, folder), info.st_mtime_ns, info.st_size))
    return tuple(sorted(found))


def fingerprint(folder: Path) -> str:
    """Return a short text for `source_stamp`, this version of Hadron and this Python."""
    facts = (source_stamp(folder), version(), sys.version_info[:3])
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
