"""Exchange of translations with other programs: PO, CSV, XLSX, XLIFF (TR-18).

`export_language` and `read_file` choose the format by the ending of the file's name; `compare` tells what an
import would change, `apply` writes the chosen part of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.exchange.content import MAX_BYTES, Content, Entry, ExchangeError, Word
from runtime.admin.exchange.diff import Applied, ImportDiff, TextChange, WordChange, apply, compare
from runtime.admin.languages import ScanResult, languages_folder
from runtime.admin.languages_marks import load_marks
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.i18n.accept import normal_name
from runtime.i18n.catalog import source_text
from runtime.i18n.files import LANGUAGE_CODE, META_KEYS, load_texts, load_words
from runtime.i18n.plural_rules import PluralRule, rule_for

__all__ = [
    "FORMATS",
    "Applied",
    "Content",
    "Entry",
    "ExchangeError",
    "ImportDiff",
    "TextChange",
    "Word",
    "WordChange",
    "apply",
    "compare",
    "export_language",
    "format_of",
    "gather",
    "read_file",
]


@dataclass(frozen=True)
class Format:
    """One kind of file: its name for people, and the functions that write and read it."""

    name: str
    write: Callable[[Content, PluralRule], bytes]
    read: Callable[[bytes, str, str], Content]


def _load_po() -> Format:
    from runtime.admin.exchange import po

    return Format("PO", po.write, po.read)


def _load_csv() -> Format:
    from runtime.admin.exchange import csv_file

    return Format("CSV", csv_file.write, csv_file.read)


def _load_xlsx() -> Format:
    from runtime.admin.exchange import xlsx_file

    return Format("XLSX", xlsx_file.write, xlsx_file.read)


def _load_xliff() -> Format:
    from runtime.admin.exchange import xliff

    return Format("XLIFF", xliff.write, xliff.read)


FORMATS: dict[str, Callable[[], Format]] = {
    ".po": _load_po,
    ".csv": _load_csv,
    ".xlsx": _load_xlsx,
    ".xlf": _load_xliff,
    ".xliff": _load_xliff,
}
"""Ending of a file's name to what loads its format; libraries are imported when they are needed."""


def format_of(path: str | os.PathLike[str]) -> Format:
    """Return the format of a file by the ending of its name.

    Raises:
        ExchangeError: there is none with that ending.
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        known = ", ".join(FORMATS)
        raise ExchangeError(f"{Path(path).name}: the ending tells the format; it is one of {known}")
    return FORMATS[ending]()


def gather(
    application: str | os.PathLike[str], language: str, found: ScanResult | None = None
) -> tuple[Content, PluralRule]:
    """Return what the language `language` of `application` holds, and its plural rule.

    Args:
        application: its folder.
        language: name of the language file.
        found: a result of `scan`, for the places strings are used at.

    Raises:
        UserError: no such application or language, or a file cannot be read.
    """
    folder = languages_folder(application)
    path = folder / f"{language}.py"
    if not path.is_file():
        raise UserError(f"there is no language file {path}")
    texts, words, marks = load_texts(path), load_words(folder / f"plural-{language}.py"), load_marks(folder)
    places = found.places if found is not None else {}
    same = marks.same.get(language, set())
    content = Content(language, about={key: text for key, text in texts.items() if key in META_KEYS})
    for key, text in texts.items():
        if key in META_KEYS:
            continue
        is_open = text in ("", key, source_text(key))
        shown = source_text(key) if is_open and key in same else "" if is_open else text
        where = tuple(f"{place.file}:{place.line}" for place in places.get(key, ()))
        content.entries.append(Entry(key, shown, marks.notes.get(key, ""), where, is_open and key in same))
    content.words = [Word(word, tuple(forms)) for word, forms in words.items()]
    code = texts.get(LANGUAGE_CODE) or ("en" if language == "default" else language)
    return content, rule_for(normal_name(code) or language, application)


def export_language(
    application: str | os.PathLike[str],
    language: str,
    target: str | os.PathLike[str],
    found: ScanResult | None = None,
) -> Content:
    """Write the language `language` of `application` to the file `target`, in one step; return what it holds.

    Args:
        application: its folder.
        language: name of the language file.
        target: the file; its ending chooses the format.
        found: a result of `scan`, to tell where strings are used.

    Raises:
        UserError: no such application, language or format, or a file cannot be read.
        OSError: the file could not be written.
    """
    chosen = format_of(target)
    content, rule = gather(application, language, found)
    write_atomic(target, chosen.write(content, rule))
    return content


def read_file(path: str | os.PathLike[str], language: str = "") -> Content:
    """Return what the file `path` holds.

    Args:
        path: a file in one of `FORMATS`.
        language: the language it is for; default the one it names.

    Raises:
        ExchangeError: it cannot be read; the text tells the line.
    """
    chosen = format_of(path)
    name = Path(path).name
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise ExchangeError(f"{name}: {size // 1_000_000} MB, more than a file of translations can have")
        source = Path(path).read_bytes()
    except OSError as error:
        raise ExchangeError(f"{name} cannot be read: {error.strerror or error}") from error
    return chosen.read(source, name, language)
