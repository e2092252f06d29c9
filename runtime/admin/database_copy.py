"""Copying a database into an empty one, of another engine if wanted (SITE-04)."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from runtime import dal
from runtime.admin.introspection import apply_description, introspect, write_models
from runtime.admin.introspection.reading import engine_of, sqlite_path, without_password
from runtime.foundation.problems import UserError
from runtime.web.environment import base_names
from runtime.web.outside import models_of

_BATCH = 1000  # rows read at once

Progress = Callable[[str, int], None]
"""Told the name of a table and its number of rows, when it is copied."""


def copy_application(site: Path, application: str, target: str, name: str, progress: Progress) -> int:
    """Copy the database of an application, so that its models can use the new address at once.

    The target gets the tables as the models define them, with the files of `databases/` that belong to
    its address. Ids stay; the source is only read.

    Args:
        site: the site folder.
        application: its name.
        target: address of the new database, exactly as the models will say it.
        name: of the database object in the models; empty for the only one.
        progress: see `Progress`.

    Returns:
        The number of rows copied.

    Raises:
        UserError: there is no such application or database, the target has rows, or it refuses one.
    """
    with models_of(site, application) as environment:
        source = _database(environment, application, name)
        existing = _tables_of(target, site / "applications" / application / "databases")
        with _open(target, folder=environment["request"].folder + "databases") as db:
            for table in _defined(source):
                fields = [_bare(field) for field in table if field.type != "id" or field.name != "id"]
                options = {"primarykey": list(table._primarykey)} if hasattr(table, "_primarykey") else {}
                there = table._raw_rname.strip('"`') in existing
                define = partial(db.define_table, table._tablename, *fields, fake_migrate=there, **options)
                _trying(target, define)
            return _copy(source, db, target, progress)


def copy_database(source: str, target: str, progress: Progress) -> int:
    """Copy a database that no models describe, by introspection; returns the number of rows.

    Args:
        source, target: addresses, or paths of SQLite files.
        progress: see `Progress`.

    Raises:
        UserError: see `copy_application`.
    """
    found = introspect(source)
    engine = engine_of(target)
    if engine == "sqlite":
        path = Path(target.partition("://")[2] if "://" in target else target)
        path.touch()
    plan = apply_description(target, found, write=True)
    if plan.left:
        raise UserError(f"{without_password(target)} has other tables of these names: {plan.left[0]}")
    with (
        tempfile.TemporaryDirectory() as folder,
        _open(source, folder) as old,
        _open(target, folder) as new,
    ):
        exec(write_models(found), base_names() | {"db": old})  # noqa: S102  # a file that we wrote ourselves
        exec(write_models(dataclasses.replace(found, engine=engine)), base_names() | {"db": new})  # noqa: S102
        return _copy(old, new, target, progress)


def _database(environment: dict[str, Any], application: str, name: str) -> Any:
    found = {key: value for key, value in environment.items() if isinstance(value, dal.DAL)}
    if name:
        if name not in found:
            raise UserError(f"the models of {application} have no database {name!r}")
        return found[name]
    if len({id(db) for db in found.values()}) != 1:
        names = ", ".join(sorted(found)) or "none"
        raise UserError(
            f"the models of {application} have to have one database, or --db names it; there are: {names}"
        )
    return next(iter(found.values()))


def _tables_of(uri: str, folder: Path) -> set[str]:
    """Return the names of the tables that a database has; none for a file that is not there yet."""
    if engine_of(uri) == "sqlite":
        try:
            sqlite_path(uri, folder)
        except UserError:
            return set()
    return set(introspect(uri, folder).tables)


@contextmanager
def _open(uri: str, folder: str) -> Iterator[Any]:
    """Open a database; SQLite files by their paths from here, not from `folder`."""
    if engine_of(uri) == "sqlite" and "://" not in uri:
        uri = f"sqlite://{Path(uri).resolve()}"
    db = _trying(uri, lambda: dal.DAL(uri, folder=folder, attempts=1, pool_size=0, check_reserved=None))
    try:
        yield db
    finally:
        db.rollback()
        db.close()


def _trying(uri: str, work: Callable[[], Any]) -> Any:
    """Do something with a database; what it refuses becomes a sentence."""
    try:
        return work()
    except UserError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:400] or type(error).__name__
        raise UserError(f"{without_password(uri)}: {reason}") from None


def _defined(db: Any) -> list[Any]:
    """Return the tables of a database, those referred to first, as far as circles allow."""
    done: dict[str, Any] = {}
    waiting: set[str] = set()

    def visit(name: str) -> None:
        if name in done or name in waiting:
            return
        waiting.add(name)
        for target in sorted(filter(None, map(_referred, db[name]))):
            if target in db.tables:
                visit(target)
        done[name] = db[name]

    for name in db.tables:
        visit(name)
    return list(done.values())


def _referred(field: Any) -> str:
    """Return the table that a field refers to."""
    kind = field.type if isinstance(field.type, str) else ""
    return kind[len("reference ") :].partition(".")[0].strip() if kind.startswith("reference ") else ""


def _bare(field: Any) -> dal.Field:
    """Return a field of the same column, without defaults, computations and validators."""
    return dal.Field(
        field.name, field.type, length=field.length, notnull=field.notnull, unique=field.unique, requires=None
    )


def _copy(source: Any, target: Any, uri: str, progress: Progress) -> int:
    tables = _defined(source)
    for table in tables:
        if _trying(uri, target(target[table._tablename]).isempty) is False:
            raise UserError(
                f"{without_password(uri)}: the table {table._tablename} has rows; nothing was copied"
            )
    later: list[tuple[Any, Any, dict[str, Any]]] = []
    total = 0
    copied: set[str] = set()
    for table in tables:
        new = target[table._tablename]
        names = [name for name in table.fields if name in new.fields]
        waiting = [n for n in names if _referred(table[n]) and _referred(table[n]) not in copied]
        count = 0
        for row in _rows(source, table):
            values = {name: row[name] for name in names}
            put_off = {name: values[name] for name in waiting if values[name] is not None}
            _insert(uri, new, values | dict.fromkeys(put_off))
            if put_off:
                later.append((new, _key(table, row), put_off))
            count += 1
        copied.add(table._tablename)
        total += count
        progress(table._tablename, count)
    for new, key, values in later:
        _trying(uri, partial(target(_query(new, key)).update, **values))
    _trying(uri, partial(_finish, target))
    return total


def _insert(uri: str, table: Any, values: dict[str, Any]) -> None:
    try:
        table.insert(**values)
    except Exception as error:
        reason = " ".join(str(error).split())[:400]
        key = {name: values[name] for name in _key_names(table)}
        raise UserError(
            f"{without_password(uri)} refuses a row of {table._tablename}, {key}: {reason}"
        ) from None


def _key_names(table: Any) -> list[str]:
    return list(getattr(table, "_primarykey", None) or [table._id.name])


def _key(table: Any, row: Any) -> dict[str, Any]:
    return {name: row[name] for name in _key_names(table)}


def _query(table: Any, key: dict[str, Any]) -> Any:
    query = None
    for name, value in key.items():
        one = table[name] == value
        query = one if query is None else query & one
    return query


def _rows(db: Any, table: Any) -> Iterator[Any]:
    """Read a table piece by piece, in the order of its key."""
    keys = [table[name] for name in _key_names(table)]
    if len(keys) == 1 and keys[0].type == "id":
        last = None
        while True:
            query = keys[0] > last if last is not None else keys[0] != None  # noqa: E711  # a query, no comparison
            rows = db(query, ignore_common_filters=True).select(
                table.ALL, orderby=keys[0], limitby=(0, _BATCH), cacheable=True
            )
            yield from rows
            if len(rows) < _BATCH:
                return
            last = rows.last()[keys[0].name]
    start = 0
    while True:
        rows = db(table, ignore_common_filters=True).select(
            table.ALL, orderby=keys, limitby=(start, start + _BATCH), cacheable=True
        )
        yield from rows
        if len(rows) < _BATCH:
            return
        start += _BATCH


def _finish(db: Any) -> None:
    """Let PostgreSQL number on from the highest id, and commit."""
    if engine_of(db._uri) == "postgres":
        for name in db.tables:
            table = db[name]
            if not hasattr(table, "_primarykey"):
                column = table._id._raw_rname
                db.executesql(
                    f"SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max({table._id._rname}) FROM "  # noqa: S608
                    f"{table._rname})) WHERE pg_get_serial_sequence(%s, %s) IS NOT NULL",
                    [table._rname, column, table._rname, column],
                )
    db.commit()
