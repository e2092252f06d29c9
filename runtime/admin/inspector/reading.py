"""In the child: rows of a table by key, counts, most frequent values (DB-01..03)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from pydal.objects import Query

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.describe import key_names, target_of
from runtime.admin.inspector.engines import estimate, nulls_first, quoted, size_of
from runtime.admin.inspector.filters import Condition, FilterProblem, parse_filter
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.values import CELL, cell, kind_of, pack, unpack
from runtime.admin.inspector.work import Work

PAGE = 200
_LARGEST_PAGE = 2000
_LABEL = 80


def page(
    application: Application,
    work: Work,
    database: str,
    table: str,
    *,
    filters: dict[str, str] | None = None,
    order: Sequence[Any] | None = None,
    after: Sequence[Any] | None = None,
    most: int = PAGE,
    labels: bool = True,
) -> dict[str, Any]:
    """Return one page of rows.

    Args:
        database, table: which.
        filters: expressions by field, see `runtime.admin.inspector.filters`.
        order: name of the field to sort by and whether downwards; by key without it.
        after: ``after`` of the page before; None for the first one.
        most: rows of the page, at most 2000.
        labels: tell the words of the records that are referred to.

    Returns:
        ``columns``; ``rows``, each with ``key`` and ``cells``; ``after`` for the next page, None at the end;
        ``labels`` by field and value.

    Raises:
        InspectorProblem: a filter is wrong (``data`` has its column), no such table ...
    """
    found = application.table(database, table)
    db = application.database(database)
    most = max(1, min(most, _LARGEST_PAGE))
    keys = key_names(found)
    sorting = sorting_of(found, keys, order)
    query = query_of(db, found, filters or {})
    offset = 0
    if after is not None:
        if keys:
            query = query & beyond(db, sorting, [unpack(one) for one in after])
        else:
            offset = int(after[0])
    fields = list(found)
    extra = [field for field, _ in sorting]
    raws = select_raw(db, found, query, fields + extra, sorting, (offset, offset + most))
    work.check()
    names = [field.name for field in fields]
    kinds = [kind_of(field.type) for field in fields]
    places = [names.index(name) for name in keys]
    rows = [
        {
            "key": [pack(raw[at]) for at in places],
            "cells": [cell(kind, one) for kind, one in zip(kinds, raw, strict=False)],
        }
        for raw in raws
    ]
    next_page: list[Any] | None = None
    if len(raws) == most:
        next_page = [pack(one) for one in raws[-1][len(fields) :]] if keys else [offset + most]
    return {
        "columns": names,
        "rows": rows,
        "after": next_page,
        "labels": _labels(db, fields, raws) if labels else {},
    }


def select_raw(
    db: Any,
    table: Any,
    query: Any,
    fields: list[Any],
    sorting: list[tuple[Any, bool]],
    limits: tuple[int, int] | None,
) -> list[tuple[Any, ...]]:
    """Return rows as the driver gives them: what was written wrong is shown, not stumbled over."""
    options: dict[str, Any] = {}
    if sorting:
        orders = [~field if down else field for field, down in sorting]
        options["orderby"] = orders[0]
        for one in orders[1:]:
            options["orderby"] = options["orderby"] | one
    if limits is not None:
        options.update(limitby=limits, orderby_on_limitby=False)
    sql = db(query, ignore_common_filters=True)._select(*fields, **options)
    return fetched(db, sql)


def fetched(db: Any, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement; unlike pydal's own way, what goes wrong is raised."""
    db._adapter.execute(sql)
    return list(db._adapter.fetchall())


def query_of(db: Any, table: Any, filters: dict[str, str]) -> Any:
    """Return the query for the filters of some columns; without any, all rows.

    Raises:
        InspectorProblem: a filter is wrong; ``data["field"]`` names its column.
    """
    query: Any = None
    for name, text in filters.items():
        if name not in table.fields:
            raise InspectorProblem(
                "refused", f"There is no column {name!r} (any more).", data={"field": name}
            )
        field = table[name]
        try:
            condition = parse_filter(text, kind_of(field.type))
        except FilterProblem as problem:
            raise InspectorProblem("refused", str(problem), data={"field": name}) from None
        if condition is not None:
            one = _query(db, field, condition)
            query = one if query is None else query & one
    return query if query is not None else raw_query(db, next(iter(table)), "1 = 1")


def raw_query(db: Any, field: Any, sql: str) -> Any:
    """Return a query from SQL that concerns the table of `field`."""
    return Query(db, lambda _field, **_options: f"({sql})", field)


def _query(db: Any, field: Any, condition: Condition) -> Any:
    operator, values = condition.operator, condition.values
    if operator == "null":
        return field == None  # noqa: E711
    if operator == "!null":
        return field != None  # noqa: E711
    if operator in ("~", "!~", "^"):
        return _like(db, field, operator, str(values[0]))
    if operator == "in":
        return field.belongs(values)
    if operator == "between":
        return (field >= values[0]) & (field < values[1])
    if operator == "range":
        return (field >= values[0]) & (field <= values[1])
    value = values[0]
    if operator == "=":
        return field == value
    if operator == "!=":
        return (field != value) | (field == None)  # noqa: E711
    return {"<": field < value, "<=": field <= value, ">": field > value, ">=": field >= value}[operator]


def _like(db: Any, field: Any, operator: str, text: str) -> Any:
    """Compare without regard to capitals; numbers and dates by their text."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    pattern = quoted(db, f"{escaped}%" if operator == "^" else f"%{escaped}%")
    wide = "CHAR" if db._adapter.dbengine == "mysql" else "TEXT"
    column = f"LOWER(CAST({field.sqlsafe} AS {wide}))"
    sql = f"{column} LIKE LOWER({pattern}) ESCAPE '!'"
    if operator == "!~":
        sql = f"({column} IS NULL OR NOT ({sql}))"
    return raw_query(db, field, sql)


def sorting_of(table: Any, keys: list[str], order: Sequence[Any] | None) -> list[tuple[Any, bool]]:
    """Return the fields that the rows are sorted by, the key last, so that every row has its place."""
    out: list[tuple[Any, bool]] = []
    down = False
    if order:
        name, down = str(order[0]), bool(order[1])
        if name not in table.fields:
            raise InspectorProblem(
                "refused", f"There is no column {name!r} (any more).", data={"field": name}
            )
        out.append((table[name], down))
    out += [(table[name], down) for name in keys if not out or name != out[0][0].name]
    return out


def beyond(db: Any, sorting: list[tuple[Any, bool]], values: list[Any]) -> Any:
    """Return the query for the rows that follow the one with `values` in the order of `sorting`."""
    parts: list[str] = []
    same: list[str] = []
    for (field, down), value in zip(sorting, values, strict=False):
        column = field.sqlsafe
        after = _after(db, column, value, down)
        if after:
            parts.append(" AND ".join([*same, after]))
        same.append(f"{column} IS NULL" if value is None else f"{column} = {_literal(db, value)}")
    sql = " OR ".join(f"({one})" for one in parts) or "1 = 0"
    return raw_query(db, sorting[0][0], sql)


def _after(db: Any, column: str, value: Any, down: bool) -> str:
    """Return the SQL for what sorts behind `value` in one column; empty where nothing can."""
    nulls_last = nulls_first(db) == down
    if value is None:
        return "" if nulls_last else f"{column} IS NOT NULL"
    compared = f"{column} {'<' if down else '>'} {_literal(db, value)}"
    return f"({compared} OR {column} IS NULL)" if nulls_last else compared


def _literal(db: Any, value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    return quoted(db, str(value))


def _labels(db: Any, fields: list[Any], raws: list[tuple[Any, ...]]) -> dict[str, dict[str, str]]:
    """Return the words for the records that the rows refer to, where their table has a format."""
    out: dict[str, dict[str, str]] = {}
    for at, field in enumerate(fields):
        target = target_of(field, db) if kind_of(field.type) == "reference" else ""
        if not target or not db[target]._format or getattr(db[target], "_id", None) is None:
            continue
        values = {raw[at] for raw in raws if isinstance(raw[at], int)}
        if values:
            out[field.name] = words_of(db, db[target], values)
    return out


def words_of(db: Any, table: Any, ids: set[int]) -> dict[str, str]:
    """Return the words that the model has for some records, by their id as text."""
    out: dict[str, str] = {}
    try:
        rows = db(table._id.belongs(sorted(ids)), ignore_common_filters=True).select(table.ALL)
        for row in rows:
            form = table._format
            words = form(row) if callable(form) else form % row
            out[str(row[table._id.name])] = str(words)[:_LABEL]
    except Exception:  # the format of the model fails; the numbers stay
        return {}
    return out


# -- counting ----------------------------------------------------------------------------------------


def count(
    application: Application, work: Work, database: str, table: str, *, filters: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the exact number of rows that match."""
    db, found = application.database(database), application.table(database, table)
    return {"count": count_exactly(db, query_of(db, found, filters or {}))}


def count_exactly(db: Any, query: Any) -> int:
    """Return the number of rows of a query."""
    return int(db(query, ignore_common_filters=True).count())


def counts(application: Application, work: Work, database: str, *, budget: float = 1.0) -> dict[str, Any]:
    """Return for each table how many rows it has: estimates first, exact where the time suffices (DB-01).

    Args:
        database: which.
        budget: seconds for exact counts of all tables together.

    Returns:
        ``tables``: by name, ``rows`` (None when not known), ``exact``, ``size`` in bytes or None.
    """
    db = application.database(database)
    out: dict[str, Any] = {}
    for name in list(db.tables):
        try:
            about, size = estimate(db, db[name]), size_of(db, db[name])
        except Exception:  # not made yet
            db.rollback()
            about, size = None, None
        out[name] = {"rows": about, "exact": False, "size": size}
    ends = time.monotonic() + budget
    for name in sorted(out, key=lambda table: out[table]["rows"] or 0):
        one = out[name]
        small = (one["size"] or 0) < 20_000_000 if one["rows"] is None else one["rows"] <= 200_000
        if not small or time.monotonic() > ends:
            continue
        work.check()
        try:
            one.update(rows=count_exactly(db, query_of(db, db[name], {})), exact=True)
        except Exception:
            db.rollback()
    return {"tables": out}


def facet(
    application: Application,
    work: Work,
    database: str,
    table: str,
    *,
    field: str,
    filters: dict[str, str] | None = None,
    most: int = 12,
) -> dict[str, Any]:
    """Return the most frequent values of a column (DB-03).

    Returns:
        ``values``: each with ``text`` (None for NULL), ``count``, and ``filter``, the expression that
            asks for it.
    """
    db, found = application.database(database), application.table(database, table)
    if field not in found.fields:
        raise InspectorProblem("refused", f"There is no column {field!r} (any more).", data={"field": field})
    column = found[field]
    kind = kind_of(column.type)
    if kind in ("blob", "password"):
        raise InspectorProblem("refused", "Values of this kind are not counted.", data={"field": field})
    query = query_of(db, found, filters or {})
    sql = db(query, ignore_common_filters=True)._select(
        column, "COUNT(*)", groupby=column, orderby="2 DESC", limitby=(0, most), orderby_on_limitby=False
    )
    values = []
    for raw, times in fetched(db, sql):
        shown = cell(kind, raw, CELL)
        text = shown["cut"] if isinstance(shown, dict) else shown
        values.append({"text": text, "count": int(times), "filter": "null" if text is None else f"={text}"})
    return {"field": field, "values": values}
