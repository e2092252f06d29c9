"""The panel Databases: places, rows, details (UI-DB, wireframe 13.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.cards import EmptyState
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from runtime.admin.inspector import InspectorProblem

from .actions import DatabaseActions
from .bars import ChangeBar, FaultBar, TopBar
from .commands import BACK_UP, Commands
from .details import Details
from .files import FileOrders
from .grid import RowsGrid
from .model import Place, is_whole, where_words
from .opened import OpenedRow
from .places import PlacesList, PlacesModel
from .query import QueryPage
from .session import TableSession
from .tables import Tables

NARROW = 900  # pixels below which the details go under the rows
HISTORY, LINES = "databases.queries", "databases.lines"


class DatabasesPanel(QWidget):
    """Tables of the applications in scope, the rows of one, and a row in detail.

    Args:
        theme: where its colours come from.
        actions: asks the applications.
        layout: keeps columns, history, options.

    Signals:
        line_wanted(str, str, int): application, file below it, line.
        address_wanted(str): open this in the system.
        said(str, str): level and sentence of a notice.
        open_asked(object, dict): the person follows a link to a table with filters.
    """

    title = "Databases"
    line_wanted = Signal(str, str, int)
    address_wanted = Signal(str)
    said = Signal(str, str)
    open_asked = Signal(object, dict)

    def __init__(
        self, theme: Theme, actions: DatabaseActions, layout: Layout, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("databases")
        self.setAccessibleName("Databases")
        self._theme, self.asker, self._layout = theme, actions, layout
        self.session = TableSession(actions, layout, self)
        self.tables = Tables(self)
        self._query_task: Any = None
        self._build()
        self.commands = Commands(theme, self)
        self.files = FileOrders(self)
        self.opened = OpenedRow(self.session, self.grid, self.details, self)
        self._connect()
        self._add_keys()
        self.show_state()

    # building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = TopBar(self._theme)
        column.addWidget(self.bar)
        line = hairline()
        column.addWidget(line)
        self.fault = FaultBar(self._theme)
        column.addWidget(self.fault)
        self.changes = ChangeBar(self._theme)
        column.addWidget(self.changes)
        self.places = PlacesModel(self)
        self.list = PlacesList(self._theme, self.places)
        self.finder = QLineEdit()
        self.finder.setObjectName("databases.find")
        self.finder.setProperty("tool", True)
        self.finder.setPlaceholderText("Find a table")
        self.finder.setAccessibleName("Find a table")
        self.finder.setClearButtonEnabled(True)
        side = QWidget()
        side.setProperty("page", True)
        inner = QVBoxLayout(side)
        inner.setContentsMargins(0, 8, 0, 0)
        inner.setSpacing(6)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(self.finder)
        inner.addLayout(head)
        inner.addWidget(self.list, 1)
        self.grid = RowsGrid(self._theme, self.session.rows)
        self.empty = EmptyState(self._theme, "databases", "")
        self.query = QueryPage(self._theme)
        self.pages = QStackedWidget()
        for page in (self.empty, self.grid, self.query):
            self.pages.addWidget(page)
        self.details = Details(self._theme, self.asker.quiet)
        self.inner = QSplitter(Qt.Orientation.Horizontal)
        self.inner.setObjectName("databases.inner")
        self.inner.setAccessibleName("Width of the details")
        self.inner.addWidget(self.pages)
        self.inner.addWidget(self.details)
        self.inner.setStretchFactor(0, 1)
        self.inner.setSizes([640, 330])
        self.outer = QSplitter(Qt.Orientation.Horizontal)
        self.outer.setObjectName("databases.outer")
        self.outer.setAccessibleName("Width of the list of tables")
        self.outer.addWidget(side)
        self.outer.addWidget(self.inner)
        self.outer.setStretchFactor(1, 1)
        self.outer.setSizes([210, 800])
        for splitter in (self.inner, self.outer):
            splitter.setChildrenCollapsible(False)
            splitter.handle(1).setAccessibleName(f"Edge: {splitter.accessibleName()}")
        column.addWidget(self.outer, 1)
        self.query.show_history(self._layout.load_text(HISTORY))
        kept = self._layout.load_text(LINES, "1")
        self.grid.set_lines(int(kept) if kept.isdecimal() else 1)

    def _connect(self) -> None:
        session, details = self.session, self.details
        self.asker.known_changed.connect(self.tables.on_known)
        self.asker.stated.connect(details.statements.take)
        self.list.chosen.connect(self.tables.choose)
        self.list.folded.connect(self.tables.fold)
        self.finder.textChanged.connect(self.tables.show)
        self.bar.editing.switched.connect(self._on_editing)
        self.bar.refresh.clicked.connect(self.refresh)
        self.bar.clear.clicked.connect(self.clear_filter)
        self.bar.export.clicked.connect(self.commands.open_export)
        self.bar.more.clicked.connect(self.commands.open_more)
        self.bar.query.clicked.connect(self._on_query)
        self.changes.write.connect(self.commands.write)
        self.changes.discard.connect(self.discard)
        self.changes.undo.connect(session.changes.stack.undo)
        self.changes.add.connect(self.commands.add)
        self.fault.again.connect(self._try_again)
        session.opened.connect(self._on_opened)
        session.state_changed.connect(self.show_state)
        session.first_page.connect(self._on_first_page)
        session.faulted.connect(self._on_fault)
        session.changes.changed.connect(self._on_changes)
        session.structured.connect(details.structure.show_structure)
        session.faceted.connect(details.facets.show_facet)
        session.wrote.connect(self.say_done)
        session.conflicted.connect(self.commands.open_conflicts)
        session.refused.connect(self._on_refused)
        self.grid.filtered.connect(session.filter)
        self.grid.order_wanted.connect(self._on_order)
        self.grid.near_end.connect(session.read_more)
        self.grid.columns_changed.connect(lambda: session.keep_columns(self.grid.columns_text()))
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(
            lambda at: self.commands.open_rows_menu(self.grid.viewport().mapToGlobal(at))
        )
        details.record.table_wanted.connect(self._on_link)
        details.record.file_wanted.connect(
            lambda path: self.address_wanted.emit(QUrl.fromLocalFile(path).toString())
        )
        details.record.file_asked.connect(self.files.choose)
        details.record.save_asked.connect(self.files.choose_target)
        details.facets.filter_wanted.connect(self._on_facet)
        details.structure.line_wanted.connect(
            lambda file, line: self.line_wanted.emit(session.place.application, file, line)
        )
        self.query.asked.connect(self._ask_query)
        self.query.cancelled.connect(lambda: self.asker.cancel(self._query_task))
        self.query.history_changed.connect(lambda text: self._layout.save_text(HISTORY, text))

    def _add_keys(self) -> None:
        handlers: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("F5", "Read the rows again", self.refresh),
            ("Ctrl+S", "Write the changes", self.commands.write),
            ("Ctrl+Z", "Undo", self.session.changes.stack.undo),
            ("Ctrl+Shift+Z", "Redo", self.session.changes.stack.redo),
            ("Ctrl+C", "Copy as text", self.commands.copy),
            ("Ctrl+Shift+C", "Copy as JSON", lambda: self.commands.copy("json")),
            ("Del", "Delete what is selected", self.commands.delete),
            ("Ctrl+Backspace", "Set to NULL", self.commands.set_null),
            ("Ctrl+N", "New record", self.commands.add),
            ("Return", "Show the record", lambda: self.details.show_tab("record")),
            ("Space", "Show the value", lambda: self.details.show_tab("value")),
            ("Esc", "Cancel the query, or clear the filter", self._on_escape),
        )
        for keys, words, handler in handlers:
            here = keys in ("Ctrl+C", "Ctrl+Shift+C", "Del", "Ctrl+Backspace", "Return", "Space")
            add_key(self.grid if here else self, keys, words, handler, inside=not here)

    # what tests and commands ask

    def state(self) -> str:
        """One of: none chosen, loading, rows, none yet, none match, not possible now, failed."""
        return self.session.state

    def row_count(self) -> int:
        """Rows read so far."""
        return self.session.rows.rowCount()

    def visible_filter(self) -> str:
        """The filters as one text."""
        return self.session.filter_text()

    def focus_filter(self) -> None:
        """Puts the cursor into the filter of the current column."""
        fields = self.session.rows.fields
        if fields and self.pages.currentWidget() is self.grid:
            at = max(0, self.grid.currentIndex().column())
            self.grid.filter_field(fields[min(at, len(fields) - 1)]["name"]).setFocus()
        else:
            self.finder.setFocus()

    def unsaved(self) -> list[str]:
        """What would be lost by leaving, in words."""
        if not len(self.session.changes):
            return []
        return [f"{self.session.place.words()}: {self.session.changes.summary()}, not written"]

    def backs_up(self) -> bool:
        """Is an SQLite file backed up before the first write?"""
        return self._layout.load_text(BACK_UP, "yes") == "yes"

    def set_backs_up(self, on: bool) -> None:
        """Chooses whether it is."""
        self._layout.save_text(BACK_UP, "yes" if on else "no")

    def set_lines(self, lines: int) -> None:
        """Makes rows so many lines high; kept."""
        self.grid.set_lines(lines)
        self._layout.save_text(LINES, str(lines))

    # places

    def show_applications(self, single: str, names: tuple[str, ...]) -> None:
        """Takes the applications in scope: one, or all."""
        self.tables.show_applications(single, names)

    def open_table(self, place: Place, filters: dict[str, str] | None) -> None:
        """Opens a table; runs the models of its application first if that was not done."""
        self.tables.open(place, filters)

    def refresh(self) -> None:
        """Reads the rows and counts again."""
        if self.session.place.table:
            self.session.reload()
            self.asker.count_tables(self.session.place)
            self.opened.show_tab(self.details.tab())
        else:
            self.tables.read_models()

    # the table

    def _on_opened(self) -> None:
        self.grid.show_table(self.session.kept_columns())
        self.grid.show_filters(self.session.filters)
        self.grid.show_order("", False)
        self.opened.clear()
        self.fault.say("")
        self.bar.query.setChecked(False)
        self.list.choose(self.session.place)
        self.opened.show_tab(self.details.tab())
        self._on_changes()

    def _on_first_page(self) -> None:
        self.fault.say("")
        self.grid.fit_first_rows()
        if self.session.rows.rowCount():
            self.grid.scrollToTop()
            at = self.session.rows.place_of(self.opened.id) if self.opened.id else 0
            self.grid.setCurrentIndex(
                self.session.rows.index(max(0, at), max(0, self.grid.currentIndex().column()))
            )
            self.opened.read_again()

    def _on_order(self, name: str, down: bool) -> None:
        self.grid.show_order(name, down)
        self.session.sort(name, down)

    def clear_filter(self) -> None:
        """Shows all rows."""
        self.grid.show_filters({})
        self.session.filter({})

    def _on_facet(self, name: str, expression: str) -> None:
        filters = {**self.session.filters, name: expression}
        self.grid.show_filters(filters)
        self.session.filter(filters)

    def filter_by_cell(self, at: int, name: str) -> None:
        """Shows the rows that have the same value."""
        value = self.session.rows.value(at, name)
        if is_whole(value):
            self._on_facet(name, "null" if value is None else f"={value}")

    def show_state(self) -> None:
        """Shows the rows, or why there are none."""
        session = self.session
        self.bar.show_place(session.place)
        self.show_count()
        if self.bar.query.isChecked():
            self.pages.setCurrentWidget(self.query)
            return
        self.empty.words.setText(self.tables.empty_words())
        rows = bool(session.place.table) and (session.state == "rows" or self._shows_head())
        self.pages.setCurrentWidget(self.grid if rows else self.empty)
        self._show_changes()

    def _shows_head(self) -> bool:
        """Does the filter row have to stay, although there are no rows?"""
        return self.session.state in ("none match", "loading", "none yet") and bool(self.session.rows.fields)

    def show_count(self) -> None:
        """Shows how many rows there are."""
        session = self.session
        known = self.asker.known.get(session.place.scope)
        if not session.place.table or known is None:
            self.bar.show_count(session.count, False, session.count)
            return
        self.bar.show_count(session.count, bool(session.filters), known.count(session.place))
        database = known.database(session.place.database)
        if database is not None:
            self.bar.place.setToolTip(where_words(database))

    # links and editing

    def _on_link(self, table: str, filters: dict[str, str]) -> None:
        place = replace(self.session.place, table=table)
        known = self.asker.known.get(place.scope)
        facts = known.table(place) if known is not None else None
        if facts is None:
            return
        given = {name or (facts["key"] or ["id"])[0]: text for name, text in filters.items()}
        self.open_asked.emit(place, given)

    def _on_editing(self, on: bool) -> None:
        self.session.rows.can_edit = on
        self._show_changes()
        self.opened.show_again()

    def _on_changes(self) -> None:
        self._show_changes()
        if self.opened.id:
            self.opened.show_again()

    def _show_changes(self) -> None:
        changes = self.session.changes
        on = self.bar.editing.is_on()
        self.changes.setVisible(on or bool(len(changes)))
        self.changes.show_changes(
            changes.summary(),
            len(changes),
            len(changes.faults),
            self.session.writing,
            changes.stack.undoText(),
        )
        self.changes.add_row.setVisible(on and bool(self.session.place.table))
        if len(changes):
            self.bar.editing.toggle.setEnabled(True)

    def _on_refused(self, _count: int) -> None:
        (id, _), text = next(iter(self.session.changes.faults.items()))
        at = self.session.rows.place_of(id)
        if at >= 0:
            self.grid.setCurrentIndex(self.session.rows.index(at, max(0, self.grid.currentIndex().column())))
        self.opened.show_faults()
        self.fault.say(f"Nothing was written. {text}")

    def discard(self) -> None:
        """Takes all changes back."""
        self.session.changes.restore(list(self.session.changes.all()))
        self.fault.say("")

    def save_all(self, done: Callable[[bool], None]) -> None:
        """Writes what was changed, and tells whether all of it is written (SH-18)."""
        self.details.record.flush()
        self.session.write(self.backs_up(), done)

    # faults

    def _on_fault(self, problem: InspectorProblem) -> None:
        field = problem.data.get("field")
        if field and problem.kind == "refused":
            self.grid.show_fault(str(field), str(problem))
            return
        if self.session.rows.stored_count() or self.session.writing or len(self.session.changes):
            self.fault.say(str(problem))

    def _try_again(self) -> None:
        self.fault.say("")
        if len(self.session.changes):
            self.session.problem = None
            self.commands.write()
        else:
            self.session.reload()

    def say_problem(self, problem: InspectorProblem) -> None:
        """Tells of what could not be done."""
        if problem.kind != "cancelled":
            self.said.emit("warning", str(problem))

    def say_done(self, text: str) -> None:
        """Tells of what was done."""
        self.said.emit("done", text)

    def _on_escape(self) -> None:
        if self.session.filters:
            self.clear_filter()
        elif self._query_task is not None:
            self.asker.cancel(self._query_task)

    # queries

    def _on_query(self) -> None:
        if self.bar.query.isChecked():
            self.asker.ask(
                "names",
                replace(self.session.place, table=""),
                self.query.show_names,
                lambda _problem: None,
                owner=self,
                key="names",
            )
            self.query.edit.setFocus()
        self.show_state()

    def _ask_query(self, text: str, limit: float) -> None:
        place = replace(self.session.place, table="")
        self._query_task = self.asker.ask(
            "query", place, self.query.show_answer,
            lambda problem: self.query.show_fault(str(problem), problem.kind == "limit"),
            owner=self, limit=limit, text=text,
        )  # fmt: skip

    # room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width() / max(1.0, self._theme.line_height() / 17)
        narrow = width < NARROW
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self.inner.orientation() != wanted:
            self.inner.setOrientation(wanted)
            self.inner.setSizes([300, 200] if narrow else [640, 330])
        self.bar.set_narrow(narrow)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tables.describe()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.details.record.flush()
