"""Sheets of the panel: rows that someone else changed too; a CSV file to be taken in (DB-05, DB-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Choice, Segment
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.log_lines import printable

from .model import shown_cell

MOST_SHOWN = 200


class _Sheet(QDialog):
    def __init__(self, theme: Theme, name: str, title: str, words: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(name)
        self.setProperty("sheet", True)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 18)
        self.column.setSpacing(12)
        self.column.addWidget(label(title, "title"))
        self.column.addWidget(label(words, "secondary", wrap=True))

    def scrolled(self) -> QGridLayout:
        """Return a grid that scrolls."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        area.setWidget(inner)
        self.column.addWidget(area, 1)
        return grid


class ConflictSheet(_Sheet):
    """For each field that two have changed: mine, or what is there now.

    Signals:
        settled(list): for each conflict its place, and by field ``"mine"`` or ``"theirs"``.
    """

    settled = Signal(list)

    def __init__(
        self, theme: Theme, conflicts: Sequence[Mapping[str, Any]], parent: QWidget | None = None
    ) -> None:
        words = (
            f"{counted(len(conflicts), 'row')} changed in the database after they were read here. Nothing "
            "was written yet. Choose what counts, then write again."
        )
        super().__init__(theme, "databases.conflicts", "Someone else changed the same rows", words, parent)
        self._conflicts = conflicts[:MOST_SHOWN]
        self.choices: dict[tuple[int, str], Segment] = {}
        grid = self.scrolled()
        for at, words in enumerate(("Row", "Field", "Before", "Mine", "In the database now", "")):
            grid.addWidget(label(words, "caption"), 0, at)
        line = 1
        for conflict in self._conflicts:
            place, key = conflict["place"], conflict["key"]
            if conflict["gone"]:
                grid.addWidget(label(key, "medium"), line, 0)
                grid.addWidget(label("was deleted; the change is dropped", "secondary"), line, 1, 1, 5)
                line += 1
            for name, sides in conflict["fields"].items():
                grid.addWidget(label(key, "medium"), line, 0)
                grid.addWidget(label(name), line, 1)
                for at, side in enumerate(("before", "mine", "theirs"), 2):
                    cut = CutLabel("")
                    cut.set_text(printable(shown_cell(sides[side])))
                    cut.setMaximumWidth(180)
                    grid.addWidget(cut, line, at)
                segment = Segment(theme, f"{name} of {key}", [("mine", "Mine"), ("theirs", "Theirs")])
                segment.setObjectName(f"databases.conflict.{place}.{name}")
                self.choices[place, name] = segment
                grid.addWidget(segment, line, 5)
                line += 1
        grid.setRowStretch(line, 1)
        row = QHBoxLayout()
        for side, words in (("mine", "All mine"), ("theirs", "All theirs")):
            button = Button(theme, words, "quiet")
            button.clicked.connect(lambda _on=False, side=side: self._all(side))
            row.addWidget(button)
        row.addStretch(1)
        cancel, write = Button(theme, "Cancel"), Button(theme, "Write", "primary")
        write.setObjectName("databases.conflicts.write")
        cancel.clicked.connect(self.reject)
        write.clicked.connect(self._settle)
        row.addWidget(cancel)
        row.addWidget(write)
        self.column.addLayout(row)
        self.resize(820, min(560, 240 + 44 * line))

    def _all(self, side: str) -> None:
        for segment in self.choices.values():
            segment.set_value(side)

    def _settle(self) -> None:
        out = []
        for conflict in self._conflicts:
            place = conflict["place"]
            sides = {name: self.choices[place, name].value() for name in conflict["fields"]}
            out.append(
                {"place": place, "gone": conflict["gone"], "sides": sides, "fields": conflict["fields"]}
            )
        self.settled.emit(out)
        self.accept()


class ImportSheet(_Sheet):
    """A CSV file: which column goes where, what would happen, then the taking.

    Signals:
        tried(dict), taken(dict): look what would happen, or do it; with ``fields`` and ``existing``.
    """

    tried = Signal(dict)
    taken = Signal(dict)

    def __init__(
        self,
        theme: Theme,
        path: str,
        seen: Mapping[str, Any],
        fields: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "databases.import", "Import rows", f"From {path}", parent)
        self.choices: list[Choice] = []
        grid = self.scrolled()
        for at, words in enumerate(("Column of the file", "First values", "Goes to")):
            grid.addWidget(label(words, "caption"), 0, at)
        for at, name in enumerate(seen["columns"]):
            grid.addWidget(label(printable(name), "medium"), at + 1, 0)
            values = CutLabel("secondary")
            values.set_text(printable(", ".join(row[at] for row in seen["rows"][:4] if at < len(row))))
            values.setMaximumWidth(240)
            grid.addWidget(values, at + 1, 1)
            choice = Choice(theme, name, [("", "left out"), *((field, field) for field in fields)])
            choice.set_value(seen["fields"][at])
            choice.setMinimumWidth(160)
            choice.chosen.connect(self._on_changed)
            self.choices.append(choice)
            grid.addWidget(choice, at + 1, 2)
        grid.setRowStretch(len(seen["columns"]) + 1, 1)
        self.existing = Segment(
            theme,
            "Rows whose key is there",
            [("insert", "All as new rows"), ("update", "Change rows with the same key")],
        )
        self.existing.setObjectName("databases.import.existing")
        self.existing.setEnabled(any(name in seen["key"] for name in seen["fields"]))
        self.existing.chosen.connect(self._on_changed)
        self.column.addWidget(self.existing)
        self.outcome = label("", "secondary", wrap=True, name="databases.import.result")
        self.column.addWidget(self.outcome)
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = Button(theme, "Cancel")
        self.try_it = Button(theme, "Try without writing")
        self.try_it.setObjectName("databases.import.try")
        self.take = Button(theme, "Import", "primary")
        self.take.setObjectName("databases.import.take")
        cancel.clicked.connect(self.reject)
        self.try_it.clicked.connect(lambda: self._give(self.tried))
        self.take.clicked.connect(lambda: self._give(self.taken))
        for button in (cancel, self.try_it, self.take):
            row.addWidget(button)
        self.column.addLayout(row)
        self._on_changed()
        self.resize(640, 520)

    def _on_changed(self, _value: str = "") -> None:
        self.take.setEnabled(False)
        self.take.setToolTip("Try it without writing first")
        chosen = [choice.value() for choice in self.choices if choice.value()]
        doubles = sorted({name for name in chosen if chosen.count(name) > 1})
        self.try_it.setEnabled(bool(chosen) and not doubles)
        self.outcome.setText(f"{doubles[0]} is chosen twice." if doubles else "")

    def _give(self, signal: Any) -> None:
        self.try_it.setEnabled(False)
        self.take.setEnabled(False)
        self.outcome.setText("Reading the file…")
        signal.emit(
            {"fields": [choice.value() for choice in self.choices], "existing": self.existing.value()}
        )

    def show_result(self, answer: Mapping[str, Any]) -> None:
        """Shows what would happen, or has."""
        self.try_it.setEnabled(True)
        parts = [f"{counted(answer['inserted'], 'new row')}", f"{counted(answer['updated'], 'changed row')}"]
        if answer["faults"]:
            lines = [f"line {one['line']}, {one['field']}: {one['message']}" for one in answer["errors"][:5]]
            text = f"Nothing can be written: {counted(answer['faults'], 'fault')}.\n" + "\n".join(lines)
            self.outcome.setText(printable(text.replace("\n", "   ")))
        else:
            self.outcome.setText(f"{' and '.join(parts)}.")
            self.take.setEnabled(True)
            self.take.setToolTip("")

    def show_fault(self, text: str) -> None:
        """Shows why it can't be done."""
        self.try_it.setEnabled(True)
        self.outcome.setText(printable(text))


def delete_question(theme: Theme, count: int, summary: str, place: str, parent: QWidget) -> Question:
    """Ask before rows are deleted for good."""
    rows = counted(count, "row")
    text = f"To be written to {place}: {summary}. Deleted rows do not come back, except from a backup."
    answers = [Answer("stay", "Cancel", "primary"), Answer("write", f"Delete {rows} and write", "danger")]
    return Question(theme, f"Delete {rows}?", text, answers, parent=parent)
