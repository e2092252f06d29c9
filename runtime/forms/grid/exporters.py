"""Files made of the records of a grid: CSV, TSV, HTML, XML, JSON.

An exporter is a class made with the rows, whose `export` returns the content of the file. Applications
derive their own from `ExportClass` and give them to a grid as ``exportclasses``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from runtime.dal.referenced import ReferenceTexts
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
        texts = ReferenceTexts()
        for name, field in shown:
            texts.expect(field, (_stored(row, name, field) for row in self.rows))
        for row in self.rows:
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


class _Delimited(ExportClass):
    delimiter: ClassVar[str] = ","

    def _lines(self, records: Iterator[list[Any]]) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, quoting=csv.QUOTE_MINIMAL)
        writer.writerow(self.names())
        writer.writerows([_text(value) for value in record] for record in records)
        return out.getvalue()


class ExporterCSV(_Delimited):
    """CSV of the columns shown, values as they are represented."""

    label, file_ext, content_type = "CSV", "csv", "text/csv"

    def export(self) -> str:
        return self._lines(self.represented()) if self.rows else ""


class ExporterCSV_hidden(ExportClass):  # noqa: N801  # documented name
    """CSV of all columns read, values as they are stored: what a database imports again."""

    label, file_ext, content_type = "CSV", "csv", "text/csv"

    def export(self) -> str:
        if not self.rows:
            return ""
        out = io.StringIO()
        self.rows.export_to_csv_file(out)
        return out.getvalue()


class ExporterTSV(_Delimited):
    """Values parted by tabs, as they are represented."""

    label, file_ext, content_type = "TSV", "tsv", "text/tab-separated-values"
    delimiter = "\t"

    def export(self) -> str:
        return self._lines(self.represented()) if self.rows else ""


class ExporterTSV_hidden(ExporterTSV):  # noqa: N801  # documented name
    """Values of all columns read parted by tabs, as they are stored."""

    def export(self) -> str:
        return self._lines(self.raw()) if self.rows else ""


class ExporterHTML(ExportClass):
    """A page with the records in a table."""

    label, file_ext, content_type = "HTML", "html", "text/html"

    def export(self) -> str:
        heads = "".join(f'<th scope="col">{xmlescape(name)}</th>' for name in self.names())
        lines = (
            "<tr>" + "".join(f"<td>{xmlescape(value)}</td>" for value in record) + "</tr>"
            for record in self.represented()
        )
        body = "\n".join(lines)
        return (
            '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title></title></head><body>\n'
            f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table>\n</body></html>\n"
        )


class ExporterXML(ExportClass):
    """XML of the records."""

    label, file_ext, content_type = "XML", "xml", "text/xml"

    def export(self) -> Any:
        keys = [key.replace(".", "_") for key in short_names(self.names())]
        records = [dict(zip(keys, map(_text, record), strict=True)) for record in self.raw()]
        return serializers.xml(records, quote=True)


class ExporterJSON(ExportClass):
    """JSON of the records, values as they are stored."""

    label, file_ext, content_type = "JSON", "json", "application/json"

    def export(self) -> Any:
        keys = short_names(self.names())
        return serializers.json([dict(zip(keys, record, strict=True)) for record in self.raw()])


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
