"""What the steps are made of: the line of steps, a framed choice, the table of what was found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QRadioButton,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.base import Painted
from desktop.widgets.grid_parts import CellFacts, FactsModel, GridDelegate, GridHead, Index, fitting_width
from desktop.widgets.row_list import as_row_list
from runtime.admin.site_look import ATTENTION, COMPILED, LOADS, OFF, UNTOLD, AppLook

CIRCLE = 24
HEADS = ("Application", "State", "What was found")
MARKS = {
    LOADS: ("mark-check", "serving"),
    ATTENTION: ("mark-triangle-bang", "problem"),
    UNTOLD: ("mark-dash", "stopped"),
    OFF: ("mark-ring", "stopped"),
    COMPILED: ("mark-disc", "stopped"),
}
MOST_SHOWN = 4  # rows that the table is high for
ROOT = QModelIndex()


class StepsLine(Painted):
    """Numbers and words of the steps, the present one filled, those before ticked."""

    def __init__(self, theme: Theme, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._words, self._at = list(words), 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_step(0)

    def show_step(self, at: int) -> None:
        """Shows which step is the present one."""
        self._at = at
        self.setAccessibleName(f"Step {at + 1} of {len(self._words)}: {self._words[at]}")
        self.update()

    def sizeHint(self) -> QSize:
        font = self.theme.fonts.style("body", 600)
        width = sum(paint.text_width(font, word) + self._circle() + 60 for word in self._words)
        return QSize(width, self._circle() + 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _circle(self) -> int:
        return max(CIRCLE, self.theme.line_height() + 6)

    def paintEvent(self, event: object) -> None:
        painter, color = paint.painter_of(self), self.theme.color
        size, middle = self._circle(), self.height() / 2
        fonts = [
            self.theme.fonts.style("body", 600 if at == self._at else 400) for at in range(len(self._words))
        ]
        widths = [
            size + 8 + paint.text_width(font, word) for font, word in zip(fonts, self._words, strict=True)
        ]
        left, right = 24.0, self.width() - 24.0
        gap = max(12.0, (right - left - sum(widths)) / max(1, len(widths) - 1))
        for at, (word, font, width) in enumerate(zip(self._words, fonts, widths, strict=True)):
            circle = QRectF(left, middle - size / 2, size, size)
            on = at <= self._at
            fill, edge = ("accent.fill", "accent.fill") if on else ("surface.raised", "border.control")
            paint.box(painter, circle, color(fill), color(edge), size / 2)
            ink = color("text.on_accent" if on else "text.secondary")
            if at < self._at:
                self.theme.icons.draw(painter, "check", ink, circle.center().x() - 8, middle - 8)
            else:
                center = Qt.AlignmentFlag.AlignHCenter
                paint.text(painter, circle, str(at + 1), self.theme.fonts.style("small", 600), ink, center)
            area = QRectF(left + size + 8, 0, width - size - 6, self.height())
            paint.text(
                painter, area, word, font, color("text.primary" if at == self._at else "text.secondary")
            )
            left += width
            if at < len(widths) - 1 and gap > 40:
                paint.hairline(painter, left + 14, middle, gap - 28, color("border.default"))
            left += gap


class Choice(QFrame):
    """A frame with a radio button; what belongs to the choice lies in `body`.

    The frame of the chosen one is in the colour of the next step; a press anywhere in it chooses.
    """

    def __init__(self, theme: Theme, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        column = QVBoxLayout()
        column.setSpacing(6)
        self.radio = QRadioButton(words)
        self.radio.setObjectName(f"{name}.radio")
        self.radio.toggled.connect(self.update)
        column.addWidget(self.radio)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(24, 0, 0, 0)
        self.body.setSpacing(8)
        column.addLayout(self.body)
        row.addLayout(column, 1)
        self.beside = row

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.radio.setChecked(True)
        super().mousePressEvent(event)

    def paintEvent(self, event: object) -> None:
        on = self.radio.isChecked()
        edge = self._theme.color("accent.fill" if on else "border.default")
        fill = self._theme.color("surface.base" if on else "surface.raised")
        paint.box(QPainter(self), self.rect(), fill, edge, 8, 2 if on else 1)


class FoundModel(FactsModel):
    """The applications that were found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[AppLook] = []

    def show_rows(self, rows: Sequence[AppLook]) -> None:
        """Takes other rows; those that need attention come first."""
        self.beginResetModel()
        self.rows = sorted(rows, key=lambda row: row.state != ATTENTION)
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        found = self.rows[row]
        if column == 0:
            return CellFacts(found.name, medium=True)
        if column == 2:
            return CellFacts(found.words, ink="text.secondary")
        icon, status = MARKS[found.state]
        ink = "text.secondary" if status == "stopped" else f"status.{status}.text"
        return CellFacts(found.state, ink=ink, mark=(icon, f"status.{status}.mark"))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        found = self.rows[index.row()]
        words = (found.name, found.state, found.words)[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return words
        if role == Qt.ItemDataRole.ToolTipRole:
            return words if index.column() == 2 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{found.name}, {HEADS[index.column()]}: {words}"
        return None


class FoundTable(QTableView):
    """What was found, one application to a row; as high as its rows, up to a few."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.found = FoundModel(self)
        self.setObjectName("first.found")
        self.setAccessibleName("Applications found")
        self.heads = GridHead(theme, self)
        self.setHorizontalHeader(self.heads)
        self.setModel(self.found)
        self.setItemDelegate(GridDelegate(theme, self))
        as_row_list(self)
        self.heads.setStretchLastSection(True)
        self.heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        theme.changed.connect(self._fit)

    def show_rows(self, rows: Sequence[AppLook]) -> None:
        """Shows what was found so far."""
        self.found.show_rows(rows)
        self._fit()

    def _fit(self) -> None:
        row = self._theme.size("row")
        self.verticalHeader().setDefaultSectionSize(row)
        rows = self.found.rows
        self.setColumnWidth(0, fitting_width(self._theme, HEADS[0], [each.name for each in rows], widest=220))
        self.setColumnWidth(1, 22 + fitting_width(self._theme, HEADS[1], list(MARKS)))
        shown = min(MOST_SHOWN, max(1, len(rows)))
        self.setFixedHeight(self.heads.head_height() + shown * row + 2)
