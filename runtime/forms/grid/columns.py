"""The columns of a grid: which fields, their heads, and how a value looks in a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runtime.dal import FieldMethod, FieldVirtual
from runtime.dal.referenced import ReferenceTexts
from runtime.forms.grid.options import GridOptions
from runtime.html import DIV, INPUT, SPAN, A

UNLISTED = frozenset(("blob",))
CUT = "..."


def is_virtual(field: Any) -> bool:
    """Tell whether `field` is computed from a record after it was read."""
    return isinstance(field, FieldVirtual)


def columns_of(tables: Sequence[Any], options: GridOptions) -> tuple[list[Any], list[Any]]:
    """Return the fields shown, in order, and those that are read beside them.

    Shown are the fields asked for, else those of all tables, as far as they are readable. What was asked for
    by name and is not readable is for the functions of `links` and `represent`.
    """
    if options.fields is None:
        wanted: Iterable[Any] = [field for table in tables for field in [*table, *virtual_fields(table)]]
    else:
        wanted = [
            field
            for each in options.fields
            for field in (list(each) if hasattr(each, "_tablename") and hasattr(each, "fields") else [each])
        ]
    wanted = [field for field in wanted if not isinstance(field, FieldMethod)]
    shown = [field for field in wanted if _is_shown(field, options)]
    named = set() if options.fields is None else {id(each) for each in options.fields}
    beside = [field for field in wanted if id(field) in named and not _is_shown(field, options)]
    return shown, [field for field in beside if not is_virtual(field)]


def _is_shown(field: Any, options: GridOptions) -> bool:
    if not getattr(field, "listable", True):
        return False
    readable = getattr(field, "readable", True)
    return bool(readable or options.ignore_rw)


def virtual_fields(table: Any) -> list[Any]:
    """Return the virtual fields of `table`, in the order of their definition."""
    names = getattr(table, "_virtual_fields", None) or []
    return [field for field in names if isinstance(field, FieldVirtual)]


def selected_fields(
    columns: Sequence[Any], beside: Sequence[Any], tables: Sequence[Any], key: Sequence[Any], grouped: bool
) -> list[Any]:
    """Return the fields that are read: those shown, what virtual ones may need, and the key.

    Args:
        columns, beside: see `columns_of`.
        grouped: records stand for groups, so that only what was asked for can be read.
    """
    fields = [*(field for field in columns if not is_virtual(field)), *beside]
    if grouped:
        return fields
    computed = {str(field.tablename) for field in columns if is_virtual(field)}
    for table in tables:
        if table._tablename in computed:
            fields += [field for field in table if str(field) not in {str(each) for each in fields}]
    read = {str(each) for each in fields}
    return [*(field for field in key if str(field) not in read), *fields]


def column_name(field: Any) -> str:
    """Return the name a column is known by in addresses and in `headers`: ``table.field``."""
    if is_virtual(field):
        return f"{field.tablename}.{field.name}"
    return str(field)


def head_text(field: Any, options: GridOptions) -> Any:
    """Return the head of a column."""
    headers = options.headers
    if isinstance(headers, str):
        if headers == "fieldname:capitalize":
            return field.name.replace("_", " ").title()
        return _label(field)
    return headers.get(column_name(field), _label(field))


def _label(field: Any) -> Any:
    label = getattr(field, "label", None)
    if label is not None:
        return label
    return getattr(field, "name", None) or str(field)


def value_of(row: Any, field: Any) -> Any:
    """Return the value of `field` in a record that may join several tables."""
    if is_virtual(field):
        return row[field.tablename][field.name] if field.tablename in row else row[field.name]
    if not hasattr(field, "tablename") or not field.tablename:
        return row["_extra"][str(field)] if "_extra" in row else row[str(field)]
    try:
        return row[str(field)]
    except (KeyError, AttributeError):
        return row["_extra"][str(field)]


def part_of(row: Any, field: Any) -> Any:
    """Return the part of a record that `represent` of `field` gets: the record of its table."""
    name = getattr(field, "tablename", None)
    if name is not None and name in row and hasattr(row[name], "keys"):
        return row[name]
    return row


def texts_of(rows: Any, columns: Sequence[Any]) -> ReferenceTexts:
    """Return what shows the references among `columns`: one query for each table, however many records."""
    texts = ReferenceTexts()
    for field in columns:
        if not is_virtual(field):
            texts.expect(field, (value_of(row, field) for row in rows))
    return texts


def cell(row: Any, field: Any, options: GridOptions, upload: Any, texts: ReferenceTexts) -> Any:
    """Return what a cell shows: the value as its field represents it, cut to the length allowed.

    Args:
        upload: as in `RecordPages.upload`.
        texts: see `texts_of`.
    """
    value = value_of(row, field)
    kind = str(getattr(field, "type", "string"))
    if kind in UNLISTED and not options.showblobs:
        return "" if value is None else f"<{kind}>"
    represent = getattr(field, "represent", None)
    if kind == "password" and (represent is None or value is not None):
        return "" if value is None else "********"
    if represent is not None and callable(represent):
        shown = texts.render(field, value, part_of(row, field))
        return _without_value(options) if shown is None else shown
    if value is None:
        return _without_value(options)
    if kind == "boolean":
        return INPUT(_type="checkbox", value=bool(value), _disabled=True, **{"_aria-label": _label(field)})
    if kind == "upload":
        return file_link(value, upload)
    return cut(value, field, options)


def file_link(value: Any, upload: Any) -> Any:
    """Return the link to an uploaded file; `upload` is as in `RecordPages.upload`."""
    if not value:
        return ""
    if not upload:
        return "file"
    return A("file", _href=upload(value) if callable(upload) else f"{upload}/{value}")


def _without_value(options: GridOptions) -> Any:
    return "" if options.represent_none is None else options.represent_none


def cut(value: Any, field: Any, options: GridOptions) -> Any:
    """Return a text cut to the length allowed, whole in a tooltip; other values as the field writes them."""
    if isinstance(value, DIV):
        return value
    if not isinstance(value, str):
        formatter = getattr(field, "formatter", None)
        value = formatter(value) if formatter is not None else value
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    text = str(value)
    most = options.maxtextlengths.get(column_name(field), options.maxtextlength)
    if not most or len(text) <= most:
        return text
    return SPAN(text[: max(1, most - len(CUT))] + CUT, _title=text)
