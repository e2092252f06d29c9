"""Names of tasks and workers."""

from __future__ import annotations

import uuid


def new_uuid() -> str:
    """Return a fresh identifier."""
    return str(uuid.uuid4())
