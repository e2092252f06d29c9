"""Fills a text field in slices, so that a large file never holds the window up (UI-AP-11)."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

AT_ONCE = 40_000  # letters of a text that is not worth slices
FIRST = 8_000  # letters of a longer one that are shown before the window does anything else
PIECE = 4_096  # letters put in between two looks at the clock
SLICE = 0.006  # seconds of filling before the person's keys are looked at again
TELL = 0.1  # seconds after which scroll bars and progress follow; what is seen stays as it is


class Filling(QObject):
    """Puts text into a field, its beginning at once and the rest between events.

    Args:
        edit: the field; read-only until it has the whole text, unless that is done at once.

    Signals:
        grown: another slice is in.
        filled: the whole text is in.
    """

    grown = Signal()
    filled = Signal()

    def __init__(self, edit: QPlainTextEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self._done = 0
        self._told = 0.0
        self.read_only = edit.isReadOnly()
        """Whether it stays read-only when all is in."""
        self.text: str | None = None
        """What is being filled in; None once it is in."""
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.setObjectName("editor-fill")
        self._timer.timeout.connect(self._go_on)

    @property
    def percent(self) -> int:
        """How much is in; 100 when all is."""
        return 100 if not self.text else 100 * self._done // len(self.text)

    def start(self, text: str) -> None:
        """Takes the place of the present text, without a way back."""
        edit, document = self._edit, self._edit.document()
        self._timer.stop()
        self.text, self._done = text, 0
        document.setUndoRedoEnabled(False)
        edit.clear()
        edit.setReadOnly(True)
        self._put(FIRST if len(text) > AT_ONCE else AT_ONCE)
        edit.moveCursor(QTextCursor.MoveOperation.Start)
        if self._done < len(text):
            self._timer.start()
        else:
            self._finish()

    def _put(self, most: int) -> None:
        assert self.text is not None
        end = self._done + most
        if end < len(self.text):  # a piece that ends with its line is laid out once
            end = self.text.rfind("\n", self._done, end) + 1 or end
        cursor = QTextCursor(self._edit.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self.text[self._done : end])
        self._done = min(end, len(self.text))

    def _go_on(self) -> None:
        assert self.text is not None
        now = time.perf_counter()
        layout = self._edit.document().documentLayout()
        layout.blockSignals(True)  # each would paint everything again, though it happens below what is seen
        while self._done < len(self.text) and time.perf_counter() < now + SLICE:
            self._put(PIECE)
        layout.blockSignals(False)
        is_done = self._done >= len(self.text)
        if is_done or now > self._told + TELL:
            self._told = now
            layout.documentSizeChanged.emit(layout.documentSize())
            self.grown.emit()
        if is_done:
            self._finish()
        else:
            self._timer.start()

    def _finish(self) -> None:
        document = self._edit.document()
        self.text = None
        document.setUndoRedoEnabled(True)
        document.setModified(False)
        self._edit.setReadOnly(self.read_only)
        self.filled.emit()
