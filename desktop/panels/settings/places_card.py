"""The page of places: path, size, *Open*, *Empty*; settings to and from a file (ST-12, ST-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.background import Context, Tasks
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import Card
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.value.texts import size_words

from .places import Place, Size, empty_place, places, size_of

KEY = "settings.places"


class PlaceRow(QWidget):
    """One place.

    Signals:
        opened, emptied: the buttons.
    """

    opened = Signal()
    emptied = Signal()

    def __init__(self, theme: Theme, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self.measured = place, Size(0, -1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 13, 10)
        row.setSpacing(6)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(place.title, "medium"))
        words.addWidget(label(place.sentence, "small", wrap=True))
        self.path = CutLabel("small", middle=True)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(self.path)
        row.addLayout(words, 1)
        self.amount = label("", "secondary", name=f"settings.places.{place.id}.size")
        row.addWidget(self.amount, 0, Qt.AlignmentFlag.AlignVCenter)
        self.open = self._button(theme, "Open", self.opened)
        self.empty = self._button(theme, "Empty…", self.emptied)
        self.extra = QHBoxLayout()
        row.addLayout(self.extra)
        row.addWidget(self.empty)
        row.addWidget(self.open)
        self.empty.setVisible(bool(place.loss))
        self.show_place(place)

    def _button(self, theme: Theme, text: str, signal: SignalInstance) -> Button:
        button = Button(theme, text, small=True)
        name = text.rstrip("…")
        button.setObjectName(f"settings.places.{self.place.id}.{name.lower()}")
        button.setAccessibleName(f"{name} {self.place.title}")
        button.clicked.connect(signal)
        return button

    def show_place(self, place: Place) -> None:
        """Takes another folder, not measured yet."""
        self.place = place
        self.path.set_text(str(place.path))
        self.amount.setText("…")

    def show_size(self, size: Size) -> None:
        """Says how much lies there, and lets be done what can be."""
        self.measured = size
        there = size.files >= 0
        self.amount.setText(size_words(size.size) if there else "nothing yet")
        self.amount.setToolTip(f"{size.files} files" if there else "The folder is made when it is needed.")
        self.open.setEnabled(there)
        self.open.setToolTip("" if there else "The folder is made when it is needed.")
        self.empty.setEnabled(size.files > 0)
        self.empty.setToolTip("" if size.files > 0 else "Nothing lies there.")


class PlacesCard(Card):
    """All places.

    Args:
        theme: colours.
        tasks: measures and removes in the background.
        site: tells the site folder.
        open_path: opens a folder with the system's program; False when nothing could.

    Signals:
        said(str, str): level and sentence for a notice.
        export_wanted(Path), import_wanted(Path): settings to or from this file.
    """

    said = Signal(str, str)
    export_wanted = Signal(object)
    import_wanted = Signal(object)

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        site: Callable[[], Path],
        open_path: Callable[[Path], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("settings.card.places", parent)
        self.setAccessibleName("Places")
        self._theme, self._tasks, self._site, self._open_path = theme, tasks, site, open_path
        head = label("Places", "heading")
        head.setContentsMargins(16, 12, 16, 4)
        self.body.addWidget(head)
        self.rows: dict[str, PlaceRow] = {}
        for place in places(site()):
            if self.rows:
                self.body.addWidget(hairline())
            row = PlaceRow(theme, place)
            row.opened.connect(partial(self._open, row))
            row.emptied.connect(partial(self._ask, row))
            self.rows[place.id] = row
            self.body.addWidget(row)
        self._add_transfer(self.rows["settings"])

    def _add_transfer(self, row: PlaceRow) -> None:
        for words, act in (("Export…", self.choose_export), ("Import…", self.choose_import)):
            button = Button(self._theme, words, small=True)
            name = words.rstrip("…")
            button.setObjectName(f"settings.{name.lower()}")
            button.setAccessibleName(f"{name} settings")
            button.clicked.connect(act)
            row.extra.addWidget(button)

    def matches(self, words: str) -> bool:
        """Whether a search for `words` finds the page."""
        rows = (each.place for each in self.rows.values())
        text = "places where things lie export import empty " + " ".join(
            f"{place.title} {place.sentence} {place.path}" for place in rows
        )
        return all(word in text.casefold() for word in words.casefold().split())

    def refresh(self) -> None:
        """Measures everything anew, in the background."""
        site = self._site()
        found: Sequence[Place] = places(site)
        for place in found:
            self.rows[place.id].show_place(place)

        def work(context: Context) -> list[Size]:
            sizes = []
            for place in found:
                context.check()
                sizes.append(size_of(place, lambda: context.cancelled))
            return sizes

        def on_done(sizes: list[Size]) -> None:
            for place, size in zip(found, sizes, strict=True):
                self.rows[place.id].show_size(size)

        self._tasks.run(work, owner=self, title="Measuring folders", key=KEY, reading=True, on_done=on_done)

    def _open(self, row: PlaceRow) -> None:
        if not self._open_path(row.place.path):
            self.said.emit("warning", f"No program could be started for {row.place.path}.")

    def _ask(self, row: PlaceRow) -> None:
        count = row.measured.files
        files = f"{count} file{'' if count == 1 else 's'}, {size_words(row.measured.size)}"
        question = Question(
            self._theme,
            f"Empty {row.place.title.lower()}?",
            f"{files} in {row.place.path}. {row.place.loss}",
            [
                Answer("empty", f"Delete {count} file{'' if count == 1 else 's'}", "danger"),
                Answer("stay", "Keep them", "primary"),
            ],
            parent=self.window(),
        )
        question.answered.connect(lambda answer, _ticked: self._on_answered(row.place, answer))
        question.open()

    def _on_answered(self, place: Place, answer: str) -> None:
        if answer != "empty":
            return
        site = self._site()

        def on_done(left: int) -> None:
            if left:
                self.said.emit("warning", f"{left} entries in {place.path} are in use and were kept.")
            self.refresh()

        self._tasks.run(
            lambda _context: empty_place(place, site),
            owner=self,
            title=f"Emptying {place.title.lower()}",
            on_done=on_done,
        )

    # settings to and from a file

    def choose_export(self) -> None:
        """Asks for the file that the settings are written into."""
        dialog = QFileDialog(self, "Export settings", "hadron-settings.toml", "Settings (*.toml)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export_wanted.emit(Path(path)))
        dialog.open()

    def choose_import(self) -> None:
        """Asks for the file that settings are read from."""
        dialog = QFileDialog(self, "Import settings", str(Path.home()), "Settings (*.toml)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.import_wanted.emit(Path(path)))
        dialog.open()
