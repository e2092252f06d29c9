"""First step: a new folder, or an existing one, which is looked at before it is opened (ST-06, ST-07)."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.buttons import Button
from desktop.widgets.cards import Card
from desktop.widgets.fields import FaultLine
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.marks import StateMark
from runtime.admin.site_look import ATTENTION, LOADS, SiteLook

from .looking import Looking, NewFolder
from .parts import Choice, FoundTable

TITLE = "Where are your applications?"
FRESH = 60.0  # seconds for which a report is one of just now


class FolderStep(QWidget):
    """The step.

    Args:
        theme: colours.
        looking: looks at folders.
        folder: of the applications until now, offered as the new one.

    Signals:
        changed: it can be left now, or can't any more.
        save_wanted(SiteLook): the report is to be saved.
    """

    changed = Signal()
    save_wanted = Signal(object)

    def __init__(self, theme: Theme, looking: Looking, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._looking = theme, looking
        self._new = NewFolder(folder, False, "")
        self._site: Path | None = None
        self.report: SiteLook | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(label(TITLE, "title"))
        words = (
            "Hadron keeps them in one folder. Opening a folder only reads it; nothing in it is changed now."
        )
        column.addWidget(label(words, "secondary", wrap=True))
        column.addWidget(self._make_new())
        column.addWidget(self._make_existing())
        column.addStretch(1)
        looking.new_checked.connect(self._on_new)
        looking.opened.connect(self._on_opened)
        looking.warned.connect(self._on_warned)
        looking.refused.connect(self._on_refused)
        looking.progressed.connect(self._on_progress)
        looking.found.connect(self.show_report)
        group = QButtonGroup(self)  # they have no common parent
        for choice in (self.new, self.existing):
            group.addButton(choice.radio)
        self.new.radio.setChecked(True)
        looking.check_new(folder)

    def _make_new(self) -> Choice:
        self.new = Choice(self._theme, "first.new", "Make a new folder")
        self.place = CutLabel("secondary", middle=True)
        self.new.body.addWidget(self.place)
        self.new_fault = FaultLine(self._theme)
        self.new.body.addWidget(self.new_fault)
        change = Button(self._theme, "Change…", small=True)
        change.setObjectName("first.new.change")
        change.setAccessibleName("Change the place of the new folder")
        change.clicked.connect(lambda: self._choose(self.new, self.set_new))
        self.new.beside.addWidget(change, 0, Qt.AlignmentFlag.AlignVCenter)
        self.new.radio.toggled.connect(lambda on: self._on_chosen(self.new, on))
        return self.new

    def _make_existing(self) -> Choice:
        self.existing = Choice(self._theme, "first.existing", "Open an existing folder")
        row = QHBoxLayout()
        row.setSpacing(8)
        self.path = QLineEdit()
        self.path.setObjectName("first.path")
        self.path.setAccessibleName("Folder with applications")
        self.path.setPlaceholderText("The folder of web2py, or another one that holds applications")
        self.path.textEdited.connect(lambda _text: self.existing.radio.setChecked(True))
        self.path.editingFinished.connect(self._on_typed)
        row.addWidget(self.path, 1)
        choose = Button(self._theme, "Choose…")
        choose.setObjectName("first.choose")
        choose.setAccessibleName("Choose the folder with applications")
        choose.clicked.connect(lambda: self._choose(self.existing, self.set_existing))
        row.addWidget(choose)
        self.existing.body.addLayout(row)
        self.fault = FaultLine(self._theme)
        self.existing.body.addWidget(self.fault)
        self.existing.body.addWidget(self._make_found())
        self.existing.radio.toggled.connect(lambda on: self._on_chosen(self.existing, on))
        return self.existing

    def _make_found(self) -> QWidget:
        self.found = QWidget()
        column = QVBoxLayout(self.found)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.mark = StateMark(self._theme)
        row.addWidget(self.mark)
        self.summary = label("", "medium", wrap=True)
        row.addWidget(self.summary, 1)
        self.took = label("", "small")
        row.addWidget(self.took)
        column.addLayout(row)
        self.table = FoundTable(self._theme)
        self.frame = Card("first.found.card")
        self.frame.body.addWidget(self.table)
        column.addWidget(self.frame)
        links = QHBoxLayout()
        links.setSpacing(16)
        self.save = Link(self._theme, "Save this report")
        self.save.setObjectName("first.save")
        self.save.opened.connect(lambda _target: self.save_wanted.emit(self.report))
        self.again = Link(self._theme, "Look again")
        self.again.setObjectName("first.again")
        self.again.opened.connect(lambda _target: self._look(again=True))
        links.addWidget(self.save)
        links.addWidget(self.again)
        links.addStretch(1)
        column.addLayout(links)
        self.found.hide()
        return self.found

    # what was chosen

    @property
    def creates(self) -> bool:
        """Is a new folder wanted?"""
        return self.new.radio.isChecked()

    @property
    def site(self) -> Path | None:
        """The folder that was chosen; None while none can be used."""
        if self.creates:
            return self._new.path if self._new.ok else None
        return self._site

    def set_new(self, folder: Path) -> None:
        """Takes another place for the new folder."""
        self._new = NewFolder(folder, False, "")
        self._looking.check_new(folder)
        self.changed.emit()

    def set_existing(self, folder: Path) -> None:
        """Takes an existing folder, and looks at it."""
        self.path.setText(str(folder))
        self.existing.radio.setChecked(True)
        self._look()

    def _on_chosen(self, choice: Choice, on: bool) -> None:
        if choice is self.existing and on and self._site is None and self.path.text().strip():
            self._look()
        self.changed.emit()

    def _on_typed(self) -> None:
        if self.path.isModified() and self.path.text().strip():
            self.path.setModified(False)
            self._look()

    def _choose(self, choice: Choice, take: object) -> None:
        choice.radio.setChecked(True)
        start = self.path.text().strip() if choice is self.existing else str(self._new.path.parent)
        dialog = QFileDialog(self, choice.radio.text(), start or str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: take(Path(path)))  # type: ignore[operator]
        dialog.open()

    # what the look says

    def _look(self, again: bool = False) -> None:
        self._site, self.report = None, None
        self._say("")
        self.found.hide()
        self._looking.look(Path(self.path.text().strip()), again)
        self.changed.emit()

    def _say(self, sentence: str, tone: str = "fault") -> None:
        self.fault.say(sentence, tone)
        self.path.setAccessibleDescription(sentence)
        restyle(self.path, invalid=bool(sentence) and tone == "fault")

    def _on_new(self, found: NewFolder) -> None:
        if found.path != self._new.path:
            return
        self._new = found
        self.place.set_text(f"{found.path}, {found.words}" if found.ok else str(found.path))
        self.new_fault.say(found.warning, "hint") if found.ok else self.new_fault.say(found.words)
        self.changed.emit()

    def _on_opened(self, site: Path) -> None:
        self._site = site
        if str(site) != self.path.text().strip():
            self._say(f"The site folder is {site}.", "good")
        self.table.show_rows(())
        self.frame.hide()
        self.save.hide()
        self.again.hide()
        self._show_summary("mark-ring-dot", "changing", "Looking at the applications", "")
        self.changed.emit()

    def _on_warned(self, sentence: str) -> None:
        self._say(sentence, "hint")

    def _on_progress(self, done: int, total: int, name: str) -> None:
        self._show_summary("mark-ring-dot", "changing", f"Looking at {name}, {done + 1} of {total}", "")

    def _on_refused(self, sentence: str) -> None:
        self.found.hide()
        self._say(sentence)
        self.changed.emit()

    def show_report(self, report: SiteLook) -> None:
        """Shows what was found."""
        self.report, self._site = report, report.site
        attention = report.count(ATTENTION)
        shape, status = (
            ("mark-triangle-bang", "problem") if attention
            else ("mark-check", "serving") if report.count(LOADS)
            else ("mark-dash", "stopped")
        )  # fmt: skip
        self._show_summary(shape, status, report.summary(), _took(report))
        self.table.show_rows(report.applications)
        self.frame.setVisible(bool(report.applications))
        self.save.setVisible(bool(report.applications))
        self.again.show()
        self.changed.emit()

    def _show_summary(self, shape: str, status: str, words: str, took: str) -> None:
        self.mark.show_state(shape, status, words)
        self.summary.setText(words)
        restyle(self.summary, status=status)
        self.took.setText(took)
        self.found.show()


def _took(report: SiteLook) -> str:
    if time.time() - report.when > FRESH:
        return f"looked at {time.strftime('%d.%m.%Y %H:%M', time.localtime(report.when))}"
    return f"took {max(1, round(report.seconds))} s"
