"""XLSX workbooks (TR-18): one sheet, every cell a text, none a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from runtime.admin.exchange.content import Content, ExchangeError
from runtime.admin.exchange.tables import from_rows, to_rows
from runtime.i18n.plural_rules import PluralRule

MAX_CELL = 32_767
"""Characters a cell of a workbook can hold."""

MAX_UNPACKED = 256_000_000
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What programs of workbooks read as a spelled-out character."""

WIDTHS = (8, 36, 36, 48, 16, 32, 32)


def write(content: Content, rule: PluralRule) -> bytes:
    """Return `content` as a workbook.

    Raises:
        ExchangeError: a text is longer than a cell can hold.
    """
    from openpyxl import Workbook  # type: ignore[import-untyped] # the library has no annotations
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped] # as above
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped] # as above

    book = Workbook()
    sheet = book.active
    sheet.title = content.language or "texts"
    wrap = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(to_rows(content, rule), 1):
        for column, text in enumerate(row, 1):
            if len(text) > MAX_CELL:
                raise ExchangeError(
                    f"{row[1][:40]!r}: {len(text)} characters do not fit a cell; export as PO or CSV"
                )
            cell = sheet.cell(number, column)
            cell.value = ESCAPE.sub("{U+005F}", text)
            cell.data_type = "s"  # a text that begins with = or # is no formula and no error
            cell.alignment = wrap
            if number == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(source: bytes, name: str, language: str = "") -> Content:
    """Return what the first sheet of the workbook `source` holds.

    Args:
        source: its bytes.
        name: what messages call it.
        language: the language it is for; default the one it names.

    Raises:
        ExchangeError: it cannot be read; the text names the row.
    """
    _check_archive(source, name)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(source), read_only=True, data_only=True, keep_links=False)
        rows = list(_rows(book.worksheets[0]))
    except Exception as error:
        raise ExchangeError(f"{name}: not a workbook that can be read ({error})") from None
    return from_rows(rows, name, language, "row")


def _check_archive(source: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            for part in archive.infolist():
                if size <= MAX_UNPACKED and part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise ExchangeError(
                                f"{name}: {part.filename} declares entities, which a workbook never does"
                            )
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ExchangeError(f"{name}: not a workbook (.xlsx): {error}") from None
    if size > MAX_UNPACKED:
        raise ExchangeError(f"{name}: unpacks to {size // 1_000_000} MB, which no list of texts needs")


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, ["" if cell is None else str(cell).replace("\r\n", "\n") for cell in row]
