"""Adding to a database what a description has and it lacks; nothing is changed or removed (DBI-02)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.introspection.description import Column, Description, Table
from runtime.admin.introspection.differences import Difference, differences
from runtime.admin.introspection.models import in_order
from runtime.admin.introspection.reading import engine_of, introspect, sqlite_path, without_password
from runtime.foundation.problems import UserError

_TYPES = {
    "text": ("TEXT", "TEXT", "LONGTEXT"),
    "integer": ("INTEGER", "INTEGER", "INT"),
    "bigint": ("BIGINT", "BIGINT", "BIGINT"),
    "double": ("DOUBLE", "DOUBLE PRECISION", "DOUBLE"),
    "boolean": ("CHAR(1)", "BOOLEAN", "CHAR(1)"),
    "date": ("DATE", "DATE", "DATE"),
    "time": ("TIME", "TIME", "TIME"),
    "datetime": ("TIMESTAMP", "TIMESTAMP", "DATETIME"),
    "json": ("JSON", "JSON", "JSON"),
    "bytes": ("BLOB", "BYTEA", "LONGBLOB"),
}
"""Type of a field to the types of SQLite, PostgreSQL and MySQL."""
_ENGINES = ("sqlite", "postgres", "mysql")
_STRING_LENGTH = 255


@dataclass(frozen=True)
class Plan:
    """What `apply_description` does.

    Attributes:
        statements: in their order.
        left: differences that stay, since they would change or remove something.
    """

    statements: tuple[str, ...]
    left: tuple[Difference, ...]


def apply_description(
    uri: str, wanted: Description, *, write: bool = False, folder: Path | None = None
) -> Plan:
    """Add the tables and columns of `wanted` that a database lacks, all of them or none.

    Args:
        uri: address of the database.
        wanted: the description.
        write: False changes nothing and only tells the plan.
        folder: what the path of an SQLite file is relative to.

    Raises:
        UserError: the database can not be read, or refuses a statement.
    """
    engine = engine_of(uri)
    there = introspect(uri, folder)
    new = [table for table in in_order(wanted.tables) if table.name not in there.tables]
    known = set(there.tables)
    statements: list[str] = []
    for table in new:
        known.add(table.name)
        statements.append(_create(table, engine, wanted.engine, known))
    for table in wanted.tables.values():
        mine = there.tables.get(table.name)
        if mine is not None:
            missing = [column for column in table.columns if mine.column(column.name) is None]
            statements += [_add(table, column, engine, wanted.engine, known) for column in missing]
    left = tuple(one for one in differences(there, wanted) if one.sign != "+")
    if write and statements:
        _execute(uri, engine, statements, folder)
    return Plan(tuple(statements), left)


def _quoted(name: str, engine: str) -> str:
    sign = "`" if engine == "mysql" else '"'
    return sign + name.replace(sign, sign * 2) + sign


def _type(column: Column, engine: str, native_engine: str) -> str:
    if column.native and engine == native_engine:
        return column.native
    if column.type == "string":
        return f"VARCHAR({column.length or _STRING_LENGTH})"
    if column.type.startswith("decimal"):
        return column.type.replace("decimal", "NUMERIC")
    if column.type not in _TYPES:
        raise UserError(f"column {column.name}: the type {column.type!r} is unknown")
    return _TYPES[column.type][_ENGINES.index(engine)]


def _column(column: Column, engine: str, native_engine: str, *, numbered: bool) -> str:
    name = _quoted(column.name, engine)
    kind = _type(column, engine, native_engine)
    if numbered:
        if engine == "sqlite":
            return f"{name} INTEGER PRIMARY KEY"
        if engine == "postgres":
            return f"{name} {'BIGSERIAL' if column.type == 'bigint' else 'SERIAL'}"
        return f"{name} {kind} AUTO_INCREMENT"
    words = [name, kind]
    if column.default is not None:
        words.append(f"DEFAULT {_literal(column.default)}")
    if column.notnull:
        words.append("NOT NULL")
    if column.unique:
        words.append("UNIQUE")
    return " ".join(words)


def _literal(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _create(table: Table, engine: str, native_engine: str, known: set[str]) -> str:
    lines = []
    for column in table.columns:
        numbered = column.automatic and table.primary_key == (column.name,)
        lines.append(_column(column, engine, native_engine, numbered=numbered))
    single = table.column(table.primary_key[0]) if len(table.primary_key) == 1 else None
    if table.primary_key and not (engine == "sqlite" and single is not None and single.automatic):
        lines.append(f"PRIMARY KEY ({_names(table.primary_key, engine)})")
    lines += [f"UNIQUE ({_names(key, engine)})" for key in table.unique]
    lines += [_foreign_key(column, engine) for column in table.columns if _refers(column, known)]
    return f"CREATE TABLE {_quoted(table.name, engine)} (\n    " + ",\n    ".join(lines) + "\n)"


def _names(names: Sequence[str], engine: str) -> str:
    return ", ".join(_quoted(name, engine) for name in names)


def _refers(column: Column, known: set[str]) -> bool:
    """Whether a foreign key can be made: not to a table that comes later in a circle."""
    return column.reference is not None and column.reference.table in known


def _foreign_key(column: Column, engine: str) -> str:
    assert column.reference is not None
    table, target = _quoted(column.reference.table, engine), _quoted(column.reference.column, engine)
    return f"FOREIGN KEY ({_quoted(column.name, engine)}) REFERENCES {table} ({target})"


def _add(table: Table, column: Column, engine: str, native_engine: str, known: set[str]) -> str:
    words = _column(column, engine, native_engine, numbered=False)
    if column.default is None:
        words = words.replace(" NOT NULL", "")  # the rows that are there have no value
    if _refers(column, known) and engine != "mysql":
        assert column.reference is not None
        target = column.reference
        words += f" REFERENCES {_quoted(target.table, engine)} ({_quoted(target.column, engine)})"
    if engine == "sqlite":
        words = words.replace(" UNIQUE", "")  # SQLite adds no unique columns
    return f"ALTER TABLE {_quoted(table.name, engine)} ADD COLUMN {words}"


def _execute(uri: str, engine: str, statements: list[str], folder: Path | None) -> None:
    done = ""
    try:
        if engine == "sqlite":
            connection = sqlite3.connect(sqlite_path(uri, folder or Path.cwd()), isolation_level=None)
            try:
                connection.execute("BEGIN IMMEDIATE")
                for done in statements:
                    connection.execute(done)
                connection.execute("COMMIT")
            finally:
                connection.close()
            return
        from runtime.dal import DAL

        db = DAL(uri, migrate_enabled=False, attempts=1, pool_size=0)
        try:
            for done in statements:
                db.executesql(done)
            db.commit()
        finally:
            db.rollback()
            db.close()
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{without_password(uri)} refuses: {reason}; the statement was: {done}") from None
