"""Tells when work that the person had to wait for is done (SH-13, desktop-ux 12.4)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.background import Task, Tasks, TaskState

from .notices import NoticeAction, Notices
from .system_notices import SystemNotices

LONG = 10.0  # seconds
KIND = "long_work"


class LongWork(QObject):
    """Watches the tasks; what only reads is nobody's work.

    Args:
        tasks: are watched.
        notices: get a bar with *Show* when the person looks elsewhere.
        system_notices: tell it while the window is hidden.
        current_panel: id of the panel that is shown; work belongs to the one it was given in.
        is_seen: whether a panel is before the person's eyes.
        show: brings a panel forward.
    """

    def __init__(
        self,
        tasks: Tasks,
        notices: Notices,
        system_notices: SystemNotices,
        current_panel: Callable[[], str],
        is_seen: Callable[[str], bool],
        show: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._notices, self._system_notices = notices, system_notices
        self._current_panel, self._is_seen, self._show = current_panel, is_seen, show
        self._panels: dict[int, str] = {}
        tasks.began.connect(self._on_began)
        tasks.over.connect(self._on_over)

    def _on_began(self, task: Task) -> None:
        if not task.reading:
            self._panels[task.number] = self._current_panel()

    def _on_over(self, task: Task) -> None:
        panel = self._panels.pop(task.number, None)
        if panel is None or task.seconds < LONG or task.state is TaskState.CANCELLED:
            return
        if task.state is TaskState.FAILED:  # the window has told it already
            self._system_notices.tell(KIND, f"“{task.title}” failed. {task.error}", "error")
            return
        words = f"“{task.title}” is done."
        show = NoticeAction("Show", lambda: self._show(panel))
        key = f"long-work-{task.number}"
        self._notices.post("done", words, actions=[show], replace=key, quiet=self._is_seen(panel))
        self._system_notices.tell(KIND, words)
