"""`Rows` and `Row`: as pydal's, but what few requests read of a record is made when it is read."""

from __future__ import annotations

import copyreg
from collections import deque
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pydal.helpers.classes
import pydal.objects
from pydal.objects import LazyReferenceGetter, LazySet

from runtime.dal.late import complete_first


class Row(pydal.objects.Row):  # type: ignore[misc]  # pydal has no types
    """One record: a value by attribute (`row.name`), key (`row["name"]`) or field (`row(db.t.name)`)."""

    __slots__ = ("_later",)


class FreshRow(Row):
    """A record just read: its methods and sets of referring records are still to be made.

    The first use that could see them makes them, in the place where pydal has
    them, and turns the object into a plain `Row`.
    """

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        try:
            return self.__dict__[key]
        except (KeyError, TypeError):
            settle(self)
            return self[key]

    __call__ = __getitem__

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" and name != "__get_lazy_reference__":
            raise AttributeError(name)
        settle(self)
        return getattr(self, name)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of `key`, `default` when there is none."""
        try:
            return self.__dict__[key]
        except (KeyError, TypeError):
            settle(self)
            return self.get(key, default)

    def as_dict(self, datetime_to_str: bool = False, custom_types: Any = None) -> dict[str, Any]:
        """Return the values as a plain dictionary."""
        if custom_types:
            settle(self)
        values: dict[str, Any] = Row.as_dict(self, datetime_to_str, custom_types)
        return values


def fresh_rows(values: list[dict[str, Any]], origin: tuple[Any, ...], ids: list[Any]) -> list[Row]:
    """Return the records `ids` of `values`; `origin` is (database, table, name of the id column)."""
    rows: list[Row] = list(map(_new, repeat(FreshRow, len(values))))
    _each(map(_set_values, rows, values))
    _each(map(_set_later, rows, zip(repeat(origin), ids)))
    return rows


def plain_rows(values: list[dict[str, Any]]) -> list[Row]:
    """Return records of `values` and nothing else."""
    rows: list[Row] = list(map(_new, repeat(Row, len(values))))
    _each(map(_set_values, rows, values))
    return rows


_each = deque[Any](maxlen=0).extend
"""Runs through an iterator without a step of Python's for each item."""
_new: Any = object.__new__
_set_values: Any = pydal.helpers.classes.BasicStorage.__dict__["__dict__"].__set__
_set_later = Row._later.__set__
_get_later = Row._later.__get__


def settle(row: Any) -> None:
    """Complete a fresh record."""
    (db, table, id_name), rid = _get_later(row)
    object.__setattr__(row, "__class__", Row)
    had = row.__dict__
    values: dict[str, Any] = {}
    if id_name in had:
        for name in list(had):
            values[name] = had[name]
            if name == id_name:
                break
    if "id" in had and id_name not in ("id", None) and "id" not in table.fields:
        values["id"] = had["id"]
    for name, operator in db.record_operators.items():
        values[name] = operator(row, table, rid)
    if db._lazy_tables:
        values["__get_lazy_reference__"] = LazyReferenceGetter(table, rid)
    naming = db._referee_name
    for field in getattr(table, "_referenced_by", ()):
        link = naming and naming % {"table": field.tablename, "field": field.name}
        if link and link not in values and link != table._tablename:
            values[link] = LazySet(field, rid)
    values.update(had)  # a column of the same name wins over a set
    row.__dict__ = values


_WHOLE = (
    "__contains__",
    "__delattr__",
    "__delitem__",
    "__iter__",
    "__bool__",
    "__copy__",
    "clear",
    "copy",
    "has_key",
    "items",
    "iteritems",
    "iterkeys",
    "itervalues",
    "keys",
    "pop",
    "update",
    "values",
)
complete_first(FreshRow, Row, _WHOLE, settle)


class Rows(pydal.objects.Rows):  # type: ignore[misc]  # pydal has no types
    """The records of a select, in order; see pydal for the documented methods."""

    def __iter__(self) -> Iterator[Any]:
        """Yield each record; of a select from one table its values, as `rows[0]` gives them."""
        compact = self.compact
        for number, record in enumerate(self.records):
            if not compact or (record.__class__ is Row and len(record.__dict__) > 1):
                yield record
            else:
                yield self[number]


def _pickle_row(row: Row) -> Any:
    return Row, (dict(row),)


for _kind in (Row, FreshRow):
    copyreg.pickle(_kind, _pickle_row)
