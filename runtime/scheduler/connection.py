"""The worker's own connection to the scheduler's database: plain SQL, short transactions.

A worker keeps a connection apart from those of models: nothing that an
application does on its database object can leave a transaction of the
worker open, or commit half of one.
"""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydal.helpers.methods import bar_decode_string, bar_encode

_SQLITE_WAIT_MS = 30_000
_PASSING = ("locked", "busy", "disk i/o", "unable to open", "readonly")
"""What SQLite says of troubles that pass."""


class WorkerConnection:
    """One connection, opened when it is needed and again after it was lost. Used by one thread.

    Statements are written with ``?`` for values.

    Args:
        adapter: pydal's adapter of the database; it knows how to connect.
    """

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self.engine: str = adapter.dbengine
        self.is_sqlite = self.engine in ("sqlite", "spatialite")
        self.is_postgres = self.engine == "postgres"
        self.true = str(adapter.represent(True, "boolean"))
        self.false = str(adapter.represent(False, "boolean"))
        listed = str(adapter.represent(["x"], "list:string"))
        self._lists_are_text = listed.lstrip("EeNn").startswith("'")
        self._percent = getattr(adapter.driver, "paramstyle", "qmark") in ("format", "pyformat")
        self._connection: Any = None
        self._cursor: Any = None
        self._version: int | None = None
        self._depth = 0

    # -- connecting --------------------------------------------------------------------------

    def open(self) -> Any:
        """Return the connection, opened when there is none; statements commit by themselves."""
        if self._connection is None:
            connection = self.connect()
            self._connection = connection
            self._cursor = connection.cursor()
        return self._connection

    def connect(self) -> Any:
        """Return a new connection of the driver, in a mode where each statement commits by itself."""
        connection = self._adapter.connector()
        if self.is_sqlite:
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout={_SQLITE_WAIT_MS}")
        elif self.is_postgres:
            connection.autocommit = True
        return connection

    def close(self) -> None:
        """Close the connection; the next statement opens another."""
        connection, self._connection, self._cursor = self._connection, None, None
        self._depth = 0
        self._version = None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def passes(self, error: BaseException) -> bool:
        """Tell whether `error` is a lost or busy database, so that trying again makes sense."""
        driver = self._adapter.driver
        kinds = tuple(
            kind
            for kind in (getattr(driver, "OperationalError", None), getattr(driver, "InterfaceError", None))
            if kind is not None
        )
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            return True
        if not isinstance(error, kinds):
            return getattr(self._connection, "closed", 0) not in (0, False, None)
        return not self.is_sqlite or any(word in str(error).lower() for word in _PASSING)

    def changed(self) -> bool:
        """Tell whether another connection has committed to the SQLite file since the last call."""
        self.open()
        self._cursor.execute("PRAGMA data_version")
        version = self._cursor.fetchone()[0]
        before, self._version = self._version, version
        return before is not None and before != version

    # -- statements --------------------------------------------------------------------------

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the statements of the block together; none of them when it raises."""
        self.open()
        if self.is_sqlite:
            self._cursor.execute("BEGIN IMMEDIATE")  # no reader that wants to write later: no deadlock
        elif self.is_postgres:
            self._cursor.execute("BEGIN")
        self._depth = 1
        try:
            yield
            self._end("COMMIT")
        except BaseException:
            with contextlib.suppress(Exception):
                self._end("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def _end(self, how: str) -> None:
        if self.is_sqlite or self.is_postgres:
            self._cursor.execute(how)
        elif how == "COMMIT":
            self._connection.commit()
        else:
            self._connection.rollback()

    def run(self, sql: str, *values: Any) -> int:
        """Carry out a statement; returns how many rows it changed."""
        self.open()
        self._execute(sql, values)
        count: int = self._cursor.rowcount
        self._commit_alone()
        return count

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Return all rows of a select."""
        self.open()
        self._execute(sql, values)
        found: list[Any] = self._cursor.fetchall()
        self._commit_alone()
        return found

    def first(self, sql: str, *values: Any) -> Any:
        """Return the first row of a select, None when there is none."""
        self.open()
        self._execute(sql, values)
        found = self._cursor.fetchone()
        if not (self.is_sqlite or self.is_postgres):
            self._cursor.close()  # the other rows are of no interest
            self._cursor = self._connection.cursor()
        self._commit_alone()
        return found

    def _execute(self, sql: str, values: Sequence[Any]) -> None:
        if self._percent:
            sql = sql.replace("?", "%s")
        self._cursor.execute(sql, [self._value(value) for value in values])

    def _commit_alone(self) -> None:
        if not self._depth and not (self.is_sqlite or self.is_postgres):
            self._connection.commit()

    # -- values ------------------------------------------------------------------------------

    @property
    def limit_one(self) -> str:
        """What limits a select to one row, where that is known."""
        return self.limit(1)

    def limit(self, count: int) -> str:
        """What limits a select to some rows, where that is known."""
        known = self.is_sqlite or self.is_postgres or self.engine == "mysql"
        return f" LIMIT {count}" if known else ""

    def _value(self, value: Any) -> Any:
        if isinstance(value, datetime.datetime):
            value = value.replace(microsecond=0)
            return value.isoformat(" ") if self.is_sqlite else value
        if isinstance(value, bool):
            raise TypeError("truth values are written into the statement")
        if isinstance(value, str):
            # neither NUL nor half a surrogate pair can be stored
            return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        return value

    def list_of(self, names: list[str]) -> Any:
        """Return the value of a column that holds a list of names."""
        return bar_encode(names) if self._lists_are_text else list(names)


def read_time(value: Any) -> datetime.datetime | None:
    """Return a time as a column holds it."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return datetime.datetime.fromisoformat(str(value)[:19])


def read_true(value: Any) -> bool:
    """Return a truth value as a column holds it."""
    return value is True or str(value)[:1] in ("T", "t", "1")


def read_names(value: Any) -> list[str]:
    """Return a list of names as a column holds it."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [str(name) for name in value]
    return [str(name) for name in bar_decode_string(value)]


def read_json(value: Any) -> dict[str, Any]:
    """Return a dictionary as a JSON column holds it; empty when it is something else."""
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
