"""Our classes of adapters: pydal's, with kept connections, one migration at a time, fast rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from runtime.dal.connections import KeptConnection, can_be_kept
from runtime.dal.reading import FastReading
from runtime.foundation.locks import file_lock

MIGRATION_LOCK = ".migration.lock"
"""Lock file in the folder of the migration files."""

MIGRATION_WAIT = 60.0
"""Seconds to wait for another process that migrates."""


class LockedMigration:
    """Mixin before a pydal adapter: two processes never migrate in one folder at once."""

    folder: str | None

    def create_table(self, *args: Any, **kwargs: Any) -> Any:
        """Create or migrate a table while no other process does.

        Raises:
            TimeoutError: another process kept the folder locked.
        """
        with _alone_in(self.folder):
            return super().create_table(*args, **kwargs)  # type: ignore[misc]  # of pydal's adapter


@contextmanager
def _alone_in(folder: str | None) -> Iterator[None]:
    if not folder or not os.path.isdir(folder):
        yield
        return
    with file_lock(os.path.join(folder, MIGRATION_LOCK), MIGRATION_WAIT):
        yield


@cache
def _kept_class(base: Any) -> Any:
    return type(f"Kept{base.__name__}", (LockedMigration, FastReading, KeptConnection, base), {})


def adopt(adapter: Any) -> bool:
    """Turn a pydal adapter into one of ours; False when it cannot keep a connection."""
    if not can_be_kept(adapter):
        return False
    adapter.__class__ = _kept_class(adapter.__class__)
    adapter.keep()
    return True
