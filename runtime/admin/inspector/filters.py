"""The little language of the filter row: one expression per column (DB-02).

Without pydal, so that the window can check what is typed. ``5`` equals (contains in texts), ``=x`` ``!=x``
``<x`` ``<=x`` ``>x`` ``>=x``, ``~x`` contains, ``!~x`` does not, ``^x`` begins with, ``a..b`` from a to b,
``in a, b``, ``null``, ``!null``. Dates may be cut short:
``2026-01`` means the whole month.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from typing import Any

from runtime.admin.inspector.values import ValueProblem, parse

_OPERATORS = ("!~", "!=", "<>", "<=", ">=", "=", "<", ">", "~", "^")
_ORDER = frozenset(("<", "<=", ">", ">="))
_TEXTS = frozenset(("text", "upload", "json", "list"))
_SHORT_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")


class FilterProblem(ValueError):
    """A filter can not be understood; the text says what is wrong with it."""


@dataclass(frozen=True)
class Condition:
    """What a filter asks of one column.

    Attributes:
        operator: ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``~``, ``!~``, ``^``, ``in``, ``between`` (from
            the first value up to, without, the second), ``range`` (both included), ``null``, ``!null``.
        values: to compare with.
    """

    operator: str
    values: tuple[Any, ...] = ()


def parse_filter(text: str, kind: str) -> Condition | None:
    """Return the condition of a typed filter; None for an empty one.

    Args:
        text: what was typed.
        kind: of the column, see `runtime.admin.inspector.values.kind_of`.

    Raises:
        FilterProblem: it can not be understood.
    """
    words = text.strip()
    if not words:
        return None
    low = words.lower()
    if low in ("null", "=null", "is null"):
        return Condition("null")
    if low in ("!null", "!=null", "not null", "is not null"):
        return Condition("!null")
    if kind == "blob":
        raise FilterProblem("Columns of bytes know null and !null only.")
    if low.startswith("in ") or low.startswith("in("):
        return _among(words[2:].strip(), kind)
    operator = next((one for one in _OPERATORS if words.startswith(one)), "")
    rest = words[len(operator) :].strip()
    if operator and not rest:
        if operator in ("=", "!=", "<>") and kind in ("text", "upload", "password"):
            return Condition("!=" if operator != "=" else "=", ("",))
        raise FilterProblem(f"A value is missing after {operator}.")
    if not operator and ".." in rest and kind not in _TEXTS:
        first, _, last = rest.partition("..")
        return _range(first.strip(), last.strip(), kind)
    if operator in ("~", "!~", "^"):
        return Condition(operator, (rest,))
    if not operator:
        if kind in _TEXTS:
            return Condition("~", (rest,))
        operator = "="
    return _compare("!=" if operator == "<>" else operator, rest, kind)


def _compare(operator: str, text: str, kind: str) -> Condition:
    if kind in ("date", "datetime"):
        return _compare_dates(operator, text, kind)
    if operator in _ORDER and kind in ("boolean", "json", "list", "password"):
        raise FilterProblem(f"A column of this kind has no order, so {operator} means nothing.")
    return Condition(operator, (_value(text, kind),))


def _compare_dates(operator: str, text: str, kind: str) -> Condition:
    found = _SHORT_DATE.match(text)
    if not found or (kind == "date" and found[3]):
        return Condition(operator, (_value(text, kind),))
    first, after = _span(found, kind)
    if operator == "=":
        return Condition("between", (first, after))
    if operator == "!=":
        raise FilterProblem("!= needs a whole date. Use < or > for months and years.")
    return {
        "<": Condition("<", (first,)),
        "<=": Condition("<", (after,)),
        ">": Condition(">=", (after,)) if not found[3] or kind == "datetime" else Condition(">", (first,)),
        ">=": Condition(">=", (first,)),
    }[operator]


def _span(found: re.Match[str], kind: str) -> tuple[Any, Any]:
    """Return the first moment of a year, month or day, and the first one after it."""
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = datetime.date(year, month, day)
        if found[3]:
            after = first + datetime.timedelta(days=1)
        elif found[2]:
            after = first + datetime.timedelta(days=calendar.monthrange(year, month)[1])
        else:
            after = datetime.date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise FilterProblem(f"There is no such date: {found[0]}.") from None
    if kind == "date":
        return first, after
    midnight = datetime.time()
    return datetime.datetime.combine(first, midnight), datetime.datetime.combine(after, midnight)


def _range(first: str, last: str, kind: str) -> Condition:
    if not first or not last:
        raise FilterProblem("A range needs both ends, as in 1..5. Use >= or <= for one end.")
    if kind in ("date", "datetime"):
        ends = [_SHORT_DATE.match(one) for one in (first, last)]
        if ends[0] and ends[1]:
            return Condition("between", (_span(ends[0], kind)[0], _span(ends[1], kind)[1]))
    return Condition("range", (_value(first, kind), _value(last, kind)))


def _among(text: str, kind: str) -> Condition:
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    parts = [one.strip() for one in inner.split(",") if one.strip()]
    if not parts:
        raise FilterProblem("The values are missing, as in: in 1, 2, 3.")
    return Condition("in", tuple(_value(one, kind) for one in parts))


def _value(text: str, kind: str) -> Any:
    try:
        return text if kind in _TEXTS or kind == "password" else parse(kind, text)
    except ValueProblem as problem:
        raise FilterProblem(str(problem)) from None
