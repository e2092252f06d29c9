"""The panel Applications in the window: links, scope, actions, drafts of an earlier run (UI-AP)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.panels.overview.words import counted
from desktop.shell.actions import Entry
from desktop.shell.context import PanelContext
from desktop.shell.notices import NoticeAction

from .actions import APP, FAULT, FILE, GROUP, OPENED, PANEL, SERVED, PanelActions
from .commands import Commands
from .editor.drafts import Draft
from .file_orders import FileOrders
from .orders import AppOrders
from .palette_files import PaletteFiles
from .tools import Tools
from .view import ApplicationsPanel

DRAFTS = "applications-drafts"


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._id = context, spec.id
        self.panel = ApplicationsPanel(context, self._site)
        panel = self.panel
        self.orders = AppOrders(context, panel.listing, panel)
        self.file_orders = FileOrders(context, panel.files, self._site, panel.opened.structure, panel)
        self.commands = Commands(context, panel, self.orders, self.file_orders)
        self.tools = Tools(context, panel)
        self.actions = PanelActions(context.actions, [self.commands, self.tools], self)
        self._found = ""
        self._open_found = context.actions.add(
            "applications.found", "Open an application", self._open_by_name, group=GROUP, icon="apps"
        )
        context.actions.set_enabled("applications.found", False, "Type the name of an application here.")
        context.actions.finders.append(self._find)
        self.palette_files = PaletteFiles(
            context.theme, panel.reading, lambda: panel.name or context.scope.application,
            self.commands.open_place, self,
        )  # fmt: skip
        context.actions.searchers.append(self.palette_files.find)
        context.window.add_panel(spec.id, spec.text, spec.icon, panel, spec.shortcut)
        self._connect()
        for kind, handler in (
            ("application", self.open_application),
            ("file", self.open_file),
            ("action", self.open_action),
            ("pack", self.open_pack),
        ):
            context.links.register(kind, handler)
        context.scope.changed.connect(panel.list.show_scope)
        panel.list.show_scope(context.scope.application)
        self.orders.forget_old()
        panel.files.left_drafts(self._site() / "applications", self._offer_drafts)
        self._refresh()

    def _connect(self) -> None:
        panel, commands = self.panel, self.commands
        panel.list.order.connect(commands.give)
        panel.list.dropped.connect(self.orders.install)
        panel.opened.tree.delete_wanted.connect(commands.delete_node)
        panel.list.details.order.connect(self._refresh)
        panel.opened.order.connect(commands.give)
        panel.opened.file_menu.connect(commands.file_menu)
        panel.opened.dropped.connect(self.file_orders.take_in)
        panel.files.failed.connect(self._say)
        panel.title_changed.connect(self._show_title)
        panel.place_changed.connect(self._context.window.status.show_place)
        panel.state_changed.connect(self._refresh)
        self._context.supervisor.state_changed.connect(self._refresh)
        self.file_orders.changed.connect(panel.reading.look)
        self.file_orders.made.connect(lambda path: panel.open_path(Path(path)))
        self.orders.made.connect(self._on_made)
        self.orders.renamed.connect(self._on_renamed)
        self.orders.gone.connect(self._on_gone)

    def close(self) -> None:
        """Keeps what was typed and ends the children."""
        self.panel.files.keep_drafts_now()
        self.panel.checks.close()
        self.panel.listing.close()

    def _site(self) -> Path:
        return Path(self._context.supervisor.settings.site_folder)

    # links

    def _come(self) -> None:
        self._context.window.come_forward()
        self._context.window.show_panel(self._id)

    def open_application(self, application: str = "") -> None:
        """Opens an application; the list for none."""
        self._come()
        if application:
            self.panel.open_application(application)
        else:
            self.panel.show_list()

    def open_file(self, path: str, line: int = 0, application: str = "") -> None:
        """Opens a file at a line; one outside of the applications is opened too."""
        self._come()
        whole = Path(path)
        if not whole.is_absolute() and application:
            whole = self._site() / "applications" / application / path
        self.panel.open_path(whole, line)

    def open_action(self, application: str, controller: str = "default", function: str = "index") -> None:
        """Opens the controller of an action at the action's line."""
        self._come()
        self.panel.open_action(application, controller or "default", function or "index")

    def open_pack(self, source: str) -> None:
        """Shows what a pack or folder holds, to be installed (AP-04)."""
        self._come()
        self.panel.show_list()
        self.orders.install(source)

    def _find(self, text: str) -> Entry | None:
        """What the palette offers for the beginning of an application's name (SH-10)."""
        wanted = text.strip().lower()
        names = [name for name in self._context.scope.applications if name.lower().startswith(wanted)]
        self._found = min(names, key=len, default="") if wanted else ""
        id = "applications.found"
        self._context.actions.set_enabled(id, bool(self._found), "Type the name of an application here.")
        if not self._found:
            return None
        self._context.actions.set_text(id, f"Open application {self._found}")
        return Entry(id, GROUP, "apps", self._open_found)

    def _open_by_name(self) -> None:
        self._context.links.open("application", application=self._found)

    # news

    def _refresh(self, _state: object = None) -> None:
        panel = self.panel
        row, file = panel.row(), panel.file()
        have = {
            PANEL: panel.isVisible(),
            APP: row is not None,
            FAULT: row is not None and bool(row.place[0]),
            OPENED: panel.is_open,
            FILE: file is not None,
            SERVED: bool(panel.served()),
        }
        verb = "on" if row is not None and row.kind == "off" else "off"
        self.actions.show_state(have, f"Turn the application {verb}")
        panel.opened.run.setEnabled(bool(panel.served()))
        panel.opened.run.setToolTip("" if panel.served() else "Start the server first.")

    def _show_title(self, title: str) -> None:
        if self._context.window.current_panel() == self._id:
            self._context.window.header.title.set_text(title)

    def _say(self, sentence: str) -> None:
        self._context.notices.post("warning", sentence, replace="applications-file")

    def _on_made(self, name: str) -> None:
        self.panel.list.choose(name)

    def _close_files(self, name: str) -> None:
        for file in self.panel.files.all():
            if file.application == name:
                self.panel.files.close(file, forget=not file.dirty)
        if self.panel.name == name:
            self.panel.show_list()

    def _on_renamed(self, old: str, new: str) -> None:
        self._close_files(old)
        self.panel.list.choose(new)

    def _on_gone(self, name: str) -> None:
        self._close_files(name)

    def _offer_drafts(self, found: list[Draft]) -> None:
        """Tells of text that was typed and never saved (UI-AP-13)."""
        if not found:
            return

        def show() -> None:
            for draft in found:
                self.open_file(draft.path)
            self._context.notices.dismiss(DRAFTS)

        names = ", ".join(Path(draft.path).name for draft in found[:3])
        words = f"{counted(len(found), 'file')} had changes that were not saved: {names}."
        self._context.notices.post("info", words, actions=[NoticeAction("Show", show)], replace=DRAFTS)
