"""The details pane: a task with its output, plan and runs, or one run (SC-05, SC-06)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.processes.worker_state import short_worker
from desktop.theme import Theme
from desktop.widgets.bars import Bar, Bars
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.marks import StateMark
from runtime.admin.scheduler.entries import RunEntry, RunTexts, TaskDetail
from runtime.admin.scheduler.orders import reason_against
from runtime.admin.scheduler.plans import words_of
from runtime.admin.scheduler.related import place_of, short_place

from .output import OutputBox
from .table import mark_of
from .value_box import ValueBox, arguments_text
from .words import STATE_WORDS, day_or_time, exact, moment_words, span

RUNS_LISTED = 5
STOP_PATIENCE = 10.0  # seconds after which a run that was told to stop does not answer
READ_ONLY = "Rows are read-only here: switch Editing on first."


class RunLine(QWidget):
    """One of the latest runs: state, start, duration, what it failed with.

    Signals:
        opened(int): its number.
    """

    opened = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._id = theme, 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(6)
        self._mark = StateMark(theme)
        self.state = Link(theme)
        self.state.opened.connect(lambda _target: self.opened.emit(self._id))
        self._when, self._took = label("", ""), label("", "secondary")
        row.addWidget(self._mark)
        row.addWidget(self.state)
        row.addStretch(1)
        row.addWidget(self._when)
        row.addSpacing(10)
        row.addWidget(self._took)

    def show_run(self, run: RunEntry, now: float, utc: bool) -> None:
        """Everything the list says of a run."""
        self._id = run.id
        state = run.status.lower()
        words = STATE_WORDS.get(state, run.status)
        shape, tint = mark_of(self._theme, state)
        self._mark.show_state(shape, tint.split(".")[1], words)
        self.state.show_link(words, str(run.id))
        self.state.setAccessibleName(f"Run {run.id}, {words}")
        self._when.setText(day_or_time(run.start, now) if run.start else "")
        self._when.setToolTip(exact(run.start, utc))
        took = run.seconds if run.stop is not None else (now - run.start if run.start else None)
        self._took.setText(span(took))


class Facts(QWidget):
    """Names and values below each other; some values are links.

    Signals:
        followed(str): the name of a fact whose link was pressed.
    """

    followed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnMinimumWidth(0, 84)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QLabel, QLabel, Link]] = {}

    def show_facts(self, facts: Sequence[tuple[str, str, str, bool]]) -> None:
        """Sets name, value, tooltip and whether it is a link; names that are missing are hidden."""
        for name, value, tip, is_link in facts:
            if name not in self._rows:
                self._add(name)
            head, text, link = self._rows[name]
            head.setVisible(bool(value))
            text.setVisible(bool(value) and not is_link)
            link.setVisible(bool(value) and is_link)
            text.setText(value)
            text.setToolTip(tip)
            link.show_link(value, name)
            link.setToolTip(tip or value)
            link.setAccessibleName(f"{name}: {value}")
            text.setAccessibleName(f"{name}: {value}")
        given = {name for name, *_ in facts}
        for name, row in self._rows.items():
            if name not in given:
                for widget in row:
                    widget.hide()

    def _add(self, name: str) -> None:
        at = len(self._rows)
        head, text, link = label(name, "secondary"), label("", "medium", wrap=True), Link(self._theme)
        for part in (head, text):
            part.setMinimumHeight(link.sizeHint().height())
        text.setContentsMargins(3, 0, 0, 0)  # as a link has
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        link.opened.connect(self.followed)
        self._grid.addWidget(head, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, at, 1)
        self._grid.addWidget(link, at, 1, Qt.AlignmentFlag.AlignLeft)
        self._rows[name] = (head, text, link)

    def texts(self) -> dict[str, str]:
        """What is shown, by name."""
        return {
            name: (text.text() if text.isVisibleTo(self) else link.text())
            for name, (head, text, link) in self._rows.items()
            if head.isVisibleTo(self)
        }


class Detail(QScrollArea):
    """What is known about the task or run that is selected.

    Args:
        theme: where its colours come from.
        place_of_function: tells file and line of a function by its name.
        tasks: where large values are taken apart.

    Signals:
        order(str): an order to the task, ``edit``, ``more`` or ``show task``.
        run_opened(int): a run is wanted.
        followed(str, object): ``worker``, ``file``, ``task``, ``runs``, ``log`` or ``ticket``, and its data.
    """

    order = Signal(str)
    run_opened = Signal(int)
    followed = Signal(str, object)

    def __init__(
        self,
        theme: Theme,
        place_of_function: Callable[[str], tuple[str, int]],
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._place_of_function, self._tasks = theme, place_of_function, tasks
        self.detail: TaskDetail | None = None
        self.texts: RunTexts | None = None
        self.ticket = ""
        self._now = 0.0
        self.setObjectName("scheduler.detail")
        self.setAccessibleName("Details")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self._page.setProperty("page", True)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(16, 14, 12, 14)
        self._column.setSpacing(10)
        self._build_head()
        self._build_texts()
        self._line()
        self.facts, self.run_facts = Facts(theme), Facts(theme)
        for facts in (self.facts, self.run_facts):
            facts.followed.connect(self._on_fact)
            self._column.addWidget(facts)
        self._runs_line = self._line()
        self._build_runs()
        self._column.addStretch(1)
        self.setWidget(self._page)
        theme.changed.connect(self._measure)
        self._measure()
        self.clear()

    def _measure(self) -> None:
        """Never so narrow that something is cut off beside a scroll bar."""
        buttons = self.stop.sizeHint().width() + self.again.sizeHint().width()
        self.setMinimumWidth(max(300, buttons + 110))

    # building

    def _line(self) -> QFrame:
        line = hairline()
        self._column.addWidget(line)
        return line

    def _build_head(self) -> None:
        top = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = CutLabel("title")
        self.title.setObjectName("scheduler.detail.title")
        self.about = CutLabel("small")
        words.addWidget(self.title)
        words.addWidget(self.about)
        top.addLayout(words, 1)
        self.more = IconButton(self._theme, "more", "More orders to this task")
        self.more.setObjectName("scheduler.detail.more")
        self.more.clicked.connect(lambda: self.order.emit("more"))
        top.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(top)
        row = QHBoxLayout()
        row.setSpacing(2)
        self.stop = Button(self._theme, "Stop run", "secondary", "stop", small=True)
        self.stop.setObjectName("scheduler.detail.stop")
        self.stop.clicked.connect(lambda: self.order.emit("stop"))
        self.again = Button(self._theme, "Run now", "secondary", "play", small=True)
        self.again.setObjectName("scheduler.detail.run")
        self.again.clicked.connect(lambda: self.order.emit(self._again_order()))
        self.mark = StateMark(self._theme)
        self.state = CutLabel("medium")
        self.state.setObjectName("scheduler.detail.state")
        row.addWidget(self.stop)
        row.addWidget(self.again)
        row.addStretch(1)
        row.addWidget(self.mark)
        row.addSpacing(6)
        row.addWidget(self.state)
        self._column.addLayout(row)

    def _build_texts(self) -> None:
        self.output = OutputBox(self._theme, "Output", "scheduler.output")
        self.result = ValueBox(self._theme, "Result", "scheduler.result", self._tasks)
        self.traceback = OutputBox(self._theme, "Traceback", "scheduler.traceback")
        self.arguments = ValueBox(self._theme, "Arguments", "scheduler.arguments", self._tasks)
        self.place = Link(self._theme)
        self.place.setObjectName("scheduler.traceback.place")
        self.place.opened.connect(lambda _target: self._follow_place())
        self.ticket_link = Link(self._theme, "Its ticket")
        self.ticket_link.setObjectName("scheduler.ticket")
        self.ticket_link.opened.connect(lambda _target: self.followed.emit("ticket", self.ticket))
        self.log_link = Link(self._theme, "In the log")
        self.log_link.setObjectName("scheduler.log")
        self.log_link.opened.connect(lambda _target: self._follow_log())
        for widget in (self.output, self.result, self.traceback):
            self._column.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.place)
        row.addWidget(self.ticket_link)
        row.addWidget(self.log_link)
        row.addStretch(1)
        self._column.addLayout(row)
        self._column.addWidget(self.arguments)

    def _build_runs(self) -> None:
        row = QHBoxLayout()
        self._runs_head = label("Runs", "small")
        row.addWidget(self._runs_head)
        row.addStretch(1)
        self.all_runs = Link(self._theme)
        self.all_runs.setObjectName("scheduler.detail.runs")
        self.all_runs.opened.connect(lambda _target: self.followed.emit("runs", self._task_id()))
        row.addWidget(self.all_runs)
        self._column.addLayout(row)
        self.bars = Bars(self._theme)
        self.bars.pressed.connect(self._on_bar)
        self._column.addWidget(self.bars)
        self.lines = [RunLine(self._theme) for _ in range(RUNS_LISTED)]
        for line in self.lines:
            line.opened.connect(self.run_opened)
            self._column.addWidget(line)

    # showing

    def clear(self) -> None:
        """Nothing is selected."""
        self.detail, self.texts, self.ticket = None, None, ""
        self._page.setVisible(False)

    def show_task(
        self,
        detail: TaskDetail,
        times: Sequence[float],
        place: str,
        editing: bool,
        utc: bool,
        asked: float | None = None,
    ) -> None:
        """A task; `place` says where it is kept, `asked` how long ago its run was told to stop."""
        self._page.setVisible(True)
        self.detail, self._now = detail, time.time()
        task = detail.task
        self.title.set_text(task.name)
        self.about.set_text(f"task {task.id} in {place}")
        self.about.setToolTip(f"uuid {task.uuid}")
        self._show_orders(editing, asked)
        self._show_facts(detail, times, utc)
        self._show_runs(detail, utc)

    def _show_orders(self, editing: bool, asked: float | None) -> None:
        assert self.detail is not None
        task = self.detail.task
        state = "blocked" if task.blocked else task.state
        words = STATE_WORDS.get(state, task.status)
        running = next((run for run in self.detail.runs if run.status == "RUNNING"), None)
        if running is not None and running.start is not None:
            words = span(self._now - running.start)
        shape, tint = mark_of(self._theme, state)
        status = tint.split(".")[1]
        if asked is not None and running is not None:
            late = asked > STOP_PATIENCE
            words = "does not answer" if late else "stopping"
            shape, status = ("mark-disc-bang", "problem") if late else ("mark-ring-dot", "changing")
        self.mark.show_state(shape, status, words)
        self.state.set_text(words)
        self.state.setToolTip(f"asked {span(asked)} ago" if asked is not None else "")
        order = self._again_order()
        self.again.set_face("Run again" if order == "run again" else "Run now", "secondary", "play")
        for button, wanted in ((self.stop, "stop"), (self.again, order)):
            reason = reason_against(wanted, task.state) if editing else READ_ONLY
            button.setEnabled(not reason)
            button.setToolTip(reason)
        self.again.setVisible(task.state not in ("running", "assigned"))
        self.stop.set_face("Stop run" if running is not None else "Stop", "secondary", "stop")

    def _again_order(self) -> str:
        if self.detail is None:
            return "run now"
        return "run now" if reason_against("run again", self.detail.task.state) else "run again"

    def _show_facts(self, detail: TaskDetail, times: Sequence[float], utc: bool) -> None:
        task = detail.task
        self.arguments.show_value(arguments_text(detail.args, detail.vars))
        file, line = self._place_of_function(task.function)
        retries = {0: "no retries", -1: "retried for ever"}.get(
            detail.retry_failed, f"{detail.retry_failed} retries"
        )
        waits = ", ".join(name or f"task {id}" for id, name, _ in detail.parents)
        shown = ", ".join(moment_words(moment, self._now) for moment in times)
        self.facts.show_facts(
            [
                ("Schedule", words_of(task.period, task.repeats, task.times_run, task.cronline), "", False),
                ("Next times", shown, "\n".join(exact(moment, utc) for moment in times), False),
                ("Waits for", waits, "", False),
                ("Ends", moment_words(detail.stop_time, self._now) if detail.stop_time else "",
                 exact(detail.stop_time, utc), False),
                ("Timeout", f"{detail.timeout} s, {retries}", "", False),
                ("Group", task.group, "", False),
                ("Worker", short_worker(task.worker), task.worker, True),
                ("Function", task.function, "", False),
                ("Defined in", f"{file}:{line}" if file else "", "", True),
            ]
        )  # fmt: skip

    def _show_runs(self, detail: TaskDetail, utc: bool) -> None:
        shown = bool(detail.runs)
        for widget in (self._runs_head, self.all_runs, self.bars, self._runs_line):
            widget.setVisible(shown)
        self._runs_head.setText("Runs")
        self.all_runs.show_link(f"All {detail.run_count}", "runs")
        bars = []
        for run in reversed(detail.runs):
            took = run.seconds if run.seconds is not None else self._now - (run.start or self._now)
            bad = run.status in ("FAILED", "TIMEOUT")
            value = max(took, 0.3)
            words = (
                f"{STATE_WORDS.get(run.status.lower(), run.status)}, {exact(run.start, utc)}, {span(took)}"
            )
            bars.append(Bar(value, value if bad else 0.0, words))
        failed = sum(run.status in ("FAILED", "TIMEOUT") for run in detail.runs)
        self.bars.show_bars(bars, f"Latest {len(bars)} runs, {failed} failed")
        for at, line in enumerate(self.lines):
            line.setVisible(at < len(detail.runs))
            if at < len(detail.runs):
                line.show_run(detail.runs[at], self._now, utc)

    def show_run(self, texts: RunTexts | None, chosen: bool, place: str, utc: bool) -> None:
        """A run: its texts; with `chosen` it is what the pane is about, else its task is."""
        self.texts = texts
        self.place.hide()
        self.ticket_link.setVisible(bool(self.ticket))
        self.log_link.setVisible(texts is not None and bool(texts.run.worker and texts.run.start))
        if texts is None:
            for box in (self.output, self.result, self.traceback):
                box.setVisible(False)
            return
        self._page.setVisible(True)
        running = texts.run.status == "RUNNING"
        note = ""
        if running:
            note = "growing" if texts.sync_output else "comes at the end"
        elif texts.output_size > len(texts.output):
            note = f"the last {len(texts.output)} of {texts.output_size} letters"
        self.output.show_output(texts.output, note, running, running or bool(texts.output))
        self.result.show_value(texts.result, texts.result_size)
        self.traceback.show_text(texts.traceback)
        path, line = place_of(texts.traceback, texts.run.application)
        if path:
            self.place.show_link(f"{short_place(path, texts.run.application)}:{line}", path)
            self.place.show()
        if chosen:
            self._show_run_head(texts.run, place, utc)

    def _show_run_head(self, run: RunEntry, place: str, utc: bool) -> None:
        now = time.time()
        self.detail = None
        state = run.status.lower()
        self.title.set_text(run.name or f"task {run.task_id}")
        self.about.set_text(f"run {run.id} of task {run.task_id} in {place}")
        shape, tint = mark_of(self._theme, state)
        self.mark.show_state(shape, tint.split(".")[1], state)
        self.state.set_text(STATE_WORDS.get(state, run.status))
        self.stop.setVisible(False)
        self.again.setVisible(False)
        self.more.setVisible(False)
        self.arguments.setVisible(False)
        took = run.seconds if run.stop is not None else (now - run.start if run.start else None)
        self.facts.hide()
        self.run_facts.show()
        self.run_facts.show_facts(
            [
                ("Task", run.name or f"task {run.task_id}", "", True),
                ("Function", run.function, "", False),
                ("Start", exact(run.start, utc), "", False),
                ("End", exact(run.stop, utc), "", False),
                ("Duration", span(took), "", False),
                ("Worker", short_worker(run.worker), run.worker, True),
            ]
        )
        for widget in (self._runs_head, self.all_runs, self.bars, self._runs_line, *self.lines):
            widget.setVisible(False)

    def show_about_task(self) -> None:
        """The pane is about a task again: its buttons come back."""
        for widget in (self.stop, self.more, self.facts):
            widget.setVisible(True)
        self.run_facts.hide()

    def show_ticket(self, ticket: str) -> None:
        """A ticket of the failed run was found."""
        self.ticket = ticket
        self.ticket_link.setVisible(bool(ticket))

    # following

    def _task_id(self) -> int:
        if self.detail is not None:
            return self.detail.task.id
        return self.texts.run.task_id if self.texts is not None else 0

    def _on_fact(self, name: str) -> None:
        if name == "Task":
            self.followed.emit("task", self._task_id())
        elif name == "Worker":
            self.followed.emit("worker", "")
        elif name == "Defined in" and self.detail is not None:
            self.followed.emit("definition", self._place_of_function(self.detail.task.function))

    def _follow_place(self) -> None:
        if self.texts is not None:
            self.followed.emit("file", place_of(self.texts.traceback, self.texts.run.application))

    def _follow_log(self) -> None:
        if self.texts is not None:
            self.followed.emit("log", self.texts.run)

    def _on_bar(self, at: int) -> None:
        if self.detail is not None:
            runs = list(reversed(self.detail.runs))
            if at < len(runs):
                self.run_opened.emit(runs[at].id)
