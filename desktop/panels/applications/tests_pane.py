"""The pane Tests: runs tests and doctests in a child, shows the results as a tree (UI-AP-19)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from desktop.background import Context, Task, Tasks
from desktop.panels.overview.words import counted, milliseconds
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.labels import CutLabel
from desktop.widgets.lines import Line, Lines
from desktop.widgets.value.texts import CodeText
from runtime.admin.test_runs import Result, run


class TestsPane(QWidget):
    """Tests of the opened application.

    Args:
        theme: where its colours come from.
        tasks: runs them.
        site: tells the site folder.
        application: tells the name of the opened application.

    Signals:
        wanted(str, int): a place in the application: path relative to it, and line.
    """

    __test__ = False  # pytest: this is no test
    wanted = Signal(str, int)
    _came = Signal(int, object)

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        site: Callable[[], Path],
        application: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._site, self._application = tasks, site, application
        self._task: Task | None = None
        self._number = 0
        self.results: list[Result] = []
        self.setObjectName("applications.tests")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        self.go = Button(theme, "Run tests and doctests", icon="play", small=True)
        self.go.setObjectName("applications.tests.run")
        self.stop = Button(theme, "Cancel", "quiet", small=True)
        self.stop.setObjectName("applications.tests.cancel")
        self.stop.hide()
        self.words = CutLabel("secondary")
        self.words.set_text("They run in a process of their own; changes to databases are undone.")
        row.addWidget(self.go)
        row.addWidget(self.stop)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        self.tree = Lines(theme, "applications.tests.results", "Results")
        self.output = CodeText(theme, "Output of the test")
        self.output.setProperty("code", True)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.tree)
        splitter.addWidget(self.output)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        column.addWidget(splitter, 1)
        self.go.clicked.connect(self.begin)
        self.stop.clicked.connect(self.cancel)
        self.tree.wanted.connect(self._on_wanted)
        self.tree.selectionModel().currentChanged.connect(lambda _new, _old: self._on_current())
        self._came.connect(self._on_came)

    def clear(self) -> None:
        """Forgets results: another application is opened."""
        self.cancel()
        self.results = []
        self._fill()
        self.output.clear()

    def begin(self) -> None:
        """Runs them."""
        self.cancel()
        self.results = []
        self._number += 1
        number, site, application = self._number, self._site(), self._application()

        def work(context: Context) -> None:
            for result in run(site, application, lambda: context.cancelled):
                self._came.emit(number, result)

        self.go.setEnabled(False)
        self.stop.show()
        self.words.set_text("Running…")
        self._fill()
        self._task = self._tasks.run(
            work,
            owner=self,
            title=f"Testing {application}",
            key="applications.tests",
            on_done=lambda _none: self._on_ended(self._sum()),
            on_failed=lambda error: self._on_ended(str(error)),
        )

    def cancel(self) -> None:
        """Ends the child."""
        if self._task is not None:
            self._tasks.cancel(self._task)
            self._on_ended(f"Canceled. {self._sum()}")

    def _sum(self) -> str:
        if not self.results:
            return "No tests and no doctests were found."
        failed = sum(not result.passed for result in self.results)
        seconds = sum(result.seconds for result in self.results)
        words = f"{counted(len(self.results), 'test')} in {milliseconds(1000 * seconds)}"
        return f"{words}, {failed} failed." if failed else f"{words}, all passed."

    def _on_came(self, number: int, result: Result) -> None:
        if number == self._number:
            self.results.append(result)
            self.words.set_text(f"Running… {counted(len(self.results), 'test')} so far")
            self._fill()

    def _on_ended(self, words: str) -> None:
        self._task = None
        self.go.setEnabled(True)
        self.stop.hide()
        self.words.set_text(words)
        self._show_first_failure()

    def _show_first_failure(self) -> None:
        """Selects the first test that failed, so that its output is there without asking."""
        for at, line in enumerate(self.tree.lines_model.lines):
            if isinstance(line.data, Result) and not line.data.passed:
                self.tree.setCurrentIndex(self.tree.lines_model.index(at))
                return

    def _fill(self) -> None:
        groups: dict[str, list[Result]] = {}
        for result in self.results:
            group, _, _name = result.name.rpartition(":" if ":" in result.name else "/")
            groups.setdefault(group or result.name, []).append(result)
        lines = []
        for group, results in groups.items():
            failed = sum(not result.passed for result in results)
            lines.append(_line(group, "", failed == 0, 0, f"{failed} failed" if failed else "", None))
            for result in results:
                name = result.name[len(group) :].lstrip(":/") or result.name
                note = milliseconds(1000 * result.seconds)
                lines.append(_line(name, _reason(result), result.passed, 1, note, result))
        self.tree.show_lines(lines)

    def _on_current(self) -> None:
        line = self.tree.current()
        if line is not None and isinstance(line.data, Result):
            self.output.setPlainText(line.data.output or "It printed nothing.")

    def _on_wanted(self, result: Result) -> None:
        if result.path:
            self.wanted.emit(result.path, result.line)


def _line(text: str, rest: str, passed: bool, level: int, note: str, data: object) -> Line:
    icon, tint = ("mark-check", "serving") if passed else ("mark-cross-small", "failed")
    return Line(text, rest, icon, f"status.{tint}.mark", note, level, strong=level == 0, data=data)


def _reason(result: Result) -> str:
    if result.passed:
        return ""
    lines = [line.strip() for line in result.output.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "failed"
