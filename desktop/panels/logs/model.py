"""Records of logs as rows, within bounds, and the lines of files that they name; no widgets (UI-LG)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.widgets.grid_parts import INK_ROLE, MARK_ROLE
from desktop.widgets.value_view import harmless
from runtime.admin.logs import Record

HEADS = ("Time", "Source", "Level", "Message")
TIME, SOURCE, LEVEL, MESSAGE = range(len(HEADS))
MOST_ROWS = 50_000
"""Records kept in the window; older ones are read again when they are wanted."""
KNOWN = frozenset(("server", "access", "worker", "application", "cron", "desktop"))
PLACE = re.compile(r'File "([^"]+)", line (\d+)')

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


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


def place_in(record: Record, site: Path) -> tuple[str, int] | None:
    """File and line of the application that a traceback ends in, else of the last frame; None without one."""
    found = [(match[1], int(match[2])) for line in record.more for match in PLACE.finditer(line)]
    own = [place for place in found if place[0].startswith(str(site / "applications"))]
    places = own or found
    return places[-1] if places else None


class LogModel(QAbstractTableModel):
    """Rows, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Record] = []

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

    def nearest(self, moment: float) -> int:
        """Row of the first record not before `moment` (LG-05)."""
        return next((at for at, row in enumerate(self._rows) if row.moment >= moment), len(self._rows) - 1)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        record, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(record, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {self._text(record, column) or 'none'}"
        if role == INK_ROLE:
            if column == SOURCE:
                return colour_of(record.source)
            return "text.primary" if column == MESSAGE else "text.secondary"
        if role == MARK_ROLE and column == LEVEL:
            return mark_of(record.level)
        return None

    def _text(self, record: Record, column: int) -> str:
        if column == MESSAGE:
            more = f"   + {len(record.more)} lines" if record.more else ""
            return f"{harmless(record.text)}{more}"
        return (record.time, record.source, record.level)[column]
