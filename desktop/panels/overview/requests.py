"""The table of the latest requests: model, painting, filter, pause (SV-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QIcon, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.processes.state import RequestLine
from desktop.theme import Theme, paint
from desktop.widgets.buttons import IconButton
from desktop.widgets.cards import Card, EmptyState
from desktop.widgets.keys import add_key
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.row_list import as_row_list

from .words import milliseconds

HEADS = ("Time", "Method", "Path", "Application", "Status", "Time taken", "Ticket")
TIME, METHOD, PATH, APPLICATION, STATUS, TAKEN, TICKET = range(len(HEADS))
RIGHT = frozenset({STATUS, TAKEN})
CELLS: tuple[Callable[[RequestLine], str], ...] = (
    lambda line: line.time,
    lambda line: line.method,
    lambda line: line.path,
    lambda line: line.application,
    lambda line: str(line.status),
    lambda line: milliseconds(line.ms),
    lambda line: line.error or (line.ticket and "ticket") or "",
)
"""The text of each column; one is made for each cell that is painted."""
NARROW_HIDES = (APPLICATION, TICKET)

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class RequestsModel(QAbstractTableModel):
    """Request lines, newest first, and the index list of those that match the filter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[RequestLine, ...] = ()
        self._shown: list[RequestLine] = []
        self._words: list[str] = []
        self.old = False

    def set_lines(self, lines: Sequence[RequestLine]) -> None:
        """Replaces the lines."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._filter()

    def set_filter(self, text: str) -> None:
        """Shows lines that hold every word of `text` in path, status, method or application."""
        self._words = text.casefold().split()
        self._filter()

    def set_old(self, old: bool) -> None:
        """Greys the lines: they come from before the server stopped."""
        if old != self.old:
            self.old = old
            self.layoutChanged.emit()

    def total(self) -> int:
        """Lines without filter."""
        return len(self._lines)

    def line(self, row: int) -> RequestLine:
        """The line shown in `row`."""
        return self._shown[row]

    def row_of(self, line: RequestLine) -> int | None:
        """Where a line is shown; None for nowhere."""
        return next((at for at, one in enumerate(self._shown) if one is line), None)

    def _filter(self) -> None:
        self.beginResetModel()
        self._shown = [line for line in self._lines if self._matches(line)]
        self.endResetModel()

    def _matches(self, line: RequestLine) -> bool:
        if not self._words:
            return True
        text = f"{line.method} {line.path} {line.application} {line.status} {line.error or ''}".casefold()
        return all(word in text for word in self._words)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if section in RIGHT else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, column = self._shown[index.row()], index.column()
        text = CELLS[column](line)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {text or 'none'}"
        if role == Qt.ItemDataRole.ToolTipRole and column in (PATH, TICKET):
            return line.ticket if column == TICKET and line.ticket else text or None
        return None


class RequestDelegate(QStyledItemDelegate):
    """Paints the cells; only statuses from 400 on are coloured, and they have a mark as well."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, max(28, self._theme.line_height() + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, column = self._theme, self._theme.color, index.column()
        model = cast(RequestsModel, index.model())
        line = model.line(index.row())
        rect = QRectF(option.rect)
        selected = QStyle.StateFlag.State_Selected in option.state
        active = QStyle.StateFlag.State_Active in option.state
        if selected:
            painter.fillRect(rect, color("select.row" if active else "select.row_inactive"))
            if column == TIME:
                painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        paint.hairline(painter, rect.left(), rect.bottom() - 1, rect.width(), color("border.hairline"))
        ink = "text.primary" if column in (METHOD, PATH) else "text.secondary"
        if model.old and not selected:
            ink = "text.placeholder"
        weight = 500 if column == METHOD else 400
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        area = rect.adjusted(16 if column == TIME else 8, 0, -8, 0)
        if column == STATUS and line.status >= 400:
            icon, group = (
                ("mark-cross-small", "failed") if line.status >= 500 else ("mark-triangle-bang", "problem")
            )
            ink = f"status.{group}.text"
            width = paint.text_width(theme.fonts.style("body"), text)
            mark = color(f"status.{group}.mark")
            theme.icons.draw(painter, icon, mark, area.right() - width - 22, area.center().y() - 8)
        align = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
        paint.text(painter, area, text, theme.fonts.style("body", weight), color(ink), align)


class RequestTable(QTableView):
    """The rows; columns as wide as their texts, the path takes the rest."""

    SAMPLES = ("00:00:00", "DELETE", "", "application", "Status 000", "Time taken", "ZeroDivisionError")

    def __init__(self, theme: Theme, model: RequestsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("overview.requests.table")
        self.setAccessibleName("Latest requests")
        self.setModel(model)
        self.setItemDelegate(RequestDelegate(theme, self))
        as_row_list(self)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(PATH, QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        row = max(28, self._theme.line_height() + 10)
        self.verticalHeader().setDefaultSectionSize(row)
        self.verticalHeader().setMinimumSectionSize(row)
        self.horizontalHeader().setFixedHeight(row)
        font = self._theme.fonts.style("body", 500)
        for column, sample in enumerate(self.SAMPLES):
            if column != PATH:
                widest = max(paint.text_width(font, sample), paint.text_width(font, HEADS[column]))
                self.setColumnWidth(column, widest + (26 if column == TIME else 18))
        self.fit()

    def fit(self, most: int = 6) -> None:
        """Asks for room for the head and at most `most` rows; more rows scroll."""
        row = self.verticalHeader().defaultSectionSize()
        rows = max(3, min(most, self.model().rowCount()))
        self.setMinimumHeight(row * (rows + 1) + 2)

    def choose(self, line: RequestLine | None) -> None:
        """Chooses a request again after the rows changed; it may be gone."""
        model = cast(RequestsModel, self.model())
        at = model.row_of(line) if line is not None else None
        if at is not None and at != self.currentIndex().row():
            self.selectRow(at)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def set_narrow(self, narrow: bool) -> None:
        """Hides the columns that matter least."""
        for column in NARROW_HIDES:
            self.setColumnHidden(column, narrow)


class RequestsCard(Card):
    """Title, filter, pause, and the rows or the reason why there are none.

    Signals:
        link_wanted(str, dict): open this kind of thing, with the data that say which.
        page_wanted(str): open this path of the server in the browser.
        code_wanted(RequestLine): open the code that answered it.
    """

    link_wanted = Signal(str, dict)
    page_wanted = Signal(str)
    code_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("overview.requests", parent)
        self._paused = False
        self._newest: tuple[RequestLine, ...] = ()
        self.model = RequestsModel(self)
        self.table = RequestTable(theme, self.model)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.doubleClicked.connect(self._open)
        for keys, words, handler in (
            ("Return", "Open the ticket of the request, or its log", self._open),
            ("Ctrl+E", "Open the controller of the request", self._open_code),
            ("Ctrl+C", "Copy the request", self._copy),
        ):
            add_key(self.table, keys, words, handler, inside=False)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        self.note = CutLabel("secondary")
        self.filter = QLineEdit()
        self.filter.setProperty("tool", True)
        self.filter.setObjectName("overview.requests.filter")
        self.filter.setAccessibleName("Filter the latest requests")
        self.filter.setPlaceholderText("Filter path, status, application")
        sign = self.filter.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        sign.setText("Filter the latest requests")
        sign.triggered.connect(self.filter.setFocus)
        theme.tint_action(sign, "filter", "text.secondary")
        self.filter.setMaximumWidth(260)
        self.filter.setMinimumWidth(140)
        self.filter.textChanged.connect(self._on_filter)
        self.pause = IconButton(theme, "pause", "Pause the list")
        self.pause.setObjectName("overview.requests.pause")
        self.pause.setCheckable(True)
        self.pause.toggled.connect(self._on_pause)
        row.addWidget(label("Latest requests", "heading"))
        row.addWidget(self.note, 1)
        row.addWidget(self.filter, 2)
        row.addWidget(self.pause)
        self.body.addWidget(head)
        self.empty = EmptyState(theme, "globe", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self.body.addWidget(self._stack, 1)
        self.body.addSpacing(5)  # square rows would cut the card's corners
        self._say_why_empty(running=False)

    def show_lines(self, lines: Sequence[RequestLine], running: bool) -> None:
        """Shows `lines`, newest first, unless the list is paused."""
        if lines:
            self._newest = tuple(lines)
        if not self._paused:
            chosen = self.current()
            self.model.set_lines(self._newest)
            self.table.choose(chosen)
        self.model.set_old(not running)
        old = bool(self._newest) and not running
        self.table.fit(6 if running else 3)
        self.note.set_text("from before, kept" if old else "paused" if self._paused else "")
        self._say_why_empty(running)

    # what the person does with a request

    def current(self) -> RequestLine | None:
        """The request that is chosen."""
        index = self.table.currentIndex()
        return self.model.line(index.row()) if index.isValid() else None

    def fill(self, menu: QMenu) -> None:
        """Puts what can be opened from the chosen request into a menu."""
        line = self.current()
        if line is None:
            return
        menu.addAction("Open its ticket", self._open_ticket).setEnabled(bool(line.ticket))
        menu.addAction("Log of that moment", self._open_log)
        menu.addAction("Open its controller", self._open_code)
        page = menu.addAction("Open in the browser", lambda: self.page_wanted.emit(line.path))
        page.setEnabled(line.method == "GET" and self._running)
        menu.addSeparator()
        menu.addAction("Copy", self._copy)

    def _open_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu)
        if menu.actions():
            menu.popup(self.table.viewport().mapToGlobal(where))

    def _open(self, _index: object = None) -> None:
        line = self.current()
        if line is not None and line.ticket:
            self._open_ticket()
        elif line is not None:
            self._open_log()

    def _open_ticket(self) -> None:
        line = self.current()
        if line is not None and line.ticket:
            self.link_wanted.emit("ticket", {"ticket": line.ticket})

    def _open_log(self) -> None:
        line = self.current()
        if line is not None:  # a line of the access log has the second its request came in
            self.link_wanted.emit("log", {"time": float(int(line.moment)), "source": "access"})

    def _open_code(self) -> None:
        line = self.current()
        if line is not None:
            self.code_wanted.emit(line)

    def _copy(self) -> None:
        line = self.current()
        if line is not None:
            QGuiApplication.clipboard().setText("  ".join(filter(None, (cell(line) for cell in CELLS))))

    def set_narrow(self, narrow: bool) -> None:
        """Hides columns where room is little."""
        self.table.set_narrow(narrow)

    def row_count(self) -> int:
        """Rows shown."""
        return self.model.rowCount()

    def _say_why_empty(self, running: bool) -> None:
        self._running = running
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.table)
            return
        if self.model.total():
            self.empty.words.setText(f"No request matches “{self.filter.text()}”.")
        elif running:
            self.empty.words.setText("No requests yet. Open an application in the browser to see them here.")
        else:
            self.empty.words.setText("Requests appear here while the server runs.")
        self._stack.setCurrentWidget(self.empty)

    def _on_filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._say_why_empty(self._running)

    def _on_pause(self, on: bool) -> None:
        self._paused = on
        self.pause.set_name("Go on with the list" if on else "Pause the list", "play" if on else "pause")
        self.show_lines(self._newest, self._running)
