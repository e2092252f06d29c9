"""Names that scaffolding for App Engine imported (LIB-9): the database layer itself."""

from __future__ import annotations

from runtime.dal import DAL, SQLDB, Field, Row, Rows, Set, SQLField, Table

GQLDB = DAL
"""The old name; a database address of App Engine is refused by pydal, others work."""

__all__ = ["DAL", "GQLDB", "SQLDB", "Field", "Row", "Rows", "SQLField", "Set", "Table"]
