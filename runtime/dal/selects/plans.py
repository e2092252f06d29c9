"""What is to be done with the columns of a select: one decision per column instead of one per value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydal.helpers.classes import SQLCustomType
from pydal.parsers.base import BasicParser

from runtime.dal.field import Column

Converter = Callable[[Any], Any]

EVERY = object()
"""Kind of a change that is made to None, too."""

_DIRECT: dict[Any, Converter] = {
    BasicParser.__dict__["_id"].f: int,
    BasicParser.__dict__["_integer"].f: int,
    BasicParser.__dict__["_bigint"].f: int,
    BasicParser.__dict__["_float"].f: float,
    BasicParser.__dict__["_double"].f: float,
}
"""pydal's parsers that do no more than a built-in function."""


_STEADY = frozenset(("date", "datetime", "decimal", "time"))
"""Types whose Python values can not be changed."""


@dataclass(slots=True)
class Part:
    """The columns of one table in a select."""

    tablename: str
    names: tuple[str, ...] = ()
    columns: tuple[int, ...] = ()
    id_name: str | None = None


@dataclass(slots=True, frozen=True)
class Change:
    """What makes the Python values of a column."""

    column: int
    convert: Converter | None = None
    kind: Any = None
    """Type of the values that need no change, or `EVERY`."""
    target: str = ""
    """Table that the values refer to, in the place of `convert`."""
    steady: bool = False
    """Equal values always become equal ones that nobody can change."""


@dataclass(slots=True, frozen=True, eq=False)
class Plan:
    """What to do with the columns of a select; holds for every select of the same columns."""

    parts: tuple[Part, ...]
    steady: tuple[Change, ...]
    """What is done to the values first."""
    changes: tuple[Change, ...]
    """What is done then, in each request anew."""
    targets: frozenset[str]


class Planning:
    """Mixin before a pydal SQL adapter: makes plans."""

    db: Any
    parser: Any
    dialect: Any

    def plan(self, columns: Sequence[Column], blob_decode: bool = True) -> Plan | None:
        """Return the plan of a select of `columns`.

        None when two of one table have the same name, or a table has virtual fields.
        """
        parts: dict[str, Part] = {}
        changes: list[Change] = []
        for position, column in enumerate(columns):
            tablename = column.table._tablename
            part = parts.get(tablename)
            if part is None:
                if has_virtual_fields(column.table):
                    return None
                part = parts[tablename] = Part(tablename)
            name = column.name
            if name in part.names:
                return None
            part.names += (name,)
            part.columns += (position,)
            change = self._change(position, column, blob_decode)
            if change is not None:
                changes.append(change)
            if column.filter_out:
                changes.append(Change(position, column.filter_out, EVERY))
            if column.type == "id":
                part.id_name = name
        return Plan(
            tuple(parts.values()),
            tuple(change for change in changes if change.steady),
            tuple(change for change in changes if not change.steady),
            frozenset(change.target for change in changes if change.target),
        )

    def _change(self, position: int, column: Column, blob_decode: bool) -> Change | None:
        """Return what makes the Python value of a column, None when it is the driver's value."""
        kind = column.type
        if isinstance(kind, SQLCustomType):
            decode = kind.decoder
            return Change(position, decode, decode if isinstance(decode, type) else None)
        if not isinstance(kind, str) or (kind == "blob" and not blob_decode):
            return None
        parser = self.parser.registered.get(column.itype)
        if not hasattr(parser, "f"):
            return None  # pydal's entry for types whose value is the driver's
        direct = _DIRECT.get(parser.f)
        if direct is not None:
            return Change(position, direct, direct, steady=True)
        if parser.f is BasicParser.__dict__["_boolean"].f:
            true = self.dialect.true
            return Change(position, lambda value: value == true or str(value)[:1].lower() == "t", steady=True)
        target = kind[10:].strip() if parser.f is BasicParser.__dict__["_reference"].f else ""
        if target and "." not in target and target in self.db:
            return Change(position, target=target)
        return Change(position, lambda value: parser(value, kind), steady=column.itype in _STEADY)


def has_virtual_fields(table: Any) -> bool:
    """Tell whether records of `table` have fields that are computed when they are read."""
    values = table.__dict__  # a table that was asleep has these lists when somebody asked for them
    return bool(
        values.get("_virtual_fields") or values.get("_virtual_methods") or values.get("virtualfields")
    )
