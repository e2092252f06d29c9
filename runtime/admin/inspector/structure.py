"""In the child: a table as the model says it and as the database has it (DB-08)."""

from __future__ import annotations

import re
from typing import Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.describe import table_facts
from runtime.admin.inspector.engines import columns_of, indexes_of, size_of
from runtime.admin.inspector.work import Work

_FAMILIES = (
    ("integer", re.compile(r"int|serial|number\b", re.I)),
    ("text", re.compile(r"char|text|clob|json|string|blob|uuid|array", re.I)),
    ("decimal", re.compile(r"dec|numeric|money", re.I)),
    ("number", re.compile(r"real|double|float", re.I)),
    ("datetime", re.compile(r"datetime|timestamp", re.I)),
    ("date", re.compile(r"date", re.I)),
    ("time", re.compile(r"time", re.I)),
    ("boolean", re.compile(r"bool|bit", re.I)),
)
_OF_KIND = {
    "integer": ("integer",), "reference": ("integer",), "number": ("number", "decimal"),
    "decimal": ("decimal",), "boolean": ("text", "boolean", "integer"), "date": ("date",),
    "time": ("time",), "datetime": ("datetime",),
    "json": ("text",), "blob": ("text",), "upload": ("text",), "password": ("text",), "text": ("text",),
    "list": ("text",),
}  # fmt: skip


def structure(application: Application, work: Work, database: str, table: str) -> dict[str, Any]:
    """Return the facts of a table, its columns and indexes in the database, and the differences.

    Returns:
        ``table`` (see `describe.table_facts`); ``columns`` by name, None when the engine does not say;
        ``indexes``; ``size`` in bytes or None; ``differences``: each with ``field``, ``what`` (``table
        missing``, ``missing``, ``extra``, ``type``, ``notnull``) and ``text``.
    """
    db, found = application.database(database), application.table(database, table)
    facts = table_facts(application, db, found)
    columns = columns_of(db, found)
    work.check()
    return {
        "table": facts,
        "columns": columns,
        "indexes": indexes_of(db, found) if columns else [],
        "size": size_of(db, found) if columns else None,
        "differences": differences(found, facts, columns) if columns is not None else [],
    }


def differences(
    table: Any, facts: dict[str, Any], columns: dict[str, dict[str, Any]]
) -> list[dict[str, str]]:
    """Return how a table of the model differs from that of the database."""
    if not columns:
        text = (
            f"The table {facts['name']} is not in the database. The application makes it at its next request."
        )
        return [{"field": "", "what": "table missing", "text": text}]
    out = []
    real = {name.lower(): column for name, column in columns.items()}
    expected: set[str] = set()
    for one in facts["fields"]:
        name = str(table[one["name"]]._raw_rname or one["name"]).strip('"`[]')
        expected.add(name.lower())
        column = real.get(name.lower())
        if column is None:
            out.append(_difference(one["name"], "missing", f"{name} is in the model, not in the database."))
            continue
        family = _family(column["type"])
        if family and family not in _OF_KIND.get(one["kind"], (family,)):
            text = f"{name} is {one['type']} in the model, {column['type']} in the database."
            out.append(_difference(one["name"], "type", text))
        elif one["notnull"] != column["notnull"] and one["name"] not in facts["key"]:
            words = ("NOT NULL in the model only", "NOT NULL in the database only")[column["notnull"]]
            out.append(_difference(one["name"], "notnull", f"{name} is {words}."))
    for name in columns:
        if name.lower() not in expected:
            out.append(_difference(name, "extra", f"{name} is in the database, not in the model."))
    return out


def _difference(field: str, what: str, text: str) -> dict[str, str]:
    return {"field": field, "what": what, "text": text}


def _family(declared: str) -> str:
    return next((name for name, pattern in _FAMILIES if pattern.search(declared or "")), "")
