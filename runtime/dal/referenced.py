"""What references show, for many records at once: each referenced table is read once, not once per value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydal.helpers.methods import _repr_ref, _repr_ref_list

from runtime.dal.representers import rows_render

AT_ONCE = 500
"""Most ids in one query; databases limit the length of a statement."""


class ReferenceTexts:
    """Texts of the records that references point to (FUN-09).

    Stands in for `rows_render`: tell it with `expect` which values will be shown, then `render` them.
    Fields with a `represent` of the application's own are represented by that, one by one.
    """

    def __init__(self) -> None:
        self._tables: dict[str, Any] = {}
        self._wanted: dict[str, set[int]] = {}
        self._texts: dict[str, dict[int, str]] = {}

    def expect(self, field: Any, values: Iterable[Any]) -> None:
        """Read the records that `values` of `field` point to when the first of them is rendered."""
        table = _referenced(field)
        if table is None:
            return
        name = table._tablename
        self._tables[name] = table
        self._wanted.setdefault(name, set()).update(each for value in values for each in _numbers(value))

    def render(self, field: Any, value: Any, row: Any = None) -> Any:
        """Return `value` as the field's `represent` shows it."""
        table = _referenced(field)
        if table is None or not value or table._tablename not in self._tables:
            return rows_render(field, value, row)
        texts = self._of(table)
        if isinstance(value, (list, tuple)):
            if not any(number in texts for number in _numbers(value)):
                return ""
            return ", ".join(texts.get(number, str(number)) for number in value)
        return texts.get(value, str(value))

    def _of(self, table: Any) -> dict[int, str]:
        name = table._tablename
        texts = self._texts.setdefault(name, {})
        missing = sorted(self._wanted.pop(name, ()))
        for start in range(0, len(missing), AT_ONCE):
            condition = table._id.belongs(missing[start : start + AT_ONCE])
            for record in table._db(condition).select(table.ALL):
                texts[int(record[table._id.name])] = _text(table, record)
        return texts


def _referenced(field: Any) -> Any:
    """Return the table whose `format` shows the values of `field`; None when something else shows them."""
    represent: Any = getattr(field, "represent", None)
    return represent.ref if type(represent) in (_repr_ref, _repr_ref_list) else None


def _numbers(value: Any) -> Iterator[int]:
    for each in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(each, int):
            yield int(each)


def _text(table: Any, record: Any) -> str:
    form = table._format
    if callable(form):
        return str(form(record))
    return str(form % record) if isinstance(form, str) else str(record[table._id.name])
