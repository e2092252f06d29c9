"""The panel Cache in the window: scope, links, the server (UI-CA, SH-02)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.processes.state import ServerState
from desktop.shell.context import PanelContext

from .actions import CacheActions
from .view import CachePanel

NOTICE = "cache"
GUIDE = (
    "A model or controller keeps a value by cache.ram('name', function, time_expire=60), or by cache.disk "
    "what has to outlive the server. Redis: from gluon.contrib.redis_cache import RedisCache; "
    "cache.redis = RedisCache()."
)


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.caches = CacheActions(context.tasks, self._site, self)
        self.panel = CachePanel(context.theme, self.caches, context.layout)
        context.window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        context.links.register("key", self.open_key)
        context.scope.changed.connect(self._follow)
        context.scope.applications_changed.connect(self._follow)
        context.supervisor.state_changed.connect(self._on_server)
        self._phase = context.supervisor.state.phase
        self.panel.said.connect(self._say)
        self.panel.start_wanted.connect(context.supervisor.start)
        self.panel.guide_wanted.connect(self._show_guide)
        for name, words, handler, icon in (
            ("refresh", "Read the caches again", self.panel.refresh, "restart"),
            ("sessions", "Sessions of visitors", self._show_sessions, "mark-clock"),
            ("delete", "Delete matching keys…", self.panel.commands.delete_matching, "trash"),
        ):
            context.actions.add(f"cache.{name}", words, handler, group="Cache", icon=icon)
        self.panel.bar.editing.switched.connect(self._on_editing)
        self._on_editing(False)
        self._follow()

    def close(self) -> None:
        """Ends all work."""
        self.caches.close()

    def open_key(self, store: str = "ram", key: str = "", application: str = "") -> None:
        """Shows one key, from wherever it is named."""
        self._context.window.come_forward()
        self._context.window.show_panel("cache")
        self.panel.open_key(application, store, key)

    def _show_sessions(self) -> None:
        self._context.window.come_forward()
        self._context.window.show_panel("cache")
        self.panel.show_page("sessions")

    def _on_editing(self, on: bool) -> None:
        self._context.actions.set_enabled("cache.delete", on, "Switch editing on in the panel Cache first.")

    def _site(self) -> Path:
        return Path(self._context.supervisor.settings.site_folder)

    def _follow(self, _application: str = "") -> None:
        scope = self._context.scope
        self.panel.show_applications((scope.application,) if scope.application else scope.applications)

    def _on_server(self, state: ServerState) -> None:
        """The server came or went: what is in its memory did too."""
        if state.phase != self._phase:
            self._phase = state.phase
            if self.panel.isVisible():
                self.caches.refresh()

    def _say(self, level: str, text: str) -> None:
        self._context.notices.post(level, text, replace=NOTICE)

    def _show_guide(self) -> None:
        self._context.notices.post("info", GUIDE, replace=NOTICE)
