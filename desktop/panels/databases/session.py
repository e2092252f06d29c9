"""One table that is looked at: its pages, count, changes; without widgets (DB-02, DB-05)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.shell.preferences import Layout
from runtime.admin.inspector import InspectorProblem

from .actions import FACET, QUICK, SLOW, DatabaseActions, OnDone
from .changes import Changes
from .model import PAGE, Count, Place
from .rows import RowsModel

KEPT = "databases"


class TableSession(QObject):
    """The table that the panel shows, and what was asked about it.

    Signals:
        opened: another table is shown.
        state_changed: another state, count, filter or order.
        first_page: rows took the place of others.
        faulted(object): a question about rows failed (`InspectorProblem`).
        structured(object, str): the structure, or None and why there is none.
        faceted(str, list, str): column, values, or why there are none.
        recorded(str, object): name of the row and its record.
        wrote(str): a sentence about what was written.
        conflicted(list), refused(int): others changed the same rows; so many values were refused.
    """

    opened = Signal()
    state_changed = Signal()
    first_page = Signal()
    faulted = Signal(object)
    structured = Signal(object, str)
    faceted = Signal(str, list, str)
    recorded = Signal(str, object)
    wrote = Signal(str)
    conflicted = Signal(list)
    refused = Signal(int)

    def __init__(self, actions: DatabaseActions, layout: Layout, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.actions, self._layout = actions, layout
        self.place = Place()
        self.changes = Changes(self)
        self.rows = RowsModel(self.changes)
        self.rows.setParent(self)
        self.filters: dict[str, str] = {}
        self.order: tuple[str, bool] | None = None
        self.state = "none chosen"
        self.problem: InspectorProblem | None = None
        self.count = Count()
        self.writing = False
        self._backed_up: set[str] = set()
        self._reading = False
        self._order_ids: list[str] = []
        self._done: Callable[[bool], None] | None = None
        self.rows.more_wanted.connect(self.read_more)
        self.rows.page_wanted.connect(self._read_again)

    # what is looked at

    @property
    def facts(self) -> dict[str, Any]:
        """What the model says of the table."""
        known = self.actions.known.get(self.place.scope)
        return (known.table(self.place) if known is not None else None) or {}

    def open(self, place: Place, filters: dict[str, str] | None = None) -> bool:
        """Looks at a table; False while there are changes that were not written."""
        if place == self.place and filters is None:
            return True
        if len(self.changes) and place != self.place:
            return False
        same = place == self.place
        self.place = place
        self.filters = dict(filters or {})
        if not same:
            self.changes.clear()
            self.order = None
            self.count = Count()
            self.rows.reset(self.facts.get("fields", []))
            self.opened.emit()
        self.reload()
        return True

    def refresh_facts(self) -> None:
        """The models were read again: other columns make another table."""
        fields = self.facts.get("fields", [])
        if fields and fields != self.rows.fields:
            self.rows.reset(fields)
            self.opened.emit()
            self.reload()

    def filter(self, filters: dict[str, str]) -> None:
        """Shows the rows that match."""
        if filters != self.filters:
            self.filters = filters
            self.reload()

    def sort(self, name: str, down: bool) -> None:
        """Shows the rows in another order."""
        self.order = (name, down)
        self.reload()

    def reload(self) -> None:
        """Reads from the first row on; the rows that are there stay until others come."""
        if not self.place.table:
            return
        if not self.rows.stored_count():
            self.state = "loading"
        self.problem = None
        self.state_changed.emit()
        self._reading = True
        self._ask_page(None, self._on_first)
        self._count()

    def _ask_page(self, after: Any, on_done: OnDone) -> None:
        self.actions.ask(
            "page", self.place, on_done, self._on_fault, owner=self, key="page", limit=SLOW,
            filters=self.filters, order=list(self.order) if self.order else None, after=after, most=PAGE,
        )  # fmt: skip

    def _on_first(self, answer: dict[str, Any]) -> None:
        self._reading = False
        self.rows.take_page(0, answer, first=True)
        self.problem = None
        self.state = "rows" if self.rows.rowCount() else "none match" if self.filters else "none yet"
        if answer["after"] is None:
            self._set_count(Count(len(answer["rows"]), True))
        self.first_page.emit()
        self.state_changed.emit()

    def read_more(self) -> None:
        """Reads the next page, unless one is on its way."""
        if self._reading or self.rows.is_complete() or self.problem is not None:
            return
        self._reading = True
        page = self.rows.next_page()
        self._ask_page(self.rows.cursor(page), lambda answer: self._on_more(page, answer))

    def _on_more(self, page: int, answer: dict[str, Any]) -> None:
        self._reading = False
        self.rows.take_page(page, answer)
        self.state_changed.emit()

    def _read_again(self, page: int) -> None:
        self.actions.ask(
            "page", self.place, lambda answer: self.rows.take_page(page, answer), self._on_fault, owner=self,
            key=f"page-{page}", limit=SLOW, filters=self.filters,
            order=list(self.order) if self.order else None, after=self.rows.cursor(page), most=PAGE,
        )  # fmt: skip

    def _on_fault(self, problem: InspectorProblem) -> None:
        self._reading = False
        if problem.kind == "cancelled":
            return
        self.problem = problem
        if not self.rows.stored_count():
            self.state = "failed" if problem.kind not in ("locked", "gone", "load") else "not possible now"
        self.faulted.emit(problem)
        self.state_changed.emit()

    def _count(self) -> None:
        known = self.actions.known.get(self.place.scope)
        if not self.filters and known is not None:
            self.count = known.count(self.place)
        else:
            self.count = Count()
        self.actions.ask(
            "count", self.place, lambda answer: self._set_count(Count(answer["count"], True)),
            lambda _problem: None, owner=self, key="count", limit=SLOW, filters=self.filters,
        )  # fmt: skip

    def _set_count(self, count: Count) -> None:
        self.count = count
        if not self.filters:
            self.actions.set_count(self.place, count)
        self.state_changed.emit()

    # one row, one column, the table itself

    def read_record(self, at: int) -> None:
        """Reads the whole record of a row, with what it refers to."""
        row = self.rows.row(at)
        if row is None or not row.key:
            return
        id = self.rows.id(at)
        self.actions.ask(
            "record", self.place, lambda answer: self.recorded.emit(id, answer), lambda _problem: None,
            owner=self, key="record", limit=QUICK, row=list(row.key),
        )  # fmt: skip

    def read_value(self, at: int, name: str, most: int, on_done: OnDone) -> None:
        """Reads a whole value."""
        row = self.rows.row(at)
        if row is not None and row.key:
            self.actions.ask(
                "value", self.place, on_done, lambda _problem: None, owner=self, key="value", limit=QUICK,
                row=list(row.key), field=name, most=most,
            )  # fmt: skip

    def read_facet(self, name: str) -> None:
        """Counts the values of a column."""
        self.actions.ask(
            "facet", self.place, lambda answer: self.faceted.emit(name, answer["values"], ""),
            lambda problem: self.faceted.emit(name, [], _facet_words(problem)), owner=self, key="facet",
            limit=FACET, field=name, filters=self.filters,
        )  # fmt: skip

    def read_structure(self) -> None:
        """Reads columns and indexes of the database and compares them with the model."""
        self.actions.ask(
            "structure", self.place, lambda answer: self.structured.emit(answer, ""),
            lambda problem: self.structured.emit(None, str(problem)), owner=self, key="structure",
            limit=QUICK,
        )  # fmt: skip

    # writing

    def write(self, back_up: bool, done: Callable[[bool], None] | None = None) -> None:
        """Writes all changes, after a backup of an SQLite file if it is the first time (DB-05, DB-15).

        Args:
            back_up: make the backup.
            done: told whether everything was written.
        """
        if self.writing or not len(self.changes):
            if done is not None:
                done(not self.writing)
            return
        self.writing = True
        self._done = done
        self.state_changed.emit()
        name = f"{self.place.application}/{self.place.database}"
        if back_up and name not in self._backed_up:
            self.actions.work(
                "backup", replace(self.place, table=""), f"Backing up {name}",
                lambda _answer: self._on_backed_up(name), self._on_write_fault, owner=self,
            )  # fmt: skip
        else:
            self._write()

    def _on_backed_up(self, name: str) -> None:
        self._backed_up.add(name)
        self._write()

    def _write(self) -> None:
        self._order_ids = list(self.changes.all())
        orders = [change.order() for change in self.changes.all().values()]
        self.actions.ask(
            "write",
            self.place,
            self._on_written,
            self._on_write_fault,
            owner=self,
            limit=SLOW,
            changes=orders,
        )

    def _tell_done(self, written: bool) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(written)

    def _on_written(self, answer: dict[str, Any]) -> None:
        self.writing = False
        ids = self._order_ids
        self.changes.faults = {(ids[one["place"]], one["field"]): one["message"] for one in answer["errors"]}
        if answer["written"]:
            summary = self.changes.summary()
            self.changes.clear()
            self.reload()
            self.actions.count_tables(self.place)
            self.wrote.emit(f"Written to {self.place.words()}: {summary}.")
        elif answer["conflicts"]:
            self.conflicted.emit(answer["conflicts"])
        else:
            self.refused.emit(len(answer["errors"]))
        self.changes.changed.emit()
        self.state_changed.emit()
        self._tell_done(bool(answer["written"]))

    def settle(self, answers: list[dict[str, Any]]) -> None:
        """Takes the answers to conflicts into the changes."""
        for answer in answers:
            id = self._order_ids[answer["place"]]
            if answer["gone"]:
                self.changes.restore([id])
                continue
            mine = {n: f["theirs"] for n, f in answer["fields"].items() if answer["sides"][n] == "mine"}
            theirs = [name for name, side in answer["sides"].items() if side == "theirs"]
            change = self.changes.of(id)
            if change is not None and change.do == "delete" and theirs:
                self.changes.restore([id])
            else:
                self.changes.settle(id, mine, theirs)

    def _on_write_fault(self, problem: InspectorProblem) -> None:
        self.problem = problem
        self.faulted.emit(problem)
        self.writing = False
        self.state_changed.emit()
        self._tell_done(False)

    # what is kept

    def kept_columns(self) -> str:
        """What was kept of the columns of this table (DB-13)."""
        return self._layout.load_text(f"{KEPT}.columns.{self.place.key()}")

    def keep_columns(self, text: str) -> None:
        """Keeps order, widths and hidden columns."""
        if self.place.table:
            self._layout.save_text(f"{KEPT}.columns.{self.place.key()}", text)

    def filter_text(self) -> str:
        """The filters as one text, for tests and the history."""
        return json.dumps(self.filters) if self.filters else ""


def _facet_words(problem: InspectorProblem) -> str:
    return "Counting takes too long here." if problem.kind == "limit" else str(problem)
