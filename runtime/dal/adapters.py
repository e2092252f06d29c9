"""Our classes of adapters: pydal's, with kept connections, one migration at a time, fast rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydal.adapters.base import SQLAdapter
from pydal.adapters.sqlite import SQLite

from runtime.dal.connections import KeptConnection, can_be_kept
from runtime.dal.selects.answers import KeptAnswers
from runtime.dal.selects.reading import FastReading
from runtime.dal.writing import FastWriting
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


class KeyedDeleting:
    """Mixin before a pydal adapter: records of a table with a key of its own can be deleted.

    pydal's adapter for SQLite asks such a table for the id that it does not have.
    """

    def delete(self, table: Any, query: Any) -> Any:
        """Delete records; return how many."""
        if getattr(table, "_id", None) is None:
            return SQLAdapter.delete(self, table, query)
        return super().delete(table, query)  # type: ignore[misc]  # of pydal's adapter


@contextmanager
def _alone_in(folder: str | None) -> Iterator[None]:
    if not folder or not os.path.isdir(folder):
        yield
        return
    with file_lock(os.path.join(folder, MIGRATION_LOCK), MIGRATION_WAIT):
        yield


@cache
def _kept_class(base: Any) -> Any:
    answers = (KeptAnswers,) if issubclass(base, SQLite) else ()
    parts = (LockedMigration, KeyedDeleting, FastReading, FastWriting, *answers, KeptConnection, base)
    return type(f"Kept{base.__name__}", parts, {})


def adopt(adapter: Any) -> bool:
    """Turn a pydal adapter into one of ours; False when it cannot keep a connection."""
    if not can_be_kept(adapter):
        return False
    adapter.__class__ = _kept_class(adapter.__class__)
    adapter.keep()
    return True
