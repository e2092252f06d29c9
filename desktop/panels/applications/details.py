"""What is known of the selected application, and the usual orders to it (wireframe 13.2, UI-AP-23)."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.marks import StateMark

from .model import BROKEN, MARKS, OFF, Row, cell

WIDTH = 320


class Details(QScrollArea):
    """One application.

    Signals:
        order(str): what a button or link stands for: ``open``, ``turn``, ``errors`` ...
    """

    order = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row: Row | None = None
        self.setObjectName("applications.details")
        self.setAccessibleName("Selected application")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(240)
        self._inside = inside = QWidget()
        inside.setProperty("page", True)
        self.setWidget(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(10)
        head = QHBoxLayout()
        self.name = CutLabel("title")
        self.more = IconButton(theme, "more", "More orders")
        self.more.setObjectName("applications.details.more")
        head.addWidget(self.name, 1)
        head.addWidget(self.more)
        column.addLayout(head)
        state = QHBoxLayout()
        state.setSpacing(6)
        self.mark = StateMark(theme)
        self.state = label("", "secondary")
        state.addWidget(self.mark)
        state.addWidget(self.state, 1)
        column.addLayout(state)
        self.fault = label("", "fault", wrap=True)
        column.addWidget(self.fault)
        self.place = Link(theme)
        self.place.setObjectName("applications.details.fault")
        self.place.opened.connect(self.order)
        column.addWidget(self.place)
        self.note = label("", "secondary", wrap=True)
        column.addWidget(self.note)
        self._buttons = self._make_buttons(column)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        self._values: dict[str, QWidget] = {}
        for at, (key, caption) in enumerate(
            (
                ("errors", "Errors"),
                ("untranslated", "Translations"),
                ("databases", "Databases"),
                ("size", "Size"),
                ("changed", "Changed"),
                ("folder", "Folder"),
            )
        ):
            words = label(caption, "secondary")
            self._facts.addWidget(words, at, 0)
            value: QWidget = (
                Link(theme) if key in ("errors", "untranslated") else CutLabel(middle=key == "folder")
            )
            value.setObjectName(f"applications.details.{key}")
            if isinstance(value, Link):
                value.opened.connect(self.order)
                value.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            self._values[key] = value
            self._facts.addWidget(value, at, 1)
        column.addLayout(self._facts)
        self.about = label("", "secondary", wrap=True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.about)
        column.addStretch(1)
        self.more.clicked.connect(lambda: self.order.emit("more"))
        theme.changed.connect(self._measure_soon)
        self._measure_soon()

    def _measure_soon(self) -> None:
        """After the widgets inside have taken their new fonts."""
        QTimer.singleShot(0, self, self._measure)

    def _measure(self) -> None:
        """Never narrower than its buttons, at any size of text."""
        self.setMinimumWidth(max(240, self._inside.minimumSizeHint().width()))

    def _make_buttons(self, column: QVBoxLayout) -> dict[str, Button]:
        out = {}
        grid = QGridLayout()
        grid.setContentsMargins(-3, 0, 0, 0)
        grid.setSpacing(2)
        for at, (order, words, kind, icon) in enumerate(
            (
                ("open", "Open", "primary", "code"),
                ("browser", "In browser", "secondary", "open"),
                ("folder", "Folder", "secondary", "folder"),
                ("terminal", "Terminal", "secondary", "terminal"),
                ("turn", "Turn off", "secondary", ""),
            )
        ):
            button = Button(self._theme, words, kind, icon)
            button.setObjectName(f"applications.details.{order}")
            button.clicked.connect(lambda order=order: self.order.emit(order))
            out[order] = button
            grid.addWidget(button, at // 2, at % 2, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(2, 1)
        column.addLayout(grid)
        return out

    def show_row(self, row: Row | None) -> None:
        """Shows another application, or what is new of the same."""
        changed = row is None or self._row is None or row.name != self._row.name
        self._row = row
        self._inside.setVisible(row is not None)
        if row is None:
            return
        self.name.set_text(row.name)
        icon, status = MARKS[row.state]
        self.mark.show_state(icon, status, row.state)
        self.state.setText(row.state)
        self.fault.setText(row.fault)
        self.fault.setVisible(row.state == BROKEN)
        file, line = row.place
        self.place.show_link(f"Go to {file}, line {line}" if line else f"Go to {file}", "fault")
        self.place.setVisible(row.state == BROKEN and bool(file))
        self.note.setText(row.note)
        self.note.setVisible(bool(row.note))
        self._buttons["turn"].set_face("Turn on" if row.kind == OFF else "Turn off", "secondary")
        facts, now = row.facts, time.time()
        errors = facts.errors if facts is not None else None
        rest = facts.untranslated if facts is not None else None
        self._link("errors", errors, f"{counted(errors or 0, 'error')} in 24 hours", "none in 24 hours")
        self._link("untranslated", rest, f"{counted(rest or 0, 'string')} left", "all translated")
        size = cell(row, "size", now)
        files = f", {counted(facts.files, 'file')}" if facts is not None else ""
        self._text("size", f"{size}{files}")
        self._text("changed", cell(row, "changed", now))
        self._text("folder", str(row.folder))
        if changed:
            self._text("databases", "")
            self.about.setText("")

    def _link(self, key: str, count: int | None, some: str, none: str) -> None:
        link = self._values[key]
        assert isinstance(link, Link)
        link.show_link("–" if count is None else some if count else none, key)
        link.setEnabled(bool(count))

    def _text(self, key: str, words: str) -> None:
        value = self._values[key]
        assert isinstance(value, CutLabel)
        value.set_text(words)

    def show_report(self, name: str, report: dict[str, Any]) -> None:
        """Shows what the inspector found in the application."""
        if self._row is None or self._row.name != name:
            return
        databases = report.get("databases") or []
        tables = sum(len(each.get("tables") or ()) for each in databases)
        words = f"{counted(len(databases), 'database')}, {counted(tables, 'table')}" if databases else "none"
        self._text("databases", words if report.get("loads") else "–")

    def show_about(self, name: str, text: str) -> None:
        """Shows the beginning of the application's ABOUT or README."""
        if self._row is not None and self._row.name == name:
            self.about.setText(text)
