"""The panel Scheduler: tabs, lists, workers, dependencies, details (UI-SC, wireframe 13.7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from runtime.admin.scheduler.entries import Hint

from .actions import SchedulerActions
from .commands import Commands
from .dependencies import DependenciesPage
from .detail import Detail
from .empty import Reason, copy_lines, explain
from .head import ToolRow
from .lists import ListPage
from .session import Session
from .timeline_page import SPANS, WAYS, TimelinePage
from .ways import Ways
from .workers_view import READ_ONLY, WorkersList

NARROW = 900  # pixels at normal text size: the details go below
NARROWEST = 520
LOW = 380  # pixels of height below which the workers have no room under the tasks
KEPT_TIMELINE = "scheduler.timeline"
LATER = 120  # milliseconds a row has to be selected before its details are read


class SchedulerPanel(QWidget):
    """One application's scheduler.

    Args:
        theme: where its colours come from.
        session: what is known of it.
        actions: changes it.
        layout: keeps columns and how often is read.
        site: tells the site folder.
        load: tells processor and memory of a worker's process, "" when not known.
        kill_process: ends a worker's process if it is ours.

    Signals:
        application_wanted(str): another application's scheduler.
        link_wanted(str, dict): kind and data of a link.
        start_wanted(str): a worker of this application is to be started.
    """

    title = "Scheduler"
    application_wanted = Signal(str)
    link_wanted = Signal(str, dict)
    start_wanted = Signal(str)

    def __init__(
        self,
        theme: Theme,
        session: Session,
        actions: SchedulerActions,
        layout: Layout,
        site: Callable[[], Path],
        load: Callable[[int], str],
        kill_process: Callable[[str], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("scheduler")
        self.setAccessibleName("Scheduler")
        self.setMinimumWidth(NARROWEST)
        self._theme, self._session, self._actions, self._layout = theme, session, actions, layout
        self._site, self._load = site, load
        self.sheet: QDialog | None = None
        self.choosable = True
        """Is the application chosen here?  Not while the scope of the window names one."""
        self._wanted: tuple[str, int] | None = None
        self._later = QTimer(self, singleShot=True, interval=LATER)
        self._later.setObjectName("scheduler-selection")
        self._later.timeout.connect(self._show_chosen)
        self._build()
        self.commands = Commands(theme, self, actions, session, kill_process)
        self._connect()
        self._add_keys()
        kept = layout.load_text("scheduler.interval", "3")
        self.tools.interval.set_value(kept)
        session.set_interval(int(self.tools.interval.value()))
        seconds, _, by = layout.load_text(KEPT_TIMELINE).partition(" ")
        if seconds in dict(SPANS) and by in dict(WAYS):
            session.timeline_span, session.timeline_by = int(seconds), by
        theme.changed.connect(self._fit)
        self._on_changed("place")

    # building

    def _build(self) -> None:
        theme = self._theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tools = ToolRow(theme)
        column.addWidget(self.tools)
        column.addWidget(hairline())
        self.reason = Reason(theme)
        self.lists = ListPage(theme, self._session, self._layout, self._load)
        self.workers = WorkersList(theme, True, self._load)
        self.dependencies = DependenciesPage(theme)
        self.timeline = TimelinePage(theme)
        self.pages = QStackedWidget()
        for page in (self.lists, self.workers, self.dependencies, self.timeline):
            self.pages.addWidget(page)
        self.ways = Ways(self, self._session, self._site)
        self.detail = Detail(theme, self.ways.place_of_function, self._actions.quiet)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("scheduler.splitter")
        self.splitter.setAccessibleName("Width of the details")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.pages)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([720, 340])
        self.splitter.handle(1).setAccessibleName("Edge of the details")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.splitter)
        self.stack.addWidget(self.reason)
        column.addWidget(self.stack, 1)
        self.tools.show_tab("tasks")

    def _connect(self) -> None:
        session, tools, lists, commands = self._session, self.tools, self.lists, self.commands
        tools.tab_chosen.connect(self.show_tab)
        tools.application_chosen.connect(self.application_wanted)
        tools.interval_chosen.connect(self._on_interval)
        tools.editing_switched.connect(session.set_editing)
        lists.filter.state_pressed.connect(self._on_state)
        lists.filter.text_settled.connect(lambda text: session.set_wish(text=text))
        lists.filter.act_wanted.connect(commands.open_act_menu)
        lists.filter.queue_wanted.connect(commands.queue)
        lists.chosen.connect(self._later.start)
        lists.hints.pressed.connect(self._on_hint)
        lists.empty.pressed.connect(self._on_reason)
        for table in lists.tables.values():
            table.activated.connect(self._on_activated)
        lists.tables[False].customContextMenuRequested.connect(commands.open_task_menu)
        for workers in (lists.workers, self.workers):
            workers.order.connect(commands.order_worker)
            workers.opened.connect(self.show_task)
            workers.start_wanted.connect(lambda: self.start_wanted.emit(session.application))
        self.dependencies.job_chosen.connect(session.set_job)
        self.dependencies.opened.connect(self.show_task)
        self.dependencies.graph.chosen.connect(self._show_node)
        self.timeline.wanted.connect(self._on_timeline)
        self.timeline.chosen.connect(self._show_bar)
        self.timeline.opened.connect(self.show_run)
        self.reason.pressed.connect(self._on_reason)
        self.detail.order.connect(self._on_detail_order)
        self.detail.run_opened.connect(self.show_run)
        self.detail.followed.connect(self.ways.follow)
        session.changed.connect(self._on_changed)
        self._actions.queued.connect(self._on_queued)

    def _add_keys(self) -> None:
        handlers: tuple[tuple[QWidget, str, str, Callable[[], object]], ...] = (
            (self, "F5", "Read the tasks again", self.refresh),
            (self, "F8", "Next problem", lambda: self.step_to_problem(1)),
            (self, "Shift+F8", "Previous problem", lambda: self.step_to_problem(-1)),
            (self, "Ctrl+E", "Open the function of the task", self.ways.open_definition),
            (self.lists.tables[False], "R", "Run the task again", lambda: self.commands.give("run again")),
            (self.lists.tables[False], "Del", "Delete the task", lambda: self.commands.give("delete")),
            (self.lists.tables[False], "F2", "Edit the task", self.commands.edit),
        )
        for widget, keys, words, handler in handlers:
            add_key(widget, keys, words, handler, inside=widget is self)

    # what tests and commands ask

    def state(self) -> str:
        """One of: loading, rows, none yet, none match, not possible now."""
        if self._session.problem is not None or self._session.database is None:
            names = self._session.schedulers.names
            waiting = self._session.application and self._session.problem is None
            return "loading" if waiting or names is None else "not possible now"
        listing = self._session.listing()
        if not listing.loaded:
            return "loading"
        if listing.rows:
            return "rows"
        return "none match" if listing.is_filtered() else "none yet"

    def row_count(self) -> int:
        """Rows shown."""
        return self.lists.model.rowCount()

    def visible_filter(self) -> str:
        """Text of the filter."""
        return self.lists.filter.text.text()

    def focus_filter(self) -> None:
        """Puts the cursor into the filter."""
        self.lists.filter.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.lists.filter.text.selectAll()

    # tabs and rows

    def refresh(self) -> None:
        """Reads everything again from the beginning (F5)."""
        if self._session.problem is not None:
            self._session.try_again()
        else:
            self._session.reload()

    def show_tab(self, tab: str) -> None:
        """Shows ``tasks``, ``runs``, ``workers``, ``dependencies`` or ``timeline``."""
        self.tools.show_tab(tab)
        self.pages.setCurrentWidget(
            {"workers": self.workers, "dependencies": self.dependencies, "timeline": self.timeline}.get(
                tab, self.lists
            )
        )
        self.detail.setVisible(tab != "workers")
        self._session.set_tab(tab)
        if tab == "dependencies":
            self._show_node(self.dependencies.graph.current)
        if tab == "timeline":
            self._show_timeline()
            self._show_bar(self.timeline.view.run_number(self.timeline.view.current))
        if tab in ("tasks", "runs"):
            self.lists.show_tab()
            self._on_changed("runs" if tab == "runs" else "tasks")
            self._show_chosen()
        self._show_act()

    def show_task(self, task_id: int) -> None:
        """Shows one task, from wherever it is named."""
        self._wanted = ("task", task_id)
        self.show_tab("tasks")
        self._take_wanted()

    def show_run(self, run_id: int) -> None:
        """Shows one run, from wherever it is named."""
        self._wanted = ("run", run_id)
        self.show_tab("runs")
        self._take_wanted()

    def show_runs_of(self, task_id: int) -> None:
        """Lists the runs of one task."""
        self.show_tab("runs")
        self._session.set_wish(text=f"id:{task_id}", chosen=())

    def _take_wanted(self) -> None:
        """Selects what a link named; a task that the filter leaves out is shown in the details alone."""
        if self._wanted is None or self._session.database is None:
            return
        kind, number = self._wanted
        if not self._session.listing().loaded:
            return
        self._wanted = None
        if not self.lists.choose(number):
            self.lists.table.clearSelection()
        self._later.stop()
        if kind == "task":
            self._session.choose_run(0)
            self._session.choose_task(number)
        else:
            self._session.choose_task(0)
            self._session.choose_run(number)

    def _show_chosen(self) -> None:
        """The details of what is selected."""
        self._later.stop()
        tasks, runs = self.lists.chosen_tasks(), self.lists.chosen_runs()
        self._show_act()
        if tasks and self._session.tab == "tasks":
            self._session.choose_run(0)
            self._session.choose_task(tasks[0].id)
        elif runs and self._session.tab == "runs":
            self._session.choose_task(0)
            self._session.choose_run(runs[0].id)

    def _show_node(self, task_id: int) -> None:
        """The details of the task that has the focus in the picture."""
        self._session.choose_run(0)
        self._session.choose_task(task_id)

    def _show_bar(self, run_id: int) -> None:
        """The details of the run that was chosen in the timeline."""
        self._session.choose_task(0)
        self._session.choose_run(run_id)

    def _show_timeline(self) -> None:
        self.timeline.show_choice(self._session.timeline_span, self._session.timeline_by)
        self.timeline.show_timeline(self._session.timeline)

    def _on_timeline(self, seconds: int, by: str) -> None:
        self._layout.save_text(KEPT_TIMELINE, f"{seconds} {by}")
        self._session.set_timeline(seconds, by)

    def step_to_problem(self, step: int) -> None:
        """Selects the next or previous row that failed (F8)."""
        if self._session.tab == "timeline":
            self.timeline.view.step_to_failure(step)
            return
        rows = self.lists.model.rows()
        chosen = self.lists.table.selectionModel().selectedRows()
        at = chosen[0].row() if chosen else (-1 if step > 0 else len(rows))
        places = range(at + step, len(rows) if step > 0 else -1, step)
        for place in places:
            status = rows[place].status
            if status in ("FAILED", "TIMEOUT") or getattr(rows[place], "times_failed", 0) > 0:
                self.lists.choose(rows[place].id)
                return

    def _on_activated(self) -> None:
        self._show_chosen()
        self.detail.setFocus(Qt.FocusReason.OtherFocusReason)

    # what changed

    def refresh_place(self) -> None:
        """The applications with a scheduler are others, or the scope is."""
        self._show_place()

    def _on_changed(self, part: str) -> None:
        session = self._session
        if part == "place":
            self._show_place()
        elif part in ("tasks", "runs") and part == session.tab:
            self._show_rows()
        elif part == "counts":
            self.lists.filter.show_listing(session.listing())
            self._show_act()
        elif part == "workers":
            self._show_workers()
        elif part == "hints":
            self.lists.hints.show_hints(session.hints)
        elif part in ("detail", "run"):
            self._show_detail()
        elif part == "jobs":
            self.dependencies.show_jobs(session.jobs, session.job)
            if session.tab == "dependencies":
                self._show_node(self.dependencies.graph.current)
        elif part == "timeline":
            self._show_timeline()
        elif part == "figures" and session.tab == "runs":
            self.lists.figures.show_figures(session.figures)
        elif part == "editing":
            self._show_editing()

    def _show_place(self) -> None:
        session = self._session
        self.tools.show_places(
            session.schedulers.names or (), session.application, session.database, self.choosable
        )
        empty = explain(self.reason, session)
        self.stack.setCurrentWidget(self.reason if empty else self.splitter)
        self._show_editing()
        if session.database is None:
            self.detail.clear()
            self.lists.hints.show_hints([])
        for tab in self.tools.tabs.values():
            tab.setEnabled(session.database is not None)

    def _show_rows(self) -> None:
        utc = self._session.database.utc if self._session.database is not None else False
        self.lists.show_list(utc)
        self._show_act()
        if self._wanted is not None:
            self._take_wanted()
        elif not self._session.task_id and not self._session.run_id and self.lists.model.rowCount():
            self.lists.table.choose(0)
            self._show_chosen()

    def _show_act(self) -> None:
        self.lists.filter.show_act(*self.commands.act_words())

    def _show_workers(self) -> None:
        views = self._session.workers()
        reason = "" if self._session.editing else READ_ONLY
        self.lists.workers.show_workers(views, reason)
        self.workers.show_workers(views, reason)
        self.tools.tabs["workers"].set_badge(len(views))

    def _show_editing(self) -> None:
        session = self._session
        self.tools.show_editing(session.editing, session.database is not None)
        reason = self.commands.reason()
        self.lists.filter.queue.setEnabled(not reason)
        self.lists.filter.queue.setToolTip(reason)
        self._show_workers()
        self._show_detail()

    def _show_detail(self) -> None:
        session, detail = self._session, self.detail
        place = f"{session.application}/{session.database.name}" if session.database is not None else ""
        utc = session.database.utc if session.database is not None else False
        if not session.task_id and not session.run_id:
            detail.clear()
            return
        detail.show_ticket("")
        if session.task_id and session.detail is not None:
            detail.show_about_task()
            detail.show_task(session.detail, session.times, place, session.editing, utc, session.stop_asked())
            detail.show_run(session.texts, False, place, utc)
        elif session.run_id and session.texts is not None:
            detail.show_run(session.texts, True, place, utc)
            self.ways.look_for_ticket()

    # what a person does

    def _on_interval(self, seconds: int) -> None:
        self._layout.save_text("scheduler.interval", str(seconds))
        self._session.set_interval(seconds)

    def _on_state(self, state: str) -> None:
        self._session.set_wish(chosen=self._session.listing().wish.with_state(state))
        self.lists.filter.show_listing(self._session.listing())

    def _on_hint(self, hint: Hint) -> None:
        if hint.kind == "no worker":
            self.start_wanted.emit(self._session.application)
        elif hint.kind == "size":
            self.commands.clean_up()
        elif hint.task_id:
            self.show_task(hint.task_id)
        else:
            self._session.set_wish(chosen=("late",))

    def _on_reason(self, order: str) -> None:
        if order == "clear":
            self._session.set_wish(text="", chosen=())
        elif order == "queue":
            self.commands.queue()
        elif order == "copy":
            copy_lines()
        elif order == "start":
            self.start_wanted.emit(self._session.application)
        elif order == "problem":
            problem = self._session.problem
            if problem is not None and problem.file:
                self.ways.open_file(problem.file, problem.line)
        else:
            self._session.schedulers.look()
            self._session.try_again()

    def _on_detail_order(self, order: str) -> None:
        if order == "more":
            self.commands.open_detail_menu()
        else:
            self.commands.give_to_shown(order)

    def _on_queued(self, task_id: int) -> None:
        self._wanted = ("task", task_id)

    # being seen

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._session.schedulers.names is None:
            self._session.schedulers.look()
        self._session.set_shown(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.set_shown(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Puts the details below where the width is little, and leaves out what has no room."""
        scale = max(1.0, self._theme.line_height() / 17)
        width = self.width() / scale
        wanted = Qt.Orientation.Vertical if width < NARROW else Qt.Orientation.Horizontal
        if self.splitter.orientation() != wanted:
            self.splitter.setOrientation(wanted)
            self.splitter.setSizes([320, 240] if wanted == Qt.Orientation.Vertical else [720, 340])
        self.lists.set_low(self.height() / scale < LOW * (2 if wanted == Qt.Orientation.Vertical else 1))
        self.tools.set_narrow(width < 700)
