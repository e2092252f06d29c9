"""Plugins of an application: list, install, remove, pack (UI-AP-24)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from runtime.admin.plugins import Plugin


class PluginsSheet(Sheet):
    """The plugins.

    Signals:
        install_wanted(str): this pack.
        remove_wanted(object): this plugin goes to the bin.
        pack_wanted(object, str): this plugin, into this file.
        opened(str): a file of a plugin.
    """

    install_wanted = Signal(str)
    remove_wanted = Signal(object)
    pack_wanted = Signal(object, str)
    opened = Signal(str)

    def __init__(
        self, theme: Theme, name: str, plugins: Sequence[Plugin], parent: QWidget | None = None
    ) -> None:
        words = "" if plugins else "There are none: files called plugin_NAME make one."
        super().__init__(theme, "applications.plugins", f"Plugins of {name}", words, parent)
        self.list = Lines(theme, "applications.plugins.list", "Plugins and their files")
        self.list.setMinimumHeight(260)
        lines = []
        for plugin in plugins:
            lines.append(
                Line(plugin.name, counted(len(plugin.files), "file"), "apps", strong=True, data=plugin)
            )
            lines += [Line(path, icon="file", level=1, data=path) for path in plugin.files]
        self.list.show_lines(lines)
        self.list.selectionModel().currentChanged.connect(lambda _new, _old: self._refresh())
        self.list.doubleClicked.connect(lambda _index: self._open())
        self.column.addWidget(self.list, 1)
        row = QHBoxLayout()
        self.buttons: dict[str, Button] = {}
        for id, text, kind, handler in (
            ("install", "Install…", "secondary", self._ask_install),
            ("pack", "Pack…", "secondary", self._ask_pack),
            ("remove", "Move to the bin", "danger", self._remove),
        ):
            button = Button(theme, text, kind)
            button.setObjectName(f"applications.plugins.{id}")
            button.clicked.connect(handler)
            self.buttons[id] = button
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.verb = self.add_verbs("Close", cancel="")
        self.verb.clicked.connect(self.accept)
        self.set_room(620, 480)
        self._refresh()

    def chosen(self) -> Plugin | None:
        """The selected plugin, or the one of the selected file."""
        at = self.list.currentIndex().row()
        for line in reversed(self.list.lines_model.lines[: at + 1]):
            if isinstance(line.data, Plugin):
                return line.data
        return None

    def _refresh(self) -> None:
        for id in ("pack", "remove"):
            self.buttons[id].setEnabled(self.chosen() is not None)

    def _open(self) -> None:
        line = self.list.current()
        if line is not None and isinstance(line.data, str):
            self.opened.emit(line.data)
            self.accept()

    def _ask_install(self) -> None:
        dialog = QFileDialog(self, "Choose the pack of a plugin")
        dialog.setNameFilters(["Packs (*.w2p *.tar.gz *.tgz *.tar)", "All files (*)"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._install)
        dialog.open()

    def _install(self, path: str) -> None:
        self.install_wanted.emit(path)
        self.accept()

    def _ask_pack(self) -> None:
        plugin = self.chosen()
        if plugin is None:
            return
        dialog = QFileDialog(self, "Pack into")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("w2p")
        dialog.selectFile(f"web2py.plugin.{plugin.name}.w2p")
        dialog.fileSelected.connect(lambda path: self.pack_wanted.emit(plugin, path))
        dialog.open()

    def _remove(self) -> None:
        plugin = self.chosen()
        if plugin is not None:
            self.remove_wanted.emit(plugin)
            self.accept()
