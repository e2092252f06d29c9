"""Carries settings to and from a file: what changes is shown before it does (ST-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.background import Tasks
from desktop.settings.schema import BY_NAME, Value
from desktop.settings.transfer import export_values, read_values
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme

NAMED = 12  # changes listed one by one


class Transfer(QObject):
    """Exports and imports.

    Args:
        theme: colours of the question.
        tasks: reads and writes in the background.
        values: tells all options as they are.
        put: takes options, and returns what is wrong with them, empty when they were taken.
        window: parent of the question.

    Signals:
        said(str, str): level and sentence for a notice.
    """

    said = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        values: Callable[[], dict[str, Value]],
        put: Callable[[Mapping[str, Value]], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._theme, self._tasks, self._values, self._put, self._window = theme, tasks, values, put, window

    def export(self, path: Path) -> None:
        """Writes what was chosen into a file."""
        chosen = {name: value for name, value in self._values().items() if value != BY_NAME[name].default}
        self._tasks.run(
            lambda _context: export_values(path, chosen),
            owner=self,
            title="Exporting settings",
            on_done=lambda _none: self.said.emit(
                "done", f"The settings were written into {path}, without passwords."
            ),
            on_failed=lambda error: self.said.emit("error", f"{path} can't be written: {_reason(error)}."),
        )

    def read(self, path: Path) -> None:
        """Reads a file and asks whether what it changes is wanted."""
        self._tasks.run(
            lambda _context: read_values(path),
            owner=self,
            title="Reading settings",
            reading=True,
            on_done=lambda found: self._ask(path, found),
            on_failed=lambda error: self.said.emit("error", str(error)),
        )

    def _ask(self, path: Path, found: Mapping[str, Value]) -> None:
        now = self._values()
        changes = {name: value for name, value in found.items() if now.get(name) != value}
        if not changes:
            self.said.emit("info", f"All settings in {path.name} are as they are here.")
            return
        lines = [_line(name, now[name], value) for name, value in changes.items()]
        if len(lines) > NAMED:
            lines[NAMED:] = [f"and {len(lines) - NAMED} more"]
        count = "1 setting" if len(changes) == 1 else f"{len(changes)} settings"
        question = Question(
            self._theme,
            f"Change {count}?",
            "\n".join(lines),
            [Answer("stay", "Cancel"), Answer("import", f"Change {count}", "primary")],
            parent=self._window.window(),
        )
        question.answered.connect(lambda answer, _ticked: self._on_answered(answer, changes, count))
        question.open()

    def _on_answered(self, answer: str, changes: Mapping[str, Value], count: str) -> None:
        if answer != "import":
            return
        fault = self._put(changes)
        if fault:
            self.said.emit("error", f"Nothing was imported. {fault}")
        else:
            self.said.emit("done", f"{count} changed.")


def _line(name: str, now: Value, value: Value) -> str:
    option = BY_NAME[name]
    words = [
        ("on" if each else "off") if isinstance(each, bool) else option.in_words(each) or "nothing"
        for each in (now, value)
    ]
    return f"{option.section.capitalize()}, {option.title}: {words[0]} → {words[1]}"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
