"""About Hadron: version, change notes, and the libraries inside with their licences (DESK-04, ST-13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QTextBrowser,
    QWidget,
)

from desktop.background import Context, Tasks
from desktop.theme import Theme
from desktop.theme.icons import brand_icon
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Segment
from desktop.widgets.labels import label
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from desktop.widgets.value.texts import CodeText
from runtime.admin.parts import LibraryPart, about_lines, change_notes, library_parts, licence_text
from runtime.foundation.version import version

LOGO = 48
COPIED_MS = 1500
UNTOLD = "see its project"


@dataclass(frozen=True, slots=True)
class About:
    """What the sheet shows."""

    parts: Sequence[LibraryPart]
    texts: Sequence[str]
    changes: str


def read_about(_context: Context | None = None) -> About:
    """Reads what is told about the program from the disk."""
    parts = library_parts()
    return About(parts, [_about_part(part) for part in parts], change_notes())


def _about_part(part: LibraryPart) -> str:
    text = licence_text(part.name) or f"{part.name} brings no text of its licence ({part.licence or UNTOLD})."
    return f"{part.home}\n\n{text}" if part.home else text


class AboutSheet(Sheet):
    """The sheet; what lies on the disk comes in later.

    Args:
        theme: where its colours come from.
        tasks: reads in the background.
    """

    def __init__(self, theme: Theme, tasks: Tasks, parent: QWidget | None = None) -> None:
        words = "Runs web2py-style applications: a runtime, a window, a bundle. Free under the MIT licence."
        super().__init__(theme, "about", f"Hadron {version()}", words, parent)
        self._texts: Sequence[str] = ()
        self._facts = [*about_lines(), ("Qt", qVersion())]
        self.column.insertWidget(0, self._picture())
        self.column.addLayout(self._table())
        pages = [("parts", "Libraries and licences"), ("changes", "Change notes")]
        self.choice = Segment(theme, "Page", pages)
        self.choice.chosen.connect(self.show_page)
        self.column.addWidget(self.choice)
        self.parts = Lines(theme, "about.parts", "Libraries inside")
        self.licence = CodeText(theme, "Licence of the chosen library")
        self.licence.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.changes = QTextBrowser()
        self.changes.document().setDocumentMargin(12)
        self.changes.setAccessibleName("Change notes")
        self.changes.setOpenLinks(False)
        self.changes.setFrameShape(QFrame.Shape.NoFrame)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._libraries())
        self._stack.addWidget(self.changes)
        self.column.addWidget(self._stack, 1)
        self._add_buttons()
        self.resize(820, 620)
        self.show_page("parts")
        tasks.run(read_about, owner=self, title="Reading about Hadron", reading=True, on_done=self.show_about)

    def _picture(self) -> QWidget:
        logo = label("")
        logo.setPixmap(brand_icon("hadron").pixmap(LOGO, LOGO))
        return logo

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._facts):
            grid.addWidget(label(name, "secondary"), row, 0)
            told = label(value)
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(told, row, 1)
        return grid

    def _libraries(self) -> QWidget:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setAccessibleName("Width of the list of libraries")
        split.setChildrenCollapsible(False)
        split.addWidget(self.parts)
        split.addWidget(self.licence)
        split.setSizes([330, 430])
        split.handle(1).setAccessibleName("Edge of the list of libraries")
        self.parts.selectionModel().currentChanged.connect(self._on_part)
        return split

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        self.copy = Button(self.theme, "Copy versions")
        self.copy.setObjectName("about.copy")
        self.copy.clicked.connect(self._copy)
        close = Button(self.theme, "Close", "primary")
        close.setObjectName("about.close")
        close.clicked.connect(self.accept)
        row.addWidget(self.copy)
        row.addStretch(1)
        row.addWidget(close)
        self.column.addLayout(row)
        close.setFocus()

    def show_about(self, about: About) -> None:
        """Shows what was read."""
        self._texts = about.texts
        lines = [Line(part.name, f"{part.version}   {part.licence or UNTOLD}") for part in about.parts]
        self.parts.show_lines(lines)
        if about.parts:
            self.parts.setCurrentIndex(self.parts.model().index(0, 0))
        self.changes.setMarkdown(about.changes or "The change notes were not installed with this package.")

    def show_page(self, name: str) -> None:
        """Shows the libraries, or the change notes."""
        self.choice.set_value(name)
        self._stack.setCurrentIndex(0 if name == "parts" else 1)

    def _on_part(self) -> None:
        row = self.parts.currentIndex().row()
        if row >= 0:
            self.licence.setPlainText(self._texts[row])

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self._facts))
        self.copy.setText("Copied")
        QTimer.singleShot(COPIED_MS, self.copy, lambda: self.copy.setText("Copy versions"))
