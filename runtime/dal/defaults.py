"""The validators that fields have by their type: what the database cannot take gets a message."""

from __future__ import annotations

from typing import Any

from pydal.objects import get_default_validator
from pydal.validators import (
    IS_EMPTY_OR,
    IS_IN_SET,
    IS_NOT_EMPTY,
    DefaultValidatorProxy,
    Validator,
)

from runtime.dal.by_type import by_type
from runtime.dal.lookups import IS_IN_DB, IS_NOT_IN_DB


class _All(Validator):  # type: ignore[misc]  # pydal has no types
    """Several validators, one after another."""

    def __init__(self, *others: Any) -> None:
        self.others = others

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Pass the value through all of them."""
        for other in self.others:
            value = other.validate(value, record_id)
        return value

    def formatter(self, value: Any) -> Any:
        """Return the value as text, as the last of them would read it."""
        for other in reversed(self.others):
            value = other.formatter(value)
        return value


def default_requires(field: Any) -> Any:
    """Return the default validator of `field`.

    What its column cannot hold is refused, a reference must exist, a unique value must be new, a part of a
    key must be there.
    """
    made = _by_options(field) or _by_reference(field) or by_type(field)
    if made is None:
        return get_default_validator(field)
    if field.unique and field._db is not None and field._table is not None:
        made = _unique(field, made)
    if field.name in (getattr(field._table, "_primarykey", None) or ()):
        return DefaultValidatorProxy(made if hasattr(made, "options") else _All(IS_NOT_EMPTY(), made))
    return DefaultValidatorProxy(made if field.notnull else IS_EMPTY_OR(made))


def _by_options(field: Any) -> Any:
    options = getattr(field, "options", None)
    if not isinstance(options, (list, tuple)):
        return None
    return IS_IN_SET(options, multiple=str(field.type).startswith("list:"))


def _by_reference(field: Any) -> Any:
    kind, db = field.type, field._db
    if not isinstance(kind, str) or not kind.startswith(("reference ", "list:reference ")) or db is None:
        return None
    many = kind.startswith("list:")
    name, _, column = kind.split(" ", 1)[1].strip().partition(".")
    if name not in db.tables:
        return None
    target = db[name]
    if column and column not in target.fields:
        return None
    key = target[column] if column else getattr(target, "_id", None)
    if key is None:
        return None
    return IS_IN_DB(db, key, label=getattr(target, "_format", None), multiple=many)


def _unique(field: Any, made: Any) -> Any:
    new = IS_NOT_IN_DB(field._db, field)
    if hasattr(made, "options") and getattr(made, "_and", False) is None:
        made._and = new
        return made
    return _All(made, new)
