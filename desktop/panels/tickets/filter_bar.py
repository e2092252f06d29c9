"""The row of filters above the table (TK-05)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import IconButton
from desktop.widgets.chips import Chip
from desktop.widgets.fields import Choice
from runtime.admin.tickets import looks_like_number

from .chips import mark_of
from .model import Filter, Row, chosen, counts_of

STATES = (("open", "Open"), ("new", "New"), ("again", "Again"), ("solved", "Solved"), ("ignored", "Ignored"))
PERIOD_WORDS = (
    ("day", "Last day"),
    ("week", "Last 7 days"),
    ("fortnight", "Last 14 days"),
    ("month", "Last 30 days"),
    ("all", "Any time"),
)
ANY_FILE, ANY_CLIENT = "Any file", "Any address"


class FilterBar(QWidget):
    """Chips by state, type, file, visitor, time, and a line for words or a ticket's number.

    The application is the scope of the window.

    Signals:
        changed(str, str): part of the filter, and its new value.
        number_pasted(str): the line holds the number of a ticket.
        menu_wanted: the button for more was pressed.
    """

    changed = Signal(str, str)
    number_pasted = Signal(str)
    menu_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("page", True)
        self.setAccessibleName("Filter")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        self.chips: dict[str, Chip] = {}
        self._group = QButtonGroup(self)
        for state, words in STATES:
            chip = Chip(theme, state, words, None if state == "open" else mark_of(theme, state))
            chip.setObjectName(f"tickets.state.{state}")
            chip.clicked.connect(lambda _on=False, state=state: self.changed.emit("state", state))
            self._group.addButton(chip)
            self.chips[state] = chip
            row.addWidget(chip)
        row.addSpacing(4)
        self.exceptions = self._choice(theme, "exception", "Type of error", [("", "Any type")])
        self.files = self._choice(theme, "file", "File", [("", ANY_FILE)])
        self.clients = self._choice(theme, "client", "Address of the visitor", [("", ANY_CLIENT)])
        self.periods = self._choice(theme, "period", "Time", PERIOD_WORDS)
        self._choices = (self.exceptions, self.files, self.clients, self.periods)
        self._room = 0.0
        for choice in self._choices:
            row.addWidget(choice)
        self.text = self._line(theme)
        row.addStretch(1)
        row.addWidget(self.text, 4)
        self.more = IconButton(theme, "more", "More: single tickets, import, retention")
        self.more.setObjectName("tickets.menu")
        self.more.clicked.connect(self.menu_wanted)
        row.addWidget(self.more)
        self._theme = theme
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        for choice in self._choices:
            choice.setFixedHeight(self._theme.size("input") - 4)  # as high as the line beside them

    def _choice(self, theme: Theme, part: str, name: str, options: Sequence[tuple[str, str]]) -> Choice:
        choice = Choice(theme, name, options)
        choice.setObjectName(f"tickets.filter.{part}")
        choice.setMinimumWidth(84)
        choice.setMaximumWidth(170)
        choice.chosen.connect(lambda value: self.changed.emit(part, value))
        return choice

    def _line(self, theme: Theme) -> QLineEdit:
        line = QLineEdit()
        line.setProperty("tool", True)
        line.setObjectName("tickets.filter.text")
        line.setAccessibleName("Filter, or number of a ticket")
        line.setPlaceholderText("Filter, or paste a ticket number")
        line.setMinimumWidth(110)
        line.setMaximumWidth(270)
        sign = line.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        sign.setText("Filter the tickets")
        sign.triggered.connect(line.setFocus)
        theme.tint_action(sign, "filter", "text.secondary")
        line.textChanged.connect(self._on_text)
        return line

    def _on_text(self, text: str) -> None:
        if looks_like_number(text):
            self.number_pasted.emit(text)
        else:
            self.changed.emit("text", text)

    def focus(self) -> None:
        """Puts the cursor into the line."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def show_filter(self, wanted: Filter) -> None:
        """Brings all controls in line with the filter, without telling anybody."""
        self._group.setExclusive(bool(wanted.state))
        for state, chip in self.chips.items():
            chip.setChecked(state == wanted.state)
        self.periods.set_value(wanted.period)
        self._fit_choices(wanted)
        if self.text.text() != wanted.text:
            self.text.blockSignals(True)
            self.text.setText(wanted.text)
            self.text.blockSignals(False)

    def show_choices(self, rows: Sequence[Row], wanted: Filter) -> None:
        """Fills the menus, and the numbers in the chips: what each would show."""
        kinds = sorted({row.exception for row in rows if not row.unreadable})
        self.exceptions.set_options([("", "Any type"), *((kind, kind) for kind in kinds)], wanted.exception)
        files = sorted({row.file for row in rows if row.file} | ({wanted.file} - {""}))
        self.files.set_options([("", ANY_FILE), *((file, file) for file in files)], wanted.file)
        clients = sorted({client for row in rows for client in row.clients} | ({wanted.client} - {""}))
        self.clients.set_options([("", ANY_CLIENT), *((one, one) for one in clients)], wanted.client)
        in_scope = chosen(rows, replace(wanted, state=""), time.time())
        for state, count in counts_of(in_scope).items():
            self.chips[state].set_count(count)

    def set_room(self, width: float) -> None:
        """Leaves out words and menus where room is little."""
        for chip in self.chips.values():
            chip.set_short(width < 1000)
        self.text.setMinimumWidth(180 if width > 1000 else 96)
        self._room = width
        self._fit_choices()

    def _fit_choices(self, wanted: Filter | None = None) -> None:
        """Shows the menus that have room, and each that holds something back."""
        file = wanted.file if wanted is not None else self.files.value()
        client = wanted.client if wanted is not None else self.clients.value()
        self.exceptions.setVisible(self._room > 760)
        self.files.setVisible(self._room > 1180 or bool(file))
        self.clients.setVisible(self._room > 1320 or bool(client))
        self.periods.setVisible(self._room > 560)
