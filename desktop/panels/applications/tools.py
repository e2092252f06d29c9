"""Panes and sheets around the opened application: search, tests, git, routes, plugins, picture, pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from desktop.background import Context
from desktop.panels.overview.words import counted
from desktop.shell.context import PanelContext
from desktop.shell.notices import NoticeAction
from runtime.admin import plugins
from runtime.admin.notes import Note, Page, find_notes, read_pages
from runtime.admin.packs import pack_files
from runtime.admin.plugins import Plugin

from .git_pane import GitPane
from .graph_sheet import GraphSheet
from .open_outside import show_in_folder
from .pages_sheet import PagesSheet
from .plugins_sheet import PluginsSheet
from .reading import Looked
from .routes_sheet import RoutesSheet
from .search_pane import SearchPane
from .searching import Searching
from .tests_pane import TestsPane
from .view import ApplicationsPanel

NOTICE = "applications-tools"


class Tools(QObject):
    """Makes them and carries out what they ask.

    Args:
        context: the shared parts.
        panel: what they are about.
    """

    def __init__(self, context: PanelContext, panel: ApplicationsPanel) -> None:
        super().__init__(panel)
        self._context, self._panel = context, panel
        theme, tasks = context.theme, context.tasks
        self.searching = Searching(tasks, self)
        self.search = SearchPane(theme, self.searching, self._folders, lambda: panel.listing.site)
        self.tests = TestsPane(theme, tasks, lambda: panel.listing.site, lambda: panel.name)
        self.git = GitPane(theme, tasks, panel.folder)
        for id, words, pane in (
            ("search", "Search", self.search),
            ("tests", "Tests", self.tests),
            ("git", "Git", self.git),
        ):
            panel.bottom.add_pane(id, words, pane)
        self._opened = ""
        self.sheet: Any = None
        """The sheet opened last."""
        self.search.wanted.connect(self._open)
        self.search.told.connect(self._on_replaced)
        self.tests.wanted.connect(self._open_relative)
        self.git.wanted.connect(lambda path: self._open(path, 0))
        self.git.changed.connect(panel.reading.look)
        self.git.changed.connect(panel.files.look)
        self.git.told.connect(self._tell)
        panel.reading.looked.connect(self._on_looked)
        panel.state_changed.connect(self._on_state)

    def _tell(self, level: str, words: str, *actions: NoticeAction) -> None:
        self._context.notices.post(level, words, actions=list(actions), replace=NOTICE)

    def _open(self, path: str, line: int = 0) -> None:
        self._panel.follow(Path(path), line)

    def _open_relative(self, path: str, line: int = 0) -> None:
        self._panel.follow(self._panel.folder() / path, line)

    def _folders(self, everywhere: bool) -> list[Path]:
        rows = self._panel.listing.rows
        if everywhere or not self._panel.name:
            return sorted((row.folder for row in rows), key=lambda folder: folder.name != self._panel.name)
        return [self._panel.folder()]

    def _on_looked(self, found: Looked) -> None:
        self.git.show_state(found.git, found.git_fault)
        count = len(found.git.changes) if found.git is not None else 0
        self._panel.bottom.tabs["git"].set_badge(count)

    def _on_state(self) -> None:
        if self._panel.name != self._opened:
            self._opened = self._panel.name
            self.tests.clear()

    def _on_replaced(self, words: str, undo: Callable[[], object] | None) -> None:
        self._panel.files.look()

        def bring_back() -> None:
            assert undo is not None
            undo()
            self._context.notices.dismiss(NOTICE)

        self._tell("done", words, *([NoticeAction("Undo", bring_back)] if undo is not None else []))

    # orders of the registry

    def search_files(self) -> None:
        """Opens the pane Search with what is selected."""
        if not self._panel.name:
            row = self._panel.row()
            if row is not None:
                self._panel.open_application(row.name)
        edit = self._panel.editor.edit()
        chosen = edit.textCursor().selectedText() if edit is not None else ""
        self._panel.bottom.show_pane("search")
        self.search.focus(chosen if "\N{PARAGRAPH SEPARATOR}" not in chosen else "")

    def run_tests(self) -> None:
        """Runs the tests of the application."""
        self._panel.bottom.show_pane("tests")
        self.tests.begin()

    def show_git(self) -> None:
        """Opens the pane Git."""
        self._panel.bottom.show_pane("git")
        self.git.files.setFocus()

    def graph(self) -> None:
        """Shows tables and references as a picture."""
        structure = self._panel.opened.structure()
        if structure is None:
            return
        sheet = GraphSheet(self._context.theme, structure, self._panel)
        sheet.opened.connect(self._open_relative)
        sheet.exported.connect(self._on_exported)
        sheet.failed.connect(lambda words: self._tell("error", words))
        self._show(sheet)

    def _on_exported(self, path: str) -> None:
        target = Path(path)
        show = NoticeAction("Show in folder", lambda: show_in_folder(target))
        self._tell("done", f"The picture is in {path}.", show)

    def routes(self) -> None:
        """Tries addresses."""
        structure = self._panel.opened.structure()
        if structure is None:
            return
        sheet = RoutesSheet(
            self._context.theme, self._panel.listing.site, structure, self._context.tasks, self._panel
        )
        sheet.opened.connect(self._open_relative)
        site = self._panel.listing.site
        sheet.rule_opened.connect(lambda path, line: self._panel.follow(site / path, line))
        self._show(sheet)

    def about(self) -> None:
        """Shows ABOUT, README, LICENSE and the TODO list."""
        row = self._panel.row()
        if row is None:
            return
        folder = row.folder

        def work(context: Context) -> tuple[list[Page], list[Note]]:
            return read_pages(folder), find_notes(folder, lambda: context.cancelled)

        def on_done(found: tuple[list[Page], list[Note]]) -> None:
            sheet = PagesSheet(self._context.theme, folder, *found, self._panel)
            sheet.opened.connect(self._open)
            sheet.linked.connect(self._on_linked)
            self._show(sheet)

        self._run(f"Reading about {row.name}", work, on_done, reading=True)

    def _on_linked(self, address: str) -> None:
        if address.startswith(("http://", "https://", "mailto:")):
            self._context.open_address(address)

    def plugins(self) -> None:
        """Lists the plugins."""
        structure = self._panel.opened.structure()
        if structure is None:
            return
        sheet = PluginsSheet(
            self._context.theme, self._panel.name, plugins.plugins_of(structure), self._panel
        )
        sheet.opened.connect(self._open_relative)
        sheet.install_wanted.connect(self.install_plugin)
        sheet.remove_wanted.connect(self.remove_plugin)
        sheet.pack_wanted.connect(self.pack_plugin)
        self._show(sheet)

    def install_plugin(self, pack: str) -> None:
        """Puts the plugin of a pack into the application."""
        site, folder = self._panel.listing.site, self._panel.folder()
        self._run(
            "Installing a plugin",
            lambda _context: plugins.install_plugin(site, folder, Path(pack)),
            lambda name: self._done(f"The plugin {name} was installed."),
        )

    def remove_plugin(self, plugin: Plugin) -> None:
        """Moves a plugin to the bin."""
        site, folder = self._panel.listing.site, self._panel.folder()
        self._run(
            f"Removing {plugin.name}",
            lambda _context: plugins.remove_plugin(site, folder, plugin),
            lambda thrown: self._done(f"{plugin.name}: {counted(len(thrown), 'file')} in the bin."),
        )

    def pack_plugin(self, plugin: Plugin, target: str) -> None:
        """Packs a plugin."""
        folder, path = self._panel.folder(), Path(target)
        show = NoticeAction("Show in folder", lambda: show_in_folder(path))
        self._run(
            f"Packing {plugin.name}",
            lambda _context: pack_files(folder, plugin.files, path),
            lambda files: self._tell("done", f"{counted(len(files), 'file')} packed into {path}.", show),
        )

    def _done(self, words: str) -> None:
        self._tell("done", words)
        self._panel.reading.look()

    def _show(self, sheet: Any) -> None:
        self.sheet = sheet
        sheet.open()

    def _run(
        self,
        title: str,
        work: Callable[[Context], Any],
        on_done: Callable[[Any], None],
        reading: bool = False,
    ) -> None:
        self._context.tasks.run(
            work,
            owner=self,
            title=title,
            lane="applications.tools",
            on_done=on_done,
            on_failed=lambda error: self._tell("error", str(error)),
            reading=reading,
        )
