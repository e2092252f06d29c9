"""The worker's own connection to the scheduler's database: plain SQL, short transactions.

A worker keeps a connection apart from those of models: nothing that an
application does on its database object can leave a transaction of the
worker open, or commit half of one.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from runtime.scheduler.access import DatabaseAccess

_PASSING = ("locked", "busy", "disk i/o", "unable to open", "readonly")
"""What SQLite says of troubles that pass."""

_LASTING = (1044, 1045, 1049, 1054, 1064, 1142)
"""Numbers of MySQL's operational errors that trying again does not mend: rights, names, syntax."""


UTC_CLOCKS = {
    "postgres": "clock_timestamp() AT TIME ZONE 'UTC'",
    "mysql": "UTC_TIMESTAMP(6)",
}
"""How to ask a database for its own time."""


class WorkerConnection:
    """One connection, opened when it is needed and again after it was lost. Used by one thread.

    Statements are written with ``?`` for values.

    Args:
        access: how to reach the database.
        claims: it takes tasks: the database is tuned for that.
    """

    def __init__(self, access: DatabaseAccess, claims: bool = False) -> None:
        self.access = access
        self._claims = claims
        self.engine = access.engine
        self.is_sqlite = access.is_sqlite
        self.is_postgres = access.is_postgres
        self.is_mysql = access.is_mysql
        self.true = access.true
        self.false = access.false
        self._percent = access.paramstyle in ("format", "pyformat")
        self._connection: Any = None
        self._cursor: Any = None
        self._version = 0
        self._depth = 0
        self._skips_locked = True
        self._returns = self.is_postgres or self.is_sqlite

    @property
    def commits_alone(self) -> bool:
        """Each statement outside of a transaction commits by itself."""
        return self.is_sqlite or self.is_postgres or self.is_mysql

    # -- connecting --------------------------------------------------------------------------

    def open(self) -> Any:
        """Return the connection, opened when there is none; statements commit by themselves."""
        if self._connection is None:
            connection = self.access.connect()
            if self._claims:
                self.access.tune_for_claims(connection)
            self._connection = connection
            self._cursor = connection.cursor()
            try:
                self._learn()
            except BaseException:
                self.close()
                raise
        return self._connection

    def _learn(self) -> None:
        """Find out what this version of the database can do."""
        if self.is_mysql:
            self._cursor.execute("SELECT VERSION()")
            text = str(self._cursor.fetchone()[0])
            found = re.match(r"(\d+)\.(\d+)", text)
            version = (int(found[1]), int(found[2])) if found else (0, 0)
            maria = "maria" in text.lower()
            self._skips_locked = version >= ((10, 6) if maria else (8, 0))
            self._returns = maria and version >= (10, 5)
        elif self.is_sqlite:
            self._returns = self.access.module().sqlite_version_info >= (3, 35, 0)
            self._version = self._read_version()  # before any look: what is committed after it is a change

    def close(self) -> None:
        """Close the connection; the next statement opens another."""
        connection, self._connection, self._cursor = self._connection, None, None
        self._depth = 0
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def passes(self, error: BaseException) -> bool:
        """Tell whether `error` is a lost or busy database, so that trying again makes sense."""
        driver = self.access.module() if self.access.driver else None
        kinds = tuple(
            kind
            for kind in (getattr(driver, "OperationalError", None), getattr(driver, "InterfaceError", None))
            if kind is not None
        )
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            return True
        if not isinstance(error, kinds):
            return getattr(self._connection, "closed", 0) not in (0, False, None)
        if self.is_mysql:
            return not error.args or error.args[0] not in _LASTING
        return not self.is_sqlite or any(word in str(error).lower() for word in _PASSING)

    def changed(self) -> bool:
        """Tell whether somebody else has committed to the SQLite file since the last call, or the opening."""
        self.open()
        before, self._version = self._version, self._read_version()
        return before != self._version

    def _read_version(self) -> int:
        self._cursor.execute("PRAGMA data_version")
        return int(self._cursor.fetchone()[0])

    # -- statements --------------------------------------------------------------------------

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the statements of the block together; none of them when it raises."""
        self.open()
        if self.is_sqlite:
            self._cursor.execute("BEGIN IMMEDIATE")  # no reader that wants to write later: no deadlock
        elif self.commits_alone:
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
        if self.commits_alone:
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
        found: list[Any] = list(self._cursor.fetchall())
        self._commit_alone()
        return found

    def first(self, sql: str, *values: Any) -> Any:
        """Return the first row of a select, None when there is none."""
        self.open()
        self._execute(sql, values)
        found = self._cursor.fetchone()
        if not self.commits_alone:
            self._cursor.close()  # the other rows are of no interest
            self._cursor = self._connection.cursor()
        self._commit_alone()
        return found

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int] | None:
        """Insert rows; returns their ids in order where the database tells them, else None."""
        marks = f"({', '.join('?' * len(columns))})"
        start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608  # names of this room
        if self.commits_alone:
            sql = start + ", ".join([marks] * len(rows))
            values = [value for row in rows for value in row]
            if self._returns:
                return sorted(int(row[0]) for row in self.rows(f"{sql} RETURNING id", *values))
            self.run(sql, *values)
        else:
            for row in rows:
                self.run(start + marks, *row)
        return None

    def _execute(self, sql: str, values: Sequence[Any]) -> None:
        if self._percent:
            sql = sql.replace("?", "%s")
        self._cursor.execute(sql, [self._value(value) for value in values])

    def _commit_alone(self) -> None:
        if not self._depth and not self.commits_alone:
            self._connection.commit()

    # -- dialects ----------------------------------------------------------------------------

    def limit(self, count: int) -> str:
        """What limits a select to some rows, where that is known."""
        return f" LIMIT {count}" if self.commits_alone else ""

    def lock(self, of: str = "", skip: bool = True) -> str:
        """What locks the rows that a select finds, where rows can be locked.

        Args:
            of: the table, where several are named.
            skip: pass by the rows that somebody else has locked.
        """
        if not (self.is_postgres or self.is_mysql):
            return ""
        self.open()
        of = f" OF {of}" if of and self.is_postgres else ""
        return f" FOR UPDATE{of}{' SKIP LOCKED' if skip and self._skips_locked else ''}"

    @property
    def utc_clock(self) -> str | None:
        """The expression of the database's own time in UTC; None where this machine's clock is the clock."""
        return UTC_CLOCKS.get(self.engine)

    # -- values ------------------------------------------------------------------------------

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
        if not self.access.lists_are_text:
            return list(names)
        return f"|{'|'.join(name.replace('|', '||') for name in names)}|" if names else "||"


def marks(count: int) -> str:
    """Return as many marks of values, with commas."""
    return ", ".join("?" * count)


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
    text = str(value).strip()
    inner = text[1:-1] if text.startswith("|") and text.endswith("|") and len(text) > 1 else text
    return [name.replace("||", "|") for name in re.split(r"(?<!\|)\|(?!\|)", inner) if name.strip()]


def read_json(value: Any) -> dict[str, Any]:
    """Return a dictionary as a JSON column holds it; empty when it is something else."""
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
