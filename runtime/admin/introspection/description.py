"""The description of a database: tables, columns, keys; written and read as YAML (DBI-02, DBI-07)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from runtime.foundation.problems import UserError

FORMAT = "hadron database description 1"


class DescriptionError(UserError):
    """A description can not be read; the text says where and why."""


@dataclass(frozen=True)
class Reference:
    """What a foreign key of one column points to."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: as in the database.
        type: of a field: ``string``, ``text``, ``integer``, ``bigint``, ``double``, ``decimal(p,s)``,
            ``boolean``, ``date``, ``time``, ``datetime``, ``json`` or ``bytes`` (raw ones, which no type of
            a field holds).
        native: as the database calls it.
        length: most characters of a ``string``; None for others.
        notnull: NULL is refused.
        unique: no value twice, by this column alone.
        default: a literal default; None when there is none.
        expression: a default that the database computes, as it is written there.
        reference: of a foreign key of this column alone.
        choices: the only values, of an ``enum``.
        automatic: the database numbers it.
        comment: as in the database.
    """

    name: str
    type: str
    native: str = ""
    length: int | None = None
    notnull: bool = False
    unique: bool = False
    default: str | int | float | bool | None = None
    expression: str | None = None
    reference: Reference | None = None
    choices: tuple[str, ...] = ()
    automatic: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Table:
    """A table; `unique` holds the unique keys of more than one column."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    comment: str = ""

    def column(self, name: str) -> Column | None:
        """Return the column of a name, None when there is none."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Description:
    """The tables of a database, by name, as it lists them.

    Attributes:
        engine: ``sqlite``, ``postgres`` or ``mysql``; empty when nobody said.
        tables: by name.
    """

    engine: str = ""
    tables: dict[str, Table] = field(default_factory=dict)


_COLUMN_FLAGS = ("notnull", "unique", "automatic")
_COLUMN_TEXTS = ("native", "expression", "comment")


def to_yaml(found: Description) -> str:
    """Return a description as YAML, the same for the same database."""
    tables = {}
    for table in found.tables.values():
        entry: dict[str, Any] = {
            "columns": {column.name: _column_as_data(column) for column in table.columns}
        }
        if table.primary_key:
            entry["primary_key"] = list(table.primary_key)
        if table.unique:
            entry["unique"] = [list(names) for names in table.unique]
        if table.comment:
            entry["comment"] = table.comment
        tables[table.name] = entry
    data = {"format": FORMAT, "engine": found.engine, "tables": tables}
    text = _dumped(data, readable=True)
    # letters that some systems take for line ends do not survive as they are
    return text if yaml.safe_load(text) == data else _dumped(data, readable=False)


def _dumped(data: Any, *, readable: bool) -> str:
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=readable, width=100))


def _column_as_data(column: Column) -> dict[str, Any]:
    data: dict[str, Any] = {"type": column.type}
    data |= {name: getattr(column, name) for name in _COLUMN_TEXTS if getattr(column, name)}
    data |= {name: True for name in _COLUMN_FLAGS if getattr(column, name)}
    if column.length is not None:
        data["length"] = column.length
    if column.default is not None:
        data["default"] = column.default
    if column.reference is not None:
        data["references"] = {"table": column.reference.table, "column": column.reference.column}
    if column.choices:
        data["choices"] = list(column.choices)
    return data


def from_yaml(text: str) -> Description:
    """Read a description.

    Raises:
        DescriptionError: it is no YAML, or not such a description.
    """
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DescriptionError(f"the description is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DescriptionError(
            f"this is no description of a database: it has to begin with `format: {FORMAT}`"
        )
    tables = _dictionary(data.get("tables") or {}, "tables")
    found = {name: _table(name, _dictionary(entry, f"table {name}")) for name, entry in tables.items()}
    return Description(_text(data.get("engine") or "", "engine"), found)


def _table(name: str, data: dict[str, Any]) -> Table:
    where = f"table {name}"
    columns = _dictionary(data.get("columns"), f"{where}: columns")
    read = tuple(_column(where, column, entry) for column, entry in columns.items())
    primary = _names(data.get("primary_key") or [], f"{where}: primary_key", columns)
    unique = data.get("unique") or []
    if not isinstance(unique, list):
        raise DescriptionError(f"{where}: unique has to be a list of lists of columns")
    keys = tuple(_names(names, f"{where}: unique", columns) for names in unique)
    return Table(name, read, primary, keys, _text(data.get("comment") or "", f"{where}: comment"))


def _column(table: str, name: str, entry: Any) -> Column:
    where = f"{table}, column {name}"
    data = _dictionary(entry, where)
    if not isinstance(data.get("type"), str) or not data["type"]:
        raise DescriptionError(f"{where}: a type is missing")
    length, default = data.get("length"), data.get("default")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or length < 1):
        raise DescriptionError(f"{where}: length {length!r} is no number of characters")
    if default is not None and not isinstance(default, (str, int, float, bool)):
        raise DescriptionError(f"{where}: default {default!r} is neither text nor number")
    target = data.get("references")
    reference = None
    if target is not None:
        pair = _dictionary(target, f"{where}: references")
        reference = Reference(
            *(_text(pair.get(key), f"{where}: references: {key}") for key in ("table", "column"))
        )
    choices = data.get("choices") or []
    if not isinstance(choices, list):
        raise DescriptionError(f"{where}: choices has to be a list")
    return Column(
        name=name,
        type=data["type"],
        native=_text(data.get("native") or "", f"{where}: native"),
        length=length,
        default=default,
        expression=_text(data["expression"], f"{where}: expression") if data.get("expression") else None,
        reference=reference,
        choices=tuple(map(str, choices)),
        comment=_text(data.get("comment") or "", f"{where}: comment"),
        notnull=bool(data.get("notnull")),
        unique=bool(data.get("unique")),
        automatic=bool(data.get("automatic")),
    )


def _dictionary(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise DescriptionError(f"{where}: names with their values are expected")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise DescriptionError(f"{where}: a text is expected, not {value!r}")
    return value


def _names(value: Any, where: str, columns: dict[str, Any]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(name in columns for name in value if isinstance(name, str)):
        raise DescriptionError(f"{where}: a list of the table's columns is expected, not {value!r}")
    return tuple(map(str, value))
