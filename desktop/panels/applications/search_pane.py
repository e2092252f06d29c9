"""The pane Search: text or expression, kinds, scope, replacing with a preview (UI-AP-10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.fields import Choice, Segment
from desktop.widgets.labels import CutLabel
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from runtime.admin.file_search import KINDS, Change, FileHits, Replaced, Wanted

from .searching import Searching

SHORTEST = 2  # letters from which on a search begins by itself


class SearchPane(QWidget):
    """What is searched for and what was found.

    Args:
        theme: where its colours come from.
        searching: carries it out.
        folders: tells the folders of the applications: the opened one, or all with True.
        site: tells the site folder.

    Signals:
        wanted(str, int): a hit was chosen: file and line.
        told(str, object): a sentence, and what undoes it or None.
    """

    wanted = Signal(str, int)
    told = Signal(str, object)

    def __init__(
        self,
        theme: Theme,
        searching: Searching,
        folders: Callable[[bool], list[Path]],
        site: Callable[[], Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._searching, self._folders, self._site = theme, searching, folders, site
        self._files: list[FileHits] = []
        self._hits = 0
        self.preview: PreviewSheet | None = None
        self.setObjectName("applications.search")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        self.text = self._field("Search in files", "text")
        self.new = self._field("Replace by", "new")
        self.case = self._switch("code", "Letters agree in case")
        self.words = self._switch("minus", "Whole words only")
        self.regex = self._switch("filter", "Regular expression")
        kinds = [("", "All files"), *((kind, kind.capitalize()) for kind in KINDS)]
        self.kind = Choice(theme, "Kind of files", kinds)
        self.scope = Segment(theme, "Where", [("this", "This application"), ("all", "All")])
        self.scope.setObjectName("applications.search.scope")
        first = QHBoxLayout()
        first.setContentsMargins(12, 0, 12, 0)
        first.setSpacing(4)
        first.addWidget(self.text, 2)
        for widget in (self.case, self.words, self.regex, self.kind, self.scope):
            first.addWidget(widget)
        second = QHBoxLayout()
        second.setContentsMargins(12, 0, 12, 0)
        second.setSpacing(4)
        self.replace = Button(theme, "Preview…", small=True)
        self.replace.setObjectName("applications.search.preview")
        self.stop = Button(theme, "Stop", "quiet", small=True)
        self.stop.hide()
        self.count = CutLabel("small")
        second.addWidget(self.new, 2)
        second.addWidget(self.replace)
        second.addWidget(self.count, 2)
        second.addWidget(self.stop)
        self.list = Lines(theme, "applications.search.found", "Hits")
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.list, 1)
        self._soon = QTimer(self, singleShot=True, interval=150)
        self._soon.timeout.connect(self.begin)
        self._connect()

    def _field(self, placeholder: str, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(f"applications.search.{name}")
        field.setPlaceholderText(placeholder)
        field.setAccessibleName(placeholder)
        field.setProperty("tool", True)
        return field

    def _switch(self, icon: str, name: str) -> IconButton:
        button = IconButton(self._theme, icon, name)
        button.setCheckable(True)
        button.toggled.connect(lambda _on: self._soon.start())
        return button

    def _connect(self) -> None:
        self.text.textChanged.connect(lambda _text: self._soon.start())
        self.text.returnPressed.connect(self.begin)
        self.kind.chosen.connect(lambda _value: self.begin())
        self.scope.chosen.connect(lambda _value: self.begin())
        self.replace.clicked.connect(self.plan)
        self.stop.clicked.connect(self._searching.cancel)
        self.list.wanted.connect(lambda place: self.wanted.emit(*place))
        self._searching.found.connect(self._on_found)
        self._searching.ended.connect(self._on_ended)
        self._searching.failed.connect(self._on_failed)
        self._searching.planned.connect(self._on_planned)
        self._searching.replaced.connect(self._on_replaced)
        self._searching.restored.connect(self._on_restored)

    def focus(self, text: str = "") -> None:
        """Puts the cursor into the field, with a text if one is given."""
        if text:
            self.text.setText(text)
        self.text.setFocus()
        self.text.selectAll()

    def asked(self) -> Wanted:
        """What is searched for."""
        return Wanted(
            self.text.text(),
            self.regex.isChecked(),
            self.case.isChecked(),
            self.words.isChecked(),
            self.kind.value(),
        )

    def begin(self) -> None:
        """Searches now."""
        self._soon.stop()
        self._files, self._hits = [], 0
        self.list.show_lines([])
        if len(self.text.text()) < SHORTEST:
            self.count.set_text("Type at least two letters." if self.text.text() else "")
            return
        self.count.set_text("Searching…")
        self.stop.show()
        self._searching.begin(self._folders(self.scope.value() == "all"), self.asked())

    def _on_found(self, files: Sequence[FileHits]) -> None:
        self._files += files
        root = self._site() / "applications"
        lines = []
        for file in files:
            try:
                name = file.path.relative_to(root).as_posix()
            except ValueError:
                name = str(file.path)
            place = (str(file.path), file.hits[0].line)
            count = str(len(file.hits))
            lines.append(Line(name, icon="file", note=count, strong=True, tip=str(file.path), data=place))
            for hit in file.hits:
                text = hit.text.lstrip()
                cut = len(hit.text) - len(text)
                span = (max(0, hit.start - cut), max(0, hit.end - cut))
                lines.append(
                    Line(
                        text,
                        level=1,
                        code=True,
                        note=str(hit.line),
                        data=(str(file.path), hit.line),
                        hits=(span,),
                    )
                )
        self.list.lines_model.add_lines(lines)
        self._hits += sum(len(file.hits) for file in files)
        self.count.set_text(f"{self._hits} hits…")

    def _on_ended(self, words: str) -> None:
        self.stop.hide()
        self.count.set_text(words)

    def _on_failed(self, sentence: str) -> None:
        self.stop.hide()
        self.count.set_text(sentence)

    # replacing

    def plan(self) -> None:
        """Shows what replacing would change."""
        if self._files:
            self._searching.plan([file.path for file in self._files], self.asked(), self.new.text())

    def _on_planned(self, changes: list[Change], left: list[str]) -> None:
        root = self._site() / "applications"
        self.preview = PreviewSheet(self._theme, changes, left, root, self)
        self.preview.given.connect(self._searching.replace)
        self.preview.open()

    def _on_replaced(self, done: list[Replaced], left: list[str]) -> None:
        words = " ".join([f"Replaced in {counted(len(done), 'file')}.", *left[:3]])
        self.told.emit(words, partial(self._searching.undo, done) if done else None)
        self.begin()

    def _on_restored(self, left: list[str]) -> None:
        self.told.emit(" ".join(["The files are as they were.", *left[:3]]), None)
        self.begin()


class PreviewSheet(Sheet):
    """The files that replacing would change, each with its difference.

    Signals:
        given(list): the changes that are wanted.
    """

    given = Signal(list)

    def __init__(
        self, theme: Theme, changes: list[Change], left: list[str], root: Path, parent: QWidget | None = None
    ) -> None:
        words = "Untick what is to stay as it is. Afterwards it can be undone."
        if left:
            words += f" Left out: {' '.join(left[:3])}"
        super().__init__(theme, "applications.replace", "Replace in files", words, parent)
        self._changes, self._root = changes, root
        self._off: set[int] = set()
        self.list = Lines(theme, "applications.replace.files", "Files to change")
        self.list.setMinimumHeight(300)
        self.column.addWidget(self.list, 1)
        self.verb = self.add_verbs("Replace")
        self.verb.clicked.connect(self._give)
        self.list.ticked.connect(self.toggle)
        self.resize(760, 520)
        self._fill()

    def toggle(self, data: object) -> None:
        """Takes a file out, or in again."""
        self._off ^= {data[0]}  # type: ignore[index]
        self._fill()

    def _fill(self) -> None:
        lines = []
        for at, change in enumerate(self._changes):
            try:
                name = change.path.relative_to(self._root).as_posix()
            except ValueError:
                name = str(change.path)
            lines.append(
                Line(
                    name,
                    checked=at not in self._off,
                    strong=True,
                    note=counted(change.count, "place"),
                    data=(at,),
                )
            )
            lines += [Line(text, level=1, code=True) for text in changed_lines(change)]
        self.list.show_lines(lines)
        count = len(self._changes) - len(self._off)
        self.verb.set_face(f"Replace in {counted(count, 'file')}", "primary")
        self.verb.setEnabled(count > 0)

    def _give(self) -> None:
        self.given.emit([change for at, change in enumerate(self._changes) if at not in self._off])
        self.accept()


def changed_lines(change: Change, most: int = 6) -> list[str]:
    """Return the first lines that differ: before with a minus, after with a plus."""
    before, after = change.before.text.split("\n"), change.after.split("\n")
    if len(before) != len(after):
        return [f"{len(before)} lines become {len(after)}"]
    out = []
    for old, new in zip(before, after, strict=True):
        if old != new:
            out += [f"- {old.strip()[:160]}", f"+ {new.strip()[:160]}"]
            if len(out) >= most:
                break
    return out
