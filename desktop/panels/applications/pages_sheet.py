"""ABOUT, README and LICENSE of an application shown nicely, and its TODO list (UI-AP-23)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QTextBrowser, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.fields import Segment
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from runtime.admin.notes import Note, Page

NOTES = "TODO"


class PagesSheet(Sheet):
    """The pages of an application.

    Signals:
        opened(str, int): a line of the TODO list was chosen.
        linked(str): an address in a page was pressed.
    """

    opened = Signal(str, int)
    linked = Signal(str)

    def __init__(
        self,
        theme: Theme,
        folder: Path,
        pages: Sequence[Page],
        notes: Sequence[Note],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "applications.pages", f"About {folder.name}", "", parent)
        if not pages:
            self.words.setText("It has no ABOUT, README or LICENSE yet.")
            self.words.show()
        choices = [*((page.name, page.name) for page in pages[:5]), (NOTES, f"{NOTES} ({len(notes)})")]
        self.choice = Segment(theme, "Page", choices)
        self.choice.chosen.connect(self.show_page)
        self.column.addWidget(self.choice)
        self.stack = QStackedWidget()
        self._places: dict[str, QWidget] = {}
        for page in pages[:5]:
            self._add(page.name, self._browser(page))
        self.notes = Lines(theme, "applications.pages.notes", "Lines marked TODO or FIXME")
        lines = [
            Line(
                note.text,
                f"{note.path.relative_to(folder).as_posix()}, line {note.line}",
                "warning-outline" if note.text.startswith("FIXME") else "mark-ring-small",
                "status.problem.mark" if note.text.startswith("FIXME") else "text.secondary",
                data=(str(note.path), note.line),
            )
            for note in notes
        ]
        self.notes.show_lines(lines or [Line("", "No line is marked TODO or FIXME.")])
        self.notes.wanted.connect(self._on_note)
        self._add(NOTES, self.notes)
        self.column.addWidget(self.stack, 1)
        self.verb = self.add_verbs("Close", cancel="")
        self.verb.clicked.connect(self.accept)
        self.setAccessibleDescription(f"{counted(len(pages), 'page')}, {counted(len(notes), 'note')}")
        self.set_room(760, 560)
        self.show_page(choices[0][0])

    def _add(self, name: str, widget: QWidget) -> None:
        self._places[name] = widget
        self.stack.addWidget(widget)

    def _browser(self, page: Page) -> QTextBrowser:
        """Text or Markdown; pictures and links of a page are never fetched by themselves."""
        browser = _QuietBrowser()
        browser.setAccessibleName(page.name)
        browser.setOpenLinks(False)
        browser.setFrameShape(QFrame.Shape.NoFrame)
        browser.anchorClicked.connect(lambda url: self.linked.emit(url.toString()))
        if page.markdown:
            browser.setMarkdown(page.text)
        else:
            browser.setPlainText(page.text)
        return browser

    def show_page(self, name: str) -> None:
        """Shows a page, or the TODO list."""
        self.choice.set_value(name)
        self.stack.setCurrentWidget(self._places[name])

    def _on_note(self, place: tuple[str, int]) -> None:
        self.opened.emit(*place)
        self.accept()


class _QuietBrowser(QTextBrowser):
    def loadResource(self, type: int, name: object) -> object:
        return None
