"""Chips by state, the filter line with completion and explanations, counts, the main order (SC-02, SC-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.buttons import Button, MenuButton, popup_below
from desktop.widgets.chips import Chip
from desktop.widgets.fields import FaultLine
from desktop.widgets.labels import label
from runtime.admin.scheduler.filters import completions, help_for

from .listing import Listing
from .table import mark_of
from .words import CHIP_ORDER, RUN_CHIPS, STATE_WORDS

PAUSE = 250  # milliseconds without a key until the filter counts
ALWAYS = 5  # chips that stay beside "more"


class ChipRow(QWidget):
    """The chips; those without room are in the menu *more*.

    Signals:
        pressed(str): a state was chosen or given up.
    """

    pressed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs, self._counts, self._chosen = False, {}, ()  # type: tuple[bool, Mapping[str, int], Sequence[str]]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.chips: dict[str, Chip] = {}
        for state in CHIP_ORDER:
            chip = Chip(theme, state, STATE_WORDS[state].capitalize(), mark_of(theme, state))
            chip.setObjectName(f"scheduler.state.{state}")
            chip.clicked.connect(lambda _on=False, state=state: self.pressed.emit(state))
            self.chips[state] = chip
            row.addWidget(chip)
        self.more = Button(theme, "More", "quiet", small=True)
        self.more.setObjectName("scheduler.state.more")
        self.more.clicked.connect(self._open_more)
        row.addWidget(self.more)
        row.addStretch(1)

    def show_states(self, runs: bool, counts: Mapping[str, int], chosen: Sequence[str], known: bool) -> None:
        """Numbers and which are on."""
        self._runs, self._counts, self._chosen = runs, counts, tuple(chosen)
        for state, chip in self.chips.items():
            chip.set_count(counts.get(state, 0) if known else None)
            chip.setChecked(state in chosen)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        states = RUN_CHIPS if self._runs else CHIP_ORDER
        needed = sum(self.chips[state].sizeHint().width() + 8 for state in states)
        room, hidden = self.width() - (100 if needed > self.width() else 0), []
        for state, chip in self.chips.items():
            if state not in states:
                chip.setVisible(False)
                continue
            room -= chip.sizeHint().width() + 8
            fits = room >= 0
            chip.setVisible(fits or chip.isChecked())
            if not chip.isVisibleTo(self):
                hidden.append(state)
        self._hidden = hidden
        self.more.setVisible(bool(hidden))
        self.more.set_face(f"{len(hidden)} more", "quiet", "chevron-down")

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for state in self._hidden:
            words = f"{STATE_WORDS[state].capitalize()}  {number(self._counts.get(state, 0))}"
            action = menu.addAction(words)
            icon, tint = mark_of(self._theme, state)
            self._theme.tint_action(action, icon, tint)
            action.triggered.connect(lambda _on=False, state=state: self.pressed.emit(state))
        popup_below(menu, self.more)


class FilterLine(QLineEdit):
    """The filter: words with a meaning, completed while they are typed.

    Signals:
        settled(str): the text, after a pause or at Enter.
    """

    settled = Signal(str)

    def __init__(
        self, theme: Theme, choices: Callable[[], dict[str, Sequence[str]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._choices, self.runs = choices, False
        self.setProperty("tool", True)
        self.setObjectName("scheduler.filter.text")
        self.setAccessibleName("Filter tasks or runs")
        sign = self.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        sign.setText("Filter")
        sign.triggered.connect(self.setFocus)
        theme.tint_action(sign, "filter", "text.secondary")
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.activated.connect(self._take)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.setObjectName("scheduler-filter-pause")
        self._pause.timeout.connect(self._settle)
        self.textEdited.connect(self._on_typed)
        self.returnPressed.connect(self._settle)

    def show_text(self, text: str, runs: bool) -> None:
        """Shows a filter without telling anybody."""
        self.runs = runs
        example = "state:failed longer:30s text" if runs else "state:failed fn:send_* before:2h text"
        self.setPlaceholderText(f"Filter, such as {example}")
        lines = [f"{word}   {meaning}" for word, meaning in help_for(runs)]
        self.setToolTip("\n".join([*lines, "-word   the opposite", '"two words"   stay together']))
        if self.text() != text and not self._pause.isActive():
            self.setText(text)

    def _on_typed(self, _text: str) -> None:
        self._pause.start()
        found = completions(self.text(), self.cursorPosition(), self._choices(), self.runs)
        self._words.setStringList([f"{word}   {meaning}".rstrip() for word, meaning in found])
        if found:
            self._completer.complete()
        else:
            popup = self._completer.popup()
            if popup is not None:
                popup.hide()

    def _take(self, line: str) -> None:
        word = line.partition("   ")[0]
        text, at = self.text(), self.cursorPosition()
        begin = text[:at].rfind(" ") + 1
        space = "" if word.endswith(":") else " "
        self.setText(text[:begin] + word + space + text[at:].lstrip())
        self.setCursorPosition(begin + len(word) + len(space))
        self._on_typed("")

    def _settle(self) -> None:
        self._pause.stop()
        self.settled.emit(self.text())


class FilterBar(QWidget):
    """Chips above; line, counts and orders below; what is wrong with a word under these.

    Signals:
        state_pressed(str), text_settled(str): parts of the filter.
        act_wanted, queue_wanted: the buttons.
    """

    state_pressed = Signal(str)
    text_settled = Signal(str)
    act_wanted = Signal()
    queue_wanted = Signal()

    def __init__(
        self, theme: Theme, choices: Callable[[], dict[str, Sequence[str]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("page", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 13, 8)
        column.setSpacing(6)
        self.chips = ChipRow(theme)
        self.chips.pressed.connect(self.state_pressed)
        column.addWidget(self.chips)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.text = FilterLine(theme, choices)
        self.text.settled.connect(self.text_settled)
        self.text.setMinimumWidth(150)
        self.count = label("", "secondary", name="scheduler.count")
        self.act = MenuButton(theme, "Act")
        self.act.setObjectName("scheduler.act")
        self.act.clicked.connect(self.act_wanted)
        self.queue = Button(theme, "Queue a task", "primary", "plus")
        self.queue.setObjectName("scheduler.queue")
        self.queue.clicked.connect(self.queue_wanted)
        row.addWidget(self.text, 1)
        row.addSpacing(4)
        row.addWidget(self.count)
        row.addWidget(self.act)
        row.addWidget(self.queue)
        column.addLayout(row)
        self.fault = FaultLine(theme)
        column.addWidget(self.fault)

    def show_listing(self, listing: Listing) -> None:  # type: ignore[type-arg]  # tasks or runs
        """Brings all in line with the list."""
        known = listing.exact
        self.chips.show_states(listing.runs, listing.counts, listing.wish.chosen, known)
        self.text.show_text(listing.wish.text, listing.runs)
        faults = listing.filter().faults
        self.fault.say(" ".join(one.sentence for one in faults), "hint")
        restyle(self.text, invalid=False)
        self.count.setText(count_words(listing))
        self.queue.setVisible(not listing.runs)

    def show_act(self, words: str, reason: str) -> None:
        """What the orders would be for; a reason disables them."""
        self.act.setText(words)
        self.act.setAccessibleName(f"{words}, opens a menu")
        self.act.setEnabled(not reason)
        self.act.setToolTip(reason)
        self.act.updateGeometry()


def count_words(listing: Listing) -> str:  # type: ignore[type-arg]  # tasks or runs
    """ "10 of 927", "927", "200 of about 1 000 000" while they are counted (SC-22)."""
    if not listing.loaded:
        return ""
    shown = len(listing.rows)
    if not listing.exact:
        return f"{number(shown)} of about {number(listing.about)}" if listing.about else number(shown)
    total = listing.total()
    if listing.following is not None or shown < total:
        return f"{number(shown)} of {number(total)}"
    every = listing.counts.get("all", 0)
    return f"{number(total)} of {number(every)}" if listing.wish.chosen and every != total else number(total)
