"""Leaving while something is under way: one sheet lists it (SH-18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.background import Tasks
from desktop.theme import Theme

from .questions import Answer, Question

NAMED = 3  # unsaved things named one by one

Words = Callable[[Sequence[str]], None]


class Leaving(QObject):
    """Asks once whether to leave, if leaving would lose something.

    A panel that can hold unsaved work has two methods: ``unsaved() -> Sequence[str]`` names it, and
    ``save_all(done)`` saves it in the background and calls ``done(bool)``, true when everything is kept.

    Args:
        theme: colours of the sheet.
        window: its parent, brought forward when it asks.
        panels: the panels there are.
        tasks: the work under way.
        look: calls back, soon and once, with what the server would lose, in sentence parts.
        forward: shows the window.

    Signals:
        granted: nothing stands in the way of leaving, or the person said so.
    """

    granted = Signal()

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        panels: Callable[[], Iterable[QWidget]],
        tasks: Tasks,
        look: Callable[[Words], None],
        forward: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._theme, self._window, self._panels = theme, window, panels
        self._tasks, self._look, self._forward = tasks, look, forward
        self._looking = False
        self._sheet: Question | None = None
        self._unsaved: list[QWidget] = []
        self._to_save = 0
        self._kept = True

    def ask(self) -> None:
        """Finds out what is under way; asks, or grants at once."""
        if self._sheet is not None:
            self._forward()
        elif not self._looking:
            self._looking = True
            self._look(self._on_server)

    def _on_server(self, server: Sequence[str]) -> None:
        self._looking = False
        self._unsaved = [panel for panel in self._panels() if self._names(panel)]
        lines = self._unsaved_lines()
        under_way = [task for task in self._tasks.under_way() if not task.reading]
        lines += [self._task_line(task.title, task.percent) for task in under_way]
        lines += server
        if lines:
            self._open_sheet(lines)
        else:
            self.granted.emit()

    @staticmethod
    def _names(panel: QWidget) -> list[str]:
        unsaved = getattr(panel, "unsaved", None)
        return list(unsaved()) if unsaved is not None else []

    def _unsaved_lines(self) -> list[str]:
        names = [name for panel in self._unsaved for name in self._names(panel)]
        if not names:
            return []
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        verb = "has" if len(names) == 1 else "have"
        return [f"{', '.join(names[:NAMED])}{more} {verb} unsaved changes"]

    @staticmethod
    def _task_line(title: str, percent: int | None) -> str:
        return f"“{title}” is at {percent} %" if percent is not None else f"“{title}” is under way"

    def _open_sheet(self, lines: list[str]) -> None:
        answers = [Answer("quit", "Quit anyway"), Answer("stay", "Stay", "primary")]
        if self._unsaved:
            answers = [Answer("quit", "Quit anyway"), Answer("stay", "Stay")]
            answers.append(Answer("save", "Save all and quit", "primary"))
        self._forward()
        self._sheet = Question(
            self._theme, "Before Hadron quits", "\n".join(lines), answers, parent=self._window
        )
        self._sheet.answered.connect(self._on_answered)
        self._sheet.open()

    def _on_answered(self, answer: str, _ticked: bool) -> None:
        self._sheet = None
        if answer == "quit":
            self.granted.emit()
        elif answer == "save":
            self._kept, self._to_save = True, len(self._unsaved)
            for panel in self._unsaved:
                panel.save_all(self._on_saved)  # type: ignore[attr-defined]  # has it, as it has unsaved()

    def _on_saved(self, kept: bool) -> None:
        self._kept = self._kept and kept
        self._to_save -= 1
        if self._to_save == 0 and self._kept:  # else the panel says why, and the window stays
            self.granted.emit()
