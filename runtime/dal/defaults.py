"""The validators that fields have by their type: what the database cannot take gets a message."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydal.objects import get_default_validator
from pydal.validators import (
    IS_DECIMAL_IN_RANGE,
    IS_EMPTY_OR,
    IS_FLOAT_IN_RANGE,
    IS_IN_SET,
    IS_INT_IN_RANGE,
    IS_LENGTH,
    IS_NOT_IN_DB,
    DefaultValidatorProxy,
    Validator,
)

from runtime.dal.lookups import IS_IN_DB
from runtime.dal.passwords import CRYPT

TEXT_LENGTH = 65536
"""Characters that a field of type text takes unless its length says more."""


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

    What its column cannot hold is refused, a reference must exist, a unique value must be new.
    """
    made = _by_options(field) or _by_reference(field) or _by_type(field)
    if made is None:
        return get_default_validator(field)
    if field.unique and field._db is not None and field._table is not None:
        made = _unique(field, made)
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
    key = target[column] if column else target._id
    if key is None:
        return None
    return IS_IN_DB(db, key, label=getattr(target, "_format", None), multiple=many)


def _by_type(field: Any) -> Any:
    kind = str(field.type).split("(", maxsplit=1)[0]
    if kind == "string":
        return IS_LENGTH(field.length)
    if kind == "text":
        return IS_LENGTH(max(field.length or 0, TEXT_LENGTH))
    if kind == "password":
        return CRYPT()
    if kind == "integer":
        return IS_INT_IN_RANGE(-(2**31), 2**31)
    if kind == "bigint":
        return IS_INT_IN_RANGE(-(2**63), 2**63)
    if kind in ("double", "float"):
        return IS_FLOAT_IN_RANGE(-1e100, 1e100)
    if kind == "decimal":
        return IS_DECIMAL_IN_RANGE(*_decimal_bounds(str(field.type)))
    return None


def _decimal_bounds(kind: str) -> tuple[Decimal, Decimal]:
    """Return the numbers that ``decimal(digits,places)`` can hold."""
    try:
        digits, places = (int(part) for part in kind.partition("(")[2].rstrip(") ").split(","))
    except ValueError:
        digits, places = 10, 0
    limit = Decimal(10) ** (digits - places) - Decimal(10) ** -places
    return -limit, limit


def _unique(field: Any, made: Any) -> Any:
    new = IS_NOT_IN_DB(field._db, field)
    if hasattr(made, "options") and getattr(made, "_and", False) is None:
        made._and = new
        return made
    return _All(made, new)
