"""The validators of types: what a column can hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydal.validators import (
    IS_DATE,
    IS_DATETIME,
    IS_DECIMAL_IN_RANGE,
    IS_FLOAT_IN_RANGE,
    IS_LENGTH,
    IS_TIME,
)

from runtime.dal.bounded import IS_INT_IN_RANGE, IS_JSON
from runtime.dal.passwords import CRYPT

TEXT_LENGTH = 65536
"""Characters that a field of type text takes unless its length says more."""


def by_type(field: Any) -> Any:
    """Return the validator of what the column of `field` can hold; None where its type has none."""
    kind = str(field.type).split("(", maxsplit=1)[0]
    if kind == "string":
        return IS_LENGTH(field.length)
    if kind == "text":
        return IS_LENGTH(max(field.length or 0, TEXT_LENGTH))
    if kind == "password":
        return CRYPT()
    if kind == "json":
        return IS_JSON()
    if kind == "integer":
        return IS_INT_IN_RANGE(-(2**31), 2**31)
    if kind == "bigint":
        return IS_INT_IN_RANGE(-(2**63), 2**63)
    if kind in ("double", "float"):
        return IS_FLOAT_IN_RANGE(-1e100, 1e100)
    if kind == "decimal":
        return IS_DECIMAL_IN_RANGE(*_decimal_bounds(str(field.type)))
    if kind in _MOMENTS:
        return _MOMENTS[kind]()
    return None


_MOMENTS = {"date": IS_DATE, "time": IS_TIME, "datetime": IS_DATETIME}


def _decimal_bounds(kind: str) -> tuple[Decimal, Decimal]:
    """Return the numbers that ``decimal(digits,places)`` can hold."""
    try:
        digits, places = (int(part) for part in kind.partition("(")[2].rstrip(") ").split(","))
    except ValueError:
        digits, places = 10, 0
    limit = Decimal(10) ** (digits - places) - Decimal(10) ** -places
    return -limit, limit
