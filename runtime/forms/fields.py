"""Fields that belong to no database, and values that fields start with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runtime.dal import DAL


def table_of(fields: Iterable[Any], name: str) -> Any:
    """Return a table of copies of `fields` that no database has."""
    return DAL(None).define_table(name, *[field.clone() for field in fields])


def id_name(table: Any) -> str | None:
    """Return the name of the field that numbers the records; None for a keyed table."""
    return table._id.name if table._id is not None and table._id.type == "id" else None


def initial(field: Any) -> Any:
    """Return the value that a new record starts with."""
    value = field.default
    return value() if callable(value) else value
