"""Paths that come from outside are resolved inside their folder or refused."""

from __future__ import annotations

import os
import re
from pathlib import Path

from runtime.foundation.problems import UserError

APPLICATION_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
"""What an application may be called: a Python identifier, at most 64 characters."""


class UnsafePath(UserError):
    """A path leads out of the folder it must stay in."""


def safe_join(root: str | os.PathLike[str], *parts: str) -> Path:
    """Join untrusted `parts` below `root` and return the absolute path.

    Links inside `root` are followed only as far as the result stays inside it.

    Raises:
        UnsafePath: a part is absolute, holds a drive, NUL or backslash, or
            the result lies outside of `root`.
    """
    base = os.path.realpath(root)
    for part in parts:
        if "\0" in part or "\\" in part or ":" in part.split("/", 1)[0] or part.startswith("/"):
            raise UnsafePath(f"path {part!r} is not allowed below {base}")
    path = os.path.realpath(os.path.join(base, *parts))
    if path != base and not path.startswith(base.rstrip(os.sep) + os.sep):
        raise UnsafePath(f"path {'/'.join(parts)!r} leads out of {base}")
    return Path(path)
