"""From a database's own types and defaults to those of a field (DBI-01)."""

from __future__ import annotations

import re

_TYPE = re.compile(
    r"\s*([a-z][a-z0-9_ ]*)(?:\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\))?\s*(.*)", re.IGNORECASE | re.DOTALL
)
_WHOLE = frozenset(
    ("integer", "int", "smallint", "mediumint", "tinyint", "int2", "int4", "serial", "smallserial", "year")
)
_BIG = frozenset(("bigint", "int8", "bigserial"))
_REAL = frozenset(("real", "double", "double precision", "float", "float4", "float8"))
_STRING = frozenset(
    ("varchar", "character varying", "char", "character", "nvarchar", "nchar", "bpchar", "varchar2")
)
_TEXT = frozenset(("text", "clob", "tinytext", "mediumtext", "longtext", "citext", "xml"))
_BYTES = frozenset(("blob", "bytea", "binary", "varbinary", "tinyblob", "mediumblob", "longblob"))
_MOMENT = frozenset(("timestamp", "datetime", "timestamptz"))
_DECIMAL = frozenset(("numeric", "decimal", "money"))
DEFAULT_DECIMAL = "decimal(38,10)"


def field_type(native: str, engine: str) -> tuple[str, int | None]:
    """Return the type of a field for a database's type, and the length of a ``string``.

    A type that no field has is a ``string`` without a length.

    Args:
        native: as the database calls it: ``character varying(80)``.
        engine: ``sqlite``, ``postgres`` or ``mysql``.
    """
    match = _TYPE.match(native)
    name = match[1].strip().lower() if match else ""
    first = int(match[2]) if match and match[2] else None
    second = int(match[3]) if match and match[3] else 0
    rest = match[4] if match else ""
    words = name.removeprefix("unsigned big ").removesuffix(" unsigned").split(" with")[0]
    if rest.startswith("["):
        return "string", None  # an array
    if words in ("bool", "boolean"):
        # elsewhere than in PostgreSQL it is a number, and what a field writes for a truth is a letter
        return ("boolean" if engine == "postgres" else "integer"), None
    if words in _WHOLE:
        return "integer", None
    if words in _BIG:
        return "bigint", None
    if words in _REAL:
        return "double", None
    if words in _DECIMAL:
        if first is None:
            return ("double" if engine == "sqlite" else DEFAULT_DECIMAL), None
        return f"decimal({first},{second})", None
    if words in _STRING:
        return ("string", first) if first is not None else ("text", None)
    if words in _TEXT:
        return "text", None
    if words in _BYTES:
        return "bytes", None
    if words in ("json", "jsonb"):
        return "json", None
    if words == "date":
        return "date", None
    if words in ("time", "timetz") or words.startswith("time "):
        return "time", None
    if words in _MOMENT or words.startswith("timestamp "):
        return "datetime", None
    if words == "uuid":
        return "string", 36
    if engine == "sqlite":
        return _by_affinity(name), None
    return "string", None


def _by_affinity(name: str) -> str:
    """SQLite knows no types but affinities, told by parts of the name; without a name anything goes."""
    if "int" in name:
        return "integer"
    if any(part in name for part in ("char", "clob", "text")):
        return "text"
    if not name or "blob" in name:
        return "bytes" if "blob" in name else "text"
    return "double"


_QUOTED = re.compile(r"'((?:[^']|'')*)'(?:::[\w\s\"().\[\]]+)?")
_NUMBER = re.compile(r"\(?(-?\d+(?:\.\d+)?)\)?(?:::[\w\s]+)?")


def literal_default(text: str | None, kind: str) -> tuple[str | int | float | bool | None, str | None]:
    """Return the default as a literal, or else the expression that the database computes.

    Args:
        text: as the database writes it; None for no default.
        kind: type of the field.
    """
    words = (text or "").strip()
    if (
        not words
        or words.lower() in ("null", "null::character varying")
        or words.lower().startswith("null::")
    ):
        return None, None
    if quoted := _QUOTED.fullmatch(words):
        return _plain(quoted[1].replace("''", "'"), kind)
    if number := _NUMBER.fullmatch(words):
        return _plain(number[1], kind)
    if words.lower() in ("true", "false") and kind == "boolean":
        return words.lower() == "true", None
    return None, words


def _plain(value: str, kind: str) -> tuple[str | int | float | bool | None, str | None]:
    try:
        if kind in ("integer", "bigint"):
            return int(value), None
        if kind == "double":
            return float(value), None
    except ValueError:
        return None, repr(value)
    if kind == "boolean":
        return value.lower() in ("1", "t", "true"), None
    if kind in ("string", "text") or kind.startswith("decimal"):
        return value, None
    return None, f"'{value}'"
