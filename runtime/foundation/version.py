"""The version, from one place: the file ``VERSION`` among the resources (START-04)."""

from __future__ import annotations

from functools import cache

import resources


@cache
def build_version() -> str:
    """Return the version with its build time: ``X.Y.Z+timestamp.YYYY.MM.DD.hh.mm.ss``."""
    return (resources.ROOT / "VERSION").read_text(encoding="ascii").strip()


def version() -> str:
    """Return the version as ``X.Y.Z``."""
    return build_version().partition("+")[0]
