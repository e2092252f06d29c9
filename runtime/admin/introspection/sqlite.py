"""The tables of an SQLite database (DBI-01)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runtime.admin.introspection.description import Column, Reference, Table
from runtime.admin.introspection.types import field_type, literal_default
from runtime.foundation.problems import UserError

Ask = Callable[[str], list[Any]]


@contextmanager
def reader(path: Path) -> Iterator[Ask]:
    """Open the file so that it can only be read; errors of SQLite become sentences.

    Raises:
        UserError: it can not be read, or is no database.
    """
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            yield lambda statement: connection.execute(statement).fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise UserError(f"the database {path} can not be read: {error}") from None


def read_tables(ask: Ask) -> list[Table]:
    """Describe all tables but SQLite's own and those behind virtual ones."""
    rows = ask(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    virtual = [name for name, sql in rows if (sql or "").upper().startswith("CREATE VIRTUAL")]
    shadows = re.compile("|".join(f"{re.escape(name)}(_.*)?" for name in virtual) or "(?!)")
    return [_table(ask, name, sql or "") for name, sql in sorted(rows) if not shadows.fullmatch(name)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(ask: Ask, name: str, sql: str) -> Table:
    quoted = _quoted(name)
    columns = [row for row in ask(f"PRAGMA table_xinfo({quoted})") if row[6] in (0, 2, 3)]
    primary = tuple(row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5])
    unique = _unique_keys(ask, quoted)
    single = {names[0] for names in unique if len(names) == 1}
    references = _references(ask, quoted)
    numbered = len(primary) == 1 and any(
        row[1] == primary[0] and (row[2] or "").upper() == "INTEGER" for row in columns
    )
    return Table(
        name=name,
        columns=tuple(
            _column(row, row[1] in single, references.get(row[1]), numbered and row[1] == primary[0])
            for row in columns
        ),
        primary_key=primary,
        unique=tuple(names for names in unique if len(names) > 1),
    )


def _column(row: Any, unique: bool, reference: Reference | None, automatic: bool) -> Column:
    _, name, native, notnull, default, primary, hidden = row
    kind, length = field_type(native or "", "sqlite")
    value, expression = literal_default(default, kind)
    if hidden in (2, 3):
        value, expression = None, "generated"
    return Column(
        name=name, type=kind, native=native or "", length=length, notnull=bool(notnull) or bool(primary),
        unique=unique, default=value, expression=expression, reference=reference, automatic=automatic,
    )  # fmt: skip


def _unique_keys(ask: Ask, quoted: str) -> list[tuple[str, ...]]:
    found = []
    for row in ask(f"PRAGMA index_list({quoted})"):
        _, index, unique, origin, partial = row[:5]
        if unique and not partial and origin != "pk":
            names = tuple(part[2] for part in sorted(ask(f"PRAGMA index_info({_quoted(index)})")))
            if None not in names:
                found.append(names)
    return sorted(set(found))


def _references(ask: Ask, quoted: str) -> dict[str, Reference]:
    """Return the foreign keys of one column; one without a target column means the primary key."""
    keys: dict[int, list[Any]] = {}
    for row in ask(f"PRAGMA foreign_key_list({quoted})"):
        keys.setdefault(row[0], []).append(row)
    found = {}
    for rows in keys.values():
        if len(rows) == 1:
            _, _, table, source, target = rows[0][:5]
            found[source] = Reference(table, target or _primary_of(ask, table))
    return found


def _primary_of(ask: Ask, table: str) -> str:
    rows = [row for row in ask(f"PRAGMA table_info({_quoted(table)})") if row[5]]
    return str(rows[0][1]) if len(rows) == 1 else "id"
