"""Writing a model file from a description: `define_table`s with `migrate=False` (DBI-01, DBI-03)."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from urllib.parse import unquote

from pydal import DAL
from pydal.objects import Table as DALTable

from runtime.admin.introspection.description import Column, Description, Table

PASSWORD_VARIABLE = "DATABASE_PASSWORD"  # noqa: S105  # the name of an environment variable
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_QUOTES = {"mysql": "`"}


def write_models(found: Description, uri: str = "", db: str = "db", origin: str = "") -> str:
    """Return a model file that defines the described tables and never alters them.

    Args:
        found: the description.
        uri: address of the database, for the line that opens it; empty to leave that line out. A password
            in it is replaced by an environment variable.
        db: name of the database object.
        origin: where the description comes from, for the first line.
    """
    lines = [f"# Tables of {origin or 'an existing database'}, found by introspection."]
    lines += ["# They are never created or altered: migrate=False.", ""]
    bytes_used = any(column.type == "bytes" for table in found.tables.values() for column in table.columns)
    if bytes_used:
        lines += _bytes_type(found.engine)
    if uri:
        lines += _opening(uri, db)
    names = table_names(found)
    for table in in_order(found.tables):
        lines += _define(table, found, names, db)
    return "\n".join(lines).rstrip() + "\n"


def table_names(found: Description) -> dict[str, str]:
    """Return the name of each table in the models, by its name in the database."""
    return {table.name: _python_name(table.name, hasattr_of=DAL) for table in found.tables.values()}


def _opening(uri: str, db: str) -> list[str]:
    before, separator, rest = uri.partition("://")
    if not separator:  # the path of an SQLite file
        return [f"{db} = DAL({f'sqlite://{uri}'!r}, migrate_enabled=False)", ""]
    login, at, place = rest.rpartition("@")
    user, colon, password = login.partition(":")
    if not (at and colon and unquote(password)):
        return [f"{db} = DAL({uri!r}, migrate_enabled=False)", ""]
    return [
        "import os",
        "from urllib.parse import quote",
        "",
        f"# the password is in the environment variable {PASSWORD_VARIABLE}",
        f"password = quote(os.environ[{PASSWORD_VARIABLE!r}], safe='')",
        f"{db} = DAL({f'{before}://{user}:'!r} + password + {f'@{place}'!r}, migrate_enabled=False)",
        "",
    ]


def _bytes_type(engine: str) -> list[str]:
    literal = "\"'\\\\x%s'::bytea\"" if engine == "postgres" else "\"X'%s'\""
    native = "BYTEA" if engine == "postgres" else "BLOB"
    return [
        "from gluon.dal import SQLCustomType",
        "",
        "# Bytes as they are; a field of type blob would keep them as base64.",
        "raw_bytes = SQLCustomType(",
        f"    type='blob', native={native!r},",
        f"    encoder=lambda value: None if value is None else {literal} % bytes(value).hex(),",
        "    decoder=lambda value: None if value is None else bytes(value))",
        "",
    ]


def in_order(tables: dict[str, Table]) -> list[Table]:
    """Return tables so that those referred to come first, as far as circles allow; else by name."""
    done: dict[str, Table] = {}
    waiting: set[str] = set()

    def visit(table: Table) -> None:
        if table.name in done or table.name in waiting:
            return
        waiting.add(table.name)
        for target in sorted({column.reference.table for column in table.columns if column.reference}):
            if target in tables:
                visit(tables[target])
        done[table.name] = table

    for name in sorted(tables):
        visit(tables[name])
    return list(done.values())


def id_column(table: Table) -> Column | None:
    """Return the column that a field of type ``id`` stands for: the only key, a whole number."""
    if len(table.primary_key) != 1:
        return None
    column = table.column(table.primary_key[0])
    if column is None or column.type not in ("integer", "bigint"):
        return None
    return column if column.automatic or column.reference is None else None


def _python_name(name: str, *, hasattr_of: type) -> str:
    """Return `name` where it can name a table or field, else one like it."""
    changed = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_") or "unnamed"
    if not changed[0].isalpha():
        changed = f"t_{changed}"
    while (
        hasattr(hasattr_of, changed) or keyword.iskeyword(changed) or changed in ("exec", "print", "fields")
    ):
        changed += "_"
    return changed


def _quote(name: str, engine: str) -> str:
    sign = _QUOTES.get(engine, '"')
    return sign + name.replace(sign, sign * 2) + sign


def _define(table: Table, found: Description, names: dict[str, str], db: str) -> list[str]:
    identity = id_column(table)
    lines = [f"# {line}" for line in table.comment.splitlines()]
    lines.append(f"{db}.define_table(")
    lines.append(f"    {names[table.name]!r},")
    fields: dict[str, str] = {}
    if identity is None and not table.primary_key and found.engine == "sqlite":
        lines.append("    Field('rowid', 'id'),  # the table has no key: SQLite numbers its rows")
    for column in table.columns:
        fields[column.name] = _python_name(column.name, hasattr_of=DALTable)
        lines += _field(column, fields[column.name], column is identity, found, names)
    if identity is None and (table.primary_key or found.engine != "sqlite"):
        key = table.primary_key or tuple(column.name for column in table.columns)
        lines.append(f"    primarykey={[fields[name] for name in key]!r},")
    if names[table.name] != table.name:
        lines.append(f"    rname={_quote(table.name, found.engine)!r},")
    lines += [f"    # unique together: {', '.join(fields[name] for name in key)}" for key in table.unique]
    return [*lines, "    migrate=False,", ")", ""]


def _field(column: Column, name: str, is_id: bool, found: Description, names: dict[str, str]) -> list[str]:
    arguments = [repr(name)]
    notes: list[str] = []
    if is_id:
        arguments.append("'id'")
    else:
        kind, note = _type_of(column, found, names)
        arguments.append(kind)
        notes += note
        arguments += _options(column, kind)
        if column.expression == "generated":
            notes.append("computed by the database")
        elif column.expression:
            notes.append(f"default of the database: {column.expression}")
    if name != column.name:
        arguments.append(f"rname={_quote(column.name, found.engine)!r}")
    comment = f"  # {_one_line('; '.join(notes))}" if notes else ""
    return [f"    Field({', '.join(arguments)}),{comment}"]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _type_of(column: Column, found: Description, names: dict[str, str]) -> tuple[str, list[str]]:
    """Return the type as source, and what is worth a remark."""
    if column.reference is not None and column.reference.table in found.tables:
        target = found.tables[column.reference.table]
        identity = id_column(target)
        if identity is not None and identity.name == column.reference.column:
            return repr(f"reference {names[target.name]}"), []
        if identity is None and target.primary_key == (column.reference.column,):
            key = _python_name(column.reference.column, hasattr_of=DALTable)
            return repr(f"reference {names[target.name]}.{key}"), []
        notes = [f"refers to {column.reference}"]
    else:
        notes = [f"refers to {column.reference}"] if column.reference else []
    if column.type == "bytes":
        return "raw_bytes", notes
    if column.type == "string" and column.length is None and not column.choices:
        notes.append(f"{column.native} in the database")
    return repr(column.type), notes


def _options(column: Column, kind: str) -> Iterable[str]:
    if column.type == "string" and column.length is not None and "reference" not in kind:
        yield f"length={column.length}"
    if column.notnull:
        yield "notnull=True"
    if column.unique:
        yield "unique=True"
    if column.default is not None:
        yield f"default={column.default!r}"
    if column.choices:
        yield f"requires=IS_IN_SET({list(column.choices)!r})"
    if column.expression == "generated":
        yield "writable=False"
    if column.comment:
        yield f"comment={column.comment!r}"
