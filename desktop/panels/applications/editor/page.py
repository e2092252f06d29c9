"""Tabs, bars and the text of the shown file in one column (UI-AP-11, wireframe 13.3)."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QInputDialog, QStackedWidget, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.cards import EmptyState

from .bars import FindBar, TextBar
from .code_edit import CodeEdit
from .files import Files
from .open_file import OpenFile
from .preview import Preview, previewed
from .tab_strip import TabStrip

NOTHING = "No file is open. Choose one at the left, or press Ctrl+P and type a few letters of its name."


class EditorPage(QWidget):
    """The open files.

    Args:
        theme: where its colours come from.
        files: opens and saves them.
        tasks: reads pictures in the background.

    Signals:
        shown(object): another file is shown, or None.
        state_changed: what is said of the shown file is different.
        compared(str, str): title and difference to show.
    """

    shown = Signal(object)
    state_changed = Signal()
    compared = Signal(str, str)

    def __init__(self, theme: Theme, files: Files, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.files = theme, files
        self._current: OpenFile | None = None
        self._temporary_wanted: set[Path] = set()
        self._wrap = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = TabStrip(theme)
        self.bar = TextBar(theme)
        self.stack = QStackedWidget()
        self.empty = EmptyState(theme, "file", NOTHING)
        self.preview = Preview(theme, tasks)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.preview)
        self.find_bar = FindBar(theme)
        column.addWidget(self.tabs)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        column.addWidget(self.find_bar)
        self.tabs.hide()
        self.tabs.shown.connect(self._on_shown)
        self.tabs.close_wanted.connect(self.close_file)
        self.tabs.keep_wanted.connect(self._on_keep)
        self.bar.order.connect(self._on_order)
        self.find_bar.closed.connect(self.focus_text)
        files.opened.connect(self._on_opened)
        files.closed.connect(self._on_closed)

    @property
    def current(self) -> OpenFile | None:
        """The file shown."""
        return self._current

    def edit(self) -> CodeEdit | None:
        """The text shown."""
        return self._current.edit if self._current is not None else None

    # opening

    def open(self, path: Path, application: str, line: int = 0, *, temporary: bool = False) -> None:
        """Opens a file at a line; pictures and other files without text are shown as such.

        Args:
            temporary: the next temporary file takes its tab.
        """
        if previewed(path):
            self.show_preview(path)
            return
        if temporary and self.files.find(path) is None:
            self._temporary_wanted.add(path)

        def then(file: OpenFile) -> None:
            if line:
                file.edit.go_to(line)

        self.files.open(path, application, then)

    def show_preview(self, path: Path) -> None:
        """Shows a picture, or what is known about a file without text."""
        self.preview.show_path(path)
        self.stack.setCurrentWidget(self.preview)
        self._current = None
        self.bar.show_file(None)
        self.shown.emit(None)

    def _on_opened(self, file: OpenFile) -> None:
        if self.tabs.place(file) < 0:
            if file.path in self._temporary_wanted:
                self._temporary_wanted.discard(file.path)
                file.temporary = True
                for other in self.files.all():
                    if other is not file and other.temporary and not other.dirty:
                        self.files.close(other)
            self.tabs.add(file)
            self.stack.addWidget(file.edit)
            file.edit.set_wrap(self._wrap)
            file.changed.connect(lambda: self._on_changed(file))
            file.edit.place_changed.connect(lambda _line, _column: self.state_changed.emit())
        self.tabs.show()
        self.tabs.show_file(file)
        self._on_shown(file)
        file.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_shown(self, file: OpenFile) -> None:
        changed, self._current = self._current is not file, file
        self.stack.setCurrentWidget(file.edit)
        self.bar.show_file(file)
        self.find_bar.show_edit(file.edit)
        if changed:
            self.shown.emit(file)

    def _on_changed(self, file: OpenFile) -> None:
        self.tabs.refresh(file)
        if file is self._current:
            self.bar.show_file(file)
            self.state_changed.emit()

    def _on_keep(self, file: OpenFile) -> None:
        file.temporary = False
        self.tabs.refresh(file)

    def focus_text(self) -> None:
        """Puts the cursor into the text."""
        edit = self.edit()
        if edit is not None:
            edit.setFocus(Qt.FocusReason.OtherFocusReason)

    # closing

    def close_current(self) -> None:
        """Closes the file shown."""
        if self._current is not None:
            self.close_file(self._current)

    def close_file(self, file: OpenFile) -> None:
        """Closes a file; asks when something was not saved."""
        if not file.dirty:
            self.files.close(file)
            return
        question = Question(
            self._theme,
            f"Save {file.path.name}?",
            "What you typed is not in the file yet.",
            [
                Answer("drop", "Close without saving", "danger"),
                Answer("stay", "Stay"),
                Answer("save", "Save and close", "primary"),
            ],
            parent=self,
        )

        def on_answer(answer: str, _ticked: bool) -> None:
            if answer == "save":
                self.files.save(file, then=lambda: self.files.close(file))
            elif answer == "drop":
                self.files.close(file)

        question.answered.connect(on_answer)
        question.open()

    def _on_closed(self, file: OpenFile) -> None:
        if file is self._current:
            self.find_bar.show_edit(None)
            self._current = None
        self.tabs.remove(file)
        self.stack.removeWidget(file.edit)
        file.edit.deleteLater()
        if not self.files.all():
            self.tabs.hide()
            self.bar.show_file(None)
            self.stack.setCurrentWidget(self.empty)
            self.shown.emit(None)
        else:
            now = self.tabs.file(self.tabs.currentIndex())
            if now is not None:
                self._on_shown(now)

    # orders

    def save(self) -> None:
        """Saves the file shown."""
        if self._current is not None:
            self.files.save(self._current)

    def find_text(self) -> None:
        """Opens the bar to find."""
        self.find_bar.begin(replace=False)

    def replace_text(self) -> None:
        """Opens the bar to replace."""
        self.find_bar.begin(replace=True)

    def toggle_comment(self) -> None:
        """Comments the selected lines, or makes them text again."""
        edit = self.edit()
        if edit is not None and not edit.isReadOnly():
            edit.toggle_comment()

    def set_wrap(self, on: bool) -> None:
        """Breaks long lines, in all files."""
        self._wrap = on
        for file in self.files.all():
            file.edit.set_wrap(on)

    def ask_line(self) -> None:
        """Asks for the number of a line and goes there."""
        edit = self.edit()
        if edit is None:
            return
        dialog = QInputDialog(self)
        dialog.setObjectName("applications.editor.line")
        dialog.setWindowTitle("Go to line")
        dialog.setLabelText(f"Line, 1 to {edit.blockCount()}")
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(1, edit.blockCount())
        dialog.setIntValue(edit.place()[0])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.intValueSelected.connect(edit.go_to)
        dialog.open()

    def next_problem(self, step: int = 1) -> None:
        """Goes to the next mistake or error of the file, or the one before."""
        edit = self.edit()
        if edit is None or not edit.marks():
            return
        lines, here = sorted(edit.marks()), edit.place()[0]
        if step > 0:
            edit.go_to(next((line for line in lines if line > here), lines[0]))
        else:
            edit.go_to(next((line for line in reversed(lines) if line < here), lines[-1]))

    def _on_order(self, order: str) -> None:
        file = self._current
        if file is None:
            return
        if order in ("reload", "drop"):
            self.files.reload(file)
        elif order == "keep":
            self.files.keep_mine(file)
        elif order == "close":
            self.files.close(file)
        elif order in ("earlier", "later"):
            self.files.show_piece(file, 1 if order == "later" else -1)
        elif order == "compare":
            self.files.on_disk(file, lambda text: self._compare(file, text))
        self.focus_text()

    def _compare(self, file: OpenFile, text: str) -> None:
        lines = unified_diff(
            text.splitlines(), file.edit.text().splitlines(), "on disk", "your text", lineterm=""
        )
        self.compared.emit(f"{file.path.name}: on disk and your text", "\n".join(lines))
