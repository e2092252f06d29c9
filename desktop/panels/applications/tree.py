"""The tree at the left: painting, opening, keys (UI-AP-07)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from desktop.theme import Theme, paint

from .table import paint_ground
from .tree_model import Node, TreeModel

INDENT, ROW = 16, 28
Index = QModelIndex | QPersistentModelIndex


class TreeDelegate(QStyledItemDelegate):
    """Paints a line: chevron, icon, name, and at the right a count, a link or a warning."""

    def __init__(self, theme: Theme, view: Tree) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, max(ROW, self._theme.line_height() + 8))

    def depth(self, node: Node) -> int:
        """How many lines it lies in."""
        depth, above = 0, node.parent
        while above is not None and above.parent is not None:
            depth, above = depth + 1, above.parent
        return depth

    def note_area(self, node: Node, rect: QRectF) -> QRectF:
        """Where the note of a line is painted."""
        font = self._theme.fonts.style("small", 600 if node.status == "failed" else 400)
        width = paint.text_width(font, node.note) + (20 if node.status in ("link", "problem") else 0)
        width += 14 if node.status == "failed" else 0
        return QRectF(rect.right() - width - 10, rect.top(), width, rect.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color = self._theme, self._theme.color
        node: Node = index.internalPointer()
        whole = QStyleOptionViewItem(option)
        whole.rect.setLeft(0)
        paint_ground(painter, theme, whole, first=True, line=False)
        rect = QRectF(0, option.rect.top(), self._view.viewport().width(), option.rect.height())
        left = 12 + INDENT * self.depth(node)
        middle = rect.center().y()
        if node.children:
            chevron = "chevron-down" if self._view.isExpanded(index) else "chevron-right"
            theme.icons.draw(painter, chevron, color("text.primary"), left, middle - 8)
        left += 20
        strong = node.kind in ("section", "plugins")
        theme.icons.draw(painter, node.icon, color("text.secondary"), left, middle - 8)
        left += 22
        right = rect.right() - 8
        if node.note:
            area = self.note_area(node, rect)
            room = area.left() - 6 - left
            if room > 3 * theme.line_height() or node.status == "":
                right = area.left() - 6
                self._paint_note(painter, node, area)
        font = theme.fonts.style("body", 600 if strong else 400)
        area = QRectF(left, rect.top(), right - left, rect.height())
        paint.text(
            painter, area, paint.cut(font, node.text, area.width(), middle=True), font, color("text.primary")
        )
        if self._view.hasFocus() and QStyle.StateFlag.State_HasFocus in option.state:
            paint.box(painter, rect.adjusted(1, 1, -1, -1), None, color("focus.ring"), 4, 1)

    def _paint_note(self, painter: QPainter, node: Node, area: QRectF) -> None:
        theme, color = self._theme, self._theme.color
        small = theme.fonts.style("small")
        if node.status == "failed":
            height = theme.line_height("small") + 3
            pill = QRectF(area.left(), area.center().y() - height / 2, area.width(), height)
            paint.box(painter, pill, color("status.failed.tint"), color("status.failed.border"), height / 2)
            strong = theme.fonts.style("small", 600)
            middle = Qt.AlignmentFlag.AlignHCenter
            paint.text(painter, pill, node.note, strong, color("status.failed.text"), middle)
            return
        if node.status in ("link", "problem"):
            icon, ink = ("link", "text.secondary") if node.status == "link" else (
                "mark-triangle-bang", "status.problem.text"
            )  # fmt: skip
            tint = "status.problem.mark" if node.status == "problem" else ink
            theme.icons.draw(painter, icon, color(tint), area.left(), area.center().y() - 8)
            paint.text(painter, area.adjusted(20, 0, 4, 0), node.note, small, color(ink))
            return
        paint.text(painter, area.adjusted(0, 0, 4, 0), node.note, small, color("text.secondary"))


class Tree(QTreeView):
    """The lines.

    Signals:
        opened(Node, bool): a line is to be opened; True when it is only looked at (one click).
        target_wanted(Node): its note was pressed.
        dropped(str, list): files dropped onto a section.
        menu_wanted(Node, QPoint): its menu, at this place of the screen.
        delete_wanted(Node): it is to go to the bin.
    """

    opened = Signal(object, bool)
    target_wanted = Signal(object)
    dropped = Signal(str, list)
    menu_wanted = Signal(object, object)
    delete_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("applications.tree")
        self.setAccessibleName("Parts of the application")
        self.tree_model = TreeModel(self)
        self.setModel(self.tree_model)
        self.lines = TreeDelegate(theme, self)
        self.setItemDelegate(self.lines)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setAcceptDrops(True)
        theme.changed.connect(self.doItemsLayout)

    # content

    def show_tree(self, root: Node, expand_all: bool = False) -> None:
        """Takes another tree; what was open, selected and scrolled to stays so."""
        known = self.tree_model.rowCount() > 0
        opened = {n.key for n in self.tree_model.walk() if self.isExpanded(self.tree_model.index_of(n))}
        current = self.tree_model.node(self.currentIndex()).key if self.currentIndex().isValid() else None
        scrolled = self.verticalScrollBar().value()
        self.tree_model.show_tree(root)
        for node in self.tree_model.walk():
            first = not known and node.kind == "section" and node.path in ("models", "controllers")
            if expand_all or node.key in opened or first:
                self.expand(self.tree_model.index_of(node))
            if node.key == current:
                self.setCurrentIndex(self.tree_model.index_of(node))
        self.verticalScrollBar().setValue(scrolled)

    def node(self) -> Node | None:
        """The selected line."""
        index = self.currentIndex()
        return self.tree_model.node(index) if index.isValid() else None

    def reveal(self, path: str, line: int = 0) -> None:
        """Selects the line of a file, or of the action or table that a line of it belongs to."""
        node = self.tree_model.find(path, line)
        if node is None:
            return
        above = node.parent
        while above is not None and above.parent is not None:
            self.expand(self.tree_model.index_of(above))
            above = above.parent
        index = self.tree_model.index_of(node)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    # orders

    def _toggle(self, index: QModelIndex) -> None:
        self.setExpanded(index, not self.isExpanded(index))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        node = self.tree_model.node(index)
        rect = QRectF(self.visualRect(index))
        rect.setLeft(0)
        rect.setWidth(self.viewport().width())
        chevron = 12 + INDENT * self.lines.depth(node)
        if node.target and node.note and self.lines.note_area(node, rect).contains(event.position()):
            self.target_wanted.emit(node)
        elif node.children and (
            node.kind in ("section", "folder", "plugins") or event.position().x() < chevron + 20
        ):
            self._toggle(index)
        elif node.path:
            self.opened.emit(node, True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            node = self.tree_model.node(index)
            if node.kind not in ("section", "folder", "plugins"):
                self.opened.emit(node, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, node = self.currentIndex(), self.node()
        if node is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if node.kind in ("section", "folder", "plugins"):
                self._toggle(index)
            else:
                self.opened.emit(node, event.key() == Qt.Key.Key_Space)
            return
        if node is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit(node)
            return
        super().keyPressEvent(event)

    def _on_menu(self, point) -> None:  # type: ignore[no-untyped-def]
        index = self.indexAt(point)
        if index.isValid():
            self.setCurrentIndex(index)
            self.menu_wanted.emit(self.tree_model.node(index), self.viewport().mapToGlobal(point))

    # dropping files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._section_at(event) and event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        section = self._section_at(event)
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if section and paths:
            event.acceptProposedAction()
            self.dropped.emit(section, paths)

    def _section_at(self, event: QDropEvent) -> str:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return ""
        node = self.tree_model.node(index)
        return node.path.partition("/")[0] if node.path and not node.path.startswith("plugin:") else ""

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return super().viewportEvent(event)
