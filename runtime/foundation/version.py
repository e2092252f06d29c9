"""The version, from one place: the installed distribution's metadata."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """Return the version as ``X.Y.Z``."""
    try:
        return metadata.version("hadron")
    except metadata.PackageNotFoundError:
        return "0.1.0"
