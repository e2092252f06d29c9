"""The pane beside the rows: record, value, values' counts, structure, statements."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.theme import Theme
from desktop.widgets.hairline import hairline
from desktop.widgets.tabs import Tab
from desktop.widgets.value.view import ValueView

from .facts_view import FacetsPage, StatementsPage, StructurePage
from .record import RecordForm

TABS = (
    ("record", "Record"), ("value", "Value"), ("facets", "Facets"), ("structure", "Structure"),
    ("statements", "Log"),
)  # fmt: skip


class Details(QWidget):
    """Tabs and their pages.

    Args:
        theme: where its colours come from.
        tasks: where large values are taken apart.

    Signals:
        shown(str): the person chose another page.
    """

    shown = Signal(str)

    def __init__(self, theme: Theme, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("databases.details")
        self.setAccessibleName("Details")
        self.setProperty("page", True)
        self.setMinimumWidth(260)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(0)
        self.tabs: dict[str, Tab] = {}
        for id, words in TABS:
            tab = Tab(theme, id, words)
            tab.setObjectName(f"databases.tab.{id}")
            tab.clicked.connect(partial(self.show_tab, id))
            self.tabs[id] = tab
            row.addWidget(tab)
        row.addStretch(1)
        column.addLayout(row)
        line = hairline()
        column.addWidget(line)
        self.record = RecordForm(theme)
        self.value = ValueView(theme, "databases.value", tasks)
        self.facets = FacetsPage(theme)
        self.structure = StructurePage(theme)
        self.statements = StatementsPage(theme)
        self._pages = QStackedWidget()
        for id, _ in TABS:
            self._pages.addWidget(getattr(self, id))
        column.addWidget(self._pages, 1)
        self.show_tab("record")

    def tab(self) -> str:
        """Which page is shown."""
        return next(id for id, tab in self.tabs.items() if tab.isChecked())

    def show_tab(self, id: str) -> None:
        """Shows a page."""
        for name, tab in self.tabs.items():
            tab.setChecked(name == id)
        self._pages.setCurrentWidget(getattr(self, id))
        self.shown.emit(id)
