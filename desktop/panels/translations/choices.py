"""Sheets that show a difference before anything changes (TR-07, TR-11, TR-13, TR-18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.buttons import Button
from desktop.widgets.labels import CutLabel, label

from .model import Conflict
from .text import one_line

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True)
class Choice:
    """One row of a difference.

    Attributes:
        what: a word: "new", "unused", "changed".
        source, before, after: texts shown.
        data: what the maker of the sheet needs to carry it out.
        on: chosen at first.
        warning: what the checks say of `after`.
    """

    what: str
    source: str
    before: str
    after: str
    data: Any = None
    on: bool = True
    warning: str = ""


class HeadedModel(QAbstractTableModel):
    """A table whose heads are `HEADS`."""

    HEADS: tuple[str, ...] = ()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.HEADS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class ChoicesModel(HeadedModel):
    """Rows with a tick."""

    HEADS = ("", "Source", "Before", "After")

    def __init__(self, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = list(choices)
        self.on = [choice.on for choice in choices]

    def texts(self, choice: Choice) -> tuple[str, str, str, str]:
        """What the columns say of a row."""
        return choice.what, choice.source, choice.before, choice.after

    def chosen(self) -> list[Choice]:
        """The ticked rows."""
        return [choice for choice, on in zip(self.choices, self.on, strict=True) if on]

    def replace(self, choices: Sequence[Choice]) -> None:
        """Shows other rows."""
        self.beginResetModel()
        self.choices = list(choices)
        self.on = [choice.on for choice in choices]
        self.endResetModel()

    def set_all(self, on: bool) -> None:
        """Ticks or clears all rows."""
        self.on = [on] * len(self.choices)
        if self.choices:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.choices) - 1, 0))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.choices)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.HEADS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        choice, column = self.choices[index.row()], index.column()
        text = self.texts(choice)[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(text)
        if role == Qt.ItemDataRole.CheckStateRole and column == 0:
            return Qt.CheckState.Checked if self.on[index.row()] else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, [text, choice.warning]))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.HEADS[column] or choice.what}: {one_line(text)} {choice.warning}".strip()
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.on[index.row()] = Qt.CheckState(value) == Qt.CheckState.Checked
        self.dataChanged.emit(index, index)
        return True


class ConflictsModel(HeadedModel):
    """Keys both sides changed; one of three texts is chosen per row."""

    HEADS = ("Source", "Mine", "In the file", "Before")
    SIDES = ("mine", "theirs", "before")

    def __init__(self, conflicts: Sequence[Conflict], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conflicts = list(conflicts)
        self.sides = ["mine"] * len(self.conflicts)

    def choose(self, row: int, side: str) -> None:
        """Chooses the text of a row."""
        self.sides[row] = side
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.HEADS) - 1))

    def choose_all(self, side: str) -> None:
        """Chooses one side everywhere."""
        for row in range(len(self.sides)):
            self.choose(row, side)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.conflicts)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.HEADS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        conflict, column = self.conflicts[index.row()], index.column()
        text = (conflict.key, conflict.mine, conflict.theirs, conflict.before)[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(text)
        if role == Qt.ItemDataRole.CheckStateRole and column:
            on = self.sides[index.row()] == self.SIDES[column - 1]
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return text
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.column():
            return False
        self.choose(index.row(), self.SIDES[index.column() - 1])
        return True


class DiffSheet(QDialog):
    """Title, sentence, rows, and the verb that carries them out.

    Signals:
        accepted_rows(list, bool): the chosen rows, and whether the extra box was ticked.
    """

    accepted_rows = Signal(object, bool)

    def __init__(
        self,
        theme: Theme,
        title: str,
        sentence: str,
        model: ChoicesModel | ConflictsModel,
        verb: str,
        tick: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        model.setParent(self)
        self._verb = verb
        self.setObjectName("translations.diff")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(880, 520)
        self.column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "title"))
        column.addWidget(label(sentence, "secondary", wrap=True))
        self.table = _table(theme, model)
        column.addWidget(self.table, 1)
        self.tick = QCheckBox(tick)
        self.tick.setAccessibleName(tick or "no choice")
        self.tick.setChecked(bool(tick))
        self.tick.setVisible(bool(tick))
        column.addWidget(self.tick)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.for_all: list[Button] = []
        if isinstance(model, ConflictsModel):
            self._side_button(theme, row, model, "All mine", "mine")
            self._side_button(theme, row, model, "All of the file", "theirs")
        else:
            self._all_button(theme, row, model, "Choose all", True)
            self._all_button(theme, row, model, "Choose none", False)
        self.count = CutLabel("secondary")
        row.addWidget(self.count, 1)
        cancel = Button(theme, "Cancel")
        cancel.setObjectName("translations.diff.cancel")
        cancel.clicked.connect(self.reject)
        self.apply = Button(theme, verb, "primary")
        self.apply.setObjectName("translations.diff.apply")
        self.apply.clicked.connect(self.carry_out)
        row.addWidget(cancel)
        row.addWidget(self.apply)
        column.addLayout(row)
        model.dataChanged.connect(self._show_count)
        model.modelReset.connect(self._show_count)
        self.tick.toggled.connect(self._show_count)
        self._show_count()
        self.table.setFocus()

    def _all_button(self, theme: Theme, row: QHBoxLayout, model: ChoicesModel, text: str, on: bool) -> None:
        button = Button(theme, text, "quiet", small=True)
        button.clicked.connect(lambda: model.set_all(on))
        row.addWidget(button)
        self.for_all.append(button)

    def _side_button(
        self, theme: Theme, row: QHBoxLayout, model: ConflictsModel, text: str, side: str
    ) -> None:
        button = Button(theme, text, "quiet", small=True)
        button.clicked.connect(lambda: model.choose_all(side))
        row.addWidget(button)

    def _show_count(self, *_what: object) -> None:
        if isinstance(self.model, ChoicesModel):
            chosen = len(self.model.chosen())
            self.count.set_text(f"{chosen} of {len(self.model.choices)} chosen")
            self.apply.setEnabled(chosen > 0 or self.tick.isChecked())

    def carry_out(self) -> None:
        """Takes the choice, as the button does."""
        if isinstance(self.model, ChoicesModel):
            self.accepted_rows.emit(self.model.chosen(), self.tick.isChecked())
        else:
            self.accepted_rows.emit(list(zip(self.model.conflicts, self.model.sides, strict=True)), False)
        self.accept()


def _table(theme: Theme, model: QAbstractTableModel) -> QTableView:
    table = QTableView()
    table.setObjectName("translations.diff.table")
    table.setAccessibleName("What would change")
    table.setModel(model)
    table.setShowGrid(False)
    table.setFrameShape(QTableView.Shape.NoFrame)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.size("row"))
    head = table.horizontalHeader()
    head.setSectionsClickable(False)
    head.setHighlightSections(False)
    head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    if isinstance(model, ChoicesModel):
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        table.setColumnWidth(0, paint.text_width(theme.fonts.style("body"), "translated, check") + 44)
    return table
