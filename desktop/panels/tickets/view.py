"""The panel Tickets: filter row, table, details (UI-TK, wireframe 13.5)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.cards import EmptyState
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import Link
from runtime.errors import Ticket

from .actions import TicketActions
from .commands import Commands
from .detail import Detail
from .filter_bar import PERIOD_WORDS, STATES, FilterBar
from .model import Filter, Row, Snapshot, chosen, empty_words, imported_row, merged, moment_of, ordered
from .opened import OpenedTicket
from .table import TicketsModel, TicketTable

KEPT = "tickets.filter"
SEEN_AFTER = 1_500  # milliseconds a new error has to be looked at before it counts as seen
NARROWEST = 480
NARROW = 860  # pixels at normal text size


class TicketsPanel(QWidget):
    """Errors of all applications, and one of them in detail.

    Args:
        theme: where its colours come from.
        tickets: reads and changes them.
        layout: keeps the filter.
        address: tells the address of the running server, empty when there is none.

    Signals:
        file_wanted(str, int): open this file at this line.
        moment_wanted(float, str): show the logs around this moment, in seconds since 1970, and which.
        run_wanted(str, int): show this run of this application's scheduler.
        said(str): a sentence for a notice.
        filter_changed(bool): another filter is shown; whether only its words went on.
    """

    title = "Tickets"
    file_wanted = Signal(str, int)
    moment_wanted = Signal(float, str)
    run_wanted = Signal(str, int)
    said = Signal(str)
    filter_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        tickets: TicketActions,
        layout: Layout,
        address: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tickets")
        self.setAccessibleName("Tickets")
        self.setMinimumWidth(NARROWEST)  # the filter row leaves out what has no room
        self._theme, self._tickets, self._layout, self.address = theme, tickets, layout, address
        self._filter = self._kept_filter()
        self._imported: list[Row] = []
        self._row: Row | None = None
        self._at, self._wanted_id, self._waiting, self._pasted = 0, "", 0, ""
        self._seen_timer = QTimer(self, singleShot=True, interval=SEEN_AFTER)
        self._seen_timer.setObjectName("tickets-seen")
        self._seen_timer.timeout.connect(self._on_seen)
        self._build()
        self.commands = Commands(theme, tickets, self)
        self._connect()
        self._add_keys()
        self.bar.show_filter(self._filter)
        self._fill()

    # building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = FilterBar(self._theme)
        column.addWidget(self.bar)
        line = hairline()
        column.addWidget(line)
        self.model = TicketsModel(self)
        self.table = TicketTable(self._theme, self.model)
        self.empty = EmptyState(self._theme, "tickets", "")
        self.clear = Link(self._theme, "Clear the filter")
        self.clear.setObjectName("tickets.clear")
        below = cast(QVBoxLayout, self.empty.layout())
        below.insertWidget(below.indexOf(self.empty.words) + 1, self.clear, 0, Qt.AlignmentFlag.AlignHCenter)
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self.empty)
        self.detail = Detail(self._theme)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setObjectName("tickets.splitter")
        self.splitter.setAccessibleName("Height of the list")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._list)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([260, 420])
        self.splitter.handle(1).setAccessibleName("Edge of the list")
        column.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        self.bar.changed.connect(self._on_filter)
        self.bar.number_pasted.connect(self.open_number)
        self.bar.menu_wanted.connect(self.commands.open_menu)
        self.table.head.wanted.connect(self._on_order)
        self.table.pill.clicked.connect(self.show_new)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        self.table.activated.connect(self.commands.open_line)
        self.clear.clicked.connect(self.clear_filter)
        head = self.detail.head
        head.order.connect(self.commands.give)
        head.step.connect(self.step)
        head.copy_number.connect(self._copy_number)
        head.result.opened.connect(self.open_number)
        self.detail.file_wanted.connect(self.file_wanted)
        self._tickets.changed.connect(self._on_changed)

    def _add_keys(self) -> None:
        commands = self.commands
        handlers: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("F5", "Read the tickets again", self._tickets.refresh),
            ("Ctrl+E", "Open the faulty line", commands.open_line),
            ("Ctrl+Shift+C", "Copy as Markdown", commands.copy_markdown),
            ("Del", "Delete what is selected", commands.delete),
            ("Ctrl+Return", "Solve, or open again", commands.solve),
            ("Alt+Up", "Older ticket of this kind", lambda: self.step(-1)),
            ("Alt+Down", "Newer ticket of this kind", lambda: self.step(1)),
        )
        for keys, words, handler in handlers:
            add_key(self, keys, words, handler)

    # what tests and commands ask

    def state(self) -> str:
        """One of: loading, rows, none yet, none match."""
        if self.model.rowCount():
            return "rows"
        if not self._tickets.snapshot.complete:
            return "loading"
        return "none match" if self._tickets.snapshot.total else "none yet"

    def row_count(self) -> int:
        """Rows shown."""
        return self.model.rowCount()

    def visible_filter(self) -> str:
        """Text of the filter."""
        return self.bar.text.text()

    def focus_filter(self) -> None:
        """Puts the cursor into the filter."""
        self.bar.focus()

    def filter(self) -> Filter:
        """The whole filter."""
        return self._filter

    def current(self) -> Row | None:
        """The row that the details belong to."""
        return self._row

    def current_id(self) -> str:
        """Number of the ticket in the details."""
        return self._wanted_id

    def ticket(self) -> Ticket | None:
        """The ticket in the details, if it could be read."""
        return self.detail.opened.ticket if self.detail.opened is not None else None

    def waiting_new(self) -> int:
        """Errors that came and are not in the list yet."""
        return self._waiting

    def chosen_groups(self) -> list[Row]:
        """The kinds of errors of the selected rows, also where these are single tickets."""
        rows = self.table.selected_rows()
        if not self._filter.single:
            return rows
        ids = {ticket_id for row in rows for ticket_id in row.ids}
        return [row for row in self._tickets.snapshot.groups if ids & set(row.ids)]

    # filter

    def _kept_filter(self) -> Filter:
        try:
            kept = json.loads(self._layout.load_text(KEPT) or "{}")
            found = Filter(
                state=str(kept.get("state", "open")),
                period=str(kept.get("period", "fortnight")),
            )
        except (ValueError, AttributeError):
            return Filter()
        known = found.state in dict(STATES) and found.period in dict(PERIOD_WORDS)
        return found if known else Filter()

    def _on_filter(self, part: str, value: str) -> None:
        changes: dict[str, Any] = {part: value}
        self._set(replace(self._filter, **changes))

    def set_single(self, single: bool) -> None:
        """Shows tickets one by one, or kinds of errors (TK-03)."""
        self._set(replace(self._filter, single=single))

    def show_file(self, file: str) -> None:
        """Shows the errors of one file; of all when it is empty (TK-05)."""
        self._set(replace(self._filter, file=file))

    def show_client(self, client: str) -> None:
        """Shows the errors of one visitor; of all when it is empty (TK-05)."""
        self._set(replace(self._filter, client=client))

    def show_all_places(self) -> None:
        """Shows the errors of any file and any visitor."""
        self._set(replace(self._filter, file="", client=""))

    def show_application(self, application: str) -> None:
        """Shows the errors of one application; of all when it is empty (SH-02)."""
        self._set(replace(self._filter, application=application))

    def filter_text(self) -> str:
        """The filter without the scope, for the way back to it."""
        return json.dumps(asdict(replace(self._filter, application="")))

    def show_filter(self, text: str) -> None:
        """Shows what :meth:`filter_text` told, in the present scope (TK-05, SH-11)."""
        kept = Filter(**json.loads(text))
        self._set(replace(kept, application=self._filter.application))

    def clear_filter(self) -> None:
        """Shows all open errors of any time, in the scope."""
        every = Filter(application=self._filter.application, period="all", single=self._filter.single)
        self._set(every)

    def _set(self, wanted: Filter) -> None:
        if wanted == self._filter:
            return
        only_text = wanted == replace(self._filter, text=wanted.text) and bool(self._filter.text)
        self._filter = wanted
        self._layout.save_text(KEPT, json.dumps(asdict(wanted)))
        self.bar.show_filter(wanted)
        self.filter_changed.emit(only_text)
        self.table.set_single(wanted.single)
        self._fill()

    # rows

    def _all(self) -> list[Row]:
        snapshot = self._tickets.snapshot
        return [*self._imported, *(snapshot.tickets if self._filter.single else snapshot.groups)]

    def _fresh(self) -> list[Row]:
        self.bar.show_choices(self._all(), self._filter)
        rows = chosen(self._all(), self._filter, time.time())
        return ordered(rows, self.model.order, self.model.down)

    def _fill(self) -> None:
        """Shows what the filter lets through, in order, new ones included."""
        key = self._row.key if self._row else ""
        self.model.set_rows(self._fresh())
        self._set_waiting(0)
        self._show_empty()
        self._select(key)

    def _on_changed(self, snapshot: Snapshot) -> None:
        """Takes new numbers at once; new lines wait behind the pill, so that the list stays where it is."""
        if self._pasted and snapshot.complete:
            number, self._pasted = self._pasted, ""
            self.open_number(number)
        if not snapshot.complete or not self.model.rowCount() or not self.isVisible():
            self._fill()
            return
        key = self._row.key if self._row else ""
        kept, waiting = merged(self.model.rows(), self._fresh())
        self.model.set_rows(kept)
        self._set_waiting(waiting)
        if not kept and waiting:
            self._fill()
            return
        self._show_empty()
        self._select(key)

    def show_new(self) -> None:
        """Brings in what came meanwhile (TK-13)."""
        self._fill()
        self.table.scrollToTop()

    def _set_waiting(self, count: int) -> None:
        self._waiting = count
        self.table.pill.show_count(count)

    def _show_empty(self) -> None:
        has_rows = self.model.rowCount() > 0
        self._list.setCurrentWidget(self.table if has_rows else self.empty)
        self.detail.setVisible(has_rows)
        if has_rows:
            return
        snapshot = self._tickets.snapshot
        self.empty.words.setText(empty_words(snapshot, self._filter, time.time()))
        self.clear.setVisible(snapshot.complete and snapshot.total > 0)

    def _select(self, key: str) -> None:
        """Selects the row it was on; without one, the first."""
        at = max(self.model.place(key), 0)
        if at >= self.model.rowCount():
            self._row, self._wanted_id = None, ""
            return
        if at not in [index.row() for index in self.table.selectionModel().selectedRows()]:
            self.table.choose(at)
        self._show_row(self.model.row(at))

    def _on_order(self, order: str, down: bool) -> None:
        self.model.order, self.model.down = order, down
        self._fill()

    def _on_selection(self) -> None:
        rows = self.table.selected_rows()
        if rows and (self._row is None or self._row.key not in {row.key for row in rows}):
            self._show_row(rows[0])

    # imported tickets

    def show_imported(self, tickets: list[Ticket]) -> None:
        """Shows somebody else's tickets above the site's own (TK-20)."""
        fresh = [imported_row(ticket) for ticket in tickets]
        known = {row.key for row in fresh}
        self._imported = [*fresh, *(row for row in self._imported if row.key not in known)]
        self._row, self._wanted_id = None, ""
        self._filter = Filter(period="all", single=self._filter.single)
        self.bar.show_filter(self._filter)
        self._fill()
        self._select(fresh[0].key)

    def forget_imported(self, keys: set[str]) -> None:
        """Takes imported tickets off the list."""
        if keys:
            self._imported = [row for row in self._imported if row.key not in keys]
            self._fill()

    # one ticket

    def _show_row(self, row: Row) -> None:
        """Shows a row; the ticket that is being looked at stays, also when newer ones came."""
        same = self._row is not None and self._row.key == row.key
        self._at = row.ids.index(self._wanted_id) if same and self._wanted_id in row.ids else 0
        changed = not same or self._row is None or row.state != self._row.state
        self._row = row
        self.detail.head.show_row(row, self._at, time.time(), keep_result=same)
        if row.ids[self._at] != self._wanted_id or not same:
            self._open(row, self._at)
        if changed:
            self._seen_timer.start()

    def _open(self, row: Row, at: int) -> None:
        self._at, self._wanted_id = at, row.ids[at]
        self._tickets.open(row, self._wanted_id, self._on_opened)

    def _on_opened(self, opened: OpenedTicket) -> None:
        if opened.id == self._wanted_id:
            self.detail.show_opened(opened)

    def _on_seen(self) -> None:
        if self._row is not None and self.isVisible() and not self._filter.single:
            self._tickets.saw(self._row)

    def step(self, by: int) -> None:
        """Shows a newer (1) or older (-1) ticket of the row."""
        if self._row is not None and 0 <= self._at - by < len(self._row.ids):
            self._open(self._row, self._at - by)
            self.detail.head.show_row(self._row, self._at, time.time())

    def open_number(self, number: str) -> None:
        """Shows the ticket with this number, as a visitor sends it (TK-04)."""
        self._tickets.find(number, lambda found: self._on_found(number, found))

    def _on_found(self, number: str, found: tuple[str, str] | None) -> None:
        if found is None:
            words = (
                f"There is no ticket {number.strip()[:120]} in this site folder. It may have been deleted."
            )
            self.said.emit(words)
            return
        self.bar.show_filter(replace(self._filter, text=""))
        self._filter = replace(self._filter, text="")
        self._fill()
        if self._show_ticket(*found):
            return
        self._filter = Filter(state="", period="all", single=self._filter.single)
        self.bar.show_filter(self._filter)
        self._fill()
        if not self._show_ticket(*found) and not self._tickets.snapshot.complete:
            self._pasted = number  # its kind is known when all are read

    def _show_ticket(self, application: str, ticket_id: str) -> bool:
        for at, row in enumerate(self.model.rows()):
            if row.application == application and ticket_id in row.ids:
                self._row, self._wanted_id = row, ticket_id
                self.table.choose(at)
                self._open(row, row.ids.index(ticket_id))
                self.detail.head.show_row(row, self._at, time.time())
                return True
        return False

    def show_log(self) -> None:
        """Shows what was logged around the moment of the ticket (TK-18)."""
        ticket = self.ticket()
        moment = moment_of(ticket) if ticket is not None else 0.0
        if moment:
            self.moment_wanted.emit(moment, "worker" if ticket is not None and ticket.task else "server")

    def show_run(self) -> None:
        """Shows the run of the scheduler that the ticket is of (TK-18)."""
        ticket = self.ticket()
        if ticket is not None and "run_id" in ticket.task:
            self.run_wanted.emit(ticket.application, ticket.task["run_id"])

    def _copy_number(self) -> None:
        if self._row is not None:
            QGuiApplication.clipboard().setText(f"{self._row.application}/{self._wanted_id}")

    # room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width() / max(1.0, self._theme.line_height() / 17)
        self.bar.set_room(width)
        self.detail.head.set_narrow(width < NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tickets.set_shown(True)
        self._tickets.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tickets.set_shown(False)
