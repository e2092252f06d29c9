"""The field that opens files, actions and tables by a few letters (UI-AP-09)."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from runtime.admin.quick_open import Index as Names
from runtime.admin.quick_open import Place

from .table import paint_ground

ICONS = {"file": "file", "action": "action", "table": "table"}
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class Places(QAbstractListModel):
    """The places found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.places: list[Place] = []

    def show_places(self, places: list[Place]) -> None:
        """Takes other places."""
        self.beginResetModel()
        self.places = places
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        place = self.places[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return place.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{place.kind} {place.name} in {place.application}, {place.path}"
        return None


class PlaceDelegate(QStyledItemDelegate):
    """Paints a place: icon, name, and where it is."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, Places)
        place, theme, rect = model.places[index.row()], self._theme, QRectF(option.rect)
        paint_ground(painter, theme, option, first=True, line=False)
        color = theme.color
        theme.icons.draw(
            painter, ICONS[place.kind], color("text.secondary"), rect.left() + 12, rect.center().y() - 8
        )
        font = theme.fonts.style("body", 500)
        area = rect.adjusted(38, 0, -12, 0)
        paint.text(painter, area, place.name, font, color("text.primary"))
        width = paint.text_width(font, place.name) + 12
        where = f"{place.application} / {place.path}" + (f":{place.line}" if place.line else "")
        rest = area.adjusted(width, 0, 0, 0)
        body = theme.fonts.style("body")
        paint.text(
            painter, rest, paint.cut(body, where, rest.width(), middle=True), body, color("text.secondary")
        )


class QuickOpen(QDialog):
    """Type, choose, open.

    Signals:
        chosen(Place): what to open.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, names: Names, first: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._first = names, first
        self.setObjectName("applications.quick")
        self.setAccessibleName("Open file, action or table")
        self.setWindowFlags(Qt.WindowType.Popup)
        self.setProperty("sheet", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.field = QLineEdit()
        self.field.setObjectName("applications.quick.text")
        self.field.setPlaceholderText("Name of a file, action or table; shop/def looks in shop")
        self.field.setAccessibleName("Name of a file, action or table")
        self.list = QListView()
        self.list.setAccessibleName("Found")
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.model = Places(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(PlaceDelegate(theme, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(self._on_clicked)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.resize(640, 420)
        self.field.textChanged.connect(self.show_found)
        self.field.installEventFilter(self)
        self.show_found(self.field.text())
        self.field.setFocus()

    def take_names(self, names: Names) -> None:
        """Searches in newer names."""
        self._names = names
        self.show_found(self.field.text())

    def show_found(self, text: str) -> None:
        """Shows what fits the letters typed."""
        self.model.show_places(self._names.find(text, self._first))
        if self.model.places:
            self.list.setCurrentIndex(self.model.index(0))

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            key, at = event.key(), self.list.currentIndex().row()
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            step = steps.get(Qt.Key(key))
            if step is not None:
                to = max(0, min(at + step, len(self.model.places) - 1))
                self.list.setCurrentIndex(self.model.index(to))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(at)
                return True
        return False

    def _on_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _choose(self, at: int) -> None:
        if 0 <= at < len(self.model.places):
            self.chosen.emit(self.model.places[at])
            self.close()
