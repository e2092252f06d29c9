"""The tool row: tabs, which database, how often it is read, the switch for editing (SC-01, SC-20, SC-21)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.fields import Choice
from desktop.widgets.labels import label
from desktop.widgets.marks import Toggle
from desktop.widgets.tabs import Tab
from runtime.admin.scheduler.entries import Database

TABS = (("tasks", "Tasks"), ("runs", "Runs"), ("workers", "Workers"), ("dependencies", "Dependencies"),
        ("timeline", "Timeline"))  # fmt: skip
INTERVAL_WORDS = (("1", "every 1 s"), ("3", "every 3 s"), ("10", "every 10 s"), ("0", "off"))


class ToolRow(QFrame):
    """What is shown, and how.

    Signals:
        tab_chosen(str), application_chosen(str), interval_chosen(int), editing_switched(bool).
    """

    tab_chosen = Signal(str)
    application_chosen = Signal(str)
    interval_chosen = Signal(int)
    editing_switched = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Tools of the scheduler")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 13, 0)
        row.setSpacing(8)
        self.tabs: dict[str, Tab] = {}
        self._group = QButtonGroup(self)
        for name, words in TABS:
            tab = Tab(theme, name, words)
            tab.setObjectName(f"scheduler.tab.{name}")
            tab.clicked.connect(lambda _on=False, name=name: self.tab_chosen.emit(name))
            self._group.addButton(tab)
            self.tabs[name] = tab
            row.addWidget(tab, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        self.place = Choice(theme, "Scheduler of", [("", "No scheduler")])
        self.place.setObjectName("scheduler.place")
        self.place.setMaximumWidth(190)
        self.place.chosen.connect(self.application_chosen)
        self._live = label("Live", "secondary")
        self.interval = Choice(theme, "Read again", INTERVAL_WORDS)
        self.interval.setObjectName("scheduler.interval")
        self.interval.set_value("3")
        self.interval.chosen.connect(lambda value: self.interval_chosen.emit(int(value)))
        self._line = QFrame()
        self._line.setProperty("line", True)
        self._line.setFixedSize(1, 20)
        self._editing = label("Editing", "secondary")
        self.editing = Toggle(theme, "Editing: rows may be changed")
        self.editing.setObjectName("scheduler.editing")
        self.editing.clicked.connect(lambda: self.editing_switched.emit(self.editing.isChecked()))
        for widget in (self.place, self._live, self.interval, self._line, self._editing, self.editing):
            row.addWidget(widget)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.setFixedHeight(max(self._theme.size("tool_row") - 4, self._theme.line_height() + 20))
        for choice in (self.place, self.interval):
            choice.setFixedHeight(self._theme.size("input") - 4)

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out words where room is little."""
        for widget in (self._live, self._line):
            widget.setVisible(not narrow)
        self._editing.setVisible(not narrow)

    def show_tab(self, id: str) -> None:
        """Marks the tab shown."""
        self.tabs[id].setChecked(True)

    def show_places(
        self, names: Sequence[str], current: str, database: Database | None, choosable: bool
    ) -> None:
        """Fills the choice of applications; the one shown also names its database."""
        options = [
            (name, f"{name}/{database.name}" if database is not None and name == current else name)
            for name in names
        ] or [("", "No scheduler")]
        self.place.set_options(options, current or options[0][0])
        self.place.setVisible(choosable and len(names) > 1)
        self.place.updateGeometry()

    def show_editing(self, on: bool, possible: bool) -> None:
        """Position of the switch."""
        self.editing.setChecked(on)
        self.editing.setEnabled(possible)
        self.editing.setToolTip("Rows may be changed" if on else "Rows are read-only; press to change them")
