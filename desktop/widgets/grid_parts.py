"""What tables of data share: cells painted from the model's roles, heads that order and can be moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.theme import Theme, paint

Index = QModelIndex | QPersistentModelIndex

INK_ROLE = Qt.ItemDataRole.UserRole + 1
"""Name of the colour of a cell's text, for models that are no `FactsModel`."""
MARK_ROLE = Qt.ItemDataRole.UserRole + 2
"""Icon and name of its colour before the text, for models that are no `FactsModel`."""
ORDER_ROLE = Qt.ItemDataRole.UserRole + 3
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


@dataclass(frozen=True, slots=True)
class CellFacts:
    """All that a cell needs to be painted, asked for at once: a question of Qt for each of them is dear."""

    text: str
    right: bool = False
    ink: str = "text.primary"
    fill: str = ""
    mark: tuple[str, str] | None = None
    code: bool = False
    medium: bool = False  # names: a little stronger


class FactsModel(QAbstractTableModel):
    """A table that tells all of a cell at once."""

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell."""
        raise NotImplementedError


class GridDelegate(QStyledItemDelegate):
    """Paints cells: of a `FactsModel` by one question, of other models by their roles."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cuts: dict[tuple[str, int, bool, bool], str] = {}
        self._inks: dict[str, QColor] = {}
        theme.changed.connect(self._forget)

    def _forget(self) -> None:
        self._cuts.clear()
        self._inks.clear()

    def _color(self, name: str) -> QColor:
        found = self._inks.get(name)
        if found is None:
            found = self._inks[name] = self._theme.color(name)
        return found

    def _cut(self, words: str, width: int, code: bool, medium: bool) -> str:
        """`words` as they fit; the same words are measured once."""
        key = (words, width, code, medium)
        found = self._cuts.get(key)
        if found is None:
            if len(self._cuts) > _CUTS_KEPT:
                self._cuts.clear()
            font = self._font(code, medium)
            found = self._cuts[key] = paint.cut(font, words[:400], width, middle=code)
        return found

    def _font(self, code: bool, medium: bool) -> QFont:
        fonts = self._theme.fonts
        return fonts.style("code") if code else fonts.style("body", 500) if medium else fonts.style("body")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, state, color = option.rect, option.state.value, self._color
        column = index.column()
        model = index.model()
        facts = model.cell_facts(index.row(), column) if isinstance(model, FactsModel) else _facts_of(index)
        left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
        if state & _SELECTED:
            painter.fillRect(rect, color("select.row" if state & _ACTIVE else "select.row_inactive"))
            if facts.fill:
                painter.fillRect(left, top + height - 3, width, 2, color("select.mark"))
            if column == 0:
                painter.fillRect(left, top, 3, height, color("select.mark"))
        elif facts.fill:
            painter.fillRect(rect, color(facts.fill))
        elif state & _UNDER_MOUSE:
            painter.fillRect(rect, color("surface.hover"))
        if painter.device().devicePixelRatioF() % 1:
            paint.hairline(painter, left, top + height - 1, width, color("border.hairline"))
        else:
            painter.fillRect(left, top + height - 1, width, 1, color("border.hairline"))
        begin = left + (FIRST if column == 0 else PADDING)
        line = self.first_line(height)
        if facts.mark:
            icon, ink = facts.mark
            self._theme.icons.draw(painter, icon, color(ink), begin, top + line / 2 - 8)
            begin += 22
        room = left + width - PADDING - begin
        if facts.text and room > 4:
            painter.setFont(self._font(facts.code, facts.medium))
            painter.setPen(color(facts.ink))
            self.paint_words(painter, facts, QRect(begin, top, room, height), line)
        if state & _FOCUSED:
            ring = QRectF(rect).adjusted(1, 1, -1, -2)
            paint.box(painter, ring, None, color("focus.ring"), 3, 1)

    def first_line(self, height: int) -> int:
        """How much of the height of a row its first line takes."""
        row = self._theme.size("row")
        return row if height > 1.5 * row else height

    def paint_words(self, painter: QPainter, facts: CellFacts, area: QRect, line: int) -> None:
        """Paints the text of a cell; pen and font are set."""
        align = _RIGHT if facts.right else _LEFT
        if area.height() > line:  # rows of several lines
            words, align = facts.text[:2000], (align & ~_MIDDLE) | _WRAPPED
            area = area.adjusted(0, 6, 1, -2)
        else:
            words = self._cut(facts.text, area.width(), facts.code, facts.medium)
            area = area.adjusted(0, 0, 1, 0)
        painter.drawText(area, align, words)


def _facts_of(index: Index) -> CellFacts:
    align = index.data(Qt.ItemDataRole.TextAlignmentRole)
    right = align is not None and bool(Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight)
    words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
    ink = index.data(INK_ROLE) or "text.primary"
    return CellFacts(words, right, ink, mark=index.data(MARK_ROLE))


_SELECTED = QStyle.StateFlag.State_Selected.value  # plain numbers: cells are painted thousands of times
_ACTIVE = QStyle.StateFlag.State_Active.value
_UNDER_MOUSE = QStyle.StateFlag.State_MouseOver.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
_CUTS_KEPT = 20_000
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter)
_WRAPPED = int(Qt.TextFlag.TextWrapAnywhere) | int(Qt.AlignmentFlag.AlignTop)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


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
