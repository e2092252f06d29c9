"""The SQL of a select, kept by what it was made of: most requests ask what others have asked before."""

from __future__ import annotations

import datetime
from typing import Any

from pydal.helpers.classes import Reference
from pydal.objects import Expression, Query

from runtime.dal.field import Field
from runtime.dal.selects.columns import Columns, field_key

TEXTS_KEPT = 200
"""Texts that an adapter remembers; all are forgotten when there are more."""

LONGEST_VALUE = 200
"""Characters of a value in a query that is remembered."""

MOST_VALUES = 50
"""Values of a list in a query that is remembered."""

_ATTRIBUTES = frozenset(("cacheable", "limitby", "orderby"))
_PLAIN = frozenset((int, bool, type(None)))


class _Unusual(Exception):  # no error: pydal deals with it
    """Something whose SQL may differ from one time to the next."""


def known_sql(adapter: Any, query: Any, columns: Columns, attributes: dict[str, Any]) -> str | None:
    """Return the SQL of a select; None when it has to be made anew (joins, groups, filters of tables ...).

    Args:
        adapter: pydal's; it remembers.
        query: what `db(query)` was given, as a query.
        columns: what is selected.
        attributes: of the select.
    """
    if not _ATTRIBUTES.issuperset(attributes):
        return None
    dialect = adapter.dialect
    tables: dict[str, Any] = {}
    limits, order = attributes.get("limitby"), attributes.get("orderby")
    try:
        terms = (_term(query, dialect, tables), _term(order, dialect, tables), _term(limits, dialect, tables))
        if _is_filtered(adapter.db, tables):
            return None
        ordered = () if order or not limits else _order({**tables, **columns.tables})
    except _Unusual:
        return None
    key = (terms, ordered, columns.shape.sql, tuple(columns.tables))
    known: dict[Any, str] = adapter.__dict__.setdefault("_known_sql", {})
    sql = known.get(key)
    if sql is None:
        if len(known) >= TEXTS_KEPT:
            known.clear()
        sql = known[key] = adapter._select_wcols(query, [columns], **attributes)[1]
    return sql


def _term(item: Any, dialect: Any, tables: dict[str, Any]) -> Any:
    """Return what decides the SQL of a part of a query; the tables of its fields go to `tables`.

    Raises:
        _Unusual: that can not be told.
    """
    kind = item.__class__
    if kind is Field:
        key = field_key(item, tables)
        if key is None:
            raise _Unusual
        return key
    if kind is Query or kind is Expression:
        made_by, options = item.op, item.optional_args
        if getattr(made_by, "__self__", None) is not dialect:
            raise _Unusual
        return (
            made_by.__name__,
            _term(item.first, dialect, tables),
            _term(item.second, dialect, tables),
            item.ignore_common_filters if kind is Query else _named(item.type),
            tuple([(name, _named(options[name])) for name in options]),
        )
    return _value(item, kind, dialect, tables)


def _value(item: Any, kind: Any, dialect: Any, tables: dict[str, Any]) -> Any:
    if kind in _PLAIN or (kind is str and len(item) <= LONGEST_VALUE) or kind is datetime.date:
        return kind, item
    if kind is Reference:
        return kind, int(item)
    if kind is float:
        return kind, repr(item)  # 0.0 equals -0.0
    if kind is datetime.datetime and item.tzinfo is None:
        return kind, item
    if (kind is list or kind is tuple) and len(item) <= MOST_VALUES:
        return kind, tuple([_term(part, dialect, tables) for part in item])
    raise _Unusual


def _named(item: Any) -> Any:
    """Return the name of a type, or an option that is a word or a choice."""
    if item is not None and item.__class__ is not str and item.__class__ is not bool:
        raise _Unusual
    return item


def _is_filtered(db: Any, tables: dict[str, Any]) -> bool:
    """Tell whether a table adds conditions of its own to queries."""
    tenant = db._request_tenant
    return any(
        table.__dict__.get("_common_filter") is not None or tenant in table.__dict__["_fields"]
        for table in tables.values()
    )


def _order(tables: dict[str, Any]) -> tuple[Any, ...]:
    """Return what decides the order of a select that was given none, but limits."""
    if any("_primarykey" in table.__dict__ for table in tables.values()):
        raise _Unusual
    return tuple(_term(table._id, None, {}) for table in tables.values())
