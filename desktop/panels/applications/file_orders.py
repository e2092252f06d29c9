"""Orders to single files: new, rename, copy, drop, bin, open elsewhere (UI-AP-16, UI-AP-17)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.background import Context
from desktop.panels.overview.words import counted
from desktop.shell.context import PanelContext
from desktop.shell.notices import NoticeAction
from desktop.shell.own_editor import open_at
from runtime.admin import bin as site_bin
from runtime.admin import new_files
from runtime.admin.structure import Structure

from .editor.files import Files
from .open_outside import open_terminal, show_in_folder
from .sheets import NameSheet
from .tree_model import SECTION_WORDS

NOTICE = "applications-file"
LANE = "applications.file_orders"


class FileOrders(QObject):
    """What can be done with files of the opened application.

    Args:
        context: the shared parts.
        files: the open files: renamed and deleted ones close.
        site: tells the site folder.
        structure: tells the parts of the opened application.

    Signals:
        changed: files came or went.
        made(str): this file was made and is to be shown.
    """

    changed = Signal()
    made = Signal(str)

    def __init__(
        self,
        context: PanelContext,
        files: Files,
        site: Callable[[], Path],
        structure: Callable[[], Structure | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._context, self._files, self._over = context, files, parent
        self._site, self._structure = site, structure

    def _run(self, title: str, function: Callable[[Context], Any], on_done: Callable[[Any], None]) -> None:
        self._context.tasks.run(
            function,
            owner=self,
            title=title,
            lane=LANE,
            on_done=on_done,
            on_failed=lambda error: self.say(str(error), "error"),
        )

    def say(self, words: str, level: str = "warning", *actions: NoticeAction) -> None:
        """Tells something about a file."""
        self._context.notices.post(level, words, actions=list(actions), replace=NOTICE)

    def _taken(self) -> set[str]:
        structure = self._structure()
        return {entry.path for entry in structure.files()} if structure is not None else set()

    def _problem(self, section: str, name: str) -> str | None:
        """Why a file can't be called so, from what is known without looking at the disk."""
        whole = f"{section}/{new_files.complete_name(section, name)}"
        problem = new_files.spelling_problem(section, name)
        return problem or (f"There is already something called {name}" if whole in self._taken() else None)

    # making

    def new(self, section: str = "") -> None:
        """Asks for the name of a new file; it begins with what files of its kind begin with."""
        structure = self._structure()
        if structure is None:
            return
        words = "The usual ending is added." if section else "As controllers/shop or static/css/shop.css."
        title = f"New file in {SECTION_WORDS[section][0]}" if section in SECTION_WORDS else "New file"

        def split(name: str) -> tuple[str, str]:
            if section:
                return section, name
            first, _, rest = name.partition("/")
            return first, rest

        def problem(name: str) -> str | None:
            where, rest = split(name)
            if where not in SECTION_WORDS:
                return f"Begin with one of {', '.join(SECTION_WORDS)}, then a slash"
            return self._problem(where, rest)

        def then(name: str, _choice: str) -> None:
            where, rest = split(name)
            folder = structure.folder
            self._run(f"Making {name}", lambda _c: new_files.create_file(folder, where, rest), self._on_made)

        sheet = NameSheet(
            self._context.theme,
            "applications.new_file",
            title,
            "Create",
            problem,
            words=words,
            parent=self._over,
        )
        sheet.given.connect(then)
        sheet.open()

    def _on_made(self, path: Path) -> None:
        self.changed.emit()
        self.made.emit(str(path))

    def take_in(self, section: str, paths: list[str]) -> None:
        """Copies files from elsewhere into a section."""
        structure = self._structure()
        if structure is None:
            return
        folder, sources = structure.folder, [Path(path) for path in paths]

        def on_done(found: tuple[list[Path], list[str]]) -> None:
            done, left = found
            self.changed.emit()
            words = f"{counted(len(done), 'file')} copied into {section}."
            self.say(" ".join([words, *left[:3]]), "warning" if left else "done")

        self._run("Copying files", lambda _c: new_files.take_in(folder, section, sources), on_done)

    def rename(self, path: Path) -> None:
        """Asks for another name within the section."""
        self._ask_other(path, "rename_file", "Rename", path.name, new_files.rename_file, closes=True)

    def duplicate(self, path: Path) -> None:
        """Asks for the name of a copy."""
        name = f"{path.stem}_copy{path.suffix}"
        self._ask_other(path, "duplicate_file", "Duplicate", name, new_files.duplicate_file)

    def _ask_other(
        self,
        path: Path,
        id: str,
        verb: str,
        name: str,
        function: Callable[[Path, Path, str], Path],
        closes: bool = False,
    ) -> None:
        structure = self._structure()
        if structure is None:
            return
        folder = structure.folder
        relative = path.relative_to(folder)
        section, below = relative.parts[0], Path(*relative.parts[1:]).parent.as_posix()
        value = name if below == "." else f"{below}/{name}"

        def then(new: str, _choice: str) -> None:
            def on_done(target: Path) -> None:
                file = self._files.find(path)
                if closes and file is not None:
                    self._files.close(file)
                self._on_made(target)

            def go() -> None:
                self._run(f"{verb} {path.name}", lambda _c: function(folder, path, new), on_done)

            file = self._files.find(path)
            if closes and file is not None and file.dirty:
                self._files.save(file, then=go)  # what was typed goes along
            else:
                go()

        sheet = NameSheet(
            self._context.theme,
            f"applications.{id}",
            f"{verb} {path.name}",
            verb,
            partial(self._problem, section),
            value=value,
            parent=self._over,
        )
        sheet.given.connect(then)
        sheet.open()

    def delete(self, path: Path) -> None:
        """Moves a file to the bin, with a way back."""
        site = self._site()

        def on_done(thrown: site_bin.Thrown) -> None:
            file = self._files.find(path)
            if file is not None and not file.dirty:
                self._files.close(file)
            self.changed.emit()
            self.say(f"{path.name} is in the bin.", "done", NoticeAction("Undo", partial(self._back, thrown)))

        self._run(f"Deleting {path.name}", lambda _c: site_bin.throw_away(site, path), on_done)

    def _back(self, thrown: site_bin.Thrown) -> None:
        site = self._site()

        def on_done(path: Path) -> None:
            self.changed.emit()
            self.say(f"{path.name} is back.", "done")

        self._run(f"Putting {thrown.path} back", lambda _c: site_bin.put_back(site, thrown), on_done)

    # elsewhere

    def own_editor(self, path: Path, line: int) -> None:
        """Opens a file in the person's own editor."""
        command = str(self._context.preferences.get("editor.command", "") or "")
        if not open_at(str(path), line, command):
            self.say(
                f"{path.name} can't be opened: no editor was found. Name yours in Settings, Your editor."
            )

    def show_in_folder(self, path: Path) -> None:
        """Shows a file or folder in the system's file manager."""
        if not show_in_folder(path):
            self.say(f"{path} can't be shown: no file manager answered.")

    def terminal(self, folder: Path) -> None:
        """Opens a terminal in a folder."""
        if not open_terminal(folder):
            self.say("No terminal was found on this computer. The path was copied instead.")
            self.copy_path(folder)

    def copy_path(self, path: Path) -> None:
        """Copies a path."""
        QGuiApplication.clipboard().setText(str(path))
