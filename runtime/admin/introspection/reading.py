"""Reading the description of a database from itself; nothing in it is changed (DBI-01, DBI-03)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runtime.admin.introspection import mysql, postgres, sqlite
from runtime.admin.introspection.description import Description
from runtime.foundation.problems import UserError

_ENGINES = {"sqlite": sqlite, "postgres": postgres, "mysql": mysql}


def engine_of(uri: str) -> str:
    """Return ``sqlite``, ``postgres`` or ``mysql`` for the address of a database.

    Raises:
        UserError: another engine.
    """
    scheme, separator, _ = uri.partition("://")
    name = scheme.partition(":")[0].lower() if separator else "sqlite"
    name = {"postgresql": "postgres", "mariadb": "mysql", "spatialite": "sqlite"}.get(name, name)
    if name not in _ENGINES:
        raise UserError(f"databases of {scheme!r} can not be described; there are: {', '.join(_ENGINES)}")
    return name


def introspect(uri: str, folder: Path | None = None) -> Description:
    """Describe the tables of a database.

    Args:
        uri: its address, as `DAL` takes it, or the path of an SQLite file.
        folder: what the path of an SQLite file is relative to; default the current one.

    Raises:
        UserError: the engine is unknown, or the database can not be read.
    """
    engine = engine_of(uri)
    with _reader(uri, engine, folder or Path.cwd()) as ask:
        tables = _ENGINES[engine].read_tables(ask)
    return Description(engine, {table.name: table for table in tables})


@contextmanager
def _reader(uri: str, engine: str, folder: Path) -> Iterator[Any]:
    """Give a function that asks the database and returns rows, in a transaction that can only read."""
    if engine == "sqlite":
        with sqlite.reader(sqlite_path(uri, folder)) as ask:
            yield ask
        return
    from runtime.dal import DAL

    try:
        db = DAL(uri, migrate_enabled=False, attempts=1, pool_size=0)
    except Exception as error:
        raise UserError(f"the database {without_password(uri)} does not answer: {_short(error)}") from None
    try:
        for statement in _ENGINES[engine].ONLY_READ:
            db.executesql(statement)
        yield db.executesql
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"the database {without_password(uri)} can not be described: {_short(error)}"
        ) from None
    finally:
        db.rollback()
        db.close()


def sqlite_path(uri: str, folder: Path) -> Path:
    """Return the file of an SQLite database.

    Raises:
        UserError: there is none.
    """
    name = uri.partition("://")[2] if "://" in uri else uri
    path = folder / Path(name).expanduser()
    if not path.is_file():
        raise UserError(f"there is no database {path}")
    return path


def without_password(uri: str) -> str:
    """Return an address that may be shown."""
    before, separator, rest = uri.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{before}{separator}{user}{':***' if colon else ''}{at}{place}"


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
