"""In the child: the rows that match, written to a file piece by piece (DB-09)."""

from __future__ import annotations

import base64
import csv
import json
import os
from collections.abc import Iterator
from typing import IO, Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.describe import key_names
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.reading import beyond, query_of, select_raw, sorting_of
from runtime.admin.inspector.values import kind_of, to_text
from runtime.admin.inspector.work import Work

PIECE = 2000
NULL = "<NULL>"
"""What stands for NULL in CSV, so that it differs from an empty text."""


def export(
    application: Application,
    work: Work,
    database: str,
    table: str,
    *,
    path: str,
    form: str = "csv",
    filters: dict[str, str] | None = None,
    order: list[Any] | None = None,
    columns: list[str] | None = None,
) -> dict[str, Any]:
    """Write the rows that match into a file; the file is there when all of it is.

    Args:
        path: of the file.
        form: ``csv`` (a line of names, NULL as ``<NULL>``, bytes as base64) or ``json`` (a list of objects).
        columns: which, and in which order; all without it.

    Returns:
        ``rows`` written, ``size`` of the file.

    Raises:
        InspectorProblem: the file can not be written, a filter is wrong.
    """
    db, found = application.database(database), application.table(database, table)
    chosen = [name for name in columns or found.fields if name in found.fields]
    rows = _all_rows(db, found, filters or {}, order, [found[name] for name in chosen])
    writers = {"csv": _write_csv, "json": _write_json}
    if form not in writers:
        raise InspectorProblem("refused", f"There is no form {form!r}; there are csv and json.")
    half = f"{path}.part"
    try:
        with open(half, "w", encoding="utf-8", newline="") as stream:
            count = writers[form](stream, chosen, rows, work)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(half, path)
    except BaseException as error:
        if os.path.exists(half):
            os.unlink(half)
        if isinstance(error, OSError):
            text = f"{path} can't be written: {error.strerror or error}."
            raise InspectorProblem("refused", text) from error
        raise
    return {"rows": count, "size": os.path.getsize(path)}


def _all_rows(
    db: Any, table: Any, filters: dict[str, str], order: list[Any] | None, fields: list[Any]
) -> Iterator[list[Any]]:
    """Yield all rows, read in pieces by key."""
    keys = key_names(table)
    sorting = sorting_of(table, keys, order)
    base = query_of(db, table, filters)
    kinds = [kind_of(field.type) for field in fields]
    query, offset = base, 0
    while True:
        raws = select_raw(
            db, table, query, fields + [field for field, _ in sorting], sorting, (offset, offset + PIECE)
        )
        for raw in raws:
            yield [to_text(kind, one) for kind, one in zip(kinds, raw, strict=False)]
        if len(raws) < PIECE:
            return
        if keys:
            query = base & beyond(db, sorting, list(raws[-1][len(fields) :]))
        else:
            offset += PIECE


def _write_csv(stream: IO[str], names: list[str], rows: Iterator[list[Any]], work: Work) -> int:
    writer = csv.writer(stream)
    writer.writerow(names)
    count = 0
    for count, row in enumerate(rows, 1):
        writer.writerow([NULL if one is None else _text(one) for one in row])
        if count % PIECE == 0:
            work.progress(done=count)
    return count


def _write_json(stream: IO[str], names: list[str], rows: Iterator[list[Any]], work: Work) -> int:
    count = 0
    stream.write("[")
    for count, row in enumerate(rows, 1):
        stream.write(",\n" if count > 1 else "\n")
        shown = [one if one is None else _text(one) for one in row]
        json.dump(dict(zip(names, shown, strict=True)), stream, ensure_ascii=False)
        if count % PIECE == 0:
            work.progress(done=count)
    stream.write("\n]\n")
    return count


def _text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
