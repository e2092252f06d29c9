"""The sheet that gives actions other keys (SH-20)."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QLineEdit, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import FaultLine
from desktop.widgets.labels import label
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet

from .actions import Actions, keys_of
from .own_keys import OPTION, can_change, fault_of, own_keys_text
from .preferences import Preferences

WORDS = "Choose an action, press its new keys, then Set. Keys count at once."


class KeysEditor(Sheet):
    """All actions with their keys; a filter, and what changes the chosen one.

    Args:
        theme: where its colours come from.
        actions: the registry.
        preferences: keeps what was changed.
        parent: the window, whose panels have keys of their own.
    """

    def __init__(self, theme: Theme, actions: Actions, preferences: Preferences, parent: QWidget) -> None:
        super().__init__(theme, "keys.editor", "Change keys", WORDS, parent)
        self._actions, self._preferences, self._window = actions, preferences, parent
        self.filter = QLineEdit()
        self.filter.setObjectName("keys.editor.filter")
        self.filter.setAccessibleName("Find an action")
        self.filter.setPlaceholderText("Find an action or its keys")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._fill)
        self.column.addWidget(self.filter)
        self.list = Lines(theme, "keys.editor.list", "Actions and their keys")
        self.list.selectionModel().currentChanged.connect(self._on_chosen)
        self.column.addWidget(self.list, 1)
        self.column.addLayout(self._keys_row())
        self.fault = FaultLine(theme)
        self.column.addWidget(self.fault)
        row = QHBoxLayout()
        row.addStretch(1)
        self._add(row, "close", "Close", self.accept, "primary")
        self.column.addLayout(row)
        self.set_room(640, 560)
        self._fill()
        self.filter.setFocus()

    def _keys_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        caption = label("Keys", "caption")
        self.keys = QKeySequenceEdit()
        self.keys.setObjectName("keys.editor.keys")
        self.keys.setAccessibleName("New keys")
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        caption.setBuddy(self.keys)
        row.addWidget(caption)
        row.addWidget(self.keys, 1)
        self.set = self._add(row, "set", "Set", self._set)
        self.none = self._add(row, "none", "No keys", self._take_away)
        self.usual = self._add(row, "usual", "As it comes", self._back)
        return row

    def _add(self, row: QHBoxLayout, name: str, text: str, do: object, kind: str = "secondary") -> Button:
        button = Button(self.theme, text, kind)
        button.setObjectName(f"keys.editor.{name}")
        button.clicked.connect(do)
        row.addWidget(button)
        return button

    def chosen(self) -> str:
        """Id of the action that is chosen; empty for none."""
        line = self.list.current()
        return str(line.data) if line is not None else ""

    def choose(self, id: str) -> None:
        """Chooses an action that is listed."""
        lines = self.list.lines_model.lines
        at = next((at for at, line in enumerate(lines) if line.data == id), None)
        if at is not None:
            index = self.list.lines_model.index(at)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _fill(self) -> None:
        before, own = self.chosen(), self._actions.own_keys
        words = self.filter.text().casefold().split()
        lines = []
        for entry in sorted(self._actions, key=lambda each: each.group):
            if not can_change(entry.id, entry.group):
                continue
            keys = keys_of(entry.action)
            text = entry.action.text().rstrip("…")
            if all(word in f"{entry.group} {text} {keys}".casefold() for word in words):
                mark = "changed" if entry.id in own else ""
                note = " · ".join(part for part in (mark, keys) if part)
                lines.append(Line(text, entry.group, note=note, data=entry.id))
        self.list.show_lines(lines)
        self.choose(before)
        if not self.chosen() and lines:
            self.list.setCurrentIndex(self.list.lines_model.index(0))
        self._on_chosen()

    def _on_chosen(self) -> None:
        id = self.chosen()
        for control in (self.keys, self.set, self.none, self.usual):
            control.setEnabled(bool(id))
        self.keys.setKeySequence(self._actions.get(id).shortcut() if id else QKeySequence())
        self.usual.setEnabled(id in self._actions.own_keys)
        self.fault.say("")

    def _set(self) -> None:
        keys = self.keys.keySequence()
        fault = fault_of(keys, self.chosen(), self._actions, self._window)
        if fault:
            self._say(fault)
            self.keys.setFocus()
            return
        self._take(keys.toString(QKeySequence.SequenceFormat.PortableText))

    def _say(self, fault: str) -> None:
        """Says what is wrong; the list gives way, and what is chosen stays in sight."""
        self.fault.say(fault)
        QTimer.singleShot(0, self, lambda: self.list.scrollTo(self.list.currentIndex()))

    def _take_away(self) -> None:
        self._take("")

    def _back(self) -> None:
        """The keys it comes with, unless another action was given them meanwhile."""
        id = self.chosen()
        for keys in self._actions.usual_keys(id):
            fault = fault_of(keys, id, self._actions, self._window)
            if "taken" in fault:
                self._say(fault)
                return
        self._take(None)

    def _take(self, keys: str | None) -> None:
        self._actions.set_keys(self.chosen(), keys)
        self._preferences.set(OPTION, own_keys_text(self._actions.own_keys))
        self._fill()
