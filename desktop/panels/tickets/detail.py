"""The details pane: what happened in one line, orders, the tickets of the row, tabs (TK-06, TK-07)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import counted, number
from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.buttons import Button, IconButton, MenuButton
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.tabs import Tab
from desktop.widgets.value.texts import CodeText
from runtime.errors import Ticket

from .chips import TicketMark
from .frames import Traceback
from .model import Row, ago, exact
from .opened import OpenedTicket
from .pairs import Pairs

TABS = (
    ("traceback", "Traceback"),
    ("variables", "Variables"),
    ("request", "Request"),
    ("session", "Session"),
    ("response", "Response"),
    ("log", "Log and SQL"),
    ("environment", "Environment"),
    ("raw", "Raw text"),
)
STATE_WORDS = {
    "new": "New",
    "open": "Open",
    "again": "Again",
    "solved": "Solved",
    "ignored": "Ignored",
    "unreadable": "Unreadable",
}


class Head(QWidget):
    """Title, state, orders, and which of the tickets is shown.

    Signals:
        order(str): ``open``, ``copy``, ``solve``, ``ignore``, ``delete``, ``repeat``, ``export``.
        step(int): another ticket of the row: 1 newer, -1 older.
        copy_number: the number is wanted on the clipboard.
    """

    order = Signal(str)
    step = Signal(int)
    copy_number = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 13, 2)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(2)
        words = QVBoxLayout()
        words.setSpacing(4)
        self.title = CutLabel("title")
        self.title.setObjectName("tickets.title")
        words.addWidget(self.title)
        state = QHBoxLayout()
        state.setSpacing(6)
        self._mark = TicketMark(theme)
        self.state = CutLabel("medium")
        self.about = CutLabel("secondary")
        state.addWidget(self._mark)
        state.addWidget(self.state)
        state.addWidget(self.about, 1)
        words.addLayout(state)
        top.addLayout(words, 1)
        self.buttons: dict[str, Button] = {}
        self.ignore = MenuButton(theme, "Ignore")
        self.ignore.setObjectName("tickets.ignore")
        self.ignore.clicked.connect(lambda: self.order.emit("ignore"))
        for id, text, kind, icon in (
            ("open", "Open line", "primary", "code"),
            ("copy", "Copy", "secondary", "copy"),
            ("solve", "Solve", "secondary", "check"),
        ):
            button = Button(theme, text, kind, icon)
            button.setObjectName(f"tickets.{id}")
            button.clicked.connect(lambda _on=False, order=id: self.order.emit(order))
            self.buttons[id] = button
            top.addWidget(button)
        top.addWidget(self.ignore)
        self.more = IconButton(theme, "more", "More: repeat the request, export, delete others")
        self.more.setObjectName("tickets.more")
        self.more.clicked.connect(lambda: self.order.emit("more"))
        self.delete = IconButton(theme, "trash", "Delete what is selected (Del)")
        self.delete.setObjectName("tickets.delete")
        self.delete.clicked.connect(lambda: self.order.emit("delete"))
        top.addWidget(self.more)
        top.addWidget(self.delete)
        column.addLayout(top)
        column.addLayout(self._build_number())
        self.result = Link(theme)
        self.result.setObjectName("tickets.repeat.result")
        self.result.hide()
        column.addWidget(self.result)

    def _build_number(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.older = IconButton(self._theme, "chevron-left", "Older ticket of this kind (Alt+Up)")
        self.newer = IconButton(self._theme, "chevron-right", "Newer ticket of this kind (Alt+Down)")
        self.older.setObjectName("tickets.older")
        self.newer.setObjectName("tickets.newer")
        self.older.clicked.connect(lambda: self.step.emit(-1))
        self.newer.clicked.connect(lambda: self.step.emit(1))
        self.place = label("", "secondary")
        self.number = CutLabel(middle=True)
        self.number.setObjectName("tickets.number")
        self.copy = IconButton(self._theme, "copy", "Copy the number of the ticket")
        self.copy.clicked.connect(self.copy_number)
        self.note = label("", "secondary")
        row.addWidget(self.older)
        row.addWidget(self.place)
        row.addWidget(self.newer)
        row.addSpacing(8)
        row.addWidget(self.number)
        row.addWidget(self.copy)
        row.addStretch(1)
        row.addWidget(self.note)
        self._theme.changed.connect(self._fonts)
        self._fonts()
        return row

    def _fonts(self) -> None:
        self.number.setFont(self._theme.fonts.style("code"))
        restyle(self.number, tone="secondary")

    def show_result(self, words: str, ticket: str) -> None:
        """What a repeated request brought; a link when it made a ticket (TK-17)."""
        self.result.show_link(words, ticket)
        self.result.setEnabled(bool(ticket))
        self.result.setToolTip("Open this ticket" if ticket else "")
        self.result.show()

    def show_row(self, row: Row, at: int, now: float, keep_result: bool = False) -> None:
        """Everything that is known without the ticket's content."""
        self.title.set_text(row.title())
        self._mark.show_state(row.state, STATE_WORDS[row.state])
        self.state.set_text(STATE_WORDS[row.state] if row.imported is None else "Imported")
        times = counted(row.count, "time")
        if row.count > 1:
            times += f", first {ago(row.first, now)}, last {ago(row.last, now)}"
        else:
            times = exact(row.last)
        self.about.set_text(f"{row.application}   {times}")
        self.about.setToolTip(f"first {exact(row.first)}, last {exact(row.last)}")
        stored = len(row.ids)
        counted_only = row.count - stored
        self.place.setText(f"{number(stored - at)} of {number(stored)}")
        self.place.setToolTip(
            f"{number(counted_only)} more came in bursts and were only counted." if counted_only > 0 else ""
        )
        self.number.set_text(row.ids[at] if row.ids else "")
        self.older.setEnabled(at + 1 < stored)
        self.newer.setEnabled(at > 0)
        is_open = row.state in ("new", "open", "again")
        self.buttons["solve"].set_face(
            "Solve" if is_open else "Reopen", "secondary", "check" if is_open else "undo"
        )
        usable = row.imported is None and not row.unreadable
        self.buttons["solve"].setEnabled(usable)
        self.ignore.setEnabled(usable)
        if not keep_result:
            self.result.hide()

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out what is said elsewhere too."""
        self.note.setVisible(not narrow)
        self.buttons["copy"].setVisible(not narrow)
        self.ignore.setVisible(not narrow)


class Detail(QFrame):
    """Head, tabs and pages of one ticket.

    Signals:
        file_wanted(str, int): open this file at this line.
    """

    file_wanted = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tickets.detail")
        self.setAccessibleName("Ticket")
        self._theme = theme
        self.opened: OpenedTicket | None = None
        self._made: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = Head(theme)
        column.addWidget(self.head)
        bar = QScrollArea()
        bar.setWidgetResizable(True)
        bar.setFrameShape(QFrame.Shape.NoFrame)
        bar.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("page", True)
        tabs = QHBoxLayout(inner)
        tabs.setContentsMargins(16, 0, 16, 0)
        tabs.setSpacing(4)
        self._group = QButtonGroup(self)
        self.tabs: dict[str, Tab] = {}
        for id, words in TABS:
            tab = Tab(theme, id, words)
            tab.setObjectName(f"tickets.tab.{id}")
            tab.clicked.connect(lambda _on=False, tab_id=id: self.show_tab(tab_id))
            self._group.addButton(tab)
            self.tabs[id] = tab
            tabs.addWidget(tab)
        tabs.addStretch(1)
        bar.setWidget(inner)
        self._bar = bar
        column.addWidget(bar)
        line = hairline()
        column.addWidget(line)
        self.pages = QStackedWidget()
        column.addWidget(self.pages, 1)
        self.tabs["traceback"].setChecked(True)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self._bar.setFixedHeight(self._theme.size("tab"))

    def current_tab(self) -> str:
        """Id of the page shown."""
        return next(id for id, tab in self.tabs.items() if tab.isChecked())

    def show_opened(self, opened: OpenedTicket) -> None:
        """Shows a ticket that was read."""
        self.opened = opened
        for page in self._made.values():
            self.pages.removeWidget(page)
            page.deleteLater()
        self._made = {}
        can_open = opened.ticket is not None and bool(opened.ticket.layer)
        self.head.buttons["open"].setEnabled(can_open)
        source = _SOURCES.get(opened.row.sources.get(opened.id, ""), "")
        if opened.ticket is not None and opened.ticket.task:
            source = f"from task {opened.ticket.task.get('id')} of the scheduler"
        masked = "secrets are masked; press Show" if opened.secrets else "secrets are masked"
        self.head.note.setText(f"{source}, {masked}" if source else masked)
        for id in ("variables", "request", "session", "response", "log", "environment"):
            self.tabs[id].setEnabled(opened.ticket is not None)
        self.show_tab(self.current_tab() if opened.ticket is not None else "raw")

    def show_tab(self, id: str) -> None:
        """Shows a page; it is made when first asked for."""
        self.tabs[id].setChecked(True)
        if self.opened is None:
            return
        if id not in self._made:
            self._made[id] = self._make(id, self.opened)
            self.pages.addWidget(self._made[id])
        self.pages.setCurrentWidget(self._made[id])

    def page(self, id: str) -> QWidget:
        """The page of a tab, made if it was not yet."""
        self.show_tab(id)
        return self._made[id]

    def _make(self, id: str, opened: OpenedTicket) -> QWidget:
        ticket = opened.ticket
        if id == "raw" or ticket is None:
            return self._raw(opened)
        if id == "traceback":
            trace = Traceback(self._theme, opened)
            trace.file_wanted.connect(self.file_wanted)
            return self._scrolled([trace], "Traceback")
        parts = self._parts(id, ticket)
        widgets: list[QWidget] = []
        for title, values, path in parts:
            if not values:
                continue
            if title:
                head = label(title, "strong")
                head.setContentsMargins(24, 12, 16, 0)
                widgets.append(head)
            kept = {
                name.removeprefix(path): value
                for name, value in opened.secrets.items()
                if name.startswith(path)
            }
            widgets.append(Pairs(self._theme, values, kept, title or self.tabs[id].text()))
        if not widgets:
            words = label(_NOTHING[id], "secondary", wrap=True)
            words.setContentsMargins(24, 16, 24, 16)
            widgets.append(words)
        return self._scrolled(widgets, self.tabs[id].text())

    def _parts(self, id: str, ticket: Ticket) -> list[tuple[str, dict[str, str], str]]:
        """Titles, values and paths of hidden ones on a page."""
        if id == "variables":
            return [
                (f"{frame.function or 'module'}, line {frame.line}", frame.variables, f"frame {at}/")
                for at, frame in reversed(list(enumerate(ticket.frames)))
            ]
        if id == "request":
            plain = {name: value for name, value in ticket.request.items() if not isinstance(value, dict)}
            headers = ticket.request.get("headers")
            shown = headers if isinstance(headers, dict) else {}
            return [("", plain, "request/"), ("Headers", shown, "request/headers/")]
        if id == "log":
            lines = {str(at): line for at, line in enumerate(ticket.log, 1)}
            queries = {f"{at}.  {took:.1f} ms": sql for at, (sql, took) in enumerate(ticket.statements, 1)}
            return [("Log lines of this request", lines, "-"), ("Database statements", queries, "-")]
        values = ticket.versions if id == "environment" else getattr(ticket, id)
        return [("", values, f"{id}/")]

    def _raw(self, opened: OpenedTicket) -> QWidget:
        text = CodeText(self._theme, "Raw text of the ticket")
        text.setObjectName("tickets.raw")
        text.document().setDocumentMargin(16)
        head = ""
        if opened.fault:
            head = f"{opened.fault}\n\n" + ("Its bytes, never executed:\n\n" if opened.ticket is None else "")
        trace = opened.ticket.traceback if opened.ticket is not None else ""
        text.setPlainText("\n\n".join(filter(None, (head.strip(), trace, opened.raw))))
        return text

    def _scrolled(self, widgets: list[QWidget], name: str) -> QScrollArea:
        area = QScrollArea()
        area.setAccessibleName(name)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("page", True)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        for widget in widgets:
            column.addWidget(widget)
        column.addStretch(1)
        area.setWidget(page)
        return area


_SOURCES = {"database": "from the database", "pickle": "from the old framework"}
_NOTHING = {
    "variables": "No variables were recorded.",
    "request": "This error happened outside of a request.",
    "session": "The session was not touched, or is empty.",
    "response": "The response was still empty.",
    "log": "Nothing was logged and no database was asked in this request.",
    "environment": "The versions were not recorded.",
}
