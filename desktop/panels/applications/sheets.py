"""Sheets of the panel: a name, what to install, what to clean, pack and uninstall (UI-AP-03..06)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QListWidget, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Labelled, Segment
from desktop.widgets.labels import label
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from runtime.admin.bin import Thrown
from runtime.admin.install import Candidate
from runtime.admin.maintenance import PARTS, Leftover
from runtime.admin.pack_reading import PackEntry

from .model import size_words

SHOWN_FILES = 500


class NameSheet(Sheet):
    """Asks for a name and says while typing why it can't be used.

    Args:
        problem: says why a name can't be used; empty or None when it can. Called without waiting for disks.
        choice: two or three words to choose from, with their values, above the name.

    Signals:
        given(str, str): the name, and the value chosen.
    """

    given = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        verb: str,
        problem: Callable[[str], str | None],
        value: str = "",
        words: str = "",
        caption: str = "Name",
        choice: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, title, words, parent)
        self._problem = problem
        self.choice = Segment(theme, "Kind", choice) if choice else None
        if self.choice is not None:
            self.column.addWidget(self.choice)
        self.field = QLineEdit(value)
        self.field.setObjectName(f"{name}.name")
        self.labelled = Labelled(theme, caption, self.field)
        self.column.addWidget(self.labelled)
        self.verb = self.add_verbs(verb)
        self.verb.clicked.connect(self._give)
        self.field.textChanged.connect(self._check)
        self.field.returnPressed.connect(self._give)
        self._check(value)
        self.field.setFocus()
        self.field.selectAll()

    def _check(self, text: str) -> None:
        problem = self._problem(text.strip()) if text.strip() else "Type a name"
        self.verb.setEnabled(not problem)
        self.labelled.say(f"{problem}." if problem and text.strip() else "")

    def _give(self) -> None:
        if self.verb.isEnabled():
            self.given.emit(self.field.text().strip(), self.choice.value() if self.choice else "")
            self.accept()


class InstallSheet(Sheet):
    """What to install, from where; shows the contents first (UI-AP-04).

    Args:
        problem: says why a name can't be used, see `NameSheet`.

    Signals:
        look_wanted(str): this source is to be looked at.
        given(object, str, bool): candidate, name, and whether an application of that name gives way.
    """

    look_wanted = Signal(str)
    given = Signal(object, str, bool)

    def __init__(
        self, theme: Theme, problem: Callable[[str], str | None], parent: QWidget | None = None
    ) -> None:
        words = "A pack (.w2p), the folder of an application, an address, or a git repository."
        super().__init__(theme, "applications.install", "Install an application", words, parent)
        self._problem = problem
        self.candidate: Candidate | None = None
        self.source = QLineEdit()
        self.source.setObjectName("applications.install.source")
        self.source.setPlaceholderText("/home/me/shop.w2p or https://example.com/shop.w2p")
        pack = Button(theme, "Pack…")
        folder = Button(theme, "Folder…")
        pack.clicked.connect(self._choose_pack)
        folder.clicked.connect(self._choose_folder)
        self.from_where = Labelled(theme, "From", self.source, [pack, folder])
        self.column.addWidget(self.from_where)
        self.contents = QListWidget()
        self.contents.setAccessibleName("Contents")
        self.contents.setMinimumHeight(160)
        self.contents.hide()
        self.summary = label("", "small", wrap=True)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.contents, 1)
        self.name = QLineEdit()
        self.name.setObjectName("applications.install.name")
        self.named = Labelled(theme, "Name", self.name)
        self.named.hide()
        self.column.addWidget(self.named)
        self.overwrite = QCheckBox("Take the place of the application of that name; it goes to the bin")
        self.overwrite.hide()
        self.column.addWidget(self.overwrite)
        self.verb = self.add_verbs("Look")
        self.verb.clicked.connect(self._go_on)
        self._soon = QTimer(self, singleShot=True, interval=250)
        self._soon.timeout.connect(self._check)
        self.source.textChanged.connect(self._on_source)
        self.source.returnPressed.connect(self._go_on)
        self.name.textChanged.connect(lambda _text: self._check())
        self.overwrite.toggled.connect(lambda _on: self._check())
        self._check()
        self.setMinimumWidth(560)
        self.source.setFocus()

    def _choose_pack(self) -> None:
        dialog = QFileDialog(self, "Choose a pack")
        dialog.setNameFilters(["Packs (*.w2p *.w3p *.tar.gz *.tgz *.tar)", "All files (*)"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Choose the folder of an application")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _take(self, path: str) -> None:
        self.source.setText(path)
        self._go_on()

    def _on_source(self) -> None:
        self.candidate = None
        for widget in (self.contents, self.named, self.overwrite):
            widget.hide()
        self.summary.setText("")
        self.from_where.say("")
        self.verb.set_face("Look", "primary")
        self._check()

    def _check(self) -> None:
        if self.candidate is None:
            self.verb.setEnabled(bool(self.source.text().strip()))
            return
        problem = self._problem(self.name.text().strip()) or ""
        taken = problem.startswith("There is already")
        self.overwrite.setVisible(taken)
        fine = not problem or (taken and self.overwrite.isChecked())
        self.named.say("" if fine else f"{problem}.", "hint" if taken else "fault")
        self.verb.setEnabled(fine)

    def _go_on(self) -> None:
        if not self.verb.isEnabled():
            return
        if self.candidate is None:
            self.verb.setEnabled(False)
            self.summary.setText("Looking…")
            self.look_wanted.emit(self.source.text().strip())
        else:
            candidate, self.candidate = self.candidate, None
            self.given.emit(candidate, self.name.text().strip(), self.overwrite.isChecked())
            self.accept()

    def show_candidate(self, candidate: Candidate) -> None:
        """Shows what would be installed."""
        self.candidate = candidate
        self.contents.clear()
        for entry in candidate.entries[:SHOWN_FILES]:
            self.contents.addItem(f"{entry.path}   {size_words(entry.size)}")
        if len(candidate.entries) > SHOWN_FILES:
            self.contents.addItem(f"and {len(candidate.entries) - SHOWN_FILES} more")
        count = counted(len(candidate.entries), "file")
        self.summary.setText(f"{count}, {size_words(candidate.size)}. Nothing is written before you install.")
        self.contents.show()
        self.named.show()
        self.name.setText(candidate.name)
        self.verb.set_face("Install", "primary")
        self._check()
        self.name.setFocus()

    def show_fault(self, sentence: str) -> None:
        """Says why it can't be had."""
        self.summary.setText("")
        self.from_where.say(sentence)
        self.verb.setEnabled(True)


class CleanSheet(Sheet):
    """Which leftovers go, with their sizes (UI-AP-06).

    Signals:
        given(tuple): the parts chosen.
    """

    given = Signal(tuple)

    def __init__(
        self, theme: Theme, name: str, found: Sequence[Leftover], parent: QWidget | None = None
    ) -> None:
        words = "What a running application leaves behind. This can't be undone."
        super().__init__(theme, "applications.clean", f"Clean {name}", words, parent)
        self.boxes: dict[str, QCheckBox] = {}
        titles = dict(PARTS)
        for each in found:
            box = QCheckBox(f"{titles[each.part]}: {counted(each.files, 'file')}, {size_words(each.size)}")
            box.setObjectName(f"applications.clean.{each.part}")
            box.setEnabled(each.files > 0)
            box.setChecked(each.files > 0 and each.part == "cache")
            box.toggled.connect(lambda _on: self._check())
            self.boxes[each.part] = box
            self.column.addWidget(box)
        self._files = {each.part: each.files for each in found}
        self.warning = label("", "hint", wrap=True)
        self.column.addWidget(self.warning)
        self.verb = self.add_verbs("Clean", "danger")
        self.verb.clicked.connect(self._give)
        self._check()

    def chosen(self) -> tuple[str, ...]:
        """The parts ticked."""
        return tuple(part for part, box in self.boxes.items() if box.isChecked())

    def _check(self) -> None:
        parts = self.chosen()
        count = sum(self._files[part] for part in parts)
        self.verb.set_face(f"Delete {counted(count, 'file')}" if count else "Clean", "danger")
        self.verb.setEnabled(bool(parts))
        out = "sessions" in parts
        visitors = counted(self._files.get("sessions", 0), "visitor")
        self.warning.setText(f"{visitors} will be logged out." if out else "")

    def _give(self) -> None:
        self.given.emit(self.chosen())
        self.accept()


class UninstallSheet(Sheet):
    """Asks for the name of an application that has data before it goes to the bin (section 16).

    Signals:
        given: the name was typed.
    """

    given = Signal()

    def __init__(self, theme: Theme, name: str, with_data: bool, parent: QWidget | None = None) -> None:
        words = "It goes to the bin of this site, where it stays for 30 days."
        if with_data:
            words += " It keeps data in databases of its own. Type its name to go on."
        super().__init__(theme, "applications.uninstall", f"Uninstall {name}", words, parent)
        self._name = name
        self.field = QLineEdit()
        self.field.setObjectName("applications.uninstall.name")
        self.field.setAccessibleName("Name of the application")
        self.field.setVisible(with_data)
        self.column.addWidget(self.field)
        self.verb = self.add_verbs(f"Uninstall {name}", "danger")
        self.verb.setEnabled(not with_data)
        self.field.textChanged.connect(lambda text: self.verb.setEnabled(text.strip() == name))
        self.verb.clicked.connect(self._give)

    def _give(self) -> None:
        self.given.emit()
        self.accept()


class PackSheet(Sheet):
    """What to pack, and where to (UI-AP-05).

    Args:
        entries: the files to choose from.

    Signals:
        given(str, str, object): target; ``source``, ``compiled`` or ``files``; and whether with data, or
            the files chosen.
    """

    given = Signal(str, str, object)

    def __init__(
        self,
        theme: Theme,
        name: str,
        target: Path,
        has_sources: bool,
        entries: Sequence[PackEntry],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "applications.pack", f"Pack {name}", "", parent)
        self._entries, self._off = entries, set[str]()
        kinds = [("source", "Sources"), ("compiled", "Compiled only"), ("files", "Chosen files")]
        self.kind = Segment(theme, "What", kinds if has_sources else kinds[1:])
        self.kind.setObjectName("applications.pack.kind")
        self.kind.chosen.connect(lambda _value: self._refresh())
        self.column.addWidget(self.kind)
        self.data = QCheckBox("Databases and uploads too")
        self.data.setObjectName("applications.pack.data")
        self.column.addWidget(self.data)
        self.files = Lines(theme, "applications.pack.files", "Files to pack")
        self.files.setMinimumHeight(240)
        self.files.ticked.connect(self.toggle)
        self.column.addWidget(self.files, 1)
        self.target = QLineEdit(str(target))
        self.target.setObjectName("applications.pack.target")
        choose = Button(theme, "Choose…")
        choose.clicked.connect(self._choose)
        self.where = Labelled(theme, "Pack", self.target, [choose])
        self.column.addWidget(self.where)
        self.verb = self.add_verbs("Pack")
        self.verb.clicked.connect(self._give)
        self.target.textChanged.connect(lambda _text: self._refresh())
        self._refresh()

    def chosen(self) -> tuple[str, ...]:
        """The files ticked."""
        return tuple(entry.path for entry in self._entries if entry.path not in self._off)

    def toggle(self, path: str) -> None:
        """Takes a file, or all of a folder, out or in."""
        if path.endswith("/"):
            below = {entry.path for entry in self._entries if entry.path.startswith(path)}
            self._off = self._off - below if below <= self._off else self._off | below
        else:
            self._off ^= {path}
        self._refresh()

    def _lines(self) -> list[Line]:
        folders: dict[str, list[PackEntry]] = {}
        for entry in self._entries:
            folders.setdefault(entry.path.rpartition("/")[0], []).append(entry)
        lines = []
        for folder, entries in folders.items():
            if folder:
                on = any(entry.path not in self._off for entry in entries)
                lines.append(Line(folder, checked=on, strong=True, data=f"{folder}/"))
            for entry in entries:
                size, on = size_words(entry.size), entry.path not in self._off
                name = entry.path.rpartition("/")[2]
                level = 1 if folder else 0
                lines.append(Line(name, note=size, level=level, checked=on, data=entry.path))
        return lines

    def _refresh(self) -> None:
        kind = self.kind.value()
        self.data.setVisible(kind != "files")
        self.files.setVisible(kind == "files")
        if kind == "files":
            self.files.show_lines(self._lines())
            self.resize(max(self.width(), 560), max(self.height(), 520))
        count = len(self.chosen())
        self.verb.set_face(f"Pack {counted(count, 'file')}" if kind == "files" else "Pack", "primary")
        self.verb.setEnabled(bool(self.target.text().strip()) and (kind != "files" or count > 0))

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Pack into")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("w2p")
        dialog.selectFile(self.target.text())
        dialog.fileSelected.connect(self.target.setText)
        dialog.open()

    def _give(self) -> None:
        kind = self.kind.value()
        chosen = self.chosen() if kind == "files" else self.data.isChecked()
        self.given.emit(self.target.text().strip(), kind, chosen)
        self.accept()


class BinSheet(Sheet):
    """What is in the bin; puts things back (UI-AP-06).

    Signals:
        back_wanted(object): this one is to be put back.
        empty_wanted: everything in it is to be destroyed.
    """

    back_wanted = Signal(object)
    empty_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        found: Sequence[Thrown],
        when: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        words = "What was removed stays here for 30 days."
        super().__init__(theme, "applications.bin", "Bin", words, parent)
        self._found = list(found)
        self.list = QListWidget()
        self.list.setObjectName("applications.bin.list")
        self.list.setAccessibleName("In the bin")
        self.list.setMinimumHeight(220)
        for each in self._found:
            self.list.addItem(f"{each.path}   ({each.kind}, {when(each.when)})")
        self.column.addWidget(self.list, 1)
        if not self._found:
            self.words.setText("The bin is empty.")
        row = QHBoxLayout()
        self.empty = Button(theme, f"Destroy {counted(len(self._found), 'thing')}", "danger")
        self.empty.setEnabled(bool(self._found))
        self.empty.setObjectName("applications.bin.empty")
        self.empty.clicked.connect(self._on_empty)
        row.addWidget(self.empty)
        row.addStretch(1)
        self.column.addLayout(row)
        self.verb = self.add_verbs("Put back", cancel="Close")
        self.verb.setEnabled(False)
        self.list.currentRowChanged.connect(lambda at: self.verb.setEnabled(at >= 0))
        self.verb.clicked.connect(self._on_back)

    def _on_back(self) -> None:
        at = self.list.currentRow()
        if at >= 0:
            self.back_wanted.emit(self._found[at])
            self.accept()

    def _on_empty(self) -> None:
        self.empty_wanted.emit()
        self.accept()
