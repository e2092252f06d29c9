"""The list at the left: applications, databases, tables with their row counts (DB-01)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.grid_parts import Index

from .model import Branch, Place

ROOT = QModelIndex()
BRANCH_ROLE = Qt.ItemDataRole.UserRole + 1
_ICONS = {
    "application": "apps",
    "controller": "code",
    "database": "databases",
    "table": "table",
    "fault": "mark-triangle-bang",
}


class PlacesModel(QAbstractListModel):
    """The lines of the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.branches: list[Branch] = []

    def show_branches(self, branches: Sequence[Branch]) -> None:
        """Replaces the lines; those that stay keep their place."""
        new = list(branches)
        if [(one.kind, one.place) for one in new] == [(one.kind, one.place) for one in self.branches]:
            self.branches = new
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return
        self.beginResetModel()
        self.branches = new
        self.endResetModel()

    def place_of(self, place: Place) -> int:
        """The line of a place; -1 when it is not shown."""
        return next(
            (at for at, one in enumerate(self.branches) if one.place == place and one.kind != "fault"), -1
        )

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.branches)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        branch = self.branches[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return branch.text
        if role == BRANCH_ROLE:
            return branch
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                branch.fault or f"{branch.text}, {branch.note}"
                if branch.note
                else branch.fault or branch.text
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "" if branch.open is None else ", open" if branch.open else ", closed"
            return f"{branch.kind} {branch.text} {branch.note}{state} {branch.fault}".strip()
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, max(28, self._theme.line_height() + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, rect = self._theme, self._theme.color, QRectF(option.rect)
        branch: Branch = index.data(BRANCH_ROLE)
        selected = QStyle.StateFlag.State_Selected in option.state
        if selected:
            painter.fillRect(rect, color("select.row"))
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        left = rect.left() + 12 + 16 * branch.level
        middle = rect.center().y() - 8
        if branch.open is not None:
            icon = "chevron-down" if branch.open else "chevron-right"
            theme.icons.draw(painter, icon, color("text.secondary"), left - 2, middle)
            left += 18
        fault = bool(branch.fault)
        icon, ink = _ICONS[branch.kind], "text.secondary"
        if fault:
            icon, ink = "mark-triangle-bang", "status.problem.mark"
        if branch.kind != "fault" or fault:
            theme.icons.draw(painter, icon, color(ink), left, middle)
            left += 23
        weight = 600 if branch.kind in ("application", "controller", "database") else 500 if selected else 400
        note_font = theme.fonts.style("small")
        wide = paint.text_width(note_font, branch.note) + 4 if branch.note else 0
        right = rect.right() - 12
        if right - left - wide < 3 * theme.line_height():
            wide = 0  # the name says more; the tooltip has both
        name = QRectF(left, rect.top(), max(20, right - left - wide - 8), rect.height())
        quiet = branch.kind == "fault" and not fault
        words = branch.text
        paint.text(painter, name, words, theme.fonts.style("body", weight),
                   color("text.secondary" if quiet else "text.primary"))  # fmt: skip
        if wide:
            area = QRectF(right - wide, rect.top(), wide, rect.height())
            paint.text(
                painter, area, branch.note, note_font, color("text.secondary"), Qt.AlignmentFlag.AlignRight
            )


class PlacesList(QListView):
    """The lines; a table is opened by choosing it, an application by its chevron or Right.

    Signals:
        chosen(object): the person chose a `Branch`.
        folded(object, bool): open or close the `Place` of an application or controller.
    """

    chosen = Signal(object)
    folded = Signal(object, bool)

    def __init__(self, theme: Theme, model: PlacesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("databases.places")
        self.setAccessibleName("Databases and tables")
        self.setProperty("plain", True)
        self.setModel(model)
        self._model = model
        self.setItemDelegate(_Delegate(theme, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(150)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.reset)

    def choose(self, place: Place) -> None:
        """Marks the line of a place without telling anybody."""
        at = self._model.place_of(place)
        blocked = self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self._model.index(at) if at >= 0 else ROOT)
        self.selectionModel().blockSignals(blocked)
        self.viewport().update()

    def _branch(self) -> Branch | None:
        index = self.currentIndex()
        return self._model.branches[index.row()] if index.isValid() else None

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._model.branches[current.row()])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        if index.isValid() and index.row() < len(self._model.branches):
            branch = self._model.branches[index.row()]
            if branch.open is not None:
                self.folded.emit(branch.place, not branch.open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        branch = self._branch()
        if branch is not None and branch.open is not None:
            wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False, Qt.Key.Key_Return: not branch.open,
                      Qt.Key.Key_Space: not branch.open}.get(Qt.Key(event.key()))  # fmt: skip
            if wanted is not None and wanted != branch.open:
                self.folded.emit(branch.place, wanted)
                return
        super().keyPressEvent(event)
