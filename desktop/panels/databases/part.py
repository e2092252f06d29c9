"""The panel Databases in the window: scope, links, leaving (UI-DB, SH-02, SH-18)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.shell.context import PanelContext

from .actions import DatabaseActions
from .model import Place
from .view import DatabasesPanel

NOTICE = "databases"


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.actions = DatabaseActions(context.tasks, self._site, self)
        self.panel = DatabasesPanel(context.theme, self.actions, context.layout)
        context.window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        context.links.register("table", self.open_table)
        context.links.register("record", self.open_record)
        context.scope.changed.connect(self._follow)
        context.scope.applications_changed.connect(self._follow)
        self.panel.line_wanted.connect(self._open_line)
        self.panel.address_wanted.connect(context.open_address)
        self.panel.said.connect(self._say)
        self.panel.open_asked.connect(self._follow_link)
        self._follow()

    def close(self) -> None:
        """Ends the inspectors."""
        self.actions.close()

    def unsaved(self) -> Sequence[str]:
        """What leaving would lose."""
        return self.panel.unsaved()

    def save_all(self) -> None:
        """Writes what was changed."""
        self.panel.save_all()

    def _site(self) -> Path:
        return Path(self._context.supervisor.settings.site_folder)

    def _follow(self, _application: str = "") -> None:
        scope = self._context.scope
        self.panel.show_applications(scope.application, scope.applications)

    def _show(self) -> None:
        self._context.window.come_forward()
        self._context.window.show_panel("databases")

    def open_table(
        self, application: str = "", database: str = "", table: str = "", filter: str = ""
    ) -> None:
        """Shows a table; `filter` is ``field=expression`` or empty."""
        self._show()
        name, _, expression = filter.partition(":") if ":" in filter else filter.partition("=")
        if "=" in filter and ":" not in filter:
            expression = f"={expression}"
        filters = {name: expression} if name and expression else {}
        self.panel.open_table(Place(application, database, table), filters)

    def open_record(self, application: str = "", database: str = "", table: str = "", id: int = 0) -> None:
        """Shows one record."""
        self._show()
        self.panel.open_table(Place(application, database, table), {"id": f"={id}"})

    def _follow_link(self, place: Place, filters: dict[str, str]) -> None:
        """Goes through the window's links, so that *Back* returns."""
        text = next((f"{name}:{expression}" for name, expression in filters.items()), "")
        self._context.links.open(
            "table", application=place.application, database=place.database, table=place.table, filter=text
        )

    def _open_line(self, application: str, file: str, line: int) -> None:
        path = self._site() / "applications" / application / file
        self._context.links.open("file", path=str(path), line=line, application=application)

    def _say(self, level: str, text: str) -> None:
        self._context.notices.post(level, text, replace=NOTICE)
