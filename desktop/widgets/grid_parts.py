"""What tables of data share: cells painted from the model's roles, heads that order and can be moved."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.theme import Theme, paint

Index = QModelIndex | QPersistentModelIndex

INK_ROLE = Qt.ItemDataRole.UserRole + 1
"""Name of the colour of a cell's text; none for that of values."""
FILL_ROLE = Qt.ItemDataRole.UserRole + 2
"""Name of the colour behind a cell that is marked."""
MARK_ROLE = Qt.ItemDataRole.UserRole + 3
"""Icon and name of its colour before the text."""
CODE_ROLE = Qt.ItemDataRole.UserRole + 4
"""True for texts in a fixed-width font, cut in the middle."""
ORDER_ROLE = Qt.ItemDataRole.UserRole + 5
"""In `headerData`: what a column is ordered by; nothing for one that does not order."""

PADDING = 8
FIRST = 16


def fitting_width(
    theme: Theme, head: str, cells: Iterable[str], narrowest: int = 84, widest: int = 420
) -> int:
    """Width of a column for its head and some of its cells."""
    font, strong = theme.fonts.style("body"), theme.fonts.style("small", 600)
    needed = paint.text_width(strong, head) + 40
    for words in cells:
        needed = max(needed, paint.text_width(font, words[:80]) + 20)
    return max(narrowest, min(widest, needed))


class GridDelegate(QStyledItemDelegate):
    """Paints the cells of a table from the roles of this module."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color = self._theme, self._theme.color
        rect = QRectF(option.rect)
        selected = QStyle.StateFlag.State_Selected in option.state
        fill = index.data(FILL_ROLE)
        if selected:
            active = QStyle.StateFlag.State_Active in option.state
            painter.fillRect(rect, color("select.row" if active else "select.row_inactive"))
        elif fill:
            painter.fillRect(rect, color(fill))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        if selected and fill:
            painter.fillRect(QRectF(rect.left(), rect.bottom() - 3, rect.width(), 2), color("select.mark"))
        first = index.column() == 0
        if selected and first:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        paint.hairline(painter, rect.left(), rect.bottom(), rect.width(), color("border.hairline"))
        area = rect.adjusted(FIRST if first else PADDING, 0, -PADDING, 0)
        mark = index.data(MARK_ROLE)
        if mark:
            theme.icons.draw(painter, mark[0], color(mark[1]), area.left(), area.center().y() - 8)
            area = area.adjusted(22, 0, 0, 0)
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        code = bool(index.data(CODE_ROLE))
        font = theme.fonts.style("code" if code else "body")
        if code:
            words = paint.cut(font, words, area.width(), middle=True)
        align = index.data(Qt.ItemDataRole.TextAlignmentRole)
        right = align is not None and bool(Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        paint.text(painter, area, words, font, color(index.data(INK_ROLE) or "text.primary"), side)
        if QStyle.StateFlag.State_HasFocus in option.state:
            paint.box(painter, rect.adjusted(1, 1, -1, -2), None, color("focus.ring"), 3, 1)


class GridHead(QHeaderView):
    """Column heads; the one that orders is bold and has an arrow.

    Signals:
        order_wanted(str, bool): order by this column, and whether downwards.
    """

    order_wanted = Signal(str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.order, self.down = "", False
        self.downward_first: frozenset[str] = frozenset()
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setAccessibleName("Columns; press one to order by it")
        self.sectionClicked.connect(self._on_clicked)

    def show_order(self, order: str, down: bool) -> None:
        """Marks the column that orders; none with an empty name."""
        self.order, self.down = order, down
        self.viewport().update()

    def _order_of(self, section: int) -> str:
        return str(self.model().headerData(section, Qt.Orientation.Horizontal, ORDER_ROLE) or "")

    def _on_clicked(self, section: int) -> None:
        order = self._order_of(section)
        if order:
            down = not self.down if order == self.order else order in self.downward_first
            self.order_wanted.emit(order, down)

    def head_height(self) -> int:
        """Height of the words."""
        return self._theme.size("row")

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.head_height())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme, color = self._theme, self._theme.color
        area = QRectF(rect)
        painter.fillRect(area, color("surface.raised"))
        paint.hairline(painter, area.left(), area.bottom() - 1, area.width(), color("border.default"))
        area.setHeight(min(area.height(), self.head_height()))
        model = self.model()
        words = str(model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or "")
        align = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        right = align is not None and bool(Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight)
        order = self._order_of(section)
        on = bool(order) and order == self.order
        font = theme.fonts.style("small", 600 if on else 500)
        ink = color("text.primary" if on else "text.secondary")
        inner = area.adjusted(FIRST if section == 0 else PADDING, 0, -PADDING - (18 if on else 0), 0)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        paint.text(painter, inner, words, font, ink, side)
        if on:
            width = min(paint.text_width(font, words), inner.width())
            left = inner.right() + 2 if right else inner.left() + width + 2
            icon = "arrow-down" if self.down else "arrow-up"
            theme.icons.draw(painter, icon, ink, left, area.center().y() - 8)
