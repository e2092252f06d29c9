"""In the child: one record with what it refers to and what refers to it; one whole value (DB-04, DB-06)."""

from __future__ import annotations

import base64
from typing import Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.describe import key_names, target_of
from runtime.admin.inspector.engines import quoted
from runtime.admin.inspector.files import file_facts
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.reading import count_exactly, raw_query, select_raw, words_of
from runtime.admin.inspector.values import WHOLE, cell, kind_of, to_text, unpack
from runtime.admin.inspector.work import Work

_LARGEST_VALUE = 16_000_000


def record(
    application: Application, work: Work, database: str, table: str, *, key: list[Any]
) -> dict[str, Any]:
    """Return one record.

    Returns:
        ``fields``: by name, ``value`` as a cell of at most `WHOLE` characters, and for references ``target``
        and ``words``, for files what `files.file_facts` gives; ``referenced_by``: each with ``table``,
        ``field``, ``count`` and the ``filter`` that lists them.

    Raises:
        InspectorProblem: ``gone``, there is no such record (any more).
    """
    db, found = application.database(database), application.table(database, table)
    raw = read_one(db, found, key)
    fields: dict[str, Any] = {}
    for field, value in zip(found, raw, strict=False):
        kind = kind_of(field.type)
        facts: dict[str, Any] = {"value": cell(kind, value, WHOLE)}
        target = target_of(field, db)
        if target and value is not None:
            facts["target"] = target
            if kind == "reference" and isinstance(value, int) and db[target]._format:
                facts["words"] = words_of(db, db[target], {value}).get(str(value), "")
        facts |= file_facts(application, field, value)
        fields[field.name] = facts
    work.check()
    return {"key": key, "fields": fields, "referenced_by": _referring(db, found, key, work)}


def read_one(db: Any, table: Any, key: list[Any]) -> tuple[Any, ...]:
    """Return the raw values of one record.

    Raises:
        InspectorProblem: there is no such record (any more).
    """
    rows = select_raw(db, table, query_of_key(db, table, key), list(table), [], None)
    if not rows:
        raise InspectorProblem("gone", f"The record {shown_key(key)} is not in {table._tablename} any more.")
    return rows[0]


def query_of_key(db: Any, table: Any, key: list[Any]) -> Any:
    """Return the query for one record.

    Raises:
        InspectorProblem: the table has no key.
    """
    names = key_names(table)
    if not names or len(names) != len(key):
        raise InspectorProblem(
            "refused", f"The table {table._tablename} has no key that tells one record from another."
        )
    parts = []
    for name, packed in zip(names, key, strict=True):
        value = unpack(packed)
        literal = repr(value) if isinstance(value, (int, float)) else quoted(db, str(value))
        parts.append(f"{table[name].sqlsafe} = {literal}")
    return raw_query(db, table[names[0]], " AND ".join(parts))


def shown_key(key: list[Any]) -> str:
    """Return a key for a sentence."""
    return ", ".join(str(unpack(one)) for one in key)


def value(
    application: Application,
    work: Work,
    database: str,
    table: str,
    *,
    key: list[Any],
    field: str,
    most: int = WHOLE,
) -> dict[str, Any]:
    """Return one whole value for the viewer.

    Args:
        most: characters or bytes; at most 16 MB. A text that begins as JSON with parts comes whole up to
            there: a viewer can take it apart only so.

    Returns:
        ``text`` or, for bytes, ``base64``; ``size``, the whole length; ``null``.
    """
    db, found = application.database(database), application.table(database, table)
    if field not in found.fields:
        raise InspectorProblem("refused", f"There is no column {field!r} (any more).")
    raw = read_one(db, found, key)[list(found.fields).index(field)]
    whole = to_text(kind_of(found[field].type), raw)
    most = max(1, min(most, _LARGEST_VALUE))
    if whole is None:
        return {"null": True, "size": 0}
    if isinstance(whole, bytes):
        return {"null": False, "base64": base64.b64encode(whole[:most]).decode(), "size": len(whole)}
    if whole[:100].lstrip()[:1] in ("{", "["):
        most = _LARGEST_VALUE
    return {"null": False, "text": whole[:most], "size": len(whole)}


def _referring(db: Any, table: Any, key: list[Any], work: Work) -> list[dict[str, Any]]:
    """Return what refers to a record; a count that fails or takes too long is left out."""
    if len(key) != 1 or not isinstance(unpack(key[0]), int):
        return []
    number = unpack(key[0])
    out = []
    for field in table._referenced_by:
        name = str(field._tablename)
        try:
            count: int | None = count_exactly(db, field == number)
        except Exception:
            work.check()
            db.rollback()
            count = None
        out.append({"table": name, "field": field.name, "count": count, "filter": f"={number}"})
    return out
