"""The panel Logs in the window: its place, links to a moment, the scope (LG-05, SH-02)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.shell.context import PanelContext

from .actions import LogReader
from .display import Display
from .display_actions import DisplayActions
from .drawer import LogDrawer
from .upkeep import Upkeep
from .view import LogsPanel

NOTICE, DRAWER = "logs", "logs.drawer"


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.reader = LogReader(context.tasks, self._site, self)
        self.display = Display(context.theme, context.layout, self)
        self.display_actions = DisplayActions(context.actions, self.display, self)
        self.upkeep = Upkeep(context.tasks, context.preferences, context.supervisor, self._site, self)
        self.panel = LogsPanel(
            context.theme,
            self.reader,
            context.layout,
            self.display,
            self.display_actions.fill,
            self.upkeep.fill,
        )
        self.upkeep.said.connect(self._say)
        self.upkeep.failed.connect(self._warn)
        self.upkeep.put_aside.connect(self.panel.read)
        self.panel.seen_changed.connect(lambda seen: self.display_actions.set_seen("panel", seen))
        self.drawer: LogDrawer | None = None
        self._tail: LogReader | None = None
        context.window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        context.links.register("log", self.open_moment)
        context.scope.changed.connect(self.panel.show_application)
        self.panel.file_wanted.connect(self._open_file)
        self.panel.said.connect(self._say)
        self.panel.moment_wanted.connect(lambda moment: self._open_whole(moment, ""))
        self.panel.set_site(self._site())
        self.panel.show_application(context.scope.application)
        self._offer_drawer()

    def _offer_drawer(self) -> None:
        """The drawer of the window is the end of the logs (LG-09)."""
        actions, window = self._context.actions, self._context.window
        place = window.drawer
        actions.add(DRAWER, "Log drawer", place.toggle, group="Window", icon="logs", shortcut="Ctrl+J")
        actions.get(DRAWER).setCheckable(True)
        place.opened.connect(self._on_drawer)
        window.panel_shown.connect(self._on_panel)
        self._on_panel(window.current_panel())
        place.offer(self._make_drawer)
        actions.get(DRAWER).setChecked(place.is_open)

    def _make_drawer(self) -> LogDrawer:
        context = self._context
        self._tail = LogReader(context.tasks, self._site, self)
        drawer = LogDrawer(context.theme, self._tail, context.layout, self.display, self.display_actions.fill)
        drawer.show_application(context.scope.application)
        context.scope.changed.connect(drawer.show_application)
        drawer.moment_wanted.connect(self._open_whole)
        drawer.closed.connect(context.window.drawer.close_drawer)
        drawer.seen_changed.connect(lambda seen: self.display_actions.set_seen("drawer", seen))
        self.drawer = drawer
        return drawer

    def _open_whole(self, moment: float, source: str) -> None:
        if moment:
            self._context.links.open("log", time=moment, source=source)
        else:
            self._context.window.show_panel("logs")

    def _on_drawer(self, opened: bool) -> None:
        self._context.actions.get(DRAWER).setChecked(opened)
        self._context.window.announce("Log drawer opened" if opened else "Log drawer closed")

    def _on_panel(self, panel: str) -> None:
        """The panel of the logs needs no second one below it."""
        is_logs = panel == "logs"
        self._context.window.drawer.set_needless(is_logs)
        self._context.actions.set_enabled(DRAWER, not is_logs, "This panel shows the logs themselves.")

    def close(self) -> None:
        """Ends all work."""
        self.reader.close()
        self.upkeep.close()
        if self._tail is not None:
            self._tail.close()

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

    def _warn(self, sentence: str) -> None:
        self._context.notices.post("warning", sentence, replace=NOTICE)

    def _say(self, sentence: str) -> None:
        self._context.notices.post("done", sentence, replace=NOTICE)
