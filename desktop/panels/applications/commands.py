"""What each action of the panel does, and its menus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMenu

from desktop.shell.context import PanelContext
from desktop.widgets.buttons import popup_below
from runtime.admin.quick_open import Place, path_of

from .addresses import address_of
from .file_orders import FileOrders
from .model import COMPILED, Row
from .orders import AppOrders
from .quick_open import QuickOpen
from .tree_model import SECTION_WORDS, Node
from .view import ApplicationsPanel

APP_MENU = (
    "open", "browse", "about", "fault", "", "run_tests", "show_git", "graph", "routes", "plugins", "",
    "turn", "rename", "duplicate", "", "pack", "compile", "remove_compiled", "clean", "",
    "folder", "terminal", "copy_path", "", "uninstall", "", "check_all",
)  # fmt: skip
FILE_MENU = (
    "save", "save_everything", "", "find", "replace", "line", "comment", "wrap", "jump", "", "rename_file",
    "duplicate_file", "delete_file", "", "own_editor",
)  # fmt: skip


class Commands(QObject):
    """Carries out the actions.

    Args:
        context: the shared parts.
        panel: what they are about.
        orders: orders to applications.
        files: orders to files.
    """

    def __init__(
        self, context: PanelContext, panel: ApplicationsPanel, orders: AppOrders, files: FileOrders
    ) -> None:
        super().__init__(panel)
        self._context, self._panel, self._orders, self._files = context, panel, orders, files
        self._menu = QMenu("Applications", panel)
        self._quick: QuickOpen | None = None

    def give(self, order: str) -> None:
        """Carries out the order of a button."""
        if order in ("more", "run_menu", "git", "errors", "untranslated"):
            getattr(self, f"_{order}")()
        else:
            names = {"bin": "show_bin", "browser": "browse", "back": "back_to_list"}
            self._context.actions.get(f"applications.{names.get(order, order)}").trigger()

    def _row(self, then: Callable[[Row], None]) -> None:
        row = self._panel.row()
        if row is not None:
            then(row)

    def _path(self) -> Path | None:
        file = self._panel.file()
        return file.path if file is not None else None

    # applications

    def new(self) -> None:
        """A new application."""
        self._orders.new()

    def install(self) -> None:
        """An application from elsewhere."""
        self._orders.install()

    def show_bin(self) -> None:
        """What was removed."""
        self._orders.show_bin()

    def open(self) -> None:
        """Looks into the selected application."""
        row = self._panel.row()
        if row is not None:
            self._context.links.open("application", application=row.name)

    def back_to_list(self) -> None:
        """Goes back to all applications."""
        self._panel.show_list()

    def browse(self) -> None:
        """Opens the application's start page."""
        self._row(lambda row: self._visit(address_of(self._panel.served(), row.name)))

    def _visit(self, address: str) -> None:
        if not self._context.open_address(address):
            QGuiApplication.clipboard().setText(address)
            self._files.say(f"No browser could be started for {address}. The address was copied.")

    def turn(self) -> None:
        """Turns it off or on."""
        self._row(self._orders.turn)

    def rename(self) -> None:
        """Another name for it."""
        self._row(self._orders.rename)

    def duplicate(self) -> None:
        """A copy of it."""
        self._row(self._orders.duplicate)

    def pack(self) -> None:
        """A pack of it."""
        self._row(self._orders.pack)

    def compile(self) -> None:
        """Compiles it."""
        self._row(self._orders.compile)

    def remove_compiled(self) -> None:
        """Lets its sources count again."""
        self._row(self._orders.remove_compiled)

    def clean(self) -> None:
        """Removes what it left behind."""
        self._row(self._orders.clean)

    def uninstall(self) -> None:
        """Moves it to the bin."""
        self._row(self._orders.uninstall)

    def folder(self) -> None:
        """Shows its folder."""
        self._row(lambda row: self._files.show_in_folder(self._path() or row.folder))

    def terminal(self) -> None:
        """A terminal in its folder."""
        self._row(lambda row: self._files.terminal(row.folder))

    def copy_path(self) -> None:
        """Copies the path of the file shown, or of the application."""
        self._row(lambda row: self._files.copy_path(self._path() or row.folder))

    def refresh(self) -> None:
        """Reads everything again."""
        self._panel.checks.go_on()
        self._panel.listing.refresh()
        self._panel.reading.look()
        self._panel.files.look()

    def fault(self) -> None:
        """Goes to the line that keeps the application from loading."""
        row = self._panel.row()
        if row is not None and row.place[0]:
            path, line = row.place
            self._context.links.open("file", path=path, line=line, application=row.name)

    def check_all(self) -> None:
        """Lets all applications be checked now."""
        self._panel.checks.check_all()

    # running

    def run(self) -> None:
        """Opens the action that the cursor is in."""
        self._run(self._panel.action())

    def _run(self, action: tuple[str, str] | None, more: str = "") -> None:
        row = self._panel.row()
        if row is not None:
            controller, function = action or ("", "")
            self._visit(address_of(self._panel.served(), row.name, controller, function, more))

    def run_with(self) -> None:
        """Asks for what stands behind the action in the address (UI-AP-02)."""
        action = self._panel.action() or ("default", "index")
        dialog = QInputDialog(self._panel)
        dialog.setObjectName("applications.arguments")
        dialog.setWindowTitle(f"Run {action[1]}")
        dialog.setLabelText("Arguments and variables, as 1/2?name=value")
        dialog.textValueSelected.connect(lambda text: self._run(action, text.strip()))
        dialog.open()

    def _run_menu(self) -> None:
        menu, structure = self._menu, self._panel.opened.structure()
        menu.clear()
        if structure is not None:
            for entry, symbol in structure.actions()[:40]:
                controller = entry.path.removeprefix("controllers/").removesuffix(".py")
                entry_of = menu.addAction(f"{controller} / {symbol.name}")
                entry_of.triggered.connect(partial(self._run, (controller, symbol.name)))
                entry_of.setEnabled(bool(self._panel.served()))
        menu.addSeparator()
        menu.addAction(self._context.actions.get("applications.run_with"))
        menu.addAction(self._context.actions.get("applications.browse"))
        popup_below(menu, self._panel.opened.run)

    # menus

    def _fill(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name:
                self._menu.addAction(self._context.actions.get(f"applications.{name}"))
            else:
                self._menu.addSeparator()

    def _more(self) -> None:
        self._menu.clear()
        row = self._panel.row()
        if self._panel.name:
            self._fill(FILE_MENU)
            self._menu.addSeparator()
        compiled = row is not None and row.kind == COMPILED
        only_opened = {"run_tests", "show_git", "graph", "routes", "plugins"}
        left_out = {"open"} if self._panel.name else only_opened
        left_out |= {"compile"} if compiled else set()
        left_out |= set() if row is not None and row.place[0] else {"fault"}
        self._fill(tuple(name for name in APP_MENU if name not in left_out))
        self._menu.popup(QCursor.pos() if not self._panel.name else self._below_more())

    def _below_more(self) -> QPoint:
        return self._panel.opened.menu_place(self._panel.opened.more)

    def file_menu(self, node: Node, place: QPoint) -> None:
        """The menu of a line of the tree."""
        menu = self._menu
        menu.clear()
        section = node.path.partition("/")[0]
        if section in SECTION_WORDS:
            menu.addAction(f"New file in {SECTION_WORDS[section][0]}…", partial(self._files.new, section))
        if node.kind in ("section", "folder", "plugins", "note"):
            menu.popup(place)
            return
        path = self._panel.folder() / node.path
        menu.addSeparator()
        menu.addAction("Open", partial(self._panel.open_path, path, node.line))
        if node.target:
            menu.addAction(
                f"Go to {node.target}", partial(self._panel.open_path, self._panel.folder() / node.target)
            )
        menu.addAction("Open in my editor", partial(self._files.own_editor, path, node.line or 1))
        menu.addAction("Show in folder", partial(self._files.show_in_folder, path))
        menu.addAction("Copy the path", partial(self._files.copy_path, path))
        menu.addSeparator()
        menu.addAction("Rename…", partial(self._files.rename, path))
        menu.addAction("Duplicate…", partial(self._files.duplicate, path))
        menu.addAction("Move to the bin", partial(self._files.delete, path))
        menu.popup(place)

    # links to other panels

    def _errors(self) -> None:
        row = self._panel.row()
        if row is not None:
            self._context.scope.set(row.name)
            self._context.window.show_panel("tickets")

    def _untranslated(self) -> None:
        row = self._panel.row()
        if row is not None:
            self._context.links.open("language", application=row.name)

    def _git(self) -> None:
        self._context.actions.get("applications.show_git").trigger()

    # files

    def quick(self) -> None:
        """Opens the field that finds by name."""
        panel = self._panel
        quick = QuickOpen(
            self._context.theme, panel.reading.index, panel.name or self._context.scope.application, panel
        )
        quick.chosen.connect(self.open_place)
        panel.reading.indexed.connect(partial(_renew, quick, panel))
        panel.reading.read_names()
        window = panel.window()
        corner = window.mapToGlobal(QPoint((window.width() - quick.width()) // 2, 60))
        quick.move(corner)
        quick.show()
        quick.field.setFocus()
        self._quick = quick

    def open_place(self, place: Place) -> None:
        """Opens a file at the line of what was found by name."""
        path = path_of(self._panel.listing.site, place)
        self._context.links.open("file", path=str(path), line=place.line, application=place.application)

    def new_file(self) -> None:
        """A new file."""
        node = self._panel.opened.tree.node()
        section = node.path.partition("/")[0] if node is not None else ""
        self._files.new(section if section in SECTION_WORDS else "")

    def rename_file(self) -> None:
        """Another name for the file shown."""
        self._with_path(self._files.rename)

    def duplicate_file(self) -> None:
        """A copy of the file shown."""
        self._with_path(self._files.duplicate)

    def delete_file(self) -> None:
        """Moves the file shown to the bin."""
        self._with_path(self._files.delete)

    def delete_node(self, node: Node) -> None:
        """Moves the file of a line of the tree to the bin."""
        if node.kind == "file":
            self._files.delete(self._panel.folder() / node.path)

    def own_editor(self) -> None:
        """Opens the file shown at its line elsewhere."""
        file = self._panel.file()
        if file is not None:
            self._files.own_editor(file.path, file.edit.place()[0])

    def _with_path(self, then: Callable[[Path], None]) -> None:
        path = self._path()
        if path is not None:
            then(path)

    def save(self) -> None:
        """Saves the file shown."""
        self._panel.editor.save()

    def save_everything(self) -> None:
        """Saves all files."""
        self._panel.files.save_all()

    def find(self) -> None:
        """Finds in the text."""
        self._panel.editor.find_text()

    def replace(self) -> None:
        """Replaces in the text."""
        self._panel.editor.replace_text()

    def find_next(self) -> None:
        """Goes to the next place found."""
        self._panel.editor.find_bar.find_next()

    def find_previous(self) -> None:
        """Goes to the place found before."""
        self._panel.editor.find_bar.find_previous()

    def line(self) -> None:
        """Asks for a line."""
        self._panel.editor.ask_line()

    def comment(self) -> None:
        """Comments lines, or not."""
        self._panel.editor.toggle_comment()

    def wrap(self) -> None:
        """Breaks long lines, or not."""
        self._panel.editor.set_wrap(self._context.actions.get("applications.wrap").isChecked())

    def next_problem(self) -> None:
        """Goes to the next mistake."""
        self._panel.editor.next_problem(1)

    def previous_problem(self) -> None:
        """Goes to the mistake before."""
        self._panel.editor.next_problem(-1)

    def jump(self) -> None:
        """Goes from an action to its view and from a view to its action (UI-AP-08)."""
        structure, action, file = self._panel.opened.structure(), self._panel.action(), self._panel.file()
        if structure is None or file is None:
            return
        here = self._panel.relative(file.path)
        if here.startswith("views/"):
            if action is not None:
                self._panel.open_action(self._panel.name, *action)
            else:
                self._files.say("No action belongs to this view.")
            return
        for entry, symbol in structure.actions():
            if (
                action is not None
                and entry.path == f"controllers/{action[0]}.py"
                and symbol.name == action[1]
            ):
                if symbol.target:
                    self._panel.open_path(structure.folder / symbol.target)
                else:
                    self._files.say(f"{symbol.name} has no view of its own; a generic one is used.")
                return


def _renew(quick: QuickOpen, panel: ApplicationsPanel) -> None:
    import shiboken6

    if shiboken6.isValid(quick):
        quick.take_names(panel.reading.index)
