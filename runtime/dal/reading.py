"""From the answer of the database to `Rows`: one plan per select instead of decisions per value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydal.adapters.base import SQLAdapter
from pydal.helpers.classes import Reference, SQLCustomType
from pydal.helpers.methods import merge_tablemaps
from pydal.objects import Field as PydalField
from pydal.parsers.base import BasicParser

from runtime.dal.field import Column, Field, column_of
from runtime.dal.rows import Row, fresh, plain

Converter = Callable[[Any], Any]

_EVERY = object()
"""Marks a change that is made to None, too."""

_PLAIN = frozenset(
    ("id", "string", "text", "integer", "bigint", "double", "float", "boolean", "date", "datetime")
)
"""Types whose values are converted in the same way in every column."""

_SPATIAL = frozenset(("geometry", "geography"))

_DIRECT: dict[Any, Converter] = {
    BasicParser.__dict__["_id"].f: int,
    BasicParser.__dict__["_integer"].f: int,
    BasicParser.__dict__["_bigint"].f: int,
    BasicParser.__dict__["_float"].f: float,
    BasicParser.__dict__["_double"].f: float,
}
"""pydal's parsers that do no more than a built-in function."""


@dataclass(slots=True)
class _Part:
    """The columns of one table in a select."""

    tablename: str
    table: Any
    names: list[str]
    columns: list[int]
    id_name: str | None = None
    copy_id: bool = False


@dataclass(slots=True)
class _Plan:
    """What to do with the columns of a select."""

    parts: dict[str, _Part]
    changes: list[tuple[int, Converter, Any]]
    """Column, what makes its Python value, and the type a value has that needs no change."""


class FastReading:
    """Mixin before a pydal SQL adapter: `parse` with a plan for plain columns."""

    db: Any
    parser: Any
    dialect: Any
    _columns: dict[int, Column] | None = None
    """Of the fields of the select that is being made, by `id`."""

    def select(self, query: Any, fields: Any, attributes: Any) -> Any:
        """Return the `Rows` of a query (pydal's method)."""
        outer = self._columns
        self._columns = {id(field): column_of(field) for field in fields if field.__class__ is Field}
        try:
            return super().select(query, fields, attributes)  # type: ignore[misc]  # of pydal's adapter
        finally:
            self._columns = outer

    def _column(self, field: Any) -> Column:
        columns = self._columns
        found = columns.get(id(field)) if columns is not None else None
        return column_of(field) if found is None else found

    def parse(
        self, rows: Any, fields: Any, colnames: Any, blob_decode: bool = True, cacheable: bool = False
    ) -> Any:
        """Return the `Rows` of a select (pydal's method)."""
        plan = (
            self._plan(fields, blob_decode) if self.db.Row is Row and len(fields) == len(colnames) else None
        )
        if plan is None:
            return super().parse(rows, fields, colnames, blob_decode, cacheable)  # type: ignore[misc]
        records = _read(self.db, rows, plan, cacheable)
        return self.db.Rows(self.db, records, colnames, rawrows=rows, fields=fields)

    def tables(self, *queries: Any) -> dict[str, Any]:
        """Return the tables that fields and expressions belong to, by name (pydal's method).

        Raises:
            ValueError: two tables of one name.
        """
        found: dict[str, Any] = {}
        others: list[Any] = []
        for query in queries:
            table = query._owner if query.__class__ is Field and not query._filled else None
            if table is None:
                others.append(query)
                continue
            name = table._tablename
            if found.setdefault(name, table) is not table:
                raise ValueError(f"Name conflict in table list: {name}")
        if not others:
            return found
        rest: dict[str, Any] = super().tables(*others)  # type: ignore[misc]  # of pydal's adapter
        return merge_tablemaps(found, rest) if found else rest

    def _colexpand(self, field: Any, query_env: Any) -> Any:
        """Return the name of a column in `Rows.colnames` (pydal's method)."""
        if field.__class__ is Field:
            column = self._column(field)
            return f"{column.table._tablename}.{column.name}"
        return super()._colexpand(field, query_env)  # type: ignore[misc]

    def _geoexpand(self, field: Any, query_env: Any) -> Any:
        """Return the SQL of a selected column (pydal's method)."""
        if field.__class__ is Field and self._usual_names:
            column = self._column(field)
            table = column.table
            if column.itype not in _SPATIAL and table._tablename == table.__dict__.get("_dalname"):
                rname = column.rname or self.sqlsafe_field(column.name)  # type: ignore[attr-defined]
                return f"{table._rname}.{rname}"
        return super()._geoexpand(field, query_env)  # type: ignore[misc]

    @property
    def _usual_names(self) -> bool:
        return type(self)._expand is SQLAdapter._expand  # type: ignore[attr-defined]  # of pydal

    def _plan(self, fields: Any, blob_decode: bool) -> _Plan | None:
        """Return the columns by table; None when there are expressions or virtual fields."""
        parts: dict[str, _Part] = {}
        changes: list[tuple[int, Converter, Any]] = []
        for position, field in enumerate(fields):
            if not isinstance(field, PydalField):
                return None
            column = self._column(field)
            table = column.table
            tablename = table._tablename
            part = parts.get(tablename)
            if part is None:
                values = (
                    table.__dict__
                )  # a table that was asleep has these lists when somebody asked for them
                if (
                    values.get("_virtual_fields")
                    or values.get("_virtual_methods")
                    or values.get("virtualfields")
                ):
                    return None
                part = parts[tablename] = _Part(tablename, table, [], [])
            name = column.name
            if name in part.names:
                return None
            part.names.append(name)
            part.columns.append(position)
            convert = self._converter(column, blob_decode)
            if convert is not None:
                changes.append((position, convert, convert if isinstance(convert, type) else None))
            if column.filter_out:
                changes.append((position, column.filter_out, _EVERY))
            if column.type == "id":
                part.id_name = name
                part.copy_id = name != "id" and "id" not in table.fields
        return _Plan(parts, changes)

    def _converter(self, column: Column, blob_decode: bool) -> Converter | None:
        """Return what makes the Python value of a column, None when it is the driver's value."""
        kind = column.type
        if kind.__class__ is str and kind in _PLAIN:
            known: dict[str, Converter | None] = self.__dict__.setdefault("_converters", {})
            if kind not in known:
                known[kind] = self._make_converter(column, True)
            return known[kind]
        return self._make_converter(column, blob_decode)

    def _make_converter(self, column: Column, blob_decode: bool) -> Converter | None:
        kind, inner = column.type, column.itype
        if isinstance(kind, SQLCustomType):
            decode: Converter = kind.decoder
            return decode
        if not isinstance(kind, str) or (kind == "blob" and not blob_decode):
            return None
        if inner not in self.parser.registered:
            return None
        parser = self.parser.registered[inner]
        if not hasattr(parser, "f"):
            return None  # pydal's entry for types whose value is the driver's
        direct = _DIRECT.get(parser.f)
        if direct is not None:
            return direct
        if parser.f is BasicParser.__dict__["_boolean"].f:
            true = self.dialect.true
            return lambda value: value == true or str(value)[:1].lower() == "t"
        if parser.f is BasicParser.__dict__["_reference"].f:
            target = kind[10:].strip()
            if "." not in target and target in self.db:
                return _referrer(self.db[target])
        return lambda value: parser(value, kind)


def _referrer(table: Any) -> Converter:
    def convert(value: Any) -> Any:
        reference = Reference(value)
        inside = reference.__dict__
        inside["_table"] = table
        inside["_record"] = None
        return reference

    return convert


def _read(db: Any, rows: Any, plan: _Plan, cacheable: bool) -> list[Row]:
    """Make the records: values by column, records by table, tables by row."""
    if not rows:
        return []
    columns: list[Any] = list(zip(*rows, strict=True))
    for column, convert, kind in plan.changes:
        values = columns[column]
        if kind is _EVERY:
            columns[column] = [convert(value) for value in values]
        elif kind is None or not _holds_only(values, kind):
            columns[column] = [None if value is None else convert(value) for value in values]
    tables = [_records(db, part, columns, cacheable) for part in plan.parts.values()]
    names = list(plan.parts)
    if len(names) == 1:
        name = names[0]
        return [plain({name: record}) for record in tables[0]]
    return [plain(dict(zip(names, records, strict=True))) for records in zip(*tables, strict=True)]


def _holds_only(values: Any, kind: type) -> bool:
    """Tell whether all values are of exactly this type already (or None)."""
    return {kind, type(None)}.issuperset(map(type, values))


def _records(db: Any, part: _Part, columns: list[Any], cacheable: bool) -> list[Row]:
    """Return the records of one table."""
    names = part.names
    dicts = [
        dict(zip(names, values, strict=True))
        for values in zip(*[columns[column] for column in part.columns], strict=True)
    ]
    id_name = part.id_name
    if id_name is None:
        return [plain(values) for values in dicts]
    if part.copy_id:
        for values in dicts:
            values["id"] = values[id_name]
    if cacheable:
        return [plain(values) for values in dicts]
    origin = (db, part.table, id_name)
    return [fresh(values, origin, values[id_name]) for values in dicts]
