"""A value as rows and columns, if it has that shape: like records, lists of one length (UI-CA-05)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.panels.overview.words import counted
from desktop.widgets.log_lines import printable
from runtime.admin.value_tree import TYPE

from .parts import Parts, as_json, facts_of, one_line

MOST_COLUMNS = 200
FULLEST = 0.5  # part of all cells that records must fill to be alike
LETTERS = 400
_STEPS = 5000


class _Missing:
    """A record has no such key."""


MISSING = _Missing()


@dataclass(frozen=True)
class Table:
    """Rows and columns of a value.

    Attributes:
        columns: their heads.
        rows: the parts in them; `MISSING` where a record lacks the key.
        numeric: the columns that hold numbers only.
        typed: see `Parts`.
        sure: the shape leaves no doubt that it is meant as a table.
    """

    columns: list[str]
    rows: list[list[Any]]
    numeric: frozenset[int]
    typed: bool
    sure: bool

    def words(self) -> str:
        """ "90 rows, 4 columns"."""
        return f"{counted(len(self.rows), 'row')}, {counted(len(self.columns), 'column')}"


def table_of(parts: Parts, check: Callable[[], None] = lambda: None) -> Table | None:
    """Return the table that a value is, None for a value of another shape.

    Args:
        check: called now and then; may raise to end the work.
    """
    facts = facts_of(parts.data, parts.typed)
    if not facts.items:
        return None
    if facts.how == "list":
        found = _of_records(facts.items, parts.typed, check) or _of_lists(facts.items, parts.typed, check)
    elif facts.how == "names":
        found = _of_columns(facts.items, parts.typed)
    else:
        found = None
    if found is None:
        return None
    columns, rows, sure = found
    return Table(columns, rows, _numeric(columns, rows), parts.typed, sure and len(rows) > 1)


_Found = tuple[list[str], list[list[Any]], bool]


def _of_records(items: Sequence[Any], typed: bool, check: Callable[[], None]) -> _Found | None:
    names: dict[str, None] = {}
    records: list[dict[str, Any]] = []
    filled = 0
    for at, item in enumerate(items):
        if at % _STEPS == 0:
            check()
        facts = facts_of(item, typed)
        if facts.how not in ("names", "attributes") or not facts.items:
            return None
        records.append(facts.items)
        names.update(dict.fromkeys(facts.items))
        filled += len(facts.items)
        if len(names) > MOST_COLUMNS:
            return None
    if filled < FULLEST * len(names) * len(records):
        return None
    columns = list(names)
    rows = [[record.get(name, MISSING) for name in columns] for record in records]
    return columns, rows, True


def _of_lists(items: Sequence[Any], typed: bool, check: Callable[[], None]) -> _Found | None:
    rows: list[list[Any]] = []
    for at, item in enumerate(items):
        if at % _STEPS == 0:
            check()
        facts = facts_of(item, typed)
        if facts.how != "list" or not 1 < len(facts.items) <= MOST_COLUMNS:
            return None
        if rows and len(facts.items) != len(rows[0]):
            return None
        rows.append(facts.items)
    if len(rows) < 2 or any(facts_of(one, typed).items is not None for one in rows[0]):
        return None
    return [str(at + 1) for at in range(len(rows[0]))], rows, True


def _of_columns(items: dict[str, Any], typed: bool) -> _Found | None:
    lists = [facts_of(item, typed) for item in items.values()]
    if not 1 < len(lists) <= MOST_COLUMNS or any(one.how != "list" for one in lists):
        return None
    length = len(lists[0].items)
    if length < 2 or any(len(one.items) != length for one in lists):
        return None
    return list(items), [list(row) for row in zip(*(one.items for one in lists), strict=True)], False


def _numeric(columns: list[str], rows: list[list[Any]]) -> frozenset[int]:
    out = []
    for at in range(len(columns)):
        cells = [row[at] for row in rows if row[at] is not MISSING and row[at] is not None]
        if cells and all(number_of(cell) is not None for cell in cells):
            out.append(at)
    return frozenset(out)


def number_of(value: Any) -> float | int | None:
    """The number that a cell holds; None where it holds none."""
    kind = type(value)
    if kind in (int, float):
        return value  # type: ignore[no-any-return]  # one of the two
    if kind is dict and value.get(TYPE) == "Decimal":
        try:
            return float(value["t"])
        except (KeyError, ValueError):
            return None
    return None


def cell_words(value: Any, typed: bool) -> str:
    """A cell on one line; what has parts as JSON."""
    if value is MISSING:
        return ""
    facts = facts_of(value, typed)
    if facts.items is None:
        return one_line(facts.text[:LETTERS])
    if len(facts.items) > 50:
        return counted(len(facts.items), "item" if facts.how == "list" else "key")
    return printable(as_json(value, typed)[:LETTERS])


def in_order(rows: list[list[Any]], column: int, down: bool, typed: bool) -> list[list[Any]]:
    """Return rows ordered by a column: numbers, texts, what has parts; what is missing at the end."""

    def key(row: list[Any]) -> tuple[int, Any]:
        value = row[column]
        found = number_of(value)
        if found is not None or type(value) is bool:
            return 0, value if found is None else found
        if type(value) is str:
            return 1, value.casefold()
        return 2, cell_words(value, typed)

    def known(row: list[Any]) -> bool:
        return row[column] is not None and row[column] is not MISSING

    found = sorted((row for row in rows if known(row)), key=key, reverse=down)
    return found + [row for row in rows if not known(row)]


def as_text(table: Table, rows: Iterable[Sequence[Any]], form: str) -> str:
    """Return rows with their heads as ``csv`` or ``tsv``."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t" if form == "tsv" else ",", lineterminator="\n")
    writer.writerow(table.columns)
    for row in rows:
        writer.writerow([_copied(value, table.typed) for value in row])
    return stream.getvalue()


def _copied(value: Any, typed: bool) -> str:
    if value is MISSING or value is None:
        return ""
    facts = facts_of(value, typed)
    return facts.text if facts.items is None else as_json(value, typed)
