"""Runs of the last day at a glance: throughput, failures, durations by function (SC-15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted, number
from desktop.theme import Theme, paint
from desktop.widgets.bars import Bar, Bars
from desktop.widgets.base import Painted
from desktop.widgets.labels import label

from .words import span

FUNCTIONS = 4
HEADS = ("Function", "Runs", "Failed", "Median", "95 % within")


class FunctionTable(Painted):
    """The functions with most runs: numbers in columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._rows: list[tuple[str, ...]] = []
        self._failed: list[bool] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_functions(self, functions: list[dict[str, Any]]) -> None:
        """Sets the rows."""
        self._rows = [
            (
                one["function"], number(one["runs"]), number(one["failed"]),
                span(one["median"]) or "-", span(one["p95"]) or "-",
            )
            for one in functions[:FUNCTIONS]
        ]  # fmt: skip
        self._failed = [bool(one["failed"]) for one in functions[:FUNCTIONS]]
        lines = (
            ", ".join(f"{head} {value}" for head, value in zip(HEADS, row, strict=True)) for row in self._rows
        )
        self.setAccessibleName("Functions of the last day. " + ". ".join(lines))
        self.on_theme_changed()

    def _row(self) -> int:
        return self.theme.line_height() + 6

    def sizeHint(self) -> QSize:
        return QSize(420, (len(self._rows) + 1) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(260, self.sizeHint().height())

    def paintEvent(self, event: object) -> None:
        painter, color, fonts = QPainter(self), self.theme.color, self.theme.fonts
        least = paint.text_width(fonts.style("body"), "under 1 s") + 12
        widths = [max(least, paint.text_width(fonts.style("small"), head) + 12) for head in HEADS[1:]]
        first = max(80, self.width() - sum(widths))
        for at, row in enumerate([HEADS, *self._rows]):
            top, left = at * self._row(), float(first)
            font = fonts.style("small" if at == 0 else "body", 500 if at == 0 else 400)
            ink = color("text.secondary" if at == 0 else "text.primary")
            paint.text(painter, QRectF(0, top, first - 8, self._row()), row[0], font, ink)
            for column, (words, width) in enumerate(zip(row[1:], widths, strict=True)):
                bad = at > 0 and column == 1 and self._failed[at - 1]
                tone = color("status.failed.text") if bad else color("text.secondary")
                area = QRectF(left, top, width - 4, self._row())
                paint.text(painter, area, words, font, tone, Qt.AlignmentFlag.AlignRight)
                left += width


class FiguresStrip(QWidget):
    """Bars of the last day at the left, functions at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("page", True)
        self.setObjectName("scheduler.figures")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(24)
        left = QVBoxLayout()
        left.setSpacing(4)
        self.words = label("", "medium", name="scheduler.figures.words")
        left.addWidget(self.words)
        self.bars = Bars(theme, widest=24)
        self.bars.setFixedHeight(52)
        left.addWidget(self.bars)
        ends = QHBoxLayout()
        self._begin = label("", "small")
        ends.addWidget(self._begin)
        ends.addStretch(1)
        ends.addWidget(label("now", "small"))
        left.addLayout(ends)
        left.addStretch(1)
        row.addLayout(left, 3)
        self.table = FunctionTable(theme)
        row.addWidget(self.table, 4, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_figures(self, figures: dict[str, Any] | None) -> None:
        """Sets all, or hides the strip while nothing is known."""
        self.setVisible(figures is not None and any(bar[0] for bar in figures["bars"]))
        if figures is None:
            return
        total = sum(bar[0] for bar in figures["bars"])
        failed = sum(bar[1] for bar in figures["bars"])
        since, until = figures["since"], figures["until"]
        step = (until - since) / max(1, len(figures["bars"]))
        bars = []
        for at, (runs, bad) in enumerate(figures["bars"]):
            begin = datetime.fromtimestamp(since + at * step)
            words = f"{begin:%H:%M}, {counted(runs, 'run')}" + (f", {bad} failed" if bad else "")
            bars.append(Bar(float(runs), float(bad), words))
        what = "Last day" if figures["complete"] else "Latest"
        self.words.setText(f"{what}: {counted(total, 'run')}, {number(failed)} failed")
        self.bars.show_bars(bars, self.words.text())
        self._begin.setText(f"{datetime.fromtimestamp(since):%H:%M}")
        self.table.show_functions(figures["functions"])
