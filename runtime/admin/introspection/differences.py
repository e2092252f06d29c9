"""The difference of two descriptions, line by line (DBI-02, DBI-07)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runtime.admin.introspection.description import Column, Description, Table

_PARTS = ("type", "length", "notnull", "unique", "default", "expression", "choices", "automatic", "comment")


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        sign: ``+`` only in the second, ``-`` only in the first, ``~`` in both and not the same.
        what: ``table person``, ``person.name`` or ``person: primary key``.
        before, after: texts of a changed value; empty for what is new or gone.
    """

    sign: str
    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.what}" + (f": {self.before} -> {self.after}" if self.sign == "~" else "")


def differences(first: Description, second: Description) -> list[Difference]:
    """Return what is different in `second`, by table, in the order of names.

    Names of native types are compared between databases of one engine only.
    """
    native = first.engine == second.engine
    found: list[Difference] = []
    for name in sorted(first.tables.keys() | second.tables.keys()):
        before, after = first.tables.get(name), second.tables.get(name)
        if before is None or after is None:
            found.append(Difference("+" if before is None else "-", f"table {name}"))
        else:
            found += _in_table(before, after, native)
    return found


def _in_table(before: Table, after: Table, native: bool) -> Iterator[Difference]:
    new = {column.name: column for column in after.columns}
    old = {column.name: column for column in before.columns}
    for name in [*old, *(name for name in new if name not in old)]:
        place = f"{before.name}.{name}"
        if name not in new:
            yield Difference("-", place)
        elif name not in old:
            yield Difference("+", f"{place} {_shown(new[name].type)}")
        else:
            yield from _in_column(place, old[name], new[name], native)
    for title, one, other in (
        ("primary key", before.primary_key, after.primary_key),
        ("unique together", before.unique, after.unique),
        ("comment", before.comment, after.comment),
    ):
        if one != other:
            yield Difference("~", f"{before.name}: {title}", _shown(one), _shown(other))


def _in_column(place: str, before: Column, after: Column, native: bool) -> Iterator[Difference]:
    parts = (*_PARTS, "native") if native and before.native and after.native else _PARTS
    for part in parts:
        one, other = getattr(before, part), getattr(after, part)
        if one != other:
            yield Difference("~", f"{place}: {part}", _shown(one), _shown(other))
    if before.reference != after.reference:
        yield Difference("~", f"{place}: references", _shown(before.reference), _shown(after.reference))


def _shown(value: Any) -> str:
    if value is None or value in ((), ""):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"({_shown(part)})" if isinstance(part, tuple) else str(part) for part in value)
    return repr(value) if isinstance(value, float) else str(value)
