"""Selects: fewer steps on the way from fields to SQL, and from the answer of the database to `Rows`."""

from __future__ import annotations

from typing import Any

from pydal.adapters.base import SQLAdapter
from pydal.helpers.classes import SQLALL
from pydal.objects import Expression, Query
from pydal.objects import Field as PydalField

from runtime.dal.field import column_of
from runtime.dal.selects.columns import Columns, Shape, columns_of
from runtime.dal.selects.known_sql import known_sql
from runtime.dal.selects.plans import Plan, Planning
from runtime.dal.selects.records import read
from runtime.dal.selects.rows import Row
from runtime.dal.table import Table

_SPATIAL = frozenset(("geometry", "geography"))

_USUAL = frozenset(
    ("cacheable", "distinct", "for_update", "groupby", "having", "join", "left", "limitby", "orderby")
)
"""Arguments of a select that do not look at its fields."""


class FastReading(Planning):
    """Mixin before a pydal SQL adapter: selects of plain columns."""

    def expand_all(self, fields: Any, tabledict: Any) -> Any:
        """Return the fields of a select, whole tables as their fields (pydal's method)."""
        if all(item.__class__ is SQLALL and item._table.__class__ is Table for item in fields):
            tables = [item._table for item in fields] or list(tabledict.values())
            if all(table.__class__ is Table for table in tables):
                return [table.__dict__[name] for table in tables for name in table.__dict__["_fields"]]
        return super().expand_all(fields, tabledict)  # type: ignore[misc]  # of pydal's adapter

    def select(self, query: Any, fields: Any, attributes: Any) -> Any:
        """Return the `Rows` of a query (pydal's method)."""
        if self._usual_sql and self.db.Row is Row and _USUAL.issuperset(attributes):
            columns = columns_of(self, fields)
            if columns is not None:
                fields = [columns]
                sql = known_sql(self, query, columns, attributes)
                if sql is not None:
                    return self._select_aux(sql, fields, attributes, ())  # type: ignore[attr-defined]
        return super().select(query, fields, attributes)  # type: ignore[misc]

    def shape(self, fields: Any) -> Shape | None:
        """Return what selects of `fields`, which are columns of tables, have in common."""
        columns = [column_of(field) for field in fields]
        plan = self.plan(columns)
        if plan is None or any(column.itype in _SPATIAL for column in columns):
            return None
        names = tuple(f"{column.table._tablename}.{column.name}" for column in columns)
        sql = ", ".join(
            f"{column.table._rname}.{column.rname or self.sqlsafe_field(column.name)}"  # type: ignore[attr-defined]
            for column in columns
        )
        return Shape(names, sql, plan)

    def parse(
        self, rows: Any, fields: Any, colnames: Any, blob_decode: bool = True, cacheable: bool = False
    ) -> Any:
        """Return the `Rows` of a select (pydal's method)."""
        tables: dict[str, Any] = {}
        plan: Plan | None = None
        if fields and fields[0].__class__ is Columns:
            whole: Columns = fields[0]
            fields, tables, plan = whole.fields, whole.tables, whole.shape.plan
            colnames = list(whole.shape.colnames)
        elif (
            self.db.Row is Row
            and len(fields) == len(colnames)
            and all(isinstance(field, PydalField) for field in fields)
        ):
            columns = [column_of(field) for field in fields]
            tables = {column.table._tablename: column.table for column in columns}
            plan = self.plan(columns, blob_decode)
        if plan is None:
            return super().parse(rows, fields, colnames, blob_decode, cacheable)  # type: ignore[misc]
        records = read(self.db, rows, plan, tables, cacheable)
        return self.db.Rows(self.db, records, colnames, rawrows=rows, fields=fields)

    def tables(self, *queries: Any) -> dict[str, Any]:
        """Return the tables that fields and expressions belong to, by name (pydal's method).

        Raises:
            ValueError: two tables of one name.
        """
        found: dict[str, Any] = {}
        for query in queries:
            if query is None:
                continue
            if query.__class__ is Columns:
                found = _merged(found, dict(query.tables))
            elif isinstance(query, PydalField):
                _add(found, query.tablename, query.table)
            elif isinstance(query, (Expression, Query)):
                found = _merged(found, self.tables(query.first, query.second))
        return found

    def _colexpand(self, field: Any, query_env: Any) -> Any:
        """Return the name of a column in `Rows.colnames` (pydal's method)."""
        if field.__class__ is Columns:
            return field
        return super()._colexpand(field, query_env)  # type: ignore[misc]

    def _geoexpand(self, field: Any, query_env: Any) -> Any:
        """Return the SQL of a selected column (pydal's method)."""
        if field.__class__ is Columns:
            return field.shape.sql
        return super()._geoexpand(field, query_env)  # type: ignore[misc]

    @property
    def _usual_sql(self) -> bool:
        kind: Any = type(self)
        return kind._expand is SQLAdapter._expand and kind._select_wcols is SQLAdapter._select_wcols


def _merged(found: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return both, in the order in which pydal puts them: it decides that of the tables in the SQL."""
    if not found:
        return more
    if not more:
        return found
    first, second = (found, more) if len(found) > len(more) else (more, found)
    for name, table in second.items():
        _add(first, name, table)
    return first


def _add(found: dict[str, Any], name: str, table: Any) -> None:
    if found.setdefault(name, table) is not table:
        raise ValueError(f"two tables are called {name} in one query")
