"""Fields that belong to no database, and values that fields start with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydal.validators import DefaultValidatorProxy

from runtime.dal import DAL


def table_of(fields: Iterable[Any], name: str) -> Any:
    """Return a table of copies of `fields` that no database has.

    A field of a table keeps the validators that it has there: one that asks the database goes on asking.
    """
    return DAL(None).define_table(name, *[_copy(field) for field in fields])


def _copy(field: Any) -> Any:
    if getattr(field, "_table", None) is None:
        return field.clone()
    rules = field.requires  # the default ones would be made anew, for the table of no database
    return field.clone(requires=rules.obj if isinstance(rules, DefaultValidatorProxy) else rules)


def id_name(table: Any) -> str | None:
    """Return the name of the field that numbers the records; None for a keyed table."""
    number = getattr(table, "_id", None)  # a table with a key of several fields has none
    return number.name if number is not None and number.type == "id" else None


def initial(field: Any) -> Any:
    """Return the value that a new record starts with."""
    value = field.default
    return value() if callable(value) else value
