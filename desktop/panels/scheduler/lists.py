"""The page of tasks or runs: filter, hints, table, and what stands below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.hairline import hairline
from runtime.admin.scheduler.entries import RunEntry, TaskEntry

from .columns import RUN_COLUMNS, TASK_COLUMNS
from .empty import Reason
from .figures_view import FiguresStrip
from .filter_bar import FilterBar
from .hint_bar import HintBar
from .session import Session
from .table import RowsModel, RowsTable
from .workers_view import WorkersList

KEPT_COLUMNS = "scheduler.columns"


class ListPage(QWidget):
    """Tasks with the workers below, or runs with the figures of the last day.

    Args:
        theme: where its colours come from.
        session: what is listed.
        layout: keeps which columns are shown.
        load: tells processor and memory of a worker's process.

    Signals:
        chosen: other rows are selected.
    """

    chosen = Signal()

    def __init__(
        self,
        theme: Theme,
        session: Session,
        layout: Layout,
        load: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._layout = session, layout
        self._quiet = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.filter = FilterBar(theme, self._choices)
        column.addWidget(self.filter)
        column.addWidget(hairline())
        self.hints = HintBar(theme)
        column.addWidget(self.hints)
        self.tables = {
            False: self._table(theme, False, "scheduler.tasks", "Tasks"),
            True: self._table(theme, True, "scheduler.runs", "Runs"),
        }
        self.empty = Reason(theme)
        self._stack = QStackedWidget()
        for table in self.tables.values():
            self._stack.addWidget(table)
        self._stack.addWidget(self.empty)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setObjectName("scheduler.splitter.list")
        self.splitter.setAccessibleName("Height of the list")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._stack)
        self._below = QWidget()
        below_column = QVBoxLayout(self._below)
        below_column.setContentsMargins(0, 0, 0, 0)
        self.workers = WorkersList(theme, False, load)
        self.figures = FiguresStrip(theme)
        below_column.addWidget(self.workers)
        below_column.addWidget(self.figures)
        self.splitter.addWidget(self._below)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([420, 160])
        self.splitter.handle(1).setAccessibleName("Edge of the list")
        column.addWidget(self.splitter, 1)

    def _table(self, theme: Theme, runs: bool, name: str, title: str) -> RowsTable:
        session = self._session
        listing = session.runs if runs else session.tasks

        def can_fetch() -> bool:
            now = session.runs if runs else session.tasks
            return now.following is not None

        model = RowsModel(theme, RUN_COLUMNS if runs else TASK_COLUMNS, can_fetch, session.fetch_more, self)
        table = RowsTable(theme, model, name, title)
        table.choose_columns(self._layout.load_text(f"{KEPT_COLUMNS}.{'runs' if runs else 'tasks'}"))
        table.head.show_order("start" if runs else listing.wish.order, listing.wish.down)
        table.head.order_wanted.connect(self._on_order)
        table.columns_chosen.connect(self._keep_columns)
        table.selectionModel().selectionChanged.connect(self._on_selection)
        table.pill.clicked.connect(self.show_new)
        return table

    def _keep_columns(self) -> None:
        for runs, table in self.tables.items():
            name = f"{KEPT_COLUMNS}.{'runs' if runs else 'tasks'}"
            self._layout.save_text(name, table.chosen_columns())

    def _choices(self) -> dict[str, Sequence[str]]:
        """What a word of the filter can be completed to."""
        session = self._session
        tasks = session.tasks.rows
        return {
            "app": sorted({task.application for task in tasks} | {session.application}),
            "fn": sorted({task.function for task in tasks} | {one["name"] for one in session.functions}),
            "name": sorted({task.name for task in tasks}),
            "group": sorted({task.group for task in tasks}),
            "worker": sorted({entry.name for entry in session.entries}),
        }

    # showing

    @property
    def table(self) -> RowsTable:
        """The table shown."""
        return self.tables[self._session.listing().runs]

    @property
    def model(self) -> RowsModel:
        """Its rows."""
        model = self.table.model()
        assert isinstance(model, RowsModel)
        return model

    def show_list(self, utc: bool) -> None:
        """Brings the table in line with what was read."""
        listing, table, model = self._session.listing(), self.table, self.model
        chosen = [row.id for row in table.chosen_rows()]
        self._quiet = True
        model.utc = utc
        model.show_rows(listing.rows)
        if chosen and not table.chosen_rows():
            at = model.place(chosen[0])
            if at >= 0:
                table.choose(at)
        self._quiet = False
        table.pill.show_count(listing.waiting)
        table.head.show_order("start" if listing.runs else listing.wish.order, listing.wish.down)
        self._show_empty()
        self.filter.show_listing(listing)

    def set_low(self, low: bool) -> None:
        """Leaves out what stands below the table where there is no room."""
        self._below.setVisible(not low)

    def show_tab(self) -> None:
        """Tasks or runs: what stands below differs."""
        runs = self._session.listing().runs
        self.workers.setVisible(not runs)
        self.figures.setVisible(False)
        if runs:
            self.figures.show_figures(self._session.figures)

    def _show_empty(self) -> None:
        listing = self._session.listing()
        if listing.rows or not listing.loaded:
            self._stack.setCurrentWidget(self.table)
            return
        what = "run" if listing.runs else "task"
        if listing.is_filtered():
            filter_ = " ".join(
                [*(f"state:{state}" for state in listing.wish.chosen), listing.wish.text]
            ).strip()
            self.empty.show_reason(f"No {what} matches {filter_}", ("Clear the filter", "clear"))
        elif listing.runs:
            words = (
                "No runs yet. A run leaves a row when its function returns something, fails or is cut short."
            )
            self.empty.show_reason(words)
        else:
            words = (
                "No tasks yet. An application queues them with scheduler.queue_task; you can queue one here."
            )
            self.empty.show_reason(words, ("Queue a task", "queue"))
        self._stack.setCurrentWidget(self.empty)

    def show_new(self) -> None:
        """Brings in what came meanwhile."""
        self._session.reload()
        self.table.scrollToTop()

    def _on_order(self, order: str, down: bool) -> None:
        self._session.set_wish(order=order if not self._session.listing().runs else "id", down=down)

    def _on_selection(self) -> None:
        if not self._quiet:
            self.chosen.emit()

    def chosen_tasks(self) -> list[TaskEntry]:
        """The tasks selected; none while runs are shown."""
        return [] if self._session.listing().runs else self.table.chosen_rows()

    def chosen_runs(self) -> list[RunEntry]:
        """The runs selected; none while tasks are shown."""
        return self.table.chosen_rows() if self._session.listing().runs else []

    def choose(self, number: int) -> bool:
        """Selects a row by its number; False when it is not in the list so far."""
        at = self.model.place(number)
        if at >= 0:
            self.table.choose(at)
            self.table.scrollTo(self.model.index(at, 0))
        return at >= 0
