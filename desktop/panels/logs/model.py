"""Records of logs as rows, within bounds, and the lines of files that they name; no widgets (UI-LG)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.widgets.grid_parts import CellFacts, FactsModel
from desktop.widgets.log_lines import printable
from runtime.admin.logs import Record, is_of_worker

from .times import FULL, time_words, whole_time

HEADS = ("Time", "Source", "Level", "Message")
TIME, SOURCE, LEVEL, MESSAGE = range(len(HEADS))
MOST_ROWS = 50_000
"""Records kept in the window; older ones are read again when they are wanted."""
KNOWN = frozenset(("server", "access", "worker", "application", "cron", "desktop"))
_OWN_NAME = re.compile(r"(?<=\.)[^.]*?([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
MOST_HINT = 1_000  # letters of a line that its tooltip shows
PLACE = re.compile(r'File "([^"]+)", line (\d+)')

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


def title_of(log: str) -> str:
    """What a log is called in the window: ``worker shop 1f3a2b4c`` for one with a name nobody gave."""
    return _OWN_NAME.sub(r"\1", log).replace(".", " ", 2) if is_of_worker(log) else log


def is_one_of(log: str, wanted: str) -> bool:
    """Whether a log is the wanted one, or one of a kind: ``worker``, ``worker.shop``."""
    return f"{log}.".startswith(f"{wanted}.")


def source_words(record: Record) -> str:
    """Who wrote a record; of what workers say themselves, which one."""
    return (
        title_of(record.log) if record.source == "scheduler" and is_of_worker(record.log) else record.source
    )


def colour_of(source: str) -> str:
    """Name of the colour of a source; each is written out beside it."""
    first = source.partition(".")[0]
    kind = "application" if first == "app" else "worker" if first in ("scheduler", "worker") else first
    return f"source.{kind}" if kind in KNOWN else "text.secondary"


def mark_of(level: str) -> tuple[str, str] | None:
    """Icon and colour of what deserves attention."""
    if level in ("error", "critical"):
        return "mark-cross-small", "status.failed.mark"
    if level == "warning":
        return "mark-triangle-bang", "status.problem.mark"
    return None


def places_in(record: Record) -> list[tuple[str, int]]:
    """Files and lines that a message names, in its order, each once."""
    lines = (record.text, *record.more)
    found = ((match[1], int(match[2])) for line in lines for match in PLACE.finditer(line))
    return list(dict.fromkeys(found))


def place_in(record: Record, site: Path) -> tuple[str, int] | None:
    """File and line of the application that a traceback ends in, else of the last frame; None without one."""
    found = places_in(record)
    own = [place for place in found if place[0].startswith(str(site / "applications"))]
    places = own or found
    return places[-1] if places else None


@dataclass(frozen=True, slots=True)
class LogFacts(CellFacts):
    """A message, whose letters have colours of their own."""

    record: Record | None = None


class LogModel(FactsModel):
    """Rows, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Record] = []
        self._time_way = FULL
        self._short_levels = False

    def set_time_way(self, way: str) -> None:
        """Tells times in another of the ways of `times`."""
        self._time_way = way

    def set_short_levels(self, short: bool) -> None:
        """Leaves the words of levels out where there is no room for them; marks and tooltips stay."""
        self._short_levels = short

    def set_rows(self, rows: Sequence[Record]) -> None:
        """Replaces all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def add_older(self, rows: Sequence[Record]) -> None:
        """Puts rows before the others."""
        if rows:
            self.beginInsertRows(ROOT, 0, len(rows) - 1)
            self._rows[:0] = rows
            self.endInsertRows()

    def add_newer(self, rows: Sequence[Record]) -> int:
        """Puts rows behind the others; returns how many old ones had to go."""
        if not rows:
            return 0
        self.beginInsertRows(ROOT, len(self._rows), len(self._rows) + len(rows) - 1)
        self._rows += rows
        self.endInsertRows()
        surplus = max(0, len(self._rows) - MOST_ROWS)
        if surplus:
            self.beginRemoveRows(ROOT, 0, surplus - 1)
            del self._rows[:surplus]
            self.endRemoveRows()
        return surplus

    def rows(self) -> list[Record]:
        """All rows."""
        return self._rows

    def row(self, at: int) -> Record:
        """The record in a row."""
        return self._rows[at]

    def nearest(self, moment: float, log: str = "") -> int:
        """Row of the first record not before `moment`, of `log` (see `is_one_of`) if it has one (LG-05)."""
        later = [at for at, row in enumerate(self._rows) if row.moment >= moment]
        own = (at for at in later if is_one_of(self._rows[at].log, log))
        return next(own if log else iter(()), later[0] if later else len(self._rows) - 1)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return "" if section == LEVEL and self._short_levels else HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {self._text(row, column) or 'none'}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._hint(self._rows[row], column)
        return None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell; letters of messages are painted by `LogDelegate`."""
        record = self._rows[row]
        if column == MESSAGE:
            ink = "text.secondary" if record.around else "text.primary"
            return LogFacts(self._text(row, column), ink=ink, record=record)
        ink = colour_of(record.source) if column == SOURCE else "text.secondary"
        mark = mark_of(record.level) if column == LEVEL else None
        text = "" if column == LEVEL and self._short_levels else self._text(row, column)
        return CellFacts(text, ink=ink, mark=mark)

    def _text(self, row: int, column: int) -> str:
        record = self._rows[row]
        if column == MESSAGE:
            return f"{printable(record.text)}{more_words(record)}"
        if column == TIME:
            before = self._rows[row - 1] if row else None
            return time_words(record, self._time_way, before)
        return printable(source_words(record) if column == SOURCE else record.level)

    def _hint(self, record: Record, column: int) -> str:
        if column == TIME:
            return whole_time(record)
        if column == LEVEL:
            return record.level
        if column == SOURCE:
            return printable(source_words(record))
        text = printable(record.text)
        return text if column == MESSAGE and len(text) <= MOST_HINT else ""


def more_words(record: Record) -> str:
    """How many further lines a message has, to stand behind its first one."""
    return f"   + {len(record.more)} lines" if record.more else ""
