"""Where the details lead: files, definitions, workers, runs, tickets (SC-06, desktop-ux 1.6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from runtime.admin.scheduler.related import ticket_of_run
from runtime.foundation.log_files import worker_log

from .session import Session

if TYPE_CHECKING:
    from .view import SchedulerPanel


class Ways(QObject):
    """Follows what is pressed in the details.

    Args:
        panel: which shows tabs and asks for links.
        session: what is known.
        site: tells the site folder.
    """

    def __init__(self, panel: SchedulerPanel, session: Session, site: Callable[[], Path]) -> None:
        super().__init__(panel)
        self._panel, self._session, self._site = panel, session, site

    def follow(self, kind: str, data: Any) -> None:
        """Goes where ``worker``, ``task``, ``runs``, ``file``, ``definition``, ``log``, ``ticket`` leads."""
        panel, application = self._panel, self._session.application
        if kind == "worker":
            panel.show_tab("workers")
        elif kind == "task":
            panel.show_task(int(data))
        elif kind == "runs":
            panel.show_runs_of(int(data))
        elif kind == "file":
            path, line = data
            panel.link_wanted.emit("file", {"application": application, "path": path, "line": line})
        elif kind == "definition":
            self.open_file(*data)
        elif kind == "log":  # of the worker, where the run began (LG-05)
            source = worker_log(application, data.worker)
            panel.link_wanted.emit("log", {"time": data.start, "source": source})
        elif kind == "ticket":
            panel.link_wanted.emit("ticket", {"application": application, "ticket": str(data)})

    def place_of_function(self, name: str) -> tuple[str, int]:
        """File, relative to the application, and line of a function; empty when not known."""
        for one in self._session.functions:
            if one["name"] == name:
                return str(one["file"]), int(one["line"])
        return "", 0

    def open_definition(self) -> None:
        """Opens the function of the task shown (Ctrl+E)."""
        detail = self._session.detail
        if detail is not None:
            file, line = self.place_of_function(detail.task.function)
            if file:
                self.open_file(file, line)

    def open_file(self, file: str, line: int) -> None:
        """Opens a file of the application."""
        application = self._session.application
        path = self._site() / "applications" / application / file
        self._panel.link_wanted.emit("file", {"application": application, "path": str(path), "line": line})

    def look_for_ticket(self) -> None:
        """Shows the ticket of the run, if there is one."""
        texts = self._session.texts
        if texts is None or texts.run.status != "FAILED" or texts.run.start is None:
            return
        run, traceback, site = texts.run, texts.traceback, self._site()
        start, stop, application = texts.run.start, run.stop or texts.run.start, run.application

        def found(ticket: str) -> None:
            if self._session.run_id == run.id:
                self._panel.detail.show_ticket(ticket)

        self._session.schedulers.look_up(
            lambda: ticket_of_run(site, application, start, stop, traceback), owner=self, on_done=found
        )
