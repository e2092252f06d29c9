"""Files made of the records of a grid: CSV, TSV, HTML, XML, JSON.

An exporter is a class made with the rows, whose `export` returns the content of the file. Applications
derive their own from `ExportClass` and give them to a grid as ``exportclasses``. Those of this module are
given one part of the records after the other; others get `LazyRows`: all of them, read part by part.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from runtime.dal.referenced import ReferenceTexts
from runtime.dal.selects.lazy_rows import LazyRows
from runtime.foundation import serializers
from runtime.foundation.escape import xmlescape
from runtime.html import DIV


class ExportClass:
    """Base of exporters.

    Attributes:
        label: name of the kind of file.
        file_ext: ending of its name, without dot.
        content_type: type as in the header ``Content-Type``.
    """

    label: Any = None
    file_ext: str | None = None
    content_type: str | None = None

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def represented(self) -> Iterator[list[Any]]:
        """Yield the values of each record as their fields represent them, without markup."""
        shown = self._columns()
        for rows in _parts_of(self.rows):
            texts = ReferenceTexts()
            for name, field in shown:
                texts.expect(field, (_stored(row, name, field) for row in rows))
            for row in rows:
                yield [self._shown(row, name, field, texts) for name, field in shown]

    def raw(self) -> Iterator[list[Any]]:
        """Yield the values of each record as they are stored."""
        for row in self.rows:
            yield [_stored(row, name, field) for name, field in self._columns()]

    def names(self) -> list[str]:
        """Return the names of the columns: ``table.field``."""
        return [_plain_name(name, field) for name, field in self._columns()]

    def _columns(self) -> list[tuple[str, Any]]:
        return list(zip(self.rows.colnames, self.rows.fields, strict=False))

    def _shown(self, row: Any, name: str, field: Any, texts: ReferenceTexts) -> Any:
        value = _stored(row, name, field)
        represent = getattr(field, "represent", None)
        if represent is not None and callable(represent) and value is not None:
            table = getattr(field, "tablename", None)
            part = row[table] if table in row and hasattr(row[table], "keys") else row
            value = texts.render(field, value, part)
        return _text(value)

    def export(self) -> Any:
        """Return the content of the file."""
        raise NotImplementedError


def _parts_of(rows: Any) -> Iterable[Any]:
    return rows.parts() if isinstance(rows, LazyRows) else [rows]


def _plain_name(name: str, field: Any) -> str:
    return str(field) if getattr(field, "tablename", None) else name.replace('"', "").replace("`", "")


def _stored(row: Any, name: str, field: Any) -> Any:
    table = getattr(field, "tablename", None)
    if not table:
        return row["_extra"][name] if "_extra" in row else row[name]
    return row[table][field.name] if table in row and hasattr(row[table], "keys") else row[field.name]


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, DIV):
        return value.flatten()
    if isinstance(value, (list, tuple)):
        return "|".join(map(str, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)  # a reference is a number that knows its record
    return value if isinstance(value, float) else str(value)


class Streaming(ExportClass):
    """Base of the exporters below: they write their file piece by piece, from parts of the records."""

    def pieces(self, parts: Iterable[Any]) -> Iterator[str]:
        """Yield the file as texts; `rows` is one of `parts` after the other, and says the columns before."""
        raise NotImplementedError

    def export(self) -> str:
        rows = self.rows
        try:
            return "".join(self.pieces(_parts_of(rows)))
        finally:
            self.rows = rows


class _Delimited(Streaming):
    delimiter: ClassVar[str] = ","

    def pieces(self, parts: Iterable[Any]) -> Iterator[str]:
        first = True
        for self.rows in parts:
            if self.rows:
                yield self._lines(first)
                first = False

    def _lines(self, with_names: bool) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, quoting=csv.QUOTE_MINIMAL)
        if with_names:
            writer.writerow(self.names())
        writer.writerows([_text(value) for value in record] for record in self._records())
        return out.getvalue()

    def _records(self) -> Iterator[list[Any]]:
        return self.represented()


class ExporterCSV(_Delimited):
    """CSV of the columns shown, values as they are represented."""

    label, file_ext, content_type = "CSV", "csv", "text/csv"


class ExporterCSV_hidden(_Delimited):  # noqa: N801  # documented name
    """CSV of all columns read, values as they are stored: what a database imports again."""

    label, file_ext, content_type = "CSV", "csv", "text/csv"

    def _lines(self, with_names: bool) -> str:
        out = io.StringIO()
        self.rows.export_to_csv_file(out, write_colnames=with_names)
        return out.getvalue()


class ExporterTSV(_Delimited):
    """Values parted by tabs, as they are represented."""

    label, file_ext, content_type = "TSV", "tsv", "text/tab-separated-values"
    delimiter = "\t"


class ExporterTSV_hidden(ExporterTSV):  # noqa: N801  # documented name
    """Values of all columns read parted by tabs, as they are stored."""

    def _records(self) -> Iterator[list[Any]]:
        return self.raw()


class ExporterHTML(Streaming):
    """A page with the records in a table."""

    label, file_ext, content_type = "HTML", "html", "text/html"

    def pieces(self, parts: Iterable[Any]) -> Iterator[str]:
        heads = "".join(f'<th scope="col">{xmlescape(name)}</th>' for name in self.names())
        yield (
            '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title></title></head><body>\n'
            f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n"
        )
        first = True
        for self.rows in parts:
            if self.rows:
                yield ("" if first else "\n") + "\n".join(map(_html_line, self.represented()))
                first = False
        yield "\n</tbody></table>\n</body></html>\n"


def _html_line(record: list[Any]) -> str:
    return "<tr>" + "".join(f"<td>{xmlescape(value)}</td>" for value in record) + "</tr>"


class ExporterXML(Streaming):
    """XML of the records."""

    label, file_ext, content_type = "XML", "xml", "text/xml"

    def pieces(self, parts: Iterable[Any]) -> Iterator[str]:
        keys = [key.replace(".", "_") for key in short_names(self.names())]
        begin, end = _around(serializers.xml([], quote=True), "</")
        yield begin
        for self.rows in parts:
            records = [dict(zip(keys, map(_text, record), strict=True)) for record in self.raw()]
            yield serializers.xml(records, quote=True)[len(begin) : -len(end)]
        yield end


class ExporterJSON(Streaming):
    """JSON of the records, values as they are stored."""

    label, file_ext, content_type = "JSON", "json", "application/json"

    def pieces(self, parts: Iterable[Any]) -> Iterator[str]:
        keys = short_names(self.names())
        first = True
        yield "["
        for self.rows in parts:
            if self.rows:
                text = serializers.json([dict(zip(keys, record, strict=True)) for record in self.raw()])
                yield ("" if first else ", ") + text[1:-1]
                first = False
        yield "]"


def _around(text: str, mark: str) -> tuple[str, str]:
    """Return what stands before the last `mark` of a text, and the rest."""
    at = text.rindex(mark)
    return text[:at], text[at:]


def short_names(names: Sequence[str]) -> list[str]:
    """Return the names of fields without their tables, or with them where two would be alike."""
    short = [name.rpartition(".")[2] for name in names]
    return short if len(set(short)) == len(short) else list(names)


HIDDEN = "_with_hidden_cols"
EXPORTERS: dict[str, tuple[type[ExportClass], str, str]] = {
    f"csv{HIDDEN}": (ExporterCSV_hidden, "CSV (hidden cols)", "All columns as stored, to import again"),
    "csv": (ExporterCSV, "CSV", "Columns as they are shown"),
    "xml": (ExporterXML, "XML", "XML of the columns shown"),
    "html": (ExporterHTML, "HTML", "A page with the columns shown"),
    "json": (ExporterJSON, "JSON", "JSON of the columns shown"),
    f"tsv{HIDDEN}": (ExporterTSV_hidden, "TSV (Spreadsheets, hidden cols)", "All columns as stored"),
    "tsv": (ExporterTSV, "TSV (Spreadsheets)", "Columns as they are shown, for spreadsheets"),
}
"""Exporters by name, with text and explanation for the page."""
STREAMING = frozenset(kind for kind, _, _ in EXPORTERS.values())
"""Those that write piece by piece; what an application derives of them has all records, as documented."""
