"""In the child: a CSV file as new and changed rows: looked at, tried without writing, written (DB-09)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.describe import key_names
from runtime.admin.inspector.engines import lock_table_row
from runtime.admin.inspector.exporting import NULL
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.reading import count_exactly
from runtime.admin.inspector.records import query_of_key
from runtime.admin.inspector.values import kind_of
from runtime.admin.inspector.work import Work
from runtime.admin.inspector.writing import Batch

PREVIEW = 20
_FAULTS_KEPT = 200
_PIECE = 500


def preview(application: Application, work: Work, database: str, table: str, *, path: str) -> dict[str, Any]:
    """Return what the file holds: its columns, to which fields they belong, the first rows.

    Raises:
        InspectorProblem: it is no CSV file, or can not be read.
    """
    found = application.table(database, table)
    with _opened(path) as (names, lines):
        rows = [row for _, row in zip(range(PREVIEW), lines, strict=False)]
    return {
        "columns": names,
        "fields": [_field_of(found, name) for name in names],
        "rows": rows,
        "key": key_names(found),
    }


def run(
    application: Application,
    work: Work,
    database: str,
    table: str,
    *,
    path: str,
    fields: list[str],
    existing: str = "insert",
    dry: bool = True,
) -> dict[str, Any]:
    """Take all rows of the file in one transaction, or, `dry`, only tell what would happen.

    Args:
        fields: the field for each column of the file; empty leaves the column out.
        existing: ``insert`` makes every row a new record; ``update`` changes those whose key is there.

    Returns:
        ``inserted``, ``updated``, ``errors`` (line, field, message; the first 200), ``faults`` (their
        number). With faults nothing is written.
    """
    db, found = application.database(database), application.table(database, table)
    keys = key_names(found)
    wrong = [name for name in fields if name and name not in found.fields]
    if wrong:
        raise InspectorProblem("refused", f"There is no column {wrong[0]!r} in {table}.")
    inserted = updated = faults = 0
    errors: list[dict[str, Any]] = []
    lock_table_row(db)
    with _opened(path) as (_, lines):
        for number, row in enumerate(lines, 2):
            values = {name: _text(found, name, text) for name, text in zip(fields, row, strict=False) if name}
            batch = Batch(db, found)
            key = [_key(found, name, values.pop(name, None)) for name in keys]
            if existing == "update" and key and None not in key and _is_there(db, found, key):
                batch.take(0, {"do": "update", "key": key, "values": values})
                updated += 1
            else:
                batch.take(0, {"do": "insert", "values": values})
                inserted += 1
            faults += len(batch.errors)
            errors += [
                {"line": number, "field": one["field"], "message": one["message"]}
                for one in batch.errors
                if len(errors) < _FAULTS_KEPT
            ]
            if number % _PIECE == 0:
                work.progress(done=number)
    if dry or faults:
        db.rollback()
    else:
        work.check()
        db.commit()
    return {
        "inserted": inserted, "updated": updated, "faults": faults, "errors": errors,
        "written": not dry and not faults,
    }  # fmt: skip


@contextmanager
def _opened(path: str) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """Open a CSV file: the names of its columns, and its rows."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            head = stream.read(8192)
            stream.seek(0)
            lines = csv.reader(stream, delimiter=_delimiter(head))
            names = next(lines, None)
            if not names:
                raise InspectorProblem("refused", "The file is empty.")
            yield names, (row for row in lines if row)
    except UnicodeDecodeError:
        raise InspectorProblem("refused", "The file is not in UTF-8.") from None
    except (OSError, csv.Error) as error:
        raise InspectorProblem("refused", f"The file can't be read: {error}.") from None


def _delimiter(head: str) -> str:
    first = head.splitlines()[0] if head else ""
    return max(",;\t", key=first.count)


def _field_of(table: Any, name: str) -> str:
    """Return the field that a column belongs to: its name, with or without that of the table."""
    short = name.strip().rpartition(".")[2].lower()
    return next((field for field in table.fields if field.lower() == short), "")


def _text(table: Any, name: str, text: str) -> str | None:
    field = table[name]
    if text == NULL:
        return None
    if not text and kind_of(field.type) not in ("text", "password", "upload"):
        return None  # spreadsheets know no NULL
    return text


def _key(table: Any, name: str, text: str | None) -> Any:
    if text is None:
        return None
    kind = kind_of(table[name].type)
    try:
        return int(text) if kind in ("integer", "reference") else text
    except ValueError:
        return None


def _is_there(db: Any, table: Any, key: list[Any]) -> bool:
    return count_exactly(db, query_of_key(db, table, key)) > 0
