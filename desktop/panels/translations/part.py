"""The panel Translations in the window: its place, its links, the scope (TR-08, SH-02)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.shell.context import PanelContext

from .view import TranslationsPanel


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        supervisor = context.supervisor
        self.panel = TranslationsPanel(
            context.theme,
            context.actions,
            context.layout,
            context.notices,
            context.tasks,
            lambda: supervisor.settings.site_folder,
            open_at=self._open_at,
            server_url=lambda: supervisor.state.url or "",
            open_address=context.open_address,
        )
        context.window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        context.links.register("language", self.open_language)
        context.scope.changed.connect(self._follow)
        self._follow(context.scope.application)

    def close(self) -> None:
        """Nothing runs but background tasks, which the window ends."""

    def open_language(self, application: str = "", language: str = "", key: str = "") -> None:
        """Shows a language of an application, and a string of it."""
        self._context.window.come_forward()
        self._context.window.show_panel("translations")
        self.panel.open_language(application, language, key)

    def _follow(self, application: str) -> None:
        if application:
            self.panel.open_language(application)

    def _open_at(self, path: Path, line: int) -> bool:
        application = self.panel.session.application
        name = application.name if application is not None else ""
        return self._context.links.open("file", path=str(path), line=line, application=name)
