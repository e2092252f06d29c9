"""How selected records look in a page: ``{{=rows}}`` and `BEAUTIFY` show a table (FUN-09)."""

from __future__ import annotations

from typing import Any

from runtime.html import TABLE, TBODY, TD, TH, THEAD, TR


def rows_table(rows: Any) -> Any:
    """Return the records as a table; values as the `represent` of their field shows them, escaped.

    Args:
        rows: what a `select` returned.
    """
    head = TR(
        *(
            TH(_label(field, name), _scope="col")
            for field, name in zip(rows.fields, rows.colnames, strict=True)
        )
    )
    body = [
        TR(*(TD(_shown(record, field, name)) for field, name in zip(rows.fields, rows.colnames, strict=True)))
        for record in rows.records
    ]
    return TABLE(THEAD(head), TBODY(*body))


def _label(field: Any, name: str) -> Any:
    label = getattr(field, "label", None)
    return name if label is None else label


def _shown(record: Any, field: Any, name: str) -> Any:
    table = getattr(field, "_tablename", None)
    if table is None:  # an expression, as a count
        return record["_extra"][name]
    value = record[table][field.name]
    represent = getattr(field, "represent", None)
    if represent is None or value is None:
        return "" if value is None else str(value)
    return field.db.represent("rows_render", field, value, record[table])
