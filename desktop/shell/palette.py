"""The command palette: find an action by some of its letters (SH-10)."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.labels import label

from .actions import Actions, Entry, keys_of

MOST_SHOWN = 12
MOST_MORE = 4  # of them what panels have besides actions

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


def score(wanted: str, text: str) -> int | None:
    """How well the letters of `wanted` are found in `text` in their order; None if they are not.

    Letters at the beginning of words and next to each other count more.
    """
    wanted, text = wanted.casefold().replace(" ", ""), text.casefold()
    points, at, previous = 0, 0, -2
    for letter in wanted:
        found = text.find(letter, at)
        if found < 0:
            return None
        starts_word = found == 0 or not text[found - 1].isalnum()
        points += 1 + 3 * (found == previous + 1) + 2 * starts_word
        previous, at = found, found + 1
    return points * 100 - len(text)


class PaletteModel(QAbstractListModel):
    """Actions that match what was typed, best first, then files; recent ones first while nothing is typed."""

    def __init__(self, actions: Actions, recent: list[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._finders, self._searchers = actions.finders, actions.searchers
        self._entries = [entry for entry in actions if not entry.id.startswith("palette.")]
        self._recent = recent
        self._found: list[Entry] = []
        self.search("")

    def search(self, wanted: str) -> None:
        """Fills the list; actions that cannot be used now come last."""
        ranked = []
        for place, entry in enumerate(self._entries):
            points = score(wanted, entry.action.text())
            if points is None or not entry.action.isEnabled():
                continue
            recent = self._recent.index(entry.id) if entry.id in self._recent else len(self._recent)
            ranked.append((-points if wanted else recent, recent, place, entry))
        self.beginResetModel()
        meant = [found for find in self._finders if (found := find(wanted)) is not None]
        best = (entry for *_, entry in sorted(ranked, key=lambda row: row[:3]))
        more = [entry for search in self._searchers for entry in search(wanted)][:MOST_MORE]
        first = [*meant, *(entry for entry in best if entry not in meant)]
        self._found = [*first[: MOST_SHOWN - len(more)], *more]
        self.endResetModel()

    def entry(self, row: int) -> Entry:
        """The action in `row`."""
        return self._found[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.action.text()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.action.text()} {keys_of(entry.action)}"
        return None


class PaletteDelegate(QStyledItemDelegate):
    """Icon, words, group, keys."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color = self._theme, self._theme.color
        entry = cast(PaletteModel, index.model()).entry(index.row())
        rect = QRectF(option.rect).adjusted(6, 0, -6, 0)
        if QStyle.StateFlag.State_Selected in option.state:
            paint.box(painter, rect, color("select.row"), None, 6)
        if entry.icon:
            theme.icons.draw(
                painter, entry.icon, color("text.primary"), rect.left() + 8, rect.center().y() - 8
            )
        small = theme.fonts.style("small")
        keys = keys_of(entry.action)
        room = max(paint.text_width(small, keys) + 12, 90)
        area = rect.adjusted(34, 0, -room, 0)
        paint.text(painter, area, entry.action.text(), theme.fonts.style("body"), color("text.primary"))
        right = rect.adjusted(0, 0, -10, 0)
        side = Qt.AlignmentFlag.AlignRight
        paint.text(painter, right, keys or entry.group, small, color("text.secondary"), side)


class Palette(QDialog):
    """A field and the actions that match; Enter runs the marked one."""

    def __init__(self, theme: Theme, actions: Actions, recent: list[str], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setProperty("sheet", True)
        self.setAccessibleName("Command palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(min(560, parent.width() - 80))
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.field = QLineEdit()
        self.field.setObjectName("palette.text")
        self.field.setAccessibleName("Action to run")
        self.field.setPlaceholderText("Type some letters of an action")
        self.model = PaletteModel(actions, recent, self)
        self.list = QListView()
        self.list.setObjectName("palette.list")
        self.list.setAccessibleName("Matching actions")
        self.list.setModel(self.model)
        self.list.setItemDelegate(PaletteDelegate(theme, self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.none = label("No action matches.", "secondary")
        self.none.setContentsMargins(12, 8, 12, 8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.none)
        self.field.textChanged.connect(self._on_text)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._run)
        self._on_text("")
        self.move(
            parent.mapToGlobal(parent.rect().center()).x() - self.width() // 2,
            parent.mapToGlobal(parent.rect().topLeft()).y() + 60,
        )

    def _on_text(self, text: str) -> None:
        self.model.search(text)
        rows = self.model.rowCount()
        self.list.setCurrentIndex(self.model.index(0, 0))
        self.list.setFixedHeight(rows * self._theme.size("row") + 2)
        self.list.setVisible(rows > 0)
        self.none.setVisible(not rows)
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            if event.key() in steps and self.model.rowCount():
                row = (self.list.currentIndex().row() + steps[Qt.Key(event.key())]) % self.model.rowCount()
                self.list.setCurrentIndex(self.model.index(row, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _run(self, index: QModelIndex) -> None:
        if index.isValid():
            action = self.model.entry(index.row()).action
            self.close()
            action.trigger()
