"""Rows as text, CSV, JSON, Python or SQL for the clipboard (DB-10)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .model import shown_cell

FORMS = (("text", "Text"), ("csv", "CSV"), ("json", "JSON"), ("python", "Python"), ("sql", "SQL insert"))
_NUMBERS = frozenset(("integer", "number", "decimal", "reference"))


def rows_as(form: str, fields: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[Any]], table: str) -> str:
    """Return rows in one of `FORMS`.

    Args:
        form: which.
        fields: of the columns, with ``name`` and ``kind``.
        rows: cells as they are shown; what was cut stays cut.
        table: name for SQL.
    """
    names = [field["name"] for field in fields]
    if form == "text":
        lines = ["\t".join(names)]
        lines += ["\t".join(_flat(shown_cell(cell)) for cell in row) for row in rows]
        return "\n".join(lines)
    if form == "csv":
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([["<NULL>" if cell is None else shown_cell(cell) for cell in row] for row in rows])
        return stream.getvalue()
    kinds = [field["kind"] for field in fields]
    values = [[_value(kind, cell) for kind, cell in zip(kinds, row, strict=True)] for row in rows]
    if form == "json":
        found = [dict(zip(names, row, strict=True)) for row in values]
        return json.dumps(found if len(found) != 1 else found[0], indent=2, ensure_ascii=False)
    if form == "python":
        inner = ",\n".join("    " + repr(dict(zip(names, row, strict=True))) for row in values)
        return f"[\n{inner},\n]"
    columns = ", ".join(f'"{name}"' for name in names)
    return "\n".join(
        f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(map(_literal, row))});' for row in values
    )


def _flat(text: str) -> str:
    return text.replace("\t", " ").replace("\r\n", " ").replace("\n", " ")


def _value(kind: str, cell: Any) -> Any:
    """Return a cell as the value that it means where that is certain, else its text."""
    if cell is None:
        return None
    text = shown_cell(cell)
    if not isinstance(cell, str):
        return text
    try:
        if kind in _NUMBERS:
            return int(text) if text.lstrip("-").isdecimal() else float(text)
        if kind in ("json", "list"):
            return json.loads(text)
    except ValueError:
        return text
    return text == "true" if kind == "boolean" else text


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"
