"""In the child: what differs between database engines, beside what pydal knows."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psutil

from runtime.admin.inspector.problems import InspectorProblem
from runtime.errors.safe_values import mask_text

LOCK_SECONDS = 2
"""Seconds that a question waits for a lock of someone else."""
_GONE = (
    "unable to open database", "connection refused", "could not connect", "server closed the connection",
    "connection to server", "failure to connect", "connection already closed", "gone away", "can't connect",
    "no such file",
)  # fmt: skip
_POSTGRES, _MYSQL, _SQLITE = "postgres", "mysql", "sqlite"


def engine_of(db: Any) -> str:
    """Return ``sqlite``, ``postgres``, ``mysql``, or pydal's name of another engine."""
    name = str(db._adapter.dbengine)
    return _SQLITE if name == "spatialite" else name


def speaks_sql(db: Any) -> bool:
    """Tell whether the database understands SQL."""
    return hasattr(db._adapter, "execute") and hasattr(db, "executesql")


def sqlite_file(db: Any) -> str:
    """Return the path of the file of an SQLite database; empty for others and for one in memory."""
    if engine_of(db) != _SQLITE:
        return ""
    path = str(getattr(db._adapter, "dbpath", ""))
    return "" if path == ":memory:" or path.startswith("file:") else path


def where_is(db: Any) -> dict[str, Any]:
    """Return engine, host and name of a database; never its password (DB-11)."""
    uri = db._uri[0] if isinstance(db._uri, (list, tuple)) else db._uri
    engine = engine_of(db)
    if engine == _SQLITE:
        path = sqlite_file(db)
        size = os.path.getsize(path) if path and os.path.exists(path) else 0
        return {
            "engine": engine, "host": "", "database": os.path.basename(path) or "in memory", "path": path,
            "size": size,
        }  # fmt: skip
    parts = urlsplit("x://" + str(uri).partition("://")[2])
    try:
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        host = parts.hostname or ""
    name = parts.path.lstrip("/").partition("?")[0]
    return {"engine": engine, "host": host, "database": name, "path": "", "size": 0}


def interrupter(db: Any) -> Callable[[], object] | None:
    """Return a function that ends the running statement of this thread's connection, from any thread."""
    if not speaks_sql(db):
        return None
    connection = db._adapter.connection
    engine = engine_of(db)
    if engine == _SQLITE:
        connection.text_factory = _text
        for name in ("date", "timestamp"):  # what is no date is shown as it is, and must not end the reading
            sqlite3.register_converter(name, _text)
        db._adapter.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000};")
        return connection.interrupt if isinstance(connection, sqlite3.Connection) else None
    if engine == _POSTGRES:
        db._adapter.execute(f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000};")
        found: Callable[[], object] | None = getattr(connection, "cancel", None)
        return found
    if engine == _MYSQL and hasattr(connection, "thread_id"):
        number = connection.thread_id()

        def kill_query() -> None:
            other = db._adapter.connector()
            try:
                other.cursor().execute(f"KILL QUERY {int(number)}")
            finally:
                other.close()

        with contextlib.suppress(Exception):
            db._adapter.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_SECONDS};")
        return kill_query
    return None


def _text(data: bytes) -> str:
    """Return text of SQLite also where somebody wrote what is no UTF-8."""
    return data.decode("utf-8", "replace")


def nulls_first(db: Any) -> bool:
    """Tell whether NULL sorts below every value."""
    return engine_of(db) not in (_POSTGRES, "oracle")


def estimate(db: Any, table: Any) -> int | None:
    """Return about how many rows a table has, at once; None when the engine does not say."""
    engine, name = engine_of(db), str(table._raw_rname or table._tablename)
    if engine == _SQLITE:
        rows = db.executesql(f"SELECT MAX(rowid) FROM {table._rname}")
        return int(rows[0][0] or 0)
    if engine == _POSTGRES:
        rows = db.executesql(
            f"SELECT reltuples FROM pg_class WHERE oid = to_regclass({quoted(db, table._rname)})"
        )
        return int(rows[0][0]) if rows and rows[0][0] is not None and rows[0][0] >= 0 else None
    if engine == _MYSQL:
        rows = db.executesql(
            "SELECT table_rows FROM information_schema.tables "
            f"WHERE table_schema = DATABASE() AND table_name = {quoted(db, name)}"
        )
        return int(rows[0][0]) if rows and rows[0][0] is not None else None
    return None


def size_of(db: Any, table: Any) -> int | None:
    """Return how many bytes a table takes with its indexes; None when the engine does not say."""
    engine, name = engine_of(db), str(table._raw_rname or table._tablename)
    rows: Any = ()
    if engine == _POSTGRES:
        rows = db.executesql(f"SELECT pg_total_relation_size(to_regclass({quoted(db, table._rname)}))")
    elif engine == _MYSQL:
        rows = db.executesql(
            "SELECT data_length + index_length FROM information_schema.tables "
            f"WHERE table_schema = DATABASE() AND table_name = {quoted(db, name)}"
        )
    return int(rows[0][0]) if rows and rows[0][0] is not None else None


def existing_tables(db: Any) -> set[str] | None:
    """Return the names of the tables that the database has, in small letters; None when it does not say."""
    engine = engine_of(db)
    if engine == _SQLITE:
        sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    elif engine in (_POSTGRES, _MYSQL):
        schema = "DATABASE()" if engine == _MYSQL else "ANY (current_schemas(false))"
        sql = f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}"
    else:
        return None
    return {str(row[0]).lower() for row in db.executesql(sql)}


def columns_of(db: Any, table: Any) -> dict[str, dict[str, Any]] | None:
    """Return the columns that a table has in the database: type, notnull, default; None when not known."""
    engine, name = engine_of(db), str(table._raw_rname or table._tablename)
    if engine == _SQLITE:
        rows = db.executesql(f"PRAGMA table_info({table._rname})")
        return {row[1]: {"type": row[2], "notnull": bool(row[3]), "default": row[4]} for row in rows}
    if engine not in (_POSTGRES, _MYSQL):
        return None
    schema = "DATABASE()" if engine == _MYSQL else "ANY (current_schemas(false))"
    rows = db.executesql(
        "SELECT column_name, data_type, is_nullable, column_default, character_maximum_length "
        f"FROM information_schema.columns WHERE table_schema = {schema} "
        f"AND table_name = {quoted(db, name)} ORDER BY ordinal_position"
    )
    return {
        row[0]: {
            "type": f"{row[1]}({row[4]})" if row[4] else row[1],
            "notnull": row[2] == "NO",
            "default": row[3],
        }
        for row in rows
    }


def indexes_of(db: Any, table: Any) -> list[dict[str, Any]] | None:
    """Return the indexes of a table: name, columns, unique; None when the engine does not say."""
    engine, name = engine_of(db), str(table._raw_rname or table._tablename)
    if engine == _SQLITE:
        out = []
        for row in db.executesql(f"PRAGMA index_list({table._rname})"):
            columns = db.executesql(f'PRAGMA index_info("{row[1]}")')
            out.append({"name": row[1], "columns": [one[2] for one in columns], "unique": bool(row[2])})
        return out
    if engine == _POSTGRES:
        rows = db.executesql(
            "SELECT i.relname, x.indisunique, a.attname FROM pg_index x "
            "JOIN pg_class i ON i.oid = x.indexrelid "
            "JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, place) ON true "
            "LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum "
            f"WHERE x.indrelid = to_regclass({quoted(db, table._rname)}) ORDER BY i.relname, k.place"
        )
    elif engine == _MYSQL:
        rows = db.executesql(
            "SELECT index_name, non_unique = 0, column_name FROM information_schema.statistics "
            f"WHERE table_schema = DATABASE() AND table_name = {quoted(db, name)} "
            "ORDER BY index_name, seq_in_index"
        )
    else:
        return None
    found: dict[str, dict[str, Any]] = {}
    for index, unique, column in rows:
        one = found.setdefault(index, {"name": index, "columns": [], "unique": bool(unique)})
        one["columns"].append(column or "(expression)")
    return list(found.values())


@contextmanager
def read_only(db: Any) -> Iterator[None]:
    """Let the database refuse every write in the block, and undo what it began.

    Raises:
        InspectorProblem: this engine can not be told to.
    """
    engine = engine_of(db)
    orders = {
        _SQLITE: ("PRAGMA query_only = ON;", "PRAGMA query_only = OFF;"),
        _POSTGRES: (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;",
        ),
        _MYSQL: ("SET SESSION TRANSACTION READ ONLY;", "SET SESSION TRANSACTION READ WRITE;"),
    }.get(engine)
    if orders is None:
        raise InspectorProblem(
            "refused", f"Hadron does not know how to make {engine} refuse writing, so it runs no query there."
        )
    db.rollback()
    adapter = db._adapter
    adapter.execute(orders[0])
    if engine != _SQLITE:
        db.commit()  # counts from the next transaction on
    try:
        yield
    finally:
        db.rollback()
        adapter.execute(orders[1])
        db.commit()


def lock_table_row(db: Any) -> None:
    """Take the right to write before reading what is to be written, where rows can not be locked."""
    if engine_of(db) == _SQLITE:
        db._adapter.execute("BEGIN IMMEDIATE TRANSACTION;")


def can_lock_rows(db: Any) -> bool:
    """Tell whether ``SELECT ... FOR UPDATE`` works."""
    return engine_of(db) in (_POSTGRES, _MYSQL)


def database_problem(error: Exception, application: Any = None) -> InspectorProblem:
    """Return what an exception of a driver, or any other, means to a person."""
    text = mask_text(str(error).strip() or type(error).__name__)
    low = text.lower()
    first = text.splitlines()[0]
    detail = mask_text("".join(traceback.format_exception(type(error), error, error.__traceback__))[-8000:])
    if "database is locked" in low or "lock timeout" in low or "lock wait timeout" in low:
        who = _lock_holders(application)
        by = f" by {who}" if who else ""
        return InspectorProblem(
            "locked", f"The database is locked{by}. Try again when the other work has ended.", detail=detail
        )
    if any(words in low for words in _GONE):
        return InspectorProblem("gone", f"The database can't be reached: {_last_line(text)}", detail=detail)
    if "no such table" in low or ("relation" in low and "does not exist" in low) or "doesn't exist" in low:
        return InspectorProblem(
            "gone",
            f"The table is not in the database yet: {first}. The application makes it at its next request.",
            detail=detail,
        )
    if "readonly database" in low or "read-only" in low:
        return InspectorProblem("refused", f"The database refuses to be changed: {first}", detail=detail)
    return InspectorProblem("failed", f"{type(error).__name__}: {first[:500]}", detail=detail)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no reason was given"


def _lock_holders(application: Any) -> str:
    """Name the processes that have an SQLite file of the application open; empty when not known."""
    if application is None:
        return ""
    files = {os.path.realpath(path) for db in application.databases().values() if (path := sqlite_file(db))}
    found: list[str] = []
    for process in psutil.process_iter(["pid", "name"]):
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if any(os.path.realpath(one.path) in files for one in process.open_files()):
                found.append(f"{process.info['name']} (process {process.pid})")
    return ", ".join(found[:5])


def quoted(db: Any, text: str) -> str:
    """Return a text as a literal of SQL."""
    return str(db._adapter.adapt(text))
