"""The list of tasks: what is under way, with *Cancel*, and how the last ones ended (SH-14)."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.background import Task, Tasks, TaskState
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet

NONE_YET = "Nothing is under way, and nothing has ended since the start."
_LOOK = {
    TaskState.WAITING: ("mark-clock", "text.secondary"),
    TaskState.RUNNING: ("mark-ring-dot", "status.changing.mark"),
    TaskState.DONE: ("mark-check", "status.serving.mark"),
    TaskState.FAILED: ("mark-cross-small", "status.failed.mark"),
    TaskState.CANCELLED: ("mark-dash", "text.secondary"),
}
ENDED = frozenset((TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED))


def result_words(task: Task) -> str:
    """How it stands with a task, or how it ended: "62 %", "done", "failed: The disk is full."."""
    if task.state is TaskState.FAILED:
        return f"failed: {task.error}"
    if task.state in ENDED:
        return str(task.state.value)
    if task.cancelled.is_set():
        return "is being cancelled"
    if task.state is TaskState.WAITING:
        return "waits for its turn"
    percent = "" if task.percent is None else f"{task.percent} %"
    return " ".join(part for part in (percent, task.text) if part) or "under way"


def _line(task: Task) -> Line:
    icon, tint = _LOOK[task.state]
    words = result_words(task)
    note = ""
    if task.state in ENDED:
        took = f", took {round(task.seconds)} s" if task.seconds >= 1 else ""
        note = time.strftime("%H:%M:%S", time.localtime(task.ended_at)) + took
    return Line(task.title, words, icon, tint, note, tip=f"{task.title}: {words}", data=task)


class TaskSheet(Sheet):
    """The list; it follows the tasks while it is open.

    Args:
        theme: where its colours come from.
        tasks: what is listed.
    """

    def __init__(self, theme: Theme, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(theme, "tasks", "Tasks", NONE_YET, parent)
        self._tasks = tasks
        self._chosen: Task | None = None
        self.list = Lines(theme, "tasks.list", "Tasks under way, then those that ended")
        self.list.selectionModel().currentChanged.connect(self._on_chosen)
        self.column.addWidget(self.list, 1)
        self.column.addLayout(self._buttons())
        tasks.changed.connect(self._refresh)
        self.set_room(640, 420)
        self._refresh()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.stop = Button(self.theme, "Cancel the task")
        self.stop.setObjectName("tasks.cancel")
        self.stop.clicked.connect(self._cancel)
        close = Button(self.theme, "Close", "primary")
        close.setObjectName("tasks.close")
        close.clicked.connect(self.accept)
        row.addWidget(self.stop)
        row.addStretch(1)
        row.addWidget(close)
        close.setFocus()
        return row

    def _refresh(self) -> None:
        listed = [*self._tasks.under_way(), *self._tasks.finished()]
        chosen = self._chosen if self._chosen in listed else None
        self.list.show_lines([_line(task) for task in listed])
        at = listed.index(chosen) if chosen is not None else 0
        if listed:
            self.list.setCurrentIndex(self.list.lines_model.index(at))
        self.words.setVisible(not listed)
        self.list.setVisible(bool(listed))
        self._on_chosen()

    def _on_chosen(self) -> None:
        line = self.list.current()
        self._chosen = line.data if line is not None else None
        self.stop.setEnabled(self._can_end(self._chosen))

    @staticmethod
    def _can_end(task: Task | None) -> bool:
        return bool(task and task.cancellable and task.state not in ENDED and not task.cancelled.is_set())

    def _cancel(self) -> None:
        if self._chosen is not None and self._can_end(self._chosen):
            self._tasks.cancel(self._chosen)
            self._refresh()
