"""`Rows` of any size in bounded memory: records are made when they are read, part by part.

For code that was written for all records at once, as exporters of applications are: it may go through them as
often as it likes, count them, take one, sort or change them. What it changes is kept; what it only reads goes
when the next part comes.
"""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from itertools import pairwise
from typing import Any

from pydal.objects import LazySet

from runtime.dal.selects.rows import Rows
from runtime.dal.spooled import SpooledRows

_GONE = object()


class LazyRows(Rows):
    """The records of a select that went through a temporary file; see pydal's `Rows` for the methods."""

    records: Any

    @classmethod
    def of(cls, spooled: SpooledRows) -> LazyRows:
        """Return the records of `spooled`, which are read from its file again whenever they are wanted."""
        head = spooled.none()
        made: LazyRows = cls(head.db, LazyRecords(spooled), head.colnames, fields=head.fields)
        return made

    def parts(self) -> Iterator[Any]:
        """Yield the records as `Rows` of a thousand, with the columns that this object has."""
        pieces = self.records.parts() if isinstance(self.records, LazyRecords) else [self.records]
        for records in pieces:
            yield Rows(self.db, records, self.colnames, compact=self.compact, fields=self.fields)

    def setvirtualfields(self, **virtual: Any) -> Any:
        """Add virtual fields to all records, which stay in memory then (pydal's method)."""
        self.records = list(self.records)
        return super().setvirtualfields(**virtual)


class LazyRecords(MutableSequence[Any]):
    """What `Rows.records` is, without being a list.

    Taking records away, adding or replacing some makes it one, in memory.
    """

    def __init__(self, spooled: SpooledRows) -> None:
        self._spooled = spooled
        self._own: list[Any] | None = None
        self._changed: dict[int, Any] = {}
        self._at = -1  # the part that is in memory
        self._part: list[Any] = []
        self._before: list[dict[str, dict[str, Any]]] = []

    def __len__(self) -> int:
        return self._spooled.count if self._own is None else len(self._own)

    def __getitem__(self, index: Any) -> Any:
        if self._own is not None:
            return self._own[index]
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = operator.index(index)
        at = at + len(self) if at < 0 else at
        if not 0 <= at < len(self):
            raise IndexError("there is no record of this number")
        number = bisect_right(self._spooled.starts, at) - 1
        if number != self._at:
            self._read(number)
        return self._part[at - self._spooled.starts[number]]

    def parts(self) -> Iterator[list[Any]]:
        """Yield all records in lists."""
        bounds = [*self._spooled.starts, len(self)] if self._own is None else [0, len(self)]
        for start, end in pairwise(bounds):
            yield self[start:end]

    def _read(self, number: int) -> None:
        self._keep_changes()
        self._part = list(self._spooled.part(number).records)
        start = self._spooled.starts[number]
        for at in range(len(self._part)):
            self._part[at] = self._changed.get(start + at, self._part[at])
        self._before = [{name: dict(vars(part)) for name, part in record.items()} for record in self._part]
        self._at = number

    def _keep_changes(self) -> None:
        """Keep those records of the part in memory that were changed."""
        for at, (record, before) in enumerate(zip(self._part, self._before, strict=True)):
            if _is_changed(record, before):
                self._changed[self._spooled.starts[self._at] + at] = record

    # what makes it a list

    def _owned(self) -> list[Any]:
        if self._own is None:
            self._own = list(self)
            self._part, self._before, self._changed = [], [], {}
        return self._own

    def __setitem__(self, index: Any, value: Any) -> None:
        self._owned()[index] = value

    def __delitem__(self, index: Any) -> None:
        del self._owned()[index]

    def insert(self, index: int, value: Any) -> None:
        """Insert a record."""
        self._owned().insert(index, value)

    def __add__(self, other: Iterable[Any]) -> list[Any]:
        return [*self, *other]

    def __radd__(self, other: Iterable[Any]) -> list[Any]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as lists

    def __reduce__(self) -> Any:
        return list, (list(self),)


def _is_changed(record: Any, before: dict[str, dict[str, Any]]) -> bool:
    """Tell whether values of a record were set; methods and sets that it makes when it is read are none."""
    if set(record.keys()) != set(before):
        return True
    for name, part in record.items():
        values, known = vars(part), before[name]
        if any(values.get(key, _GONE) is not value for key, value in known.items()):
            return True
        if any(key not in known and not _is_made(key, value) for key, value in values.items()):
            return True
    return False


def _is_made(key: str, value: Any) -> bool:
    return callable(value) or isinstance(value, LazySet) or key == "__get_lazy_reference__"
