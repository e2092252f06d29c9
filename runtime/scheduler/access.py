"""How to reach the scheduler's database without the database layer: a worker stays small (SCHED-61)."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
from collections.abc import Callable
from typing import Any

_SQLITE_WAIT_MS = 30_000
_FOUND_ROWS = 2  # client flag of MySQL: count the rows that a statement has found, as the others do
_NETWORK_PATIENCE = 10  # seconds after which a connection is given up whose other end does not answer
_POSTGRES_SESSION = (
    # a worker whose line is cut must not keep rows locked
    f"SET idle_in_transaction_session_timeout = '{_NETWORK_PATIENCE}s'",
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 3",
)
_MYSQL_SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    f"SET SESSION innodb_lock_wait_timeout = {_NETWORK_PATIENCE}",
    f"SET SESSION idle_transaction_timeout = {_NETWORK_PATIENCE}",
)


@dataclasses.dataclass(frozen=True)
class DatabaseAccess:
    """What a worker has to know of a database.

    Attributes:
        engine: pydal's name of the kind of database.
        driver: module of the driver.
        arguments, options: of the driver's function that connects.
        paramstyle: how the driver marks values in a statement.
        true, false: truth values as statements write them.
        lists_are_text: a list of names is one text.
        opener: connects where only pydal knows how; such an access can not be told to another process.
    """

    engine: str
    driver: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    paramstyle: str
    true: str
    false: str
    lists_are_text: bool
    opener: Callable[[], Any] | None = None

    @property
    def is_sqlite(self) -> bool:
        """SQLite: a file, one writer at a time."""
        return self.engine in ("sqlite", "spatialite")

    @property
    def is_postgres(self) -> bool:
        """PostgreSQL."""
        return self.engine == "postgres"

    @property
    def is_mysql(self) -> bool:
        """MySQL or MariaDB."""
        return self.engine == "mysql"

    @property
    def file(self) -> str | None:
        """The file of a SQLite database."""
        return str(self.arguments[0]) if self.is_sqlite and self.arguments else None

    def module(self) -> Any:
        """Return the driver."""
        return importlib.import_module(self.driver)

    def connect(self) -> Any:
        """Return a new connection, in a mode where each statement commits by itself.

        Raises:
            Exception: the driver's, when the database can not be reached.
        """
        if self.opener is not None:
            return self.opener()
        connection = self.module().connect(*self.arguments, **self.options)
        if self.is_sqlite:
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout={_SQLITE_WAIT_MS}")
        elif self.is_postgres:
            connection.autocommit = True
            self._prepare(connection, _POSTGRES_SESSION)
        elif self.is_mysql:
            connection.autocommit(True)
            self._prepare(connection, _MYSQL_SESSION)
        return connection

    def tune_for_claims(self, connection: Any) -> None:
        """Let the database read tasks in the order of their index, and only as many as are taken.

        Where nothing is known yet of a table, PostgreSQL's planner thinks it
        small and sorts everything that waits.
        """
        if self.is_postgres:
            self._prepare(
                connection, tuple(f"SET enable_{way} = off" for way in ("sort", "bitmapscan", "seqscan"))
            )

    @staticmethod
    def _prepare(connection: Any, statements: tuple[str, ...]) -> None:
        with contextlib.closing(connection.cursor()) as cursor:
            for statement in statements:
                with contextlib.suppress(Exception):  # older servers know fewer of them
                    cursor.execute(statement)

    def as_message(self) -> dict[str, Any] | None:
        """Return this as what JSON can hold; None when it can not be told to another process."""
        if self.opener is not None:
            return None
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del values["opener"]
        try:
            return json.loads(json.dumps(values))  # type: ignore[no-any-return]
        except (TypeError, ValueError):
            return None


def access_from(message: dict[str, Any]) -> DatabaseAccess:
    """Return what `DatabaseAccess.as_message` has told."""
    return DatabaseAccess(**{**message, "arguments": tuple(message["arguments"])})


def access_of(adapter: Any) -> DatabaseAccess:
    """Return how to reach the database of an adapter of pydal."""
    engine: str = adapter.dbengine
    options = dict(adapter.driver_args)
    arguments: tuple[Any, ...] = ()
    driver = str(getattr(adapter.driver, "__name__", ""))
    opener = None
    if engine in ("sqlite", "spatialite"):
        driver, arguments = "sqlite3", (adapter.dbpath,)
        options.pop("detect_types", None)  # times are read by `read_time`
    elif engine == "postgres" and driver == "psycopg2":
        options.update(
            connect_timeout=options.get("connect_timeout", _NETWORK_PATIENCE),
            keepalives_idle=5, keepalives_interval=2, keepalives_count=3,
            tcp_user_timeout=_NETWORK_PATIENCE * 1000,
        )  # fmt: skip
    elif engine == "mysql" and driver in ("pymysql", "MySQLdb"):
        for old, new in (("db", "database"), ("passwd", "password")):
            if old in options:
                options[new] = options.pop(old)
        options.update(
            client_flag=int(options.get("client_flag", 0)) | _FOUND_ROWS,
            connect_timeout=_NETWORK_PATIENCE, read_timeout=_NETWORK_PATIENCE,
            write_timeout=_NETWORK_PATIENCE,
        )  # fmt: skip
    else:
        engine = "other" if engine in ("postgres", "mysql") else engine
        opener = adapter.connector
    listed = str(adapter.represent(["x"], "list:string"))
    return DatabaseAccess(
        engine=engine,
        driver=driver,
        arguments=arguments,
        options=options,
        paramstyle=str(getattr(adapter.driver, "paramstyle", "qmark")),
        true=str(adapter.represent(True, "boolean")),
        false=str(adapter.represent(False, "boolean")),
        lists_are_text=listed.lstrip("EeNn").startswith("'"),
        opener=opener,
    )
