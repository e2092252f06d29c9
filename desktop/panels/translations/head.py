"""The tool row and the foot of Translations: what is shown, how far it is, what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QWidget

from desktop.shell.actions import Actions
from desktop.shell.statusbar import Progress
from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton, popup_below
from desktop.widgets.fields import Choice
from desktop.widgets.labels import CutLabel, label

from .chips import ChipRow
from .findings import KeyCap
from .languages import LanguageLine
from .session import OpenFile

ALL = "*"
MORE = (
    "show_languages",
    "show_grid",
    "-",
    "replace",
    "fill",
    "-",
    "export_file",
    "import_file",
    "-",
    "open_page",
    "open_as_text",
    "reload",
    "-",
    "undo",
    "redo",
    "save",
    "switch_writing",
)


class ToolRow(QFrame):
    """Application, language, progress, orders."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self._buttons: list[tuple[Button, QAction]] = []
        self.setAccessibleName("Tools of Translations")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 13, 6)
        row.setSpacing(8)
        self.application = Choice(theme, "Application", [("", "No application")])
        self.application.setObjectName("translations.application")
        self.language = Choice(theme, "Language", [(ALL, "All languages")])
        self.language.setObjectName("translations.language.choice")
        for choice in (self.application, self.language):
            choice.setSizePolicy(choice.sizePolicy().Policy.Maximum, choice.sizePolicy().Policy.Fixed)
        self.total = CutLabel("secondary")
        self.bar = Progress(theme)
        self.bar.setFixedWidth(150)
        self.percent = label("", "strong")
        self.done = CutLabel("secondary")
        self.plurals = self._button("show_plurals", "quiet", "plural")
        self.scan = self._button("scan", "secondary", "search")
        self.more = IconButton(theme, "more", "More orders for translations")
        self.more.setObjectName("translations.more")
        self.more.clicked.connect(self._open_more)
        self._menu = QMenu(self)
        for widget in (self.application, self.language, self.total, self.bar, self.percent):
            row.addWidget(widget)
        row.addWidget(self.done)
        row.addStretch(1)
        for button in (self.plurals, self.more, self.scan):
            row.addWidget(button)

    def _button(self, name: str, kind: str, icon: str) -> Button:
        action = self._actions.get(f"translations.{name}")
        button = Button(self._theme, action.iconText(), kind, icon, small=True)
        button.setObjectName(f"translations.{name}")
        button.clicked.connect(action.trigger)
        self._buttons.append((button, action))
        action.changed.connect(self._follow)  # a bound method: actions live longer than this row
        self._follow()
        return button

    def _follow(self) -> None:
        for button, action in self._buttons:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())

    def _open_more(self) -> None:
        self._menu.clear()
        for name in MORE:
            if name == "-":
                self._menu.addSeparator()
            else:
                self._menu.addAction(self._actions.get(f"translations.{name}"))
        popup_below(self._menu, self.more)

    def show_applications(self, found: Sequence[Path], current: Path | None) -> None:
        """Fills the choice of applications."""
        options = [(path.name, path.name) for path in found] or [("", "No application")]
        self.application.set_options(options, current.name if current else options[0][0])
        self.application.setEnabled(bool(found))
        self.application.updateGeometry()

    def show_languages(self, lines: Sequence[LanguageLine], current: str) -> None:
        """Fills the choice of languages."""
        options = [(ALL, "All languages")]
        for line in lines:
            name = "Source texts" if line.counts.language == "default" else line.counts.name
            options.append((line.counts.language, f"{name} ({line.counts.language})"))
        self.language.set_options(options, current or ALL)
        self.language.setEnabled(bool(lines))
        self.language.updateGeometry()

    def show_progress(self, file: OpenFile | None, to_go: int) -> None:
        """How far the language is."""
        for widget in (self.total, self.bar, self.percent, self.done):
            widget.setVisible(file is not None)
        self.bar.setVisible(file is not None and self.width() > 860)
        if file is not None:
            total = f"{len(file.sheet.rows):,}".replace(",", "\u2009")
            self.total.set_text(f"{total} strings")
            self.bar.show_percent(file.sheet.percent)
            self.percent.setText(f"{file.sheet.percent} %")
            self.done.set_text("done" if not to_go else f"done, {to_go} to go")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.bar.setVisible(self.percent.isVisibleTo(self) and self.width() > 860)
        self.total.setVisible(self.percent.isVisibleTo(self) and self.width() > 720)
        self.plurals.setVisible(self.width() > 640)


class FilterRow(QFrame):
    """Chips and the field of the search with its switches (TR-03, TR-13)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(15, 6, 16, 6)
        row.setSpacing(8)
        self.chips = ChipRow(theme)
        self.search = QLineEdit()
        self.search.setProperty("tool", True)
        self.search.setObjectName("translations.filter.text")
        self.search.setAccessibleName("Search source, translation, key and notes")
        self.search.setPlaceholderText("Search source and translation")
        self.search.setClearButtonEnabled(False)
        sign = self.search.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        sign.setText("Search")
        sign.triggered.connect(self.search.setFocus)
        theme.tint_action(sign, "filter", "text.secondary")
        self.regex = IconButton(theme, "code", "Search by regular expression")
        self.regex.setObjectName("translations.filter.regex")
        self.regex.setCheckable(True)
        row.addWidget(self.chips, 1)
        row.addWidget(self.search)
        row.addWidget(self.regex)

    def set_strings(self, on: bool) -> None:
        """Chips and regular expressions are for strings alone; the grid has the field."""
        self.chips.show_chips(on)
        self.regex.setVisible(on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.search.setFixedWidth(250 if self.width() > 900 else 170)


class Foot(QFrame):
    """What happened last, and the key that helps most."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(8)
        self.words = CutLabel("small")
        self.words.setObjectName("translations.said")
        self._keycap = KeyCap(theme, "F8")
        self._keyword = label("next warning", "small")
        row.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._keycap)
        row.addWidget(self._keyword)

    def say(self, words: str, has_warnings: bool) -> None:
        """Shows a line."""
        self.words.set_text(words)
        self.show_warnings(has_warnings)

    def show_warnings(self, on: bool) -> None:
        """Shows the key to the next warning while there is one."""
        self._keycap.setVisible(on)
        self._keyword.setVisible(on)
