"""CSV files for spreadsheets (TR-18): UTF-8 with a mark, comma, semicolon or tab between cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from runtime.admin.exchange.content import Content, ExchangeError
from runtime.admin.exchange.tables import from_rows, to_rows
from runtime.i18n.plural_rules import PluralRule

FORMULA_STARTS = "=+-@\t'"
"""Cells that begin so get an apostrophe, for spreadsheets run them as formulas."""

MAX_CELL = 1_000_000
DELIMITERS = ",;\t"


def write(content: Content, rule: PluralRule) -> bytes:
    """Return `content` as a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in to_rows(content, rule):
        writer.writerow([f"'{cell}" if cell and cell[0] in FORMULA_STARTS else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def read(source: bytes, name: str, language: str = "") -> Content:
    """Return what the CSV file `source` holds.

    Args:
        source: its bytes, UTF-8, or UTF-16 with a byte order mark.
        name: what messages call it.
        language: the language it is for; default the one it names.

    Raises:
        ExchangeError: it cannot be read; the text names the line.
    """
    text = _decoded(source, name)
    return from_rows(_rows(text, name), name, language, "line")


def _decoded(source: bytes, name: str) -> str:
    encoding = "utf-16" if source[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ExchangeError(f"{name}, line {line}: not UTF-8 text; save it as CSV in UTF-8") from None


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, [_plain(cell) for cell in row]
            line = reader.line_num + 1
    except csv.Error as error:
        raise ExchangeError(f"{name}, line {line}: {error}") from None


def _plain(cell: str) -> str:
    if len(cell) > 1 and cell[0] == "'" and cell[1] in FORMULA_STARTS:
        cell = cell[1:]
    return cell.replace("\r\n", "\n").replace("\r", "\n")
