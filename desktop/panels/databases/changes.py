"""Changes that were made and not written yet: collected, marked, undone (DB-05)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from desktop.panels.overview.words import counted


@dataclass(frozen=True)
class Change:
    """What is to be done with one row.

    Attributes:
        do: ``update``, ``insert`` or ``delete``.
        key: of the row; empty for a new one.
        values: new texts, None for NULL, ``{"file": path}`` for a chosen file, by field.
        old: what was read, by field: texts, of bytes how many and their digest.
    """

    do: str
    key: tuple[Any, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    old: Mapping[str, Any] = field(default_factory=dict)

    def order(self) -> dict[str, Any]:
        """What the inspector is told."""
        return {"do": self.do, "key": list(self.key), "values": dict(self.values), "old": dict(self.old)}


def id_of(key: Iterable[Any]) -> str:
    """The name of a row by its key."""
    return json.dumps(list(key), sort_keys=True)


Step = tuple[str, Change | None, Change | None]
"""Name of a row, what was to be done with it before, and after."""


class _Command(QUndoCommand):
    def __init__(self, changes: Changes, text: str, steps: list[Step]) -> None:
        super().__init__(text)
        self._changes, self._steps = changes, steps

    def redo(self) -> None:
        self._changes.assign([(id, after) for id, _, after in self._steps])

    def undo(self) -> None:
        self._changes.assign([(id, before) for id, before, _ in self._steps])


class Changes(QObject):
    """The changes of one table, with undo.

    Signals:
        changed: there are others.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self._all: dict[str, Change] = {}
        self._numbers = 0
        self.faults: dict[tuple[str, str], str] = {}
        """What the last try to write found wrong, by row and field; an empty field means the whole row."""

    def all(self) -> dict[str, Change]:
        """Changes by the name of their row, in the order they were begun."""
        return dict(self._all)

    def of(self, id: str) -> Change | None:
        """What is to be done with a row."""
        return self._all.get(id)

    def new_ids(self) -> list[str]:
        """Names of new rows."""
        return [id for id, change in self._all.items() if change.do == "insert"]

    def __len__(self) -> int:
        return len(self._all)

    def summary(self) -> str:
        """ "3 changed, 1 new, 1 deleted"."""
        words = {"update": "changed", "insert": "new", "delete": "deleted"}
        counts = {do: sum(change.do == do for change in self._all.values()) for do in words}
        return ", ".join(f"{count} {words[do]}" for do, count in counts.items() if count)

    def clear(self) -> None:
        """Forgets all changes and the way back."""
        self._all.clear()
        self.faults.clear()
        self.stack.clear()
        self.changed.emit()

    def assign(self, steps: Iterable[tuple[str, Change | None]]) -> None:
        """Sets what is to be done with rows; meant for the undo stack."""
        for id, change in steps:
            if change is None:
                self._all.pop(id, None)
            else:
                self._all[id] = change
            self.faults = {place: text for place, text in self.faults.items() if place[0] != id}
        self.changed.emit()

    # what a person does

    def set_cell(self, key: tuple[Any, ...], name: str, text: Any, old: Any) -> None:
        """Gives a field of a row another value; the value it had takes the change back."""
        id = id_of(key)
        before = self._all.get(id)
        if before is not None and before.do == "delete":
            return
        base = before or Change("update", key)
        if name in base.old:
            old = base.old[name]
        values, kept = dict(base.values), dict(base.old)
        if text == old:
            values.pop(name, None)
            kept.pop(name, None)
        else:
            values[name], kept[name] = text, old
        after = replace(base, values=values, old=kept) if values else None
        if after != before:
            self._push(f"change {name}", [(id, before, after)])

    def set_new_cell(self, id: str, name: str, text: Any, take_out: bool = False) -> None:
        """Gives a field of a new row a value; taken out, the model's default counts."""
        before = self._all.get(id)
        if before is None:
            return
        values = dict(before.values)
        if take_out:
            values.pop(name, None)
        else:
            values[name] = text
        if values != before.values:
            self._push(f"change {name}", [(id, before, replace(before, values=values))])

    def add(self, values: Mapping[str, str | None] | None = None) -> str:
        """Adds a new row and returns its name."""
        self._numbers += 1
        id = f"new {self._numbers}"
        self._push("add a row", [(id, None, Change("insert", values=dict(values or {})))])
        return id

    def delete(self, rows: Mapping[str, Change]) -> None:
        """Marks rows as deleted; new ones among them are taken away.

        Args:
            rows: by name the change that deletes it.
        """
        steps: list[Step] = []
        for id, change in rows.items():
            before = self._all.get(id)
            if before is not None and before.do == "insert":
                steps.append((id, before, None))
            elif before is None or before.do != "delete":
                steps.append((id, before, change))
        if steps:
            self._push(f"delete {counted(len(steps), 'row')}", steps)

    def restore(self, ids: Iterable[str]) -> None:
        """Takes the changes of rows back."""
        steps: list[Step] = [(id, self._all[id], None) for id in ids if id in self._all]
        if steps:
            self._push(f"restore {counted(len(steps), 'row')}", steps)

    def settle(self, id: str, keep: Mapping[str, Any], drop: Iterable[str]) -> None:
        """Answers a conflict.

        Args:
            id: of the row.
            keep: fields whose own value stays, with the value that is there now.
            drop: fields that stay as they are there now.
        """
        before = self._all.get(id)
        if before is None:
            return
        dropped = set(drop)
        values = {name: text for name, text in before.values.items() if name not in dropped}
        old = {name: text for name, text in {**before.old, **keep}.items() if name not in dropped}
        gone = not values and before.do == "update"
        after = None if gone else replace(before, values=values, old=old)
        self._push("settle a conflict", [(id, before, after)])

    def _push(self, text: str, steps: list[Step]) -> None:
        self.stack.push(_Command(self, text, steps))
