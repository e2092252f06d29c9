"""One message in full, in its colours, with control characters visible (UI-LG-04, UI-LG-08)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from desktop.theme import Theme
from desktop.widgets.log_lines import printable
from desktop.widgets.value.texts import CodeText
from runtime.admin.logs import Record

from .display import Display
from .lines import format_of, shown
from .model import PLACE


class MessageText(CodeText):
    """Shows a record; its text can be selected and copied as it is shown, files that it names are links.

    Signals:
        place_wanted(str, int): open this file at this line.
    """

    place_wanted = Signal(str, int)

    def __init__(self, theme: Theme, display: Display, parent: QWidget | None = None) -> None:
        self._display = display
        self._record: Record | None = None
        super().__init__(theme, "Message in full", parent)
        self.setMouseTracking(True)
        display.changed.connect(self._on_display)

    def _restyle(self) -> None:
        self.setFont(self._display.font())

    def _on_display(self) -> None:
        self._restyle()
        if self._record is not None:
            self.show_record(self._record)  # colours are those of the theme

    def show_record(self, record: Record) -> None:
        """Shows a message with all of its lines."""
        self._record = record
        head = f"{record.time} {record.source} {record.level} "
        looks = record.looks or ((),) * (1 + len(record.more))
        parts = [shown(line, spans) for line, spans in zip((record.text, *record.more), looks, strict=True)]
        start = printable(head)
        self.setPlainText(start + "\n".join(text for text, _spans in parts))
        at = len(start)
        for text, spans in parts:
            for begin, end, ink in spans:
                self._format(at + begin, at + end, format_of(self._theme, ink))
            for found in PLACE.finditer(text):
                self._format(at + found.start(1), at + found.end(), self._link(found[1], found[2]))
            at += len(text) + 1

    def _link(self, path: str, line: str) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setAnchor(True)
        form.setAnchorHref(f"{line}:{path}")
        form.setForeground(self._theme.color("text.link"))
        return form

    def _format(self, begin: int, end: int, form: QTextCharFormat) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(begin)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(form)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over = self.anchorAt(event.position().toPoint())
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        line, _, path = self.anchorAt(event.position().toPoint()).partition(":")
        if path and event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.place_wanted.emit(path, int(line))
