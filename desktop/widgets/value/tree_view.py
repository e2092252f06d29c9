"""The tree of a value: lines that fold, made when they are opened (CA-05)."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.grid_parts import GridHead

from .parts import Node, Parts

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
KEY, VALUE, TYPE = range(3)
HEADS = ("Key", "Value", "Type")
INDENT, LEFT, MOST_INDENTED = 14, 10, 12
MEASURED = 60  # lines whose keys are measured
MOST_OPENED = 5000
"""Lines that *Expand* opens at once."""


class PartsModel(QAbstractItemModel):
    """The parts of one value."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Parts([]).root()

    def show_parts(self, parts: Parts) -> None:
        """Takes another value."""
        self.beginResetModel()
        self._root = parts.root()
        self.endResetModel()

    @property
    def root(self) -> Node:
        """The value itself."""
        return self._root

    def node(self, index: Index) -> Node:
        """The part of an index; the value itself for none."""
        found: Node = index.internalPointer() if index.isValid() else self._root
        return found

    def index_of(self, node: Node, column: int = 0) -> QModelIndex:
        """The index of a part."""
        return ROOT if node.parent is None else self.createIndex(node.row, column, node)

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        children = self.node(parent).children()
        if 0 <= row < len(children) and 0 <= column < len(HEADS):
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, child: Index) -> QModelIndex:  # type: ignore[override]
        above = self.node(child).parent
        return ROOT if above is None else self.index_of(above)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.column() > 0 else len(self.node(parent).children())

    def hasChildren(self, parent: Index = ROOT) -> bool:
        return parent.column() <= 0 and self.node(parent).has_children()

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        node, column = self.node(index), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (node.name, node.words, node.type_words)[column]()
        if role == Qt.ItemDataRole.ToolTipRole:
            return node.path() if column == KEY else node.words() if column == VALUE else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if column == KEY:
                return node.name() if not node.is_group else f"items {node.name()}"
            return f"{HEADS[column]}: {(node.name, node.words, node.type_words)[column]()}"
        return None


class _PartsDelegate(QStyledItemDelegate):
    """Paints chevron and key, value, type."""

    def __init__(self, theme: Theme, view: ValueTree) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, max(28, self._theme.line_height() + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, rect = self._theme, self._theme.color, QRectF(option.rect)
        node: Node = index.internalPointer()
        column = index.column()
        if QStyle.StateFlag.State_Selected in option.state:
            on = QStyle.StateFlag.State_Active in option.state and self._view.hasFocus()
            painter.fillRect(rect, color("select.row" if on else "select.row_inactive"))
            if column == KEY:
                painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        paint.hairline(painter, rect.left(), rect.bottom(), rect.width(), color("border.hairline"))
        code = theme.fonts.style("code")
        if column == KEY:
            left = rect.left() + self._view.indent_of(node)
            if node.has_children():
                icon = "chevron-down" if self._view.isExpanded(index) else "chevron-right"
                theme.icons.draw(painter, icon, color("text.secondary"), left, rect.center().y() - 8)
            left += 20
            ink = "text.secondary" if node.is_group or isinstance(node.key, int) else "text.primary"
            area = QRectF(left, rect.top(), rect.right() - left - 6, rect.height())
            words = paint.cut(code, node.name(), area.width(), middle=True)
            paint.text(painter, area, words, code, color(ink))
        elif column == VALUE:
            font = theme.fonts.style("small") if node.facts.items is not None else code
            paint.text(painter, rect.adjusted(8, 0, -6, 0), node.words(), font, color(node.ink()))
        else:
            small = theme.fonts.style("small")
            paint.text(painter, rect.adjusted(8, 0, -6, 0), node.type_words(), small, color("text.secondary"))
        if QStyle.StateFlag.State_HasFocus in option.state and self._view.hasFocus():
            paint.box(painter, rect.adjusted(1, 1, -1, -2), None, color("focus.ring"), 3, 1)


class ValueTree(QTreeView):
    """Key, value and type of the parts of a value.

    Signals:
        chosen(object): another part (`Node`) is the current one.
        changed: lines were opened or closed.
    """

    chosen = Signal(object)
    changed = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(name)
        self.setAccessibleName("Parts of the value")
        self.parts_model = PartsModel(self)
        self.head = GridHead(theme, self)
        self.setHeader(self.head)
        self.setModel(self.parts_model)
        self.setItemDelegate(_PartsDelegate(theme, self))
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.head.setStretchLastSection(False)
        self.head.setSectionResizeMode(KEY, QHeaderView.ResizeMode.Interactive)
        self.head.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        self.head.setSectionResizeMode(TYPE, QHeaderView.ResizeMode.Fixed)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        for signal in (self.expanded, self.collapsed):
            signal.connect(lambda _index: self.changed.emit())
        self.changed.connect(self._fit)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.head.setFixedHeight(max(28, self._theme.line_height() + 8))
        self.setColumnWidth(TYPE, paint.text_width(self._theme.fonts.style("small"), "OrderedDict") + 18)
        self._fit()
        self.doItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The keys of the first lines get what they need, up to half of the room; types give way first."""
        width, letter = self.viewport().width(), self._theme.line_height() / 17
        self.setColumnHidden(TYPE, width < 300 * letter)
        font = self._theme.fonts.style("code")
        needed = 90.0 * letter
        for node in self._first_lines():
            words = paint.text_width(font, node.name()[:60])
            needed = max(needed, self.indent_of(node) + 20 + words + 12)
        self.setColumnWidth(KEY, int(min(needed, max(90.0 * letter, width * 0.5))))

    def _first_lines(self) -> list[Node]:
        out: list[Node] = []
        index = self.parts_model.index(0, 0)
        while index.isValid() and len(out) < MEASURED:
            out.append(self.parts_model.node(index))
            index = self.indexBelow(index)
        return out

    def indent_of(self, node: Node) -> int:
        """Where its chevron begins; very deep ones are not set in any further."""
        return LEFT + INDENT * min(node.depth(), MOST_INDENTED)

    def line_height(self) -> int:
        """Height of one line."""
        return max(28, self._theme.line_height() + 8)

    # content

    def show_parts(self, parts: Parts) -> None:
        """Takes another value; what was open at the same place stays open, one that is alone is opened."""
        opened = {node.path() for node in self._opened(100)}
        current = self.node().path() if self.node() is not None else None  # type: ignore[union-attr]
        self.parts_model.show_parts(parts)
        self._fit()
        children = self.parts_model.root.children()
        for node in children if len(children) <= 200 else ():
            if node.path() in opened or (len(children) == 1 and node.has_children()):
                self.expand(self.parts_model.index_of(node))
            if node.path() == current:
                self.setCurrentIndex(self.parts_model.index_of(node))
        self.changed.emit()

    def _opened(self, most: int) -> list[Node]:
        return [
            node for node in self.parts_model.root.children()[:most]
            if self.isExpanded(self.parts_model.index_of(node))
        ]  # fmt: skip

    def node(self) -> Node | None:
        """The current part."""
        index = self.currentIndex()
        return self.parts_model.node(index) if index.isValid() else None

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.parts_model.node(current))

    def open_levels(self, levels: int) -> bool:
        """Opens so many levels and closes what is deeper.

        Returns:
            False when there were more than `MOST_OPENED` lines: the first ones are open.
        """
        self.setUpdatesEnabled(False)
        self.collapseAll()
        self.scheduleDelayedItemsLayout()  # one layout for all, not one for each line that opens
        waiting = [(node, 1) for node in reversed(self.parts_model.root.children())] if levels else []
        lines = len(self.parts_model.root.children())
        whole = True
        while waiting:
            node, level = waiting.pop()
            if not node.has_children():
                continue
            if lines + min(node.count(), 1000) > MOST_OPENED:
                whole = False
                continue
            children = node.children()
            lines += len(children)
            self.expand(self.parts_model.index_of(node))
            deeper = level if node.is_group else level + 1
            if deeper <= levels:
                waiting.extend((child, deeper) for child in reversed(children))
        self.setUpdatesEnabled(True)
        self.changed.emit()
        return whole

    def reveal(self, places: tuple[int, ...]) -> None:
        """Opens the way to a part and makes it the current one."""
        node = self.parts_model.root
        for place in places:
            node = node.child_at(place)
            above = node.parent
            while above is not None and above.parent is not None:
                self.expand(self.parts_model.index_of(above))
                above = above.parent
        index = self.parts_model.index_of(node)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def shown_lines(self, most: int) -> int:
        """How many lines are shown, at most so many."""
        count, index = 0, self.parts_model.index(0, 0)
        while index.isValid() and count < most:
            count, index = count + 1, self.indexBelow(index)
        return count

    # folding

    def _toggle(self, index: QModelIndex) -> None:
        first = index.siblingAtColumn(0)
        self.setExpanded(first, not self.isExpanded(first))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or index.column() != KEY:
            return
        node = self.parts_model.node(index)
        left = self.columnViewportPosition(KEY) + self.indent_of(node)
        if node.has_children() and left - 6 <= event.position().x() < left + 20:
            self._toggle(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self.parts_model.node(index).has_children():
            self._toggle(index)
