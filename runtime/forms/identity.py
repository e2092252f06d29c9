"""What tells the records of a table apart, and the text that stands for one in an address.

Most tables number their records; keyed ones have a key of one field or several, of any type. Its text is the
number, or the value where an address can hold it as it is; else the values in JSON, in letters that may stand
in an address.
"""

from __future__ import annotations

import json
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import and_
from typing import Any

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,60}")
_CODED = "key-"
_LARGEST = 4000
"""Characters of a text that is looked at; addresses are hardly longer."""


def key_of(table: Any) -> tuple[Any, ...]:
    """Return the fields that tell the records of `table` apart."""
    return tuple(table[name] for name in getattr(table, "_primarykey", None) or (table._id.name,))


def text_of(key: Sequence[Any], record: Any) -> str:
    """Return what stands for a record of the table of `key` in an address."""
    values = [str(record[field.name]) for field in key]
    if len(values) == 1 and _PLAIN.fullmatch(values[0]) and not values[0].startswith(_CODED):
        return values[0]
    data = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return _CODED + urlsafe_b64encode(data).decode().rstrip("=")


def values_of(key: Sequence[Any], text: Any) -> dict[str, Any]:
    """Return the values of the fields of `key` that a text stands for, by name.

    Raises:
        ValueError: it stands for no record of such a table.
    """
    text = str(text)
    values: Any = [text]
    if text.startswith(_CODED) and len(text) <= _LARGEST:
        coded = text.removeprefix(_CODED)
        data = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8", "surrogatepass")
        values = json.loads(data) if data[:2] == '["' else None
    if not isinstance(values, list) or len(values) != len(key) or not all(isinstance(v, str) for v in values):
        raise ValueError(f"{text!r} has not the parts of a key")
    return {field.name: _typed(field, value) for field, value in zip(key, values, strict=True)}


def query_of(key: Sequence[Any], values: Any) -> Any:
    """Return the query of the record with these values, a dictionary or a record."""
    return reduce(and_, [field == values[field.name] for field in key])


def simple(key: Sequence[Any], values: Any) -> Any:
    """Return what functions of applications get: the value of a key of one field, else the dictionary."""
    return values[key[0].name] if len(key) == 1 else {field.name: values[field.name] for field in key}


def _finite(kind: type) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = kind(text)
        if not math.isfinite(value):
            raise ValueError(f"{text!r} is no number of a database")
        return value

    return read


def _typed(field: Any, text: str) -> Any:
    """Return the value of a field that a text of it stands for: a database may fail where it can be none."""
    read = _READERS.get(str(field.type).split("(", maxsplit=1)[0])
    try:
        return text if read is None else read(text)
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"{text!r} is no value of {field}") from error


def _number(text: str) -> int:
    if len(text) > 30 or not text.isascii():
        raise ValueError(f"{text[:30]!r} is no number of a record")
    return int(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "id": _number,
    "integer": _number,
    "bigint": _number,
    "double": _finite(float),
    "float": _finite(float),
    "decimal": _finite(Decimal),
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
}
