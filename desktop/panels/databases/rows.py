"""The rows of a table, page by page; what was not seen for long is let go and read again (DB-02)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from desktop.widgets.grid_parts import ORDER_ROLE, CellFacts, FactsModel, Index
from desktop.widgets.log_lines import printable

from .changes import Change, Changes, id_of
from .model import FILE_KINDS, PAGE, column_words, is_whole, shown_cell

KEPT_PAGES = 60
RIGHT = frozenset(("integer", "number", "decimal"))
ROOT = QModelIndex()
_ABSENT = CellFacts("…", ink="text.placeholder")
_NULL, _NULL_RIGHT = CellFacts("NULL", ink="text.placeholder"), CellFacts("NULL", True, "text.placeholder")


@dataclass
class Row:
    """A row as it was read."""

    key: tuple[Any, ...]
    cells: list[Any]
    id: str = ""


class RowsModel(FactsModel):
    """Rows of one table, new ones first, changes shown over what was read.

    Signals:
        more_wanted: the view has come near the end of what was read.
        page_wanted(int): a page that was let go is looked at again.
    """

    more_wanted = Signal()
    page_wanted = Signal(int)

    def __init__(self, changes: Changes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.changes = changes
        self.fields: list[Mapping[str, Any]] = []
        self._places: dict[str, int] = {}
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._sizes: list[int] = []
        self._cursors: list[Any] = [None]
        self._labels: dict[str, dict[str, str]] = {}
        self._new: list[str] = []
        self._wanted: set[int] = set()
        self._complete = True
        self.can_edit = False
        changes.changed.connect(self._on_changes)

    # filling

    def reset(self, fields: Sequence[Mapping[str, Any]]) -> None:
        """Begins anew with the columns of a table, without rows."""
        self.beginResetModel()
        self.fields = list(fields)
        self._places = {field["name"]: at for at, field in enumerate(self.fields)}
        self._forget()
        self._new = self.changes.new_ids()
        self.endResetModel()

    def _forget(self) -> None:
        self._pages.clear()
        self._sizes, self._cursors = [], [None]
        self._labels.clear()
        self._wanted.clear()
        self._complete = True

    def begin(self) -> None:
        """Takes the rows away because others come; the columns stay."""
        self.beginResetModel()
        self._forget()
        self._new = self.changes.new_ids()
        self.endResetModel()

    def cursor(self, page: int) -> Any:
        """What the page begins after."""
        return self._cursors[page]

    def next_page(self) -> int:
        """Number of the page that is read next."""
        return len(self._sizes)

    def is_complete(self) -> bool:
        """Whether all rows were read."""
        return self._complete

    def take_page(self, page: int, answer: Mapping[str, Any], first: bool = False) -> None:
        """Takes the rows of a page: the next one, or one that was let go.

        Args:
            first: these rows take the place of all others.
        """
        rows = [Row(tuple(row["key"]), row["cells"], id_of(row["key"])) for row in answer["rows"]]
        for name, labels in answer.get("labels", {}).items():
            self._labels.setdefault(name, {}).update(labels)
        if first:
            self.beginResetModel()
            kept = self._labels.copy()
            self._forget()
            self._labels = kept
            self._new = self.changes.new_ids()
            self._append(rows, answer["after"])
            self.endResetModel()
            return
        if page < len(self._sizes):
            self._wanted.discard(page)
            self._pages[page] = rows[: self._sizes[page]]
            self._let_go(page)
            top = len(self._new) + sum(self._sizes[:page])
            self.dataChanged.emit(
                self.index(top, 0), self.index(top + self._sizes[page] - 1, len(self.fields) - 1)
            )
            return
        if page != len(self._sizes):
            return  # an answer to an older question
        top = self.rowCount()
        if rows:
            self.beginInsertRows(ROOT, top, top + len(rows) - 1)
        self._append(rows, answer["after"])
        if rows:
            self.endInsertRows()

    def _append(self, rows: list[Row], after: Any) -> None:
        self._pages[len(self._sizes)] = rows
        self._sizes.append(len(rows))
        self._cursors.append(after)
        self._complete = after is None
        self._let_go(len(self._sizes) - 1)

    def _let_go(self, used: int) -> None:
        self._pages.move_to_end(used)
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

    # rows

    def stored_count(self) -> int:
        """Rows read so far."""
        return sum(self._sizes)

    def row(self, at: int) -> Row | None:
        """The row as it was read; None for a new one, or one that is being read again."""
        at -= len(self._new)
        if at < 0:
            return None
        page, place = divmod(at, PAGE)
        rows = self._pages.get(page)
        if rows is None:
            if page < len(self._sizes) and page not in self._wanted:
                self._wanted.add(page)
                self.page_wanted.emit(page)
            return None
        return rows[place] if place < len(rows) else None

    def id(self, at: int) -> str:
        """Name of a row for its changes; empty while it is not there."""
        if at < len(self._new):
            return self._new[at]
        row = self.row(at)
        return row.id if row is not None and row.key else ""

    def change(self, at: int) -> Change | None:
        """What is to be done with a row."""
        return self.changes.of(self.id(at))

    def value(self, at: int, name: str) -> Any:
        """The cell as it will be: changed, else as read."""
        change = self.change(at)
        if change is not None and name in change.values:
            return change.values[name]
        if at < len(self._new):
            return ""
        row = self.row(at)
        return row.cells[self._places[name]] if row is not None else ""

    def read_texts(self, at: int) -> dict[str, str | None]:
        """The whole texts of a row as they were read, by field; what was cut is left out."""
        row = self.row(at)
        if row is None:
            return {}
        return {
            field["name"]: cell for field, cell in zip(self.fields, row.cells, strict=True) if is_whole(cell)
        }

    def place_of(self, id: str) -> int:
        """Where a row is among those that are here; -1 when it is not."""
        for at in range(self.rowCount()):
            here = at < len(self._new) or (at - len(self._new)) // PAGE in self._pages
            if here and self.id(at) == id:
                return at
        return -1

    def set_value(self, at: int, name: str, text: str | None) -> bool:
        """Changes a cell; False when it can't be."""
        if at < len(self._new):
            self.changes.set_new_cell(self._new[at], name, text)
            return True
        row = self.row(at)
        if row is None or not row.key:
            return False
        old = row.cells[self._places[name]]
        if not is_whole(old):
            return False
        self.changes.set_cell(row.key, name, text, old)
        return True

    def delete_rows(self, places: Sequence[int]) -> None:
        """Marks rows as deleted."""
        rows: dict[str, Change] = {}
        for at in places:
            if at < len(self._new):
                rows[self._new[at]] = Change("delete")
            elif (row := self.row(at)) is not None and row.key:
                rows[id_of(row.key)] = Change("delete", row.key, {}, self.read_texts(at))
        self.changes.delete(rows)

    def _on_changes(self) -> None:
        new = self.changes.new_ids()
        if new != self._new:
            before = len(self._new)
            if len(new) == before + 1 and new[:before] == self._new:
                self.beginInsertRows(ROOT, before, before)
                self._new = new
                self.endInsertRows()
            else:
                self.beginResetModel()
                self._new = new
                self.endResetModel()
        if self.rowCount() and self.fields:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.fields) - 1))

    # Qt's side

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._new) + sum(self._sizes)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.fields)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete

    def fetchMore(self, parent: Index) -> None:
        self.more_wanted.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.can_edit and self.editable(index.row(), index.column()):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def editable(self, at: int, column: int) -> bool:
        """Whether a cell may be changed in place."""
        field = self.fields[column]
        if field["type"] == "id" or field["computed"] or field["kind"] in FILE_KINDS:
            return False
        change = self.change(at)
        if change is not None and change.do == "delete":
            return False
        if at < len(self._new):
            return True
        row = self.row(at)
        return row is not None and bool(row.key) and is_whole(row.cells[column])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.fields):
            return None
        field = self.fields[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return field["name"]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._align(field)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column_words(field)
        if role == ORDER_ROLE:
            return "" if field["kind"] in ("blob", "json") else field["name"]
        return None

    @staticmethod
    def _align(field: Mapping[str, Any]) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if field["kind"] in RIGHT else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        at, field = index.row(), self.fields[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(at, field)
        if role == Qt.ItemDataRole.EditRole:
            value = self.value(at, field["name"])
            return value if isinstance(value, str) else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._align(field)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(at, field)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{field['name']}: {self.text(at, field)}"
        return None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell; short where nothing was changed, for that is nearly always."""
        field = self.fields[column]
        right = field["kind"] in RIGHT
        if not len(self.changes):
            read = self.row(row)
            if read is None:
                return _ABSENT
            cell = read.cells[column]
            if cell is None:
                return _NULL_RIGHT if right else _NULL
            if cell.__class__ is str and field["kind"] != "reference":
                return CellFacts(printable(cell), right)
        return CellFacts(
            self.text(row, field), right, self._ink(row, field), self._fill(row, field["name"]),
            self._mark(row, field["name"], column),
        )  # fmt: skip

    def text(self, at: int, field: Mapping[str, Any]) -> str:
        """A cell as one line of text, with the words of what it refers to."""
        name = field["name"]
        value = self.value(at, name)
        if at < len(self._new):
            change = self.changes.of(self._new[at])
            if change is not None and name not in change.values:
                return "" if field["type"] != "id" else "new"
        if value is None:
            return "NULL"
        words = printable(shown_cell(value))
        if field["kind"] == "reference":
            meant = self._labels.get(name, {}).get(str(value))
            return f"{words}  {printable(meant)}" if meant else words
        return words

    def _ink(self, at: int, field: Mapping[str, Any]) -> str:
        change = self.change(at)
        if change is not None and change.do == "delete":
            return "text.placeholder"
        value = self.value(at, field["name"])
        if value is None or (isinstance(value, dict) and "bytes" in value):
            return "text.placeholder"
        if field["kind"] == "reference":
            return "text.link"
        return "text.primary"

    def _fill(self, at: int, name: str) -> str:
        change = self.change(at)
        if change is None:
            return ""
        if (self.id(at), name) in self.changes.faults or (self.id(at), "") in self.changes.faults:
            return "status.failed.tint"
        if change.do == "delete":
            return "surface.sunken"
        if change.do == "insert":
            return "status.serving.tint"
        return "status.problem.tint" if name in change.values else ""

    def _mark(self, at: int, name: str, column: int) -> tuple[str, str] | None:
        if not len(self.changes):
            return None
        id = self.id(at)
        if (id, name) in self.changes.faults:
            return ("mark-cross-small", "status.failed.mark")
        change = self.changes.of(id)
        if column or change is None:
            return None
        return {
            "delete": ("mark-dash", "text.secondary"),
            "insert": ("plus", "status.serving.mark"),
            "update": ("mark-dot", "status.problem.mark"),
        }[change.do]

    def _tip(self, at: int, field: Mapping[str, Any]) -> str:
        id, name = self.id(at), field["name"]
        fault = self.changes.faults.get((id, name)) or self.changes.faults.get((id, ""))
        if fault:
            return fault
        change = self.changes.of(id)
        if change is not None and change.do == "delete":
            return "Will be deleted by Write"
        words = self.text(at, field)
        if change is not None and name in change.old:
            return f"{words}\nbefore: {shown_cell(change.old[name])}"
        return words if len(words) > 20 else ""

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        return self.set_value(index.row(), self.fields[index.column()]["name"], str(value))
