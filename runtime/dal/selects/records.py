"""From the answer of the database to records: values by column, records by table, tables by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from pydal.helpers.classes import Reference

from runtime.dal.selects.plans import EVERY, Change, Converter, Part, Plan
from runtime.dal.selects.rows import Row, fresh_rows, plain_rows

Maker = Callable[[Sequence[Any]], list[dict[str, Any]]]


class Answer(list[Any]):
    """Rows of the driver that the next request may get again."""

    __slots__ = ("made",)
    made: dict[Plan, tuple[list[Any], bool]]
    """What was made of them by the last plan: columns of values that nobody can change."""

    def __reduce__(self) -> Any:
        return list, (list(self),)  # a cache on the disk keeps the rows and nothing else


def read(db: Any, rows: Sequence[Any], plan: Plan, tables: dict[str, Any], cacheable: bool) -> list[Row]:
    """Return a `Row` for each of `rows`.

    Args:
        db: whose records they are.
        rows: of the database's driver.
        plan: for their columns.
        tables: by name; those of `plan` among them.
        cacheable: records without methods and sets of referring records.
    """
    if not rows:
        return []
    rows = _converted(db, rows, plan)
    records = [_records(db, part, tables[part.tablename], rows, cacheable) for part in plan.parts]
    names = tuple(part.tablename for part in plan.parts)
    return plain_rows(_maker(len(names), names, tuple(range(len(names))))(list(zip(*records, strict=True))))


def _converted(db: Any, rows: Sequence[Any], plan: Plan) -> Sequence[Any]:
    """Return `rows` with Python's values in the place of the driver's."""
    if not plan.steady and not plan.changes:
        return rows
    made = rows.made if isinstance(rows, Answer) else {}
    columns, changed = made.get(plan, (None, False))
    if columns is None:
        columns = list(zip(*rows, strict=True))
        changed = _change(db, columns, plan.steady)
        made.clear()
        made[plan] = columns, changed
    if plan.changes:
        columns = columns.copy()
        changed = _change(db, columns, plan.changes) or changed
    return list(zip(*columns, strict=True)) if changed else rows


def _change(db: Any, columns: list[Any], changes: Sequence[Change]) -> bool:
    """Convert values where they lie; tell whether there was anything to do."""
    changed = False
    for change in changes:
        values = columns[change.column]
        convert = change.convert or _referrer(db[change.target])
        if change.kind is EVERY:
            columns[change.column] = [convert(value) for value in values]
        elif change.kind is None or not _holds_only(values, change.kind):
            columns[change.column] = [None if value is None else convert(value) for value in values]
        else:
            continue
        changed = True
    return changed


def _holds_only(values: Any, kind: type) -> bool:
    """Tell whether all values are of exactly this type already (or None)."""
    return {kind, type(None)}.issuperset(map(type, values))


def _referrer(table: Any) -> Converter:
    def convert(value: Any) -> Any:
        reference = Reference(value)
        inside = reference.__dict__
        inside["_table"] = table
        inside["_record"] = None
        return reference

    return convert


def _records(db: Any, part: Part, table: Any, rows: Sequence[Any], cacheable: bool) -> list[Row]:
    """Return the records of one table."""
    dicts = _maker(len(rows[0]), part.names, part.columns)(rows)
    id_name = part.id_name
    if id_name is None:
        return plain_rows(dicts)
    if id_name != "id" and "id" not in table.fields:
        for values in dicts:
            values["id"] = values[id_name]
    if cacheable:
        return plain_rows(dicts)
    column = part.columns[part.names.index(id_name)]
    return fresh_rows(dicts, (db, table, id_name), [row[column] for row in rows])


@lru_cache(maxsize=2000)
def _maker(width: int, names: tuple[str, ...], columns: tuple[int, ...]) -> Maker:
    """Return what makes dictionaries of some of the values of each row.

    Python makes a dictionary of names that it knows when it compiles several times faster than of pairs.

    Args:
        width: number of values in each row.
        names: keys.
        columns: places of their values.
    """
    row = "".join(f"v{column}, " for column in range(width))
    pairs = ", ".join(f"{name!r}: v{column}" for name, column in zip(names, columns, strict=True))
    maker: Maker = eval(f"lambda rows: [{{{pairs}}} for {row} in rows]")  # noqa: S307 - of quoted names alone
    return maker
