"""The pane Git: branch, changed files, difference, commit, pull, push (UI-AP-20)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from desktop.background import Context, Tasks
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.labels import CutLabel
from desktop.widgets.lines import Line, Lines
from runtime.admin import git
from runtime.admin.git import FileChange, GitState

from .editor.code_edit import CodeEdit
from .editor.languages import LANGUAGES, language_of

LANE = "applications.git"
MARKS = {
    "M": ("code", "status.changing.mark"),
    "A": ("plus", "status.serving.mark"),
    "D": ("minus", "status.failed.mark"),
    "U": ("warning-outline", "status.problem.mark"),
}
"""Icon and colour of a change; that of others is quiet."""


class GitPane(QWidget):
    """What git says of the opened application.

    Args:
        theme: where its colours come from.
        tasks: runs git in the background.
        folder: tells the folder of the opened application.

    Signals:
        wanted(str): a file is to be opened.
        changed: something was committed or pulled.
        told(str, str): level and sentence of a notice.
    """

    wanted = Signal(str)
    changed = Signal()
    told = Signal(str, str)

    def __init__(
        self, theme: Theme, tasks: Tasks, folder: Callable[[], Path], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks, self._folder = tasks, folder
        self._state: GitState | None = None
        self._left_out: set[str] = set()
        self._shown = ""
        self.setObjectName("applications.git.pane")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        self.words = CutLabel("secondary")
        self.message = QLineEdit()
        self.message.setObjectName("applications.git.message")
        self.message.setPlaceholderText("What the changes are about")
        self.message.setAccessibleName("Message of the commit")
        self.message.setProperty("tool", True)
        self.commit = self._button(theme, "commit", "Commit")
        self.pull = self._button(theme, "pull", "Pull")
        self.push = self._button(theme, "push", "Push")
        row.addWidget(self.words, 1)
        row.addWidget(self.message, 2)
        for button in (self.commit, self.pull, self.push):
            row.addWidget(button)
        column.addLayout(row)
        self.files = Lines(theme, "applications.git.files", "Changed files")
        self.text = CodeEdit(theme)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Difference")
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.files)
        splitter.addWidget(self.text)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([300, 600])
        column.addWidget(splitter, 1)
        self.files.ticked.connect(self._toggle)
        self.files.wanted.connect(self._show)
        self.files.selectionModel().currentChanged.connect(lambda _new, _old: self._on_current())
        self.files.doubleClicked.connect(lambda _index: self._open())
        self.message.textChanged.connect(lambda _text: self._refresh())
        self.message.returnPressed.connect(self.commit.click)
        self.commit.clicked.connect(self.commit_now)
        self.pull.clicked.connect(self.pull_now)
        self.push.clicked.connect(self.push_now)

    def _button(self, theme: Theme, name: str, words: str) -> Button:
        button = Button(theme, words, small=True)
        button.setObjectName(f"applications.git.{name}")
        return button

    # what is shown

    def show_state(self, state: GitState | None, fault: str = "") -> None:
        """Shows how the application stands."""
        if state == self._state and not fault and state is not None:
            return
        self._state = state
        if state is None:
            self.words.set_text(fault or "This application is in no git repository.")
            self.files.show_lines([])
            self.text.show_text("", LANGUAGES["plain"])
        else:
            words = state.branch + (f", pulls from {state.upstream}" if state.upstream else "")
            self.words.set_text(state.refused or words)
            self._fill()
        self._refresh()

    def _fill(self) -> None:
        lines = []
        for change in self._state.changes if self._state is not None else ():
            icon, tint = MARKS.get(change.state, ("code", "text.secondary"))
            lines.append(
                Line(
                    change.path,
                    icon=icon,
                    tint=tint,
                    note=git.WORDS.get(change.state, change.state),
                    checked=change.path not in self._left_out,
                    data=change,
                )
            )
        self.files.show_lines(lines or [Line("", "Nothing has changed since the last commit.")])
        if lines and self.files.current() is None:
            self.files.setCurrentIndex(self.files.lines_model.index(0))

    def chosen(self) -> tuple[str, ...]:
        """The files that a commit takes."""
        changes = self._state.changes if self._state is not None else ()
        return tuple(change.path for change in changes if change.path not in self._left_out)

    def _refresh(self) -> None:
        state = self._state
        usable = state is not None and not state.refused
        ready = usable and bool(self.chosen()) and bool(self.message.text().strip())
        self.commit.setEnabled(ready)
        self.commit.setToolTip("" if ready else "Choose files and write what the changes are about.")
        remote = usable and state is not None and bool(state.upstream)
        for button in (self.pull, self.push):
            button.setEnabled(bool(remote))
            button.setToolTip("" if remote else "The branch has no other side to pull from or push to.")

    def _toggle(self, change: FileChange) -> None:
        self._left_out ^= {change.path}
        self._fill()
        self._refresh()

    def _on_current(self) -> None:
        line = self.files.current()
        if line is not None and isinstance(line.data, FileChange):
            self._show(line.data)

    def _open(self) -> None:
        line = self.files.current()
        if line is not None and isinstance(line.data, FileChange) and line.data.state != "D":
            self.wanted.emit(str(self._folder() / line.data.path))

    def _show(self, change: FileChange) -> None:
        folder = self._folder()

        def on_done(text: str) -> None:
            language = language_of(change.path) if change.state == "?" else LANGUAGES["diff"]
            self.text.show_text(text, language)

        self._tasks.run(
            lambda _context: git.difference(folder, change.path, change.state),
            owner=self,
            title=f"Comparing {change.path}",
            key="applications.git.difference",
            reading=True,
            on_done=on_done,
            on_failed=lambda error: self.text.show_text(str(error), LANGUAGES["plain"]),
        )

    # orders

    def _run(self, title: str, function: Callable[[Context], Any], words: Callable[[Any], str]) -> None:
        def on_done(result: Any) -> None:
            self.told.emit("done", words(result))
            self.changed.emit()

        def on_failed(error: Exception) -> None:
            self.told.emit("error", str(error))
            self.changed.emit()

        self._tasks.run(function, owner=self, title=title, lane=LANE, on_done=on_done, on_failed=on_failed)

    def commit_now(self) -> None:
        """Commits the ticked files."""
        folder, paths, message = self._folder(), self.chosen(), self.message.text()

        def words(_result: object) -> str:
            self.message.clear()
            self._left_out.clear()
            return f"{len(paths)} file{'s' if len(paths) > 1 else ''} committed."

        self._run("Committing", lambda _context: git.commit(folder, paths, message), words)

    def pull_now(self) -> None:
        """Brings in what the other side has."""
        folder = self._folder()
        self._run(
            "Pulling",
            lambda context: git.pull(folder, lambda: context.cancelled),
            lambda text: f"Pulled. {text.splitlines()[-1] if text else ''}".strip(),
        )

    def push_now(self) -> None:
        """Sends our commits."""
        folder = self._folder()
        self._run(
            "Pushing", lambda context: git.push(folder, lambda: context.cancelled), lambda _text: "Pushed."
        )
