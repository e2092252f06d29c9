"""The panel Databases in the window: scope, links, leaving (UI-DB, SH-02, SH-18)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.shell.context import PanelContext

from .actions import DatabaseActions
from .model import Place
from .view import DatabasesPanel

NOTICE = "databases"
GROUP = "Databases"


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
        self._add_actions()
        self._follow()

    def close(self) -> None:
        """Ends the inspectors."""
        self.actions.close()

    def _add_actions(self) -> None:
        panel, actions = self.panel, self._context.actions
        for name, words, handler, icon in (
            ("write", "Write changes of rows", panel.commands.write, "check"),
            ("discard", "Discard changes of rows", panel.discard, "undo"),
            ("add", "New row", panel.commands.add, "plus"),
            ("query", "Query box", self._open_query, "search"),
            ("export", "Export rows as CSV…", self._export, "disk"),
            ("models", "Read the models again", panel.tables.read_models, "restart"),
        ):
            actions.add(f"databases.{name}", words, handler, group=GROUP, icon=icon)
        panel.session.state_changed.connect(self._show_actions)
        panel.session.changes.changed.connect(self._show_actions)
        panel.bar.editing.switched.connect(self._show_actions)
        self._show_actions()

    def _show_actions(self, _on: bool = False) -> None:
        """Tells of each action whether it can be used now, and if not, why."""
        session, enable = self.panel.session, self._context.actions.set_enabled
        changed, table = bool(len(session.changes)), bool(session.place.table)
        for name in ("write", "discard"):
            enable(f"databases.{name}", changed and not session.writing, "Nothing was changed.")
        on = self.panel.bar.editing.is_on()
        reason = "Switch editing on first." if table else "Open a table first."
        enable("databases.add", on and table, reason)
        for name in ("query", "export"):
            enable(f"databases.{name}", table, "Open a table first.")

    def _open_query(self) -> None:
        self._show()
        if not self.panel.bar.query.isChecked():
            self.panel.bar.query.click()

    def _export(self) -> None:
        self._show()
        self.panel.commands.choose_export("csv")

    def _site(self) -> Path:
        return Path(self._context.supervisor.settings.site_folder)

    def _follow(self, _application: str = "") -> None:
        scope = self._context.scope
        self.panel.show_applications(scope.application, scope.applications)

    def _show(self) -> None:
        self._context.window.come_forward()
        self._context.window.show_panel("databases")

    def open_table(
        self,
        application: str = "",
        database: str = "",
        table: str = "",
        filter: str = "",
        controller: str = "",
    ) -> None:
        """Shows a table; `filter` is ``field=expression`` or empty, `controller` as in `Place`."""
        self._show()
        name, _, expression = filter.partition(":") if ":" in filter else filter.partition("=")
        if "=" in filter and ":" not in filter:
            expression = f"={expression}"
        filters = {name: expression} if name and expression else {}
        self.panel.open_table(Place(application, database, table, controller), filters)

    def open_record(self, application: str = "", database: str = "", table: str = "", id: int = 0) -> None:
        """Shows one record."""
        self._show()
        self.panel.open_table(Place(application, database, table), {"": f"={id}"})

    def _follow_link(self, place: Place, filters: dict[str, str]) -> None:
        """Goes through the window's links, so that *Back* returns."""
        text = next((f"{name}:{expression}" for name, expression in filters.items()), "")
        self._context.links.open(
            "table", application=place.application, database=place.database, table=place.table, filter=text,
            controller=place.controller,
        )  # fmt: skip

    def _open_line(self, application: str, file: str, line: int) -> None:
        path = self._site() / "applications" / application / file
        self._context.links.open("file", path=str(path), line=line, application=application)

    def _say(self, level: str, text: str) -> None:
        self._context.notices.post(level, text, replace=NOTICE)
