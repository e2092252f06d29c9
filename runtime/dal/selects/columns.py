"""The columns of a select as one thing: the same ones are worked out once in the life of an adapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runtime.dal.field import Field
from runtime.dal.selects.plans import Plan, has_virtual_fields
from runtime.dal.table import Table

SHAPES_KEPT = 500
"""Sets of columns that an adapter remembers; all are forgotten when there are more."""

_SHAPING = frozenset(
    ("_itype", "_rname", "_table", "_tablename", "filter_out", "name", "table", "tablename", "type")
)
"""Attributes of a field that change its column in a select."""


@dataclass(slots=True, frozen=True)
class Shape:
    """What selects of the same columns have in common."""

    colnames: tuple[str, ...]
    sql: str
    plan: Plan


@dataclass(slots=True, frozen=True, eq=False)
class Columns:
    """The fields of one select; takes the place of a single field while pydal puts its SQL together."""

    fields: list[Any]
    tables: dict[str, Any]
    shape: Shape


def columns_of(adapter: Any, fields: list[Any]) -> Columns | None:
    """Return `fields` as one; None when one of them is no plain column of a table."""
    tables: dict[str, Any] = {}
    key = _key(fields, tables)
    if key is None:
        return None
    shapes: dict[Any, Shape | None] = adapter.__dict__.setdefault("_shapes", {})
    if key in shapes:
        shape = shapes[key]
    else:
        if len(shapes) >= SHAPES_KEPT:
            shapes.clear()
        shape = shapes[key] = adapter.shape(fields)
    if shape is None or not all(target in adapter.db for target in shape.plan.targets):
        return None
    return Columns(fields, tables, shape)


def _key(fields: list[Any], tables: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return what decides the columns of `fields`, and add their tables to `tables`."""
    key: list[Any] = []
    owner: Any = None
    for field in fields:
        if field.__class__ is not Field:
            return None
        if field._owner is not owner:
            owner = field._owner
            named = _table_key(owner, tables)
            if named is None:
                return None
            key.append(named)
        mine = _own_key(field)
        if mine is None:
            return None
        key.append(mine)
    return tuple(key)


def field_key(field: Field, tables: dict[str, Any]) -> tuple[Any, Any] | None:
    """Return what decides the SQL of a field, None for no plain column; its table goes to `tables`."""
    named = _table_key(field._owner, tables)
    mine = _own_key(field)
    return None if named is None or mine is None else (named, mine)


def _table_key(table: Any, tables: dict[str, Any]) -> tuple[Any, Any] | None:
    if table.__class__ is not Table:
        return None
    facts = table.__dict__
    name = facts["_tablename"]
    if facts["_dalname"] != name or has_virtual_fields(table) or tables.setdefault(name, table) is not table:
        return None
    return name, facts["_rname"]


def _own_key(field: Field) -> tuple[Any, ...] | None:
    mine = field.__dict__
    if field._filled:
        kind = mine["type"]
        if kind.__class__ is not str or mine["filter_out"] is not None or mine["table"] is not field._owner:
            return None
        return mine["name"], kind, mine["_itype"], mine["_rname"]
    if field._sig is None or "filter_out" in field._options or not _SHAPING.isdisjoint(mine):
        return None
    return field._sig
