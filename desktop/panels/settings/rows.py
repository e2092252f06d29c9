"""One option of the page: its name, what it does, where its value comes from, and what changes it (ST-02)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.settings.schema import Option, OptionError, Value
from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.buttons import IconButton
from desktop.widgets.fields import FaultLine, Segment, Stepper
from desktop.widgets.labels import label
from desktop.widgets.marks import Toggle

FROM_HERE = ("default", "settings")
LINE_WIDTH, NUMBER_WIDTH = 300, 96  # pixels
STEPS = 1000  # numbers a stepper is bearable for; more are typed


class OptionRow(QWidget):
    """An option with its control.

    Args:
        theme: colours.
        option: what is shown.

    Signals:
        wanted(str, object): the person asks for this value of the option with this name.
        reset_wanted(str): the person wants its default back.
    """

    wanted = Signal(str, object)
    reset_wanted = Signal(str)

    def __init__(self, theme: Theme, option: Option, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = option
        self._theme = theme
        self._source = "default"
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(option.title, "medium", wrap=True))
        words.addWidget(label(option.sentence, "small", wrap=True))
        self.note = label("", "small", wrap=True)
        self.note.hide()
        words.addWidget(self.note)
        self.fault = FaultLine(theme)
        words.addWidget(self.fault)
        row.addLayout(words, 1)
        self.reset = IconButton(theme, "undo", f"Back to the default of {option.title}")
        self.reset.setObjectName(f"settings.{option.name}.reset")
        self.reset.clicked.connect(lambda: self.reset_wanted.emit(option.name))
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # controls stay in line whether or not there is a default to go to
        self.reset.setSizePolicy(keep)
        row.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignVCenter)
        self.control = self._make()
        self.control.setObjectName(f"settings.{option.name}")
        self.control.setAccessibleDescription(option.sentence)
        row.addWidget(self.control, 0, Qt.AlignmentFlag.AlignVCenter)

    def matches(self, words: str) -> bool:
        """True when every word of the search is in the option's name, title, sentence or choices."""
        option = self.option
        text = " ".join((option.name, option.title, option.sentence, *option.words)).casefold()
        return all(word in text for word in words.casefold().split())

    def show_value(self, value: Value, source: str) -> None:
        """Shows what counts, and what it would be without the person's choice."""
        self._source = source
        control = self.control
        if isinstance(control, Toggle):
            control.setChecked(bool(value))
        elif isinstance(control, Segment):
            control.set_value(str(value))
        elif isinstance(control, Stepper):
            control.set_value(int(value))
        elif isinstance(control, QLineEdit) and not (control.hasFocus() and control.isModified()):
            control.setText(str(value))
        changed = value != self.option.default
        self.reset.setVisible(changed and source in FROM_HERE)
        self._say_source(changed)
        self.set_available(True)

    def set_available(self, on: bool, why: str = "") -> None:
        """Lets it be changed, unless the start of the program has forced it; `why` explains the contrary."""
        free = on and self._source in FROM_HERE
        self.control.setEnabled(free)
        self.control.setToolTip("" if free else why)

    def say(self, sentence: str, tone: str = "fault") -> None:
        """Says what is wrong with the value asked for, or speaks against it; nothing takes it away."""
        self.fault.say(sentence, tone)
        restyle(self.control, invalid=bool(sentence) and tone == "fault")

    def _say_source(self, changed: bool) -> None:
        notes = []
        if changed and not isinstance(self.control, Toggle):
            notes.append(f"Default: {self.option.in_words(self.option.default)}.")
        if self._source not in FROM_HERE:
            notes.append(f"Set by the {self._source} for this run.")
        self.note.setText(" ".join(notes))
        self.note.setVisible(bool(notes))

    # controls

    def _make(self) -> QWidget:
        option = self.option
        if isinstance(option.default, bool):
            toggle = Toggle(self._theme, option.title)
            toggle.clicked.connect(self._ask)
            return toggle
        if option.choices:
            segment = Segment(self._theme, option.title, list(zip(option.choices, option.words, strict=True)))
            segment.chosen.connect(self._ask)
            return segment
        if option.least is not None and option.most is not None and option.most - option.least <= STEPS:
            stepper = Stepper(self._theme, option.title, option.least, option.most, option.step)
            stepper.value_changed.connect(self._ask)
            return stepper
        line = QLineEdit()
        line.setAccessibleName(option.title)
        line.setFixedWidth(NUMBER_WIDTH if isinstance(option.default, int) else LINE_WIDTH)
        line.setPlaceholderText(option.empty)
        line.editingFinished.connect(self._on_typed)
        return line

    def _on_typed(self) -> None:
        line = self.control
        assert isinstance(line, QLineEdit)
        if line.isModified():
            line.setModified(False)
            self._ask(line.text().strip())

    def _ask(self, value: Value) -> None:
        try:
            if isinstance(self.option.default, int) and isinstance(value, str):
                value = _number(value, self.option)
            self.option.check(value)
        except OptionError as error:
            self.say(str(error).replace(self.option.name, self.option.title, 1) + ".")
            return
        self.say("")
        self.wanted.emit(self.option.name, value)


def _number(text: str, option: Option) -> int:
    try:
        return int(text)
    except ValueError:
        raise OptionError(f"{text!r} is no whole number, as {option.title} must be") from None
