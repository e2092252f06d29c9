"""The model of a table whose rows are filtered and ordered elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from .grid_parts import ORDER_ROLE, FactsModel

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
Item = TypeVar("Item")


class RowModel(FactsModel, Generic[Item]):
    """Rows in memory; a subclass says what its cells show.

    Args:
        key: what tells a row from the others.
        heads: words over the columns.
        right: numbers of columns whose content stands at the right.
        orders: what the rows are ordered by when the head of a column is pressed.
    """

    def __init__(
        self,
        key: Callable[[Item], Hashable],
        heads: Sequence[str],
        right: Collection[int] = (),
        orders: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._key = key
        self._heads, self._right, self._orders = heads, frozenset(right), orders
        self._rows: list[Item] = []

    def set_rows(self, rows: Sequence[Item]) -> None:
        """Takes other rows; selection and place stay where they are the same with other facts."""
        if not self.update_rows(rows):
            self.replace_rows(rows)

    def update_rows(self, rows: Sequence[Item]) -> bool:
        """Takes other facts of the same rows; False, and nothing is done, when they are other rows."""
        if len(rows) != len(self._rows) or list(map(self._key, rows)) != list(map(self._key, self._rows)):
            return False
        self._rows = list(rows)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self._heads) - 1))
        return True

    def replace_rows(self, rows: Sequence[Item]) -> None:
        """Takes other rows; nothing is selected afterwards."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rows(self) -> list[Item]:
        """All rows shown."""
        return self._rows

    def row(self, at: int) -> Item:
        """The row at a place."""
        return self._rows[at]

    def place(self, key: Hashable) -> int:
        """Where the row with `key` is; -1 if it is not shown."""
        return next((at for at, row in enumerate(self._rows) if self._key(row) == key), -1)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if role == ORDER_ROLE and self._orders:
            return self._orders[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in self._right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
