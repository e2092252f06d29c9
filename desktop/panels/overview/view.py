"""The panel Overview: state, figures, latest requests, workers."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.processes.state import Metrics, Phase
from desktop.processes.workers import Workers
from desktop.shell.actions import Actions
from desktop.shell.preferences import Layout
from desktop.shell.supervisor import Supervisor
from desktop.theme import Theme
from desktop.theme.style import GRIP
from desktop.widgets.cards import Card
from desktop.widgets.charts import FigureView, Sparkline
from desktop.widgets.fields import FaultLine
from desktop.widgets.labels import label

from .actions import ServerActions
from .address import AddressForm
from .cron import CronCard, CronJobs
from .hero import ServerCard
from .model import WINDOW_SECONDS, ServerView, figures_of, load_words, points_of, queue_hint, words_of_series
from .requests import RequestsCard
from .workers import WorkersCard

RUNNING = frozenset({Phase.SERVING, Phase.ADOPTED, Phase.DRAINING})
ROOM_FOR_ALL = 840  # pixels of content from which nothing has to give way


class FiguresCard(Card):
    """The live strip: five figures and the line of the last 15 minutes (SV-11)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("overview.figures", parent)
        self._narrow = False
        row = QHBoxLayout()
        row.setContentsMargins(16, 14, 16, 12)
        row.setSpacing(14)
        self.figures = [FigureView(theme) for _ in range(5)]
        for at, figure in enumerate(self.figures):
            figure.setObjectName(f"overview.figures.{at}")
            row.addWidget(figure)
            self._edge = _line()
            row.addWidget(self._edge)
        self._why = label("No figures while the server does not run.", "secondary", wrap=True)
        self.chart = QWidget()
        column = QVBoxLayout(self.chart)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.line = Sparkline(theme)
        self.line.setObjectName("overview.figures.line")
        column.addWidget(self.line, 1)
        legend = QHBoxLayout()
        legend.addWidget(label("15 min ago", "small"))
        legend.addStretch(1)
        self._peak = label("", "small")
        legend.addWidget(self._peak)
        legend.addStretch(1)
        legend.addWidget(label("now", "small"))
        column.addLayout(legend)
        row.addWidget(self.chart, 1)
        row.addWidget(self._why, 1)
        self.body.addLayout(row)
        self.load = label("", "small")
        self.queue = FaultLine(theme)
        for line in (self.load, self.queue):
            line.setContentsMargins(16, 0, 16, 10)
            line.hide()
            self.body.addWidget(line)

    def show_metrics(self, metrics: Metrics | None, running: bool) -> None:
        """Fills figures and line; unknown ones are dashes."""
        for view, figure in zip(self.figures, figures_of(metrics, running), strict=True):
            view.show_figure(figure, self._narrow)
        load = load_words(metrics, running)
        self.load.setText(load)
        self.load.setVisible(bool(load))
        self.queue.say(queue_hint(metrics, running), "hint")
        self.chart.setVisible(running and not self._narrow)
        self._why.setVisible(not running)
        self._edge.setVisible(not running or not self._narrow)
        if not running or metrics is None:
            return
        now = time.time()
        words = words_of_series(metrics.series)
        self.line.show_series(
            points_of(metrics.series, now), (now - WINDOW_SECONDS, now), f"Last 15 minutes: {words}"
        )
        self._peak.setText(words)

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out the line and shortens the captions."""
        self._narrow = narrow


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("line", True)
    line.setFixedWidth(1)
    return line


class OverviewPanel(QScrollArea):
    """Everything about the server on one page; scrolls where the window is low."""

    title = "Overview"

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        server: ServerActions,
        supervisor: Supervisor,
        layout: Layout,
        workers: Workers,
        cron: CronJobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("overview")
        self.setAccessibleName("Overview")
        self._theme, self._server, self._supervisor = theme, server, supervisor
        self._metrics: Metrics | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("page", True)
        self._column = QVBoxLayout(page)
        self._column.setSpacing(12)
        self.form = AddressForm(theme, supervisor, layout)
        self.card = ServerCard(theme, actions, self.form)
        self.figures = FiguresCard(theme)
        self.requests = RequestsCard(theme)
        self._column.addWidget(self.card)
        self._column.addWidget(self.figures)
        self.workers = WorkersCard(theme, workers)
        self.cron = CronCard(theme, cron)
        self._workers, self._cron = workers, cron
        self._column.addWidget(self.requests, 1)
        self._column.addWidget(self.workers)
        self._column.addWidget(self.cron)
        self.setWidget(page)
        self._reveal = QTimer(self, singleShot=True, interval=0)
        self._reveal.timeout.connect(self._show_wanted)
        self._wanted: QWidget | None = None
        self.card.shown.connect(self._want)
        server.view_changed.connect(self.show_server)
        server.port_wanted.connect(self._on_port_wanted)
        server.log_wanted.connect(self._on_log_wanted)
        supervisor.metrics_changed.connect(self._on_metrics)
        theme.changed.connect(self._fit)
        self._set_narrow(False)
        self.show_server(server.view)

    # what tests ask

    def state(self) -> str:
        """The server's phase."""
        return str(self._supervisor.state.phase)

    def row_count(self) -> int:
        """Requests shown."""
        return self.requests.row_count()

    def visible_filter(self) -> str:
        """Text of the filter."""
        return self.requests.filter.text()

    def focus_filter(self) -> None:
        """Puts the cursor into the filter."""
        self.requests.filter.setFocus()

    # showing

    def show_server(self, view: ServerView) -> None:
        """Brings the page in line with the server."""
        self.card.show_server(view, self._supervisor.state)
        self.cron.show_mode(self._supervisor.state.cron)
        self._show_metrics()

    def _on_metrics(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._show_metrics()

    def _show_metrics(self) -> None:
        running = self._supervisor.state.phase in RUNNING
        self.figures.show_metrics(self._metrics, running)
        self.requests.show_lines(self._metrics.latest if self._metrics else (), running)

    def _on_port_wanted(self) -> None:
        self.card.choose_port()

    def _on_log_wanted(self) -> None:
        self.card.open_log()
        self._want(self.card.log)

    def _want(self, widget: QWidget) -> None:
        self._wanted = widget
        self._reveal.start()

    def _show_wanted(self) -> None:
        if self._wanted is not None:
            self.ensureWidgetVisible(self._wanted, 0, 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Lets parts give way where the window is narrow, or the letters large."""
        narrow = self.width() < ROOM_FOR_ALL * max(1.0, self._theme.line_height() / 17)
        if narrow != self._narrow:
            self._set_narrow(narrow)

    def _set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        margin = 12 if narrow else 20
        beside_grip = margin - GRIP + 1
        self._column.setContentsMargins(beside_grip, 12 if narrow else 16, margin, margin)
        for part in (self.card, self.form, self.figures, self.requests, self.workers, self.cron):
            part.set_narrow(narrow)
        self.show_server(self._server.view)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._server.set_ticking(True)
        self._supervisor.set_polling(True)
        self._workers.set_watched("overview", True)
        self._cron.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._server.set_ticking(False)
        self._supervisor.set_polling(False)
        self._workers.set_watched("overview", False)
        self._cron.set_watched(False)
