"""The orders of the panel: delete, clear, copy, export, compact, and their menus (CA-06, CA-13, CA-14)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.panels.overview.words import counted
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.buttons import popup_below
from desktop.widgets.value.texts import size_words

from .model import Key, delete_words, members, store_words

if TYPE_CHECKING:
    from .view import CachePanel


class Commands(QObject):
    """What a person can ask of keys and stores.

    Args:
        theme: for questions.
        panel: tells what is selected.
    """

    def __init__(self, theme: Theme, panel: CachePanel) -> None:
        super().__init__(panel)
        self._theme, self._panel = theme, panel
        self._menu = QMenu("Keys", panel)

    # deleting

    def delete_selected(self) -> None:
        """Deletes the selected keys, or those of the selected branch."""
        self.ask_delete(self._panel.selected_keys())

    def delete_matching(self) -> None:
        """Deletes all keys that the filter lets through."""
        self.ask_delete(self._panel.shown_keys())

    def ask_delete(self, keys: Sequence[Key]) -> None:
        """Asks with number and size, then deletes (CA-06)."""
        if not keys or not self._panel.bar.editing.is_on():
            return
        wanted = list(keys)
        title, text = delete_words(wanted)

        def on_answer(answer: str, _ticked: bool) -> None:
            if answer == "delete":
                self._panel.caches.delete(wanted, self._on_deleted)

        self._ask(title, text, f"Delete {counted(len(wanted), 'key')}", on_answer)

    def ask_clear(self, store: str) -> None:
        """Asks, then clears a store of the applications in scope."""
        if not self._panel.bar.editing.is_on():
            return
        snapshot = self._panel.caches.snapshot
        stores = members(store, (one.name for one in snapshot.stores))
        keys = [key for key in snapshot.keys if key.store in stores]
        applications = self._panel.applications()
        _, text = delete_words(keys) if keys else ("", "Its keys can't be listed; all of them go.")
        where = applications[0] if len(applications) == 1 else counted(len(applications), "application")

        def on_answer(answer: str, _ticked: bool) -> None:
            if answer == "delete":
                for application in applications:
                    for one in sorted(stores):
                        self._panel.caches.clear(application, one, self._on_deleted)

        words = f"Clear {store_words(store)} of {where}"
        self._ask(f"{words}?", text, words, on_answer)

    def _ask(self, title: str, text: str, verb: str, on_answer: Any) -> None:
        answers = [Answer("stay", "Cancel", "primary"), Answer("delete", verb, "danger")]
        question = Question(self._theme, title, text, answers, parent=self._panel)
        question.answered.connect(on_answer)
        question.open()

    def _on_deleted(self, count: int) -> None:
        self._panel.said.emit("done", f"Deleted {counted(count, 'key')}.")

    # copying

    def copy_names(self) -> None:
        """Copies the names of the selected keys."""
        names = [key.key for key in self._panel.selected_keys()]
        if names:
            QGuiApplication.clipboard().setText("\n".join(names))

    def copy_value(self, form: str) -> None:
        """Copies the value that is shown: as text, as a Python expression, as JSON."""
        if self._panel.detail.value.has_parts() and form != "python":
            self._panel.detail.value.tree.copy_all()  # whole, also where the text of it was cut
            return
        value = self._panel.detail.value.value()
        words = value.python if form == "python" and value.python else value.text or ""
        if form == "json" and value.text is not None:
            try:
                json.loads(value.text)
            except ValueError:
                words = json.dumps(value.text, ensure_ascii=False)
        QGuiApplication.clipboard().setText(words)

    def choose_export(self, keys: Sequence[Key]) -> None:
        """Asks for a file and writes keys with their values into it."""
        wanted = list(keys)
        dialog = QFileDialog(self._panel, "Export keys", "cache.json", "JSON (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export(wanted, Path(path)))
        dialog.open()

    def export(self, keys: Sequence[Key], path: Path) -> None:
        """Writes keys with their values into a file."""

        def on_done(count: int) -> None:
            self._panel.said.emit("done", f"{counted(count, 'key')} in {path.name}.")

        self._panel.caches.export(keys, path, on_done)

    # menus

    def open_key_menu(self, at: QPoint | None = None) -> None:
        """Opens the menu of the selected keys."""
        menu, panel = self._menu, self._panel
        menu.clear()
        keys = panel.selected_keys()
        copy = menu.addMenu("Copy")
        copy.addAction("Name", self.copy_names)
        copy.addAction("Value as text", partial(self.copy_value, "text"))
        copy.addAction("Value as Python", partial(self.copy_value, "python"))
        copy.addAction("Value as JSON", partial(self.copy_value, "json"))
        menu.addAction(f"Export {counted(len(keys), 'key')}…", partial(self.choose_export, keys))
        menu.addAction("Export all shown…", lambda: self.choose_export(panel.shown_keys()))
        menu.addSeparator()
        delete = menu.addAction(f"Delete {counted(len(keys), 'key')}…", self.delete_selected)
        delete.setEnabled(bool(keys) and panel.bar.editing.is_on())
        if at is not None:
            menu.popup(at)
        else:
            popup_below(menu, panel.detail.more)

    def open_store_menu(self, store: str) -> None:
        """Opens the menu of a store."""
        menu, panel = self._menu, self._panel
        menu.clear()
        only = menu.addAction(f"Show only {store_words(store)}")
        only.setCheckable(True)
        only.setChecked(panel.only_store() == store)
        only.toggled.connect(lambda on: panel.show_only(store if on else ""))
        if store == "disk" and len(panel.applications()) == 1:
            menu.addAction("Room on disk…", self.open_disk)
        menu.addSeparator()
        clear = menu.addAction(f"Clear {store_words(store)}…", partial(self.ask_clear, store))
        clear.setEnabled(panel.bar.editing.is_on())
        popup_below(menu, panel.cards.card(store).more)

    def open_disk(self) -> None:
        """Shows what compacting would give back, before anything is done (CA-14)."""
        application = self._panel.applications()[0]
        self._panel.caches.disk_report(application, partial(self._show_disk, application))

    def _show_disk(self, application: str, report: dict[str, Any]) -> None:
        stale = report["stale"]
        size = sum(one[1] for one in stale)
        lines = [
            f"{report['folder']}",
            f"{size_words(report['size'])} used, {size_words(report['free'])} free on this disk.",
            f"Compacting gives {size_words(report['reclaimable'])} back.",
        ]
        if stale:
            lines.append(f"{counted(len(stale), 'file')} ({size_words(size)}) belong to no key and would go.")
        answers = [Answer("stay", "Close", "primary")]
        if (report["reclaimable"] or stale) and self._panel.bar.editing.is_on():
            answers.append(Answer("compact", "Compact"))
        elif report["reclaimable"] or stale:
            lines.append("Switch editing on to compact.")
        question = Question(
            self._theme, f"Disk cache of {application}", "\n".join(lines), answers, parent=self._panel
        )

        def on_answer(answer: str, _ticked: bool) -> None:
            if answer == "compact":
                self._panel.caches.compact(application, self._on_compacted)

        question.answered.connect(on_answer)
        question.open()

    def _on_compacted(self, report: dict[str, Any]) -> None:
        self._panel.said.emit("done", f"The disk cache takes {size_words(report['size'])} now.")

    def branch_keys(self) -> list[Key]:
        """The keys of the selected branch of the tree."""
        line = self._panel.tree.line()
        return list(line.branch.keys) if line is not None else []
