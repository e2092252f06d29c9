"""What databases offer against others who write at the same time (OCC-05)."""

from __future__ import annotations

from typing import Any

LOCKING = ("postgres", "mysql", "mssql", "oracle")
"""Engines with ``SELECT ... FOR UPDATE``."""


def begin_writing(adapter: Any) -> None:
    """Let nobody else write until this transaction ends, where the database has one writer: in SQLite.

    A savepoint alone would there, too, be a transaction that ends with itself.
    """
    if adapter.dbengine in ("sqlite", "spatialite") and not adapter.connection.in_transaction:
        adapter.execute("BEGIN IMMEDIATE")
