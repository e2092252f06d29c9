"""The conditions of `Crud.search`: what was sent for fields, as queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runtime.dal.by_type import by_type
from runtime.dal.validators import IS_INT_IN_RANGE
from runtime.forms.speech import say
from runtime.foundation.current import current

SEARCH: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "equal": ("equals", lambda field, value: field == value),
    "not equal": ("not equal", lambda field, value: field != value),
    "greater than": ("greater than", lambda field, value: field > value),
    "less than": ("less than", lambda field, value: field < value),
    "starts with": ("starts with", lambda field, value: field.startswith(value)),
    "ends with": ("ends with", lambda field, value: field.endswith(value)),
    "contains": ("contains", lambda field, value: field.contains(value)),
}
"""Conditions of the search form: name sent, text, function."""

_TEXT_TYPES = frozenset(("string", "text"))
UNSEARCHED = frozenset(("blob", "json", "password", "upload"))


def conditions_of(table: Any, names: Sequence[str], sent: Any) -> list[Any]:
    """Return the conditions that were sent; those that a field can not meet are told of and left out."""
    found, refused = [], []
    for name in names:
        condition, text = str(sent.get(f"cond{name}") or ""), sent.get(f"txt{name}")
        if condition not in SEARCH:
            continue
        field = table[name]
        value, error = _searched(field, text)
        if error is None and _fits(field, condition, value):
            found.append(SEARCH[condition][1](field, value))
        else:
            refused.append(str(field.label))
    if refused:
        current.response.flash = say("This can not be searched for: %s", ", ".join(refused))
    return found


def _searched(field: Any, text: Any) -> tuple[Any, Any]:
    """Return the value of the field's type that a text stands for, and what is wrong with it."""
    kind = str(field.type)
    if kind in _TEXT_TYPES or kind.startswith("list:"):
        return text, None
    if text is None or not str(text).strip():
        return None, None
    number = kind == "id" or (kind.startswith("reference ") and "." not in kind)
    validator = IS_INT_IN_RANGE(-(2**63), 2**63) if number else by_type(field)
    return (text, None) if validator is None else validator(text)


def _fits(field: Any, condition: str, value: Any) -> bool:
    """Tell whether a database can ask for a condition with a value of this type."""
    if condition in ("starts with", "ends with"):
        return str(field.type) in _TEXT_TYPES
    if condition == "contains":
        return str(field.type) in _TEXT_TYPES or str(field.type).startswith("list:")
    return value is not None or condition in ("equal", "not equal")
