"""Values of columns as texts and back: what the window shows, edits, and filters by.

A cell is None for NULL, else a text; a text cut for the list is ``{"cut": text, "size": whole length}``,
bytes are ``{"bytes": length}``.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import json
from typing import Any

CELL = 400
"""Characters of a cell in a list."""
WHOLE = 65536
"""Characters or bytes that the value viewer gets at once (DB-06)."""

_TRUE, _FALSE = frozenset(("true", "t", "1", "yes", "on")), frozenset(("false", "f", "0", "no", "off"))
_KINDS = {
    "id": "integer", "integer": "integer", "bigint": "integer", "double": "number", "float": "number",
    "boolean": "boolean", "date": "date", "time": "time", "datetime": "datetime", "timestamp": "datetime",
    "json": "json", "jsonb": "json", "blob": "blob", "upload": "upload", "password": "password",
    "string": "text", "text": "text",
}  # fmt: skip


class ValueProblem(ValueError):
    """A text does not stand for a value of its column; the text says what would."""


def kind_of(field_type: Any) -> str:
    """Return what kind of value a column of pydal's `field_type` holds.

    One of ``integer``, ``number``, ``decimal``, ``boolean``, ``date``, ``time``, ``datetime``, ``json``,
    ``blob``, ``upload``, ``password``, ``text``, ``list`` (of integers, texts or references), ``reference``.
    """
    name = str(getattr(field_type, "type", field_type)).strip()
    if name.startswith("list:"):
        return "list"
    if name.startswith(("reference", "big-reference")):
        return "reference"
    if name.startswith("decimal"):
        return "decimal"
    return _KINDS.get(name, "text")


def to_text(kind: str, raw: Any) -> str | bytes | None:
    """Return a value as the driver gave it as the text a person reads; bytes stay bytes."""
    if raw is None:
        return None
    if kind == "blob":
        return blob(raw)
    if isinstance(raw, (bytes, bytearray, memoryview)):
        return bytes(raw).decode("utf-8", "replace")
    if kind == "boolean":
        return "true" if str(raw).strip().lower() in _TRUE else "false"
    if kind == "list" and isinstance(raw, str):
        raw = _bars(raw)
    if isinstance(raw, (dict, list, tuple)):
        return json.dumps(raw, ensure_ascii=False, default=str)
    if isinstance(raw, datetime.datetime):
        return raw.isoformat(" ")
    if isinstance(raw, (datetime.date, datetime.time)):
        return raw.isoformat()
    if isinstance(raw, decimal.Decimal):
        return format(raw, "f")
    return str(raw)


def _bars(text: str) -> list[str]:
    """Return the items of a list as pydal keeps it in one text: ``|a|b|``, a bar doubled inside an item."""
    inner = text[1:-1] if text.startswith("|") and text.endswith("|") and len(text) > 1 else text
    if not inner:
        return []
    return [one.replace("\0", "|") for one in inner.replace("||", "\0").split("|")]


def blob(raw: Any) -> bytes:
    """Return the bytes of a blob column: drivers give bytes, pydal's SQLite keeps base64."""
    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else bytes(raw)
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return data


def cell(kind: str, raw: Any, limit: int = CELL) -> Any:
    """Return the value for a list; see the module for its forms."""
    text = to_text(kind, raw)
    if isinstance(text, bytes):
        return {"bytes": len(text)}
    if text is not None and len(text) > limit:
        return {"cut": text[:limit], "size": len(text)}
    return text


def parse(kind: str, text: str, field_type: Any = "") -> Any:
    """Return the Python value that a typed text stands for.

    Raises:
        ValueProblem: it stands for none.
    """
    stripped = text.strip()
    try:
        if kind in ("integer", "reference"):
            return int(stripped)
        if kind == "number":
            return float(stripped)
        if kind == "decimal":
            return decimal.Decimal(stripped)
        if kind == "date":
            return datetime.date.fromisoformat(stripped)
        if kind == "time":
            return datetime.time.fromisoformat(stripped)
        if kind == "datetime":
            return datetime.datetime.fromisoformat(stripped)
        if kind == "json":
            return json.loads(stripped)
    except (ValueError, decimal.InvalidOperation, OverflowError):
        raise ValueProblem(f"{_shown(text)} is not {_NOUNS[kind]}.") from None
    if kind == "boolean":
        low = stripped.lower()
        if low not in _TRUE | _FALSE:
            raise ValueProblem(f"{_shown(text)} is neither true nor false.")
        return low in _TRUE
    if kind == "list":
        return _parse_list(text, str(getattr(field_type, "type", field_type)))
    if kind == "blob":
        raise ValueProblem("Bytes can't be typed.")
    return text


_NOUNS = {
    "integer": "a whole number", "reference": "the number of a record", "number": "a number",
    "decimal": "a number",
    "date": "a date like 2026-01-31", "time": "a time like 14:30", "datetime": "a time like 2026-01-31 14:30",
    "json": "valid JSON",
}  # fmt: skip


def _parse_list(text: str, field_type: str) -> list[Any]:
    try:
        found = json.loads(text) if text.strip() else []
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise ValueProblem(f"{_shown(text)} is not a list like [1, 2].")
    if field_type in ("list:integer",) or field_type.startswith("list:reference"):
        try:
            return [int(one) for one in found]
        except (TypeError, ValueError):
            raise ValueProblem("The list may hold whole numbers only.") from None
    return [str(one) for one in found]


def _shown(text: str) -> str:
    return f"“{text if len(text) <= 40 else text[:40] + '…'}”"


def pack(raw: Any) -> Any:
    """Return a driver's value for JSON so that `unpack` gives it back exactly."""
    if raw is None or isinstance(raw, (bool, int, float, str)):
        return raw
    if isinstance(raw, datetime.datetime):
        return {"$": "datetime", "v": raw.isoformat()}
    if isinstance(raw, datetime.date):
        return {"$": "date", "v": raw.isoformat()}
    if isinstance(raw, datetime.time):
        return {"$": "time", "v": raw.isoformat()}
    if isinstance(raw, decimal.Decimal):
        return {"$": "decimal", "v": str(raw)}
    if isinstance(raw, (bytes, bytearray, memoryview)):
        return {"$": "bytes", "v": bytes(raw).hex()}
    return str(raw)


def unpack(packed: Any) -> Any:
    """Return what `pack` was given."""
    if not isinstance(packed, dict):
        return packed
    kind, value = packed["$"], packed["v"]
    if kind == "datetime":
        return datetime.datetime.fromisoformat(value)
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "time":
        return datetime.time.fromisoformat(value)
    if kind == "decimal":
        return decimal.Decimal(value)
    return bytes.fromhex(value)
