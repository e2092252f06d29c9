"""The panel Logs in the window: its place, links to a moment, the scope (LG-05, SH-02)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.shell.context import PanelContext

from .actions import LogReader
from .view import LogsPanel

NOTICE = "logs"


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.reader = LogReader(context.tasks, self._site, self)
        self.panel = LogsPanel(context.theme, self.reader, context.layout)
        context.window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        context.links.register("log", self.open_moment)
        context.scope.changed.connect(self.panel.show_application)
        self.panel.file_wanted.connect(self._open_file)
        self.panel.said.connect(self._say)
        self.panel.set_site(self._site())
        self.panel.show_application(context.scope.application)

    def close(self) -> None:
        """Ends all work."""
        self.reader.close()

    def open_moment(self, time: float, source: str = "") -> None:
        """Shows the logs around a moment."""
        self._context.window.come_forward()
        self.panel.set_site(self._site())
        self._context.window.show_panel("logs")
        self.panel.show_moment(time, source)

    def _site(self) -> Path:
        return Path(self._context.supervisor.settings.site_folder)

    def _open_file(self, path: str, line: int) -> None:
        self._context.links.open("file", path=path, line=line)

    def _say(self, sentence: str) -> None:
        self._context.notices.post("done", sentence, replace=NOTICE)
