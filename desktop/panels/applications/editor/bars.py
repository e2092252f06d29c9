"""Bars over the text: changed on disk, restored draft, read only; and the bar to find and replace."""

from __future__ import annotations

import re
import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.panels.tickets.model import ago
from desktop.theme import Theme, paint
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.labels import CutLabel, Link, label

from .code_edit import MOST_MATCHES, CodeEdit, utf16
from .open_file import Conflict, OpenFile


class TextBar(QFrame):
    """One sentence about the file and what can be done.

    Signals:
        order(str): ``reload``, ``compare``, ``keep``, ``drop``, ``close``, ``earlier``, ``later``.
    """

    order = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("applications.editor.bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(42, 4, 14, 4)
        row.setSpacing(16)
        self.head = label("", "strong")
        self.words = CutLabel()
        row.addWidget(self.head)
        row.addWidget(self.words, 1)
        self.links: dict[str, Link] = {}
        for id, text in (
            ("reload", "Reload"),
            ("compare", "Compare"),
            ("keep", "Keep mine"),
            ("drop", "Take the file on disk"),
            ("close", "Close"),
            ("earlier", "Earlier piece"),
            ("later", "Later piece"),
        ):
            link = Link(theme, text, id)
            link.setObjectName(f"applications.editor.{id}")
            link.opened.connect(self.order)
            self.links[id] = link
            row.addWidget(link)
        self.hide()

    def show_file(self, file: OpenFile | None) -> None:
        """Says what is to be said about a file, or hides."""
        head, words, orders = _said(file)
        self.setVisible(bool(head))
        if not head:
            return
        self.head.setText(head)
        self.words.set_text(words)
        self.setAccessibleName(f"{head} {words}")
        for id, link in self.links.items():
            link.setVisible(id in orders)
            link.setMinimumWidth(link.sizeHint().width())
        self.words.setMinimumWidth(0)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        color = self._theme.color
        painter.fillRect(self.rect(), color("status.problem.tint"))
        paint.hairline(painter, 0, self.height() - 1, self.width(), color("status.problem.border"))
        mark = color("status.problem.mark")
        self._theme.icons.draw(painter, "mark-triangle-bang", mark, 13, self.height() / 2 - 8)


def _said(file: OpenFile | None) -> tuple[str, str, tuple[str, ...]]:
    if file is None:
        return "", "", ()
    if file.conflict is Conflict.DELETED:
        return "Deleted on disk", "by another program. The text here is all there is.", ("keep", "close")
    if file.conflict is Conflict.CHANGED:
        when = ago(file.conflict_time, time.time())
        mine = "Your text has unsaved changes." if file.dirty else ""
        return "Changed on disk", f"{when} by another program. {mine}", ("reload", "compare", "keep")
    if file.restored and file.dirty:
        when = ago(file.restored, time.time())
        return "Draft", f"of {when}: typed, but never saved.", ("compare", "drop")
    if file.source.piece is not None:
        start, end, size = file.source.piece
        orders = (*(("earlier",) if start else ()), *(("later",) if end < size else ()))
        return "Read only", file.source.read_only, orders
    if file.source.read_only:
        return "Read only", file.source.read_only, ()
    return "", "", ()


class FindBar(QFrame):
    """Finds in the text, live, and replaces.

    Signals:
        closed: the person is done; the text gets the focus.
    """

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._edit: CodeEdit | None = None
        self._found: list[tuple[int, int]] = []
        self.setObjectName("applications.editor.find")
        self.setAccessibleName("Find and replace")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.setSpacing(4)
        self.text = self._field("Find", "find.text")
        self.new = self._field("Replace by", "find.new")
        self.count = label("", "small")
        self.count.setMinimumWidth(90)
        self.case = self._switch("code", "Letters agree in case")
        self.regex = self._switch("filter", "Regular expression")
        previous = IconButton(theme, "arrow-up", "Previous (Shift+F3)")
        following = IconButton(theme, "arrow-down", "Next (F3)")
        close = IconButton(theme, "close", "Close (Esc)")
        previous.clicked.connect(self.find_previous)
        following.clicked.connect(self.find_next)
        close.clicked.connect(self.finish)
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self.text, 1)
        for widget in (self.count, self.case, self.regex, previous, following, close):
            first.addWidget(widget)
        column.addLayout(first)
        self._second = QWidget()
        second = QHBoxLayout(self._second)
        second.setContentsMargins(0, 0, 0, 0)
        second.setSpacing(4)
        second.addWidget(self.new, 1)
        for words, handler, name in (
            ("Replace", self.replace_one, "one"),
            ("Replace all", self.replace_all, "all"),
        ):
            button = Button(theme, words, small=True)
            button.setObjectName(f"applications.editor.replace.{name}")
            button.clicked.connect(handler)
            second.addWidget(button)
        column.addWidget(self._second)
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self._search)
        self.text.textChanged.connect(lambda _text: self._soon.start())
        self.case.toggled.connect(lambda _on: self._search())
        self.regex.toggled.connect(lambda _on: self._search())
        self.hide()

    def _field(self, placeholder: str, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(f"applications.editor.{name}")
        field.setPlaceholderText(placeholder)
        field.setAccessibleName(placeholder)
        field.setProperty("tool", True)
        return field

    def _switch(self, icon: str, name: str) -> IconButton:
        button = IconButton(self._theme, icon, name)
        button.setCheckable(True)
        return button

    def show_edit(self, edit: CodeEdit | None) -> None:
        """Searches in another text."""
        if self._edit is not None and self._edit is not edit:
            self._edit.show_matches([])
        self._edit = edit
        if self.isVisible():
            self._search()

    def begin(self, replace: bool) -> None:
        """Opens the bar with what is selected."""
        if self._edit is None:
            return
        chosen = self._edit.textCursor().selectedText()
        if chosen and "\N{PARAGRAPH SEPARATOR}" not in chosen:
            self.text.setText(chosen)
        self._second.setVisible(replace)
        self.show()
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()
        self._search()

    def finish(self) -> None:
        """Closes the bar."""
        if self._edit is not None:
            self._edit.show_matches([])
        self.hide()
        self.closed.emit()

    def _pattern(self) -> re.Pattern[str] | None:
        words = self.text.text()
        if not words:
            return None
        flags = re.MULTILINE | (0 if self.case.isChecked() else re.IGNORECASE)
        try:
            return re.compile(words if self.regex.isChecked() else re.escape(words), flags)
        except re.error as error:
            self.count.setText("wrong")
            self.text.setToolTip(f"The regular expression is wrong: {error.msg}.")
            return None

    def _search(self) -> None:
        if self._edit is None:
            return
        pattern, self._found = self._pattern(), []
        if pattern is not None:
            text = self._edit.text()
            wide = not text.isascii()
            for found in pattern.finditer(text):
                if found.start() < found.end():
                    start, end = found.span()
                    self._found.append((utf16(text, start), utf16(text, end)) if wide else (start, end))
                if len(self._found) >= MOST_MATCHES:
                    break
            more = "+" if len(self._found) >= MOST_MATCHES else ""
            self.count.setText(f"{len(self._found)}{more} found" if self._found else "none")
            self.text.setToolTip("")
        elif not self.text.text():
            self.count.setText("")
        self._edit.show_matches(self._found)

    def find_next(self) -> None:
        """Selects the next place; after the last one the first."""
        self._go(1)

    def find_previous(self) -> None:
        """Selects the place before."""
        self._go(-1)

    def _go(self, step: int) -> None:
        if self._edit is None:
            return
        self._search()
        if not self._found:
            return
        cursor = self._edit.textCursor()
        if step > 0:
            at = cursor.selectionEnd()
            found = next((each for each in self._found if each[0] >= at), self._found[0])
        else:
            at = cursor.selectionStart()
            found = next((each for each in reversed(self._found) if each[1] <= at), self._found[-1])
        self._select(found)

    def _select(self, place: tuple[int, int]) -> None:
        assert self._edit is not None
        cursor = self._edit.textCursor()
        cursor.setPosition(place[0])
        cursor.setPosition(place[1], QTextCursor.MoveMode.KeepAnchor)
        self._edit.setTextCursor(cursor)
        self._edit.ensureCursorVisible()

    def replace_one(self) -> None:
        """Replaces the selected place and goes to the next."""
        pattern, edit = self._pattern(), self._edit
        if pattern is None or edit is None or edit.isReadOnly():
            return
        cursor = edit.textCursor()
        if (cursor.selectionStart(), cursor.selectionEnd()) in self._found:
            cursor.insertText(self._filled(pattern, cursor.selectedText()))
        self.find_next()

    def replace_all(self) -> None:
        """Replaces all places as one step that can be undone."""
        pattern, edit = self._pattern(), self._edit
        if pattern is None or edit is None or edit.isReadOnly():
            return
        new = self.new.text()
        try:
            text, count = pattern.subn(new if self.regex.isChecked() else (lambda _found: new), edit.text())
        except (re.error, IndexError) as error:
            self.count.setText("wrong")
            self.new.setToolTip(f"The replacement is wrong: {error}.")
            return
        edit.replace_all(text)
        self._search()
        self.count.setText(f"{count} replaced")

    def _filled(self, pattern: re.Pattern[str], text: str) -> str:
        if not self.regex.isChecked():
            return self.new.text()
        try:
            return pattern.sub(self.new.text(), text, count=1)
        except (re.error, IndexError):
            return text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.find_previous()
            elif self.new.hasFocus():
                self.replace_one()
            else:
                self.find_next()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("surface.window"))
        paint.hairline(painter, 0, 0, self.width(), self._theme.color("border.default"))
