"""The list of applications with its tool row and the details beside it (wireframe 13.2)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.cards import EmptyState
from desktop.widgets.fields import Segment
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import CutLabel, Link

from .details import WIDTH, Details
from .listing import Listing
from .model import Row, chosen
from .table import AppGrid, AppsModel, AppTable, choose

KEPT = "applications.list"
DETAILS_BELOW = 760  # pixels of width under which the details go below the list


class ListPage(QWidget):
    """The applications.

    Args:
        theme: where its colours come from.
        listing: reads them.
        layout: keeps rows or grid.

    Signals:
        order(str): an order of a button: ``new``, ``install``, ``bin``, ``open`` ...
        selected(object): another row is selected, or None.
        dropped(str): a pack or folder was dropped here.
    """

    order = Signal(str)
    selected = Signal(object)
    dropped = Signal(str)

    def __init__(self, theme: Theme, listing: Listing, layout: Layout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._listing, self._layout = theme, listing, layout
        self._scope = ""
        self._name = ""
        self._shown: Row | None = None
        self.setAcceptDrops(True)
        self.model = AppsModel(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tool_row())
        line = hairline()
        column.addWidget(line)
        self.table, self.grid = AppTable(theme, self.model), AppGrid(theme, self.model)
        self.grid.setSelectionModel(self.table.selectionModel())
        self.views = QStackedWidget()
        self.empty = EmptyState(theme, "apps", "")
        self.first = Button(theme, "New from the template", "primary", "plus")
        self.clear = Link(theme, "Clear the filter")
        below = self.empty.layout()
        assert isinstance(below, QVBoxLayout)
        at = below.indexOf(self.empty.words) + 1
        for widget in (self.clear, self.first):
            below.insertWidget(at, widget, 0, Qt.AlignmentFlag.AlignHCenter)
        self.first.clicked.connect(lambda: self.order.emit("new"))
        self.clear.clicked.connect(self.clear_filter)
        for view in (self.table, self.grid, self.empty):
            self.views.addWidget(view)
        self.details = Details(theme)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("applications.splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.views)
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([700, WIDTH])
        self.splitter.handle(1).setAccessibleName("Edge of the details")
        column.addWidget(self.splitter, 1)
        self._connect()
        self.show_kind("grid" if layout.load_text(KEPT) == "grid" else "rows")
        self.show_rows()

    def _tool_row(self) -> QWidget:
        row = QWidget()
        row.setProperty("page", True)
        line = QHBoxLayout(row)
        line.setContentsMargins(12, 6, 16, 6)
        line.setSpacing(4)
        for order, words, icon in (("new", "New", "plus"), ("install", "Install", "disk")):
            button = Button(self._theme, words, "secondary", icon, small=True)
            button.setObjectName(f"applications.{order}")
            button.clicked.connect(lambda order=order: self.order.emit(order))
            line.addWidget(button)
        self.bin = IconButton(self._theme, "trash", "What is in the bin")
        self.bin.clicked.connect(lambda: self.order.emit("bin"))
        line.addWidget(self.bin)
        line.addSpacing(8)
        self.said = CutLabel("small")
        self.said.setObjectName("applications.said")
        line.addWidget(self.said, 1)
        self.kind = Segment(self._theme, "Shown as", [("rows", "Rows"), ("grid", "Grid")])
        self.kind.setObjectName("applications.kind")
        self.kind.chosen.connect(self.show_kind)
        line.addWidget(self.kind)
        self.filter = QLineEdit()
        self.filter.setObjectName("applications.filter")
        self.filter.setPlaceholderText("Filter applications")
        self.filter.setAccessibleName("Filter applications")
        self.filter.setProperty("tool", True)
        self.filter.setClearButtonEnabled(False)
        self.filter.setMaximumWidth(260)
        self.filter.setMinimumWidth(120)
        self.filter.textChanged.connect(lambda _text: self.show_rows())
        line.addSpacing(8)
        line.addWidget(self.filter, 1)
        return row

    def _connect(self) -> None:
        self._listing.changed.connect(self.show_rows)
        self.table.heads.order_wanted.connect(self._on_order)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        for view in (self.table, self.grid):
            view.activated.connect(lambda _index: self.order.emit("open"))
            view.customContextMenuRequested.connect(self._on_menu)
        self.details.order.connect(self.order)
        add_key(self.views, "Del", "", lambda: self.order.emit("uninstall"))

    # what is shown

    def show_kind(self, kind: str) -> None:
        """Shows rows or a grid of cards."""
        self.kind.set_value(kind)
        self._layout.save_text(KEPT, kind)
        self.show_rows()

    def view(self) -> QAbstractItemView:
        """The list or the grid."""
        return self.grid if self.kind.value() == "grid" else self.table

    def show_scope(self, application: str) -> None:
        """Selects the application that the window looks at."""
        self._scope = application
        if application:
            self.choose(application)

    def show_rows(self) -> None:
        """Shows what the filter lets through."""
        rows = chosen(self._listing.rows, self.filter.text())
        self.model.set_rows(rows)
        self.views.setCurrentWidget(self.view() if rows else self.empty)
        self.details.setVisible(bool(rows))
        if not rows:
            self._show_empty()
            self._shown = None
            self.selected.emit(None)
            return
        wanted = self._name or self._scope
        at = self.model.place(wanted) if wanted else -1
        at = max(at, 0)
        if [index.row() for index in self.table.selectionModel().selectedRows()] != [at]:
            choose(self.view(), at)
        self._show(self.model.row(at))

    def _show_empty(self) -> None:
        words, first = "No applications in this folder yet.", True
        if not self._listing.known:
            words, first = "Looking for applications…", False
        elif self._listing.fault:
            words, first = self._listing.fault, False
        elif self._listing.rows:
            words, first = f"No application matches “{self.filter.text()}”.", False
        self.empty.words.setText(words)
        self.first.setVisible(first)
        self.clear.setVisible(bool(self._listing.rows))

    def say(self, words: str) -> None:
        """Says what is done in the background."""
        self.said.set_text(words)

    def clear_filter(self) -> None:
        """Shows all applications."""
        self.filter.clear()

    def state(self) -> str:
        """One of: loading, rows, none yet, none match, failed."""
        if self.model.rowCount():
            return "rows"
        if not self._listing.known:
            return "loading"
        if self._listing.fault:
            return "failed"
        return "none match" if self._listing.rows else "none yet"

    # selection

    def current(self) -> Row | None:
        """The selected application."""
        return self._shown

    def choose(self, name: str) -> None:
        """Selects an application, now or as soon as it is there."""
        self._name = name
        at = self.model.place(name)
        if at >= 0:
            choose(self.view(), at)

    def _on_selection(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self._name = self.model.row(rows[0].row()).name
            self._show(self.model.row(rows[0].row()))

    def _show(self, row: Row) -> None:
        other = self._shown is None or self._shown.name != row.name
        if row != self._shown:
            self._shown = row
            self.details.show_row(row)
        if other:
            self.selected.emit(row)

    def _on_order(self, order: str, down: bool) -> None:
        self.model.order, self.model.down = order, down
        self.table.heads.show_order(order, down)
        self.show_rows()

    def _on_menu(self, _point: object) -> None:
        self.order.emit("more")

    # dropping packs

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= DETAILS_BELOW
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.splitter.orientation() != orientation:
            self.splitter.setOrientation(orientation)
            self.splitter.setSizes([self.width() - WIDTH, WIDTH] if wide else [300, 260])
