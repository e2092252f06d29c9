"""The tab Timeline: how far back, by worker or function, the picture (SC-14)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted, number
from desktop.theme import Theme
from desktop.widgets.cards import EmptyState
from desktop.widgets.fields import Choice
from desktop.widgets.labels import CutLabel

from .timeline_view import TimelineView
from .words import span

SPANS = (("3600", "Last hour"), ("86400", "Last 24 hours"), ("604800", "Last 7 days"))
WAYS = (("worker", "By worker"), ("function", "By function"))


class TimelinePage(QWidget):
    """Runs over time.

    Signals:
        wanted(int, str): another span, in seconds, or other lanes, ``worker`` or ``function``.
        chosen(int), opened(int): number of a run.
    """

    wanted = Signal(int, str)
    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setProperty("page", True)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 10, 16, 8)
        row.setSpacing(10)
        self.span = Choice(theme, "How far back", SPANS)
        self.span.setObjectName("scheduler.timeline.span")
        self.way = Choice(theme, "A lane for each", WAYS)
        self.way.setObjectName("scheduler.timeline.by")
        self.said = CutLabel("secondary")
        self.said.setObjectName("scheduler.timeline.words")
        for choice in (self.span, self.way):
            choice.setMaximumWidth(170)
            choice.chosen.connect(self._on_choice)
            row.addWidget(choice)
        row.addWidget(self.said, 1)
        column.addWidget(head)
        self.view = TimelineView(theme)
        self.view.chosen.connect(self.chosen)
        self.view.opened.connect(self.opened)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Runs over time")
        scroll.setWidget(self.view)
        self.empty = EmptyState(theme, "scheduler", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(self.empty)
        column.addWidget(self._stack, 1)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        for choice in (self.span, self.way):
            choice.setFixedHeight(self._theme.size("input") - 4)

    def show_choice(self, seconds: int, by: str) -> None:
        """What is chosen above."""
        self.span.set_value(str(seconds))
        self.way.set_value(by)

    def show_timeline(self, found: dict[str, Any] | None) -> None:
        """Shows a `Timeline`; None while nothing is known yet."""
        lanes = found["lanes"] if found is not None else []
        self._stack.setCurrentIndex(0 if lanes else 1)
        period = dict(SPANS)[self.span.value()].lower()
        self.empty.words.setText(
            f"Nothing has run in the {period}. Runs that return nothing leave no row when they end."
            if found is not None
            else "Reading runs…"
        )
        if found is None:
            self.said.set_text("")
            return
        self.view.show_timeline(found)
        total = sum(lane["runs"] for lane in lanes)
        failed = sum(lane["failed"] for lane in lanes)
        words = f"{counted(total, 'run')}, {number(failed)} failed" if lanes else ""
        if found["more_lanes"]:
            words += f"; {found['more_lanes']} more {found['by']}s are not shown"
        if not found["complete"]:
            words += f"; only the latest, of {span(found['until'] - found['since'])}"
        self.said.set_text(words)

    def _on_choice(self, _value: str) -> None:
        self.wanted.emit(int(self.span.value()), self.way.value())
