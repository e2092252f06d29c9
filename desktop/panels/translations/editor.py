"""The editing area: source, where used, translation, checks, suggestions, note (TR-02, TR-05, TR-06)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTextBrowser, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import IconButton
from desktop.widgets.fields import Choice
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, Link, label
from runtime.admin.languages_scan import MARKMIN_PREFIX, Place

from .findings import Findings, KeyCap, Suggestions
from .memory import Suggestion
from .model import Row, Sheet
from .textedit import Framed, MarkedEdit

MOST_PLACES = 2
LOWEST_PREVIEW, HIGHEST_PREVIEW = 48, 240  # pixels
LONGEST_PREVIEW = 20_000  # letters that are rendered at each key
NOBODY = "none"
_PICTURE = re.compile(r'<img\b[^>]*?alt="([^"]*)"[^>]*>')


class Preview(QTextBrowser):
    """MARKMIN as the page shows it; runs nothing, opens nothing and loads nothing (TR-24).

    Qt's rich text knows no scripts; pictures, style sheets and files are refused whatever their address.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Preview of the text on the page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setFixedHeight(LOWEST_PREVIEW)
        theme.changed.connect(self._render)

    def show_text(self, text: str) -> None:
        """Shows a text in MARKMIN; the end of a very long one is left out."""
        if text != self._text:
            self._text = text
            self._render()

    def _render(self) -> None:
        from runtime.i18n.markup import render_markmin

        link = self._theme.color("text.link").name()
        self.document().setDefaultStyleSheet(f"a {{ color: {link}; }}")
        html = render_markmin(self._text[:LONGEST_PREVIEW])
        self.setHtml(_PICTURE.sub(r"[picture: \1]", html))  # said in words, not by a sign of what is missing
        self._fit()

    def _fit(self) -> None:
        """As high as the text, within limits."""
        wanted = ceil(self.document().size().height()) + 2
        self.setFixedHeight(max(LOWEST_PREVIEW, min(HIGHEST_PREVIEW, wanted)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None


class Editor(QScrollArea):
    """One string.

    Signals:
        typed(str): the translation is being changed.
        reverted: Escape was pressed in the translation.
        fixed(str): the mended text of a warning is wanted.
        ignored(str): this check does not apply here.
        suggested(str): this suggestion is wanted.
        note_changed(str): the note for translators was edited.
        place_wanted(str, int): open this file at this line.
        page_wanted: open the page that the string is on.
        second_chosen(str): show this language beside; empty for none.
    """

    typed = Signal(str)
    reverted = Signal()
    fixed = Signal(str)
    ignored = Signal(str)
    suggested = Signal(str)
    note_changed = Signal(str)
    place_wanted = Signal(str, int)
    page_wanted = Signal()
    second_chosen = Signal(str)

    def __init__(self, theme: Theme, accept_keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.row: Row | None = None
        self._places: list[Place] = []
        self.setObjectName("translations.editor")
        self.setAccessibleName("Editing area")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self._page.setProperty("page", True)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(12, 12, 16, 16)
        self._column.setSpacing(8)
        self._build_source()
        self._build_translation(accept_keys)
        self._build_rest()
        self._column.addStretch(1)
        self.setWidget(self._page)

    def _build_source(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Source", "caption"))
        head.addStretch(1)
        self.position = label("", "small")
        head.addWidget(self.position)
        self.page = IconButton(self._theme, "globe", "Open the page in the browser, in this language")
        self.page.setObjectName("translations.editor.page")
        self.page.clicked.connect(self.page_wanted)
        head.addWidget(self.page)
        self._column.addLayout(head)
        self.source = MarkedEdit(self._theme, "Source", read_only=True)
        self.source.setObjectName("translations.editor.source")
        self.source.placeholder_clicked.connect(self._on_placeholder)
        self._column.addWidget(Framed(self._theme, self.source))
        self.comment = label("", "small", wrap=True)
        self._column.addWidget(self.comment)
        self._where = QWidget()
        self._where_row = QHBoxLayout(self._where)
        self._where_row.setContentsMargins(0, 0, 0, 4)
        self._where_row.setSpacing(4)
        self._column.addWidget(self._where)

    def _build_translation(self, accept_keys: str) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        self.heading = CutLabel("caption")
        head.addWidget(self.heading, 1)
        self._keycap = KeyCap(self._theme, accept_keys)
        self._keyword = label("accept, next", "small")
        head.addWidget(self._keycap)
        head.addWidget(self._keyword)
        self._column.addLayout(head)
        self.field = MarkedEdit(self._theme, "Translation")
        self.field.setObjectName("translations.editor.translation")
        self.field.textChanged.connect(self._on_typed)
        self.field.reverted.connect(self.reverted)
        self._column.addWidget(Framed(self._theme, self.field))
        self.findings = Findings(self._theme)
        self.findings.fix_wanted.connect(self.fixed)
        self.findings.ignore_wanted.connect(self.ignored)
        self._column.addWidget(self.findings)
        self.ignored_line = Link(self._theme, "", "")
        self.ignored_line.setObjectName("translations.editor.unignore")
        self.ignored_line.opened.connect(self._on_unignore)
        self._column.addWidget(self.ignored_line)

    def _build_rest(self) -> None:
        self.preview_part, inside = self._part()
        inside.addWidget(label("On the page", "caption"))
        self.preview = Preview(self._theme)
        self.preview.setObjectName("translations.editor.preview")
        inside.addWidget(self.preview)
        self.suggestions_part, inside = self._part()
        self.suggestions = Suggestions(self._theme)
        self.suggestions.taken.connect(self.suggested)
        inside.addWidget(self.suggestions)
        self.second_part, inside = self._part()
        head = QHBoxLayout()
        head.addWidget(label("Also shown", "caption"))
        head.addStretch(1)
        self.second = Choice(self._theme, "Also shown", [(NOBODY, "No other language")])
        self.second.setObjectName("translations.editor.second")
        self.second.chosen.connect(self._on_second)
        head.addWidget(self.second)
        inside.addLayout(head)
        self.second_text = MarkedEdit(self._theme, "The same in another language", read_only=True)
        self.second_text.placeholder_clicked.connect(self._on_placeholder)
        self.second_text.setPlaceholderText("not translated")
        self._second_frame = Framed(self._theme, self.second_text)
        inside.addWidget(self._second_frame)
        _, inside = self._part()
        inside.addWidget(label("Note for translators", "caption"))
        self.note = MarkedEdit(self._theme, "Note for translators")
        self.note.setObjectName("translations.editor.note")
        self.note.setPlaceholderText("What others should know about this string, in every language")
        self.note.textChanged.connect(self._on_note)
        inside.addWidget(Framed(self._theme, self.note))

    def _part(self) -> tuple[QWidget, QVBoxLayout]:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(hairline())
        self._column.addWidget(part)
        return part, column

    # showing

    def show_row(self, sheet: Sheet, row: Row | None, position: str, places: Sequence[Place]) -> None:
        """Shows another string, or the same one with other values; None clears the area."""
        other = row is not self.row
        self.row = row
        self._page.setEnabled(row is not None)
        self.position.setText(position)
        self.heading.set_text(f"Translation, {sheet.name}")
        self.source.show_text(row.source if row else "")
        self.field.show_text(row.shown if row else "")
        self.note.show_text(row.values.note if row else "")
        self.comment.setText(row.comment if row else "")
        self.comment.setVisible(bool(row and row.comment))
        self._show_places(places)
        self.show_findings()
        if other:
            self.field.moveCursor(self.field.textCursor().MoveOperation.End)
            self.suggestions.show_suggestions(())
            self.suggestions_part.hide()
            self.verticalScrollBar().setValue(0)

    def show_findings(self) -> None:
        """Brings warnings and preview in line with the string."""
        row = self.row
        self.findings.show_findings((row.findings or []) if row else [])
        count = len(row.values.ignored) if row else 0
        warnings = "1 warning is" if count == 1 else f"{count} warnings are"
        self.ignored_line.show_link(f"{warnings} ignored here. Show again", "")
        self.ignored_line.setVisible(count > 0)
        marked = row is not None and row.key.startswith(MARKMIN_PREFIX)
        self.preview_part.setVisible(marked)
        if marked and row is not None:
            self.preview.show_text(row.shown or row.source)

    def show_suggestions(self, key: str, found: Sequence[Suggestion]) -> None:
        """Shows suggestions if they are for the string shown."""
        if self.row is not None and self.row.key == key:
            self.suggestions.show_suggestions(found)
            self.suggestions_part.setVisible(bool(found))

    def show_second(self, options: list[tuple[str, str]], value: str, text: str) -> None:
        """Sets the languages that can be shown beside, the one that is, and its text."""
        self.second_part.setVisible(bool(options))
        self.second.set_options([(NOBODY, "No other language"), *options], value or NOBODY)
        self.second_text.show_text(text)
        self._second_frame.setVisible(bool(value))

    def _show_places(self, places: Sequence[Place]) -> None:
        if list(places) == self._places:
            return
        self._places = list(places)
        while self._where_row.count():
            item = self._where_row.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        self._where.setVisible(bool(places))
        if not places:
            return
        self._where_row.addWidget(label("Used in", "small"))
        for place in places[:MOST_PLACES]:
            link = Link(self._theme, f"{place.file}:{place.line}", f"{place.line}:{place.file}")
            link.setAccessibleName(f"Open {place.file} at line {place.line}")
            link.opened.connect(self._on_place)
            self._where_row.addWidget(link)
            if len(link.text()) + len(f"{places[1].file}:{places[1].line}" if len(places) > 1 else "") > 36:
                break
        shown = self._where_row.count() - 1
        if len(places) > shown:
            rest = label(f"and {len(places) - shown} more", "small")
            rest.setToolTip("\n".join(f"{place.file}:{place.line}" for place in places))
            self._where_row.addWidget(rest)
        self._where_row.addStretch(1)

    # what the person does

    def _on_typed(self) -> None:
        self.typed.emit(self.field.toPlainText())

    def _on_note(self) -> None:
        self.note_changed.emit(self.note.toPlainText())

    def _on_placeholder(self, text: str) -> None:
        if self.row is not None:
            self.field.insert(text)

    def _on_place(self, target: str) -> None:
        line, _, file = target.partition(":")
        self.place_wanted.emit(file, int(line))

    def _on_unignore(self) -> None:
        self.ignored.emit("")

    def _on_second(self, value: str) -> None:
        self.second_chosen.emit("" if value == NOBODY else value)
