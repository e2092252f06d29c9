"""`Rows` and `Row`: as pydal's, but what few requests read of a record is made when it is read."""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from typing import Any

import pydal.objects
from pydal.objects import LazyReferenceGetter, LazySet


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


def _settled_first(name: str) -> Callable[..., Any]:
    """Return a method that completes the record and then does what the method `name` of `Row` does."""

    def method(self: Row, *args: Any, **kwargs: Any) -> Any:
        settle(self)
        return getattr(Row, name)(self, *args, **kwargs)

    method.__name__ = name
    return method


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
for _name in _WHOLE:
    setattr(FreshRow, _name, _settled_first(_name))


def fresh(values: dict[str, Any], origin: tuple[Any, ...], rid: Any) -> FreshRow:
    """Return the record `rid` of `values`; `origin` is (database, table, name of the id column)."""
    row: FreshRow = _new(FreshRow)
    row.__dict__ = values  # type: ignore[misc]  # the base class has a dictionary
    _set_later(row, (origin, rid))
    return row


def plain(values: dict[str, Any]) -> Row:
    """Return a record of `values` and nothing else."""
    row: Row = _new(Row)
    row.__dict__ = values  # type: ignore[misc]  # the base class has a dictionary
    return row


_new: Any = object.__new__
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


class Rows(pydal.objects.Rows):  # type: ignore[misc]  # pydal has no types
    """The records of a select, in order; see pydal for the documented methods."""


def _pickle_row(row: Row) -> Any:
    return Row, (dict(row),)


for _kind in (Row, FreshRow):
    copyreg.pickle(_kind, _pickle_row)
