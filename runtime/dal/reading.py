"""From the answer of the database to `Rows`: one plan per select instead of decisions per value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydal.helpers.classes import Reference, SQLCustomType
from pydal.objects import Field as PydalField
from pydal.parsers.base import BasicParser

from runtime.dal.rows import Row, fresh, plain

Converter = Callable[[Any], Any]

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
    changes: list[tuple[str, Converter, bool]]
    id_name: str | None = None
    copy_id: bool = False

    @property
    def span(self) -> slice | None:
        """The columns as a slice, None when others lie between."""
        first, count = self.columns[0], len(self.columns)
        return slice(first, first + count) if self.columns == list(range(first, first + count)) else None


class FastReading:
    """Mixin before a pydal SQL adapter: `parse` with a plan for plain columns."""

    db: Any
    parser: Any
    dialect: Any

    def parse(
        self, rows: Any, fields: Any, colnames: Any, blob_decode: bool = True, cacheable: bool = False
    ) -> Any:
        """Return the `Rows` of a select (pydal's method)."""
        parts = (
            self._plan(fields, blob_decode) if self.db.Row is Row and len(fields) == len(colnames) else None
        )
        if parts is None:
            return super().parse(rows, fields, colnames, blob_decode, cacheable)  # type: ignore[misc]
        records = _read(self.db, rows, parts, cacheable)
        return self.db.Rows(self.db, records, colnames, rawrows=rows, fields=fields)

    def _plan(self, fields: Any, blob_decode: bool) -> list[_Part] | None:
        """Return the columns by table; None when there are expressions or virtual fields."""
        parts: dict[str, _Part] = {}
        for column, field in enumerate(fields):
            if not isinstance(field, PydalField):
                return None
            table = field.table
            tablename = table._tablename
            part = parts.get(tablename)
            if part is None:
                if table._virtual_fields or table._virtual_methods or table.virtualfields:
                    return None
                part = parts[tablename] = _Part(tablename, table, [], [], [])
            name = field.name
            if name in part.names:
                return None
            part.names.append(name)
            part.columns.append(column)
            convert = self._converter(field, blob_decode)
            if convert is not None:
                part.changes.append((name, convert, True))
            if field.filter_out:
                part.changes.append((name, field.filter_out, False))
            if field.type == "id":
                part.id_name = name
                part.copy_id = name != "id" and "id" not in table.fields
        return list(parts.values())

    def _converter(self, field: Any, blob_decode: bool) -> Converter | None:
        """Return what makes the Python value of a column, None when it is the driver's value."""
        kind, inner = field.type, field._itype
        if isinstance(kind, SQLCustomType):
            decode: Converter = kind.decoder
            return decode
        if not isinstance(kind, str) or (kind == "blob" and not blob_decode):
            return None
        if inner not in self.parser.registered:
            return None
        parser = self.parser.registered[inner]
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


def _read(db: Any, rows: Any, parts: list[_Part], cacheable: bool) -> list[Row]:
    records: list[Row] = []
    plans = [(p, p.tablename, p.names, p.span, p.columns, p.changes, p.id_name) for p in parts]
    for raw in rows:
        record: dict[str, Any] = {}
        for part, tablename, names, span, columns, changes, id_name in plans:
            taken = raw[span] if span is not None else [raw[column] for column in columns]
            values = dict(zip(names, taken, strict=True))
            for name, convert, keeps_none in changes:
                value = values[name]
                if value is not None or not keeps_none:
                    values[name] = convert(value)
            if id_name is None:
                record[tablename] = plain(values)
                continue
            if part.copy_id:
                values["id"] = values[id_name]
            if cacheable:
                record[tablename] = plain(values)
            else:
                record[tablename] = fresh(values, (db, part.table, values[id_name], id_name))
        records.append(plain(record))
    return records
