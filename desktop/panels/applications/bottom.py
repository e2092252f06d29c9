"""The panes below the text: problems, and what else has a page there (wireframe 13.3)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.buttons import IconButton
from desktop.widgets.lines import Line, Lines
from desktop.widgets.tabs import Tab

from .editor.open_file import OpenFile

HEIGHT = 190


class Problems(Lines):
    """Mistakes of the open files; a line's data are file and line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "applications.problems", "Problems", parent)

    def show_files(self, files: Sequence[OpenFile]) -> int:
        """Lists the mistakes; returns how many there are."""
        lines = [
            Line(
                problem.text,
                f"{file.path.name}, line {problem.line}",
                "mark-cross-small",
                "status.failed.mark",
                tip=str(file.path),
                data=(str(file.path), problem.line),
            )
            for file in files
            for problem in file.problems
        ]
        shown = lines or [Line("", "No mistakes in the open files.")]
        if shown != self.lines_model.lines:
            self.show_lines(shown)
        return len(lines)


class Bottom(QFrame):
    """Tabs and their pages; folds to the tabs alone.

    Signals:
        shown(str): a pane was opened.
    """

    shown = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folded = True
        self._height = HEIGHT
        self.setAccessibleName("Problems, search, tests, git")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        self._row = QHBoxLayout(head)
        self._row.setContentsMargins(8, 0, 10, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self.fold = IconButton(theme, "chevron-down", "Fold")
        self.fold.setObjectName("applications.pane.fold")
        self.fold.clicked.connect(self.toggle)
        self._row.addWidget(self.fold)
        column.addWidget(head)
        self.pages = QStackedWidget()
        column.addWidget(self.pages, 1)
        self.tabs: dict[str, Tab] = {}
        self._pages: dict[str, QWidget] = {}
        self._fold(True)

    def add_pane(self, id: str, text: str, page: QWidget) -> None:
        """Adds a pane after the others."""
        tab = Tab(self._theme, id, text)
        tab.setObjectName(f"applications.pane.{id}")
        tab.clicked.connect(lambda: self.show_pane(id))
        self._row.insertWidget(len(self.tabs), tab)
        self.tabs[id], self._pages[id] = tab, page
        self.pages.addWidget(page)
        self._mark()

    def show_pane(self, id: str) -> None:
        """Opens a pane."""
        self.pages.setCurrentWidget(self._pages[id])
        self._fold(False)
        self._mark()
        self.shown.emit(id)

    def current(self) -> str:
        """Id of the pane that is open; empty when folded."""
        if self._folded:
            return ""
        return next(id for id, page in self._pages.items() if page is self.pages.currentWidget())

    def toggle(self) -> None:
        """Folds the panes away, or opens them."""
        self._fold(not self._folded)
        self._mark()

    def _fold(self, folded: bool) -> None:
        if not folded and not self._folded:
            return
        if folded and self.isVisible():
            self._height = max(HEIGHT, self.height())
        self._folded = folded
        self.pages.setVisible(not folded)
        self.fold.set_name("Open the panes" if folded else "Fold", "arrow-up" if folded else "chevron-down")
        head = self._theme.size("tab") + 2
        self.setMaximumHeight(head if folded else 16_777_215)
        self.setMinimumHeight(head if folded else 120)
        if not folded:
            splitter = self.parentWidget()
            if isinstance(splitter, QSplitter):
                whole = splitter.height()
                splitter.setSizes([max(100, whole - self._height), min(self._height, whole - 100)])

    def _mark(self) -> None:
        current = self.current()
        for id, tab in self.tabs.items():
            tab.setChecked(id == current)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("surface.base"))
        paint.hairline(painter, 0, 0, self.width(), self._theme.color("border.default"))
