"""A value with all its parts as JSON that also tells their types, for a viewer that folds (CA-05, DESK-17).

No code of the value is run. What JSON has stands as it is; anything else is an object with the key `TYPE`
and one of: ``v`` its items, ``d`` its items by text keys, ``k`` pairs of key and item, ``a`` its attributes,
``t`` a text. ``more`` is the number of items left out, ``size`` the length before a text was cut.
"""

from __future__ import annotations

import base64
import binascii
import collections
import datetime
import decimal
import functools
import json
import uuid
import zlib
from collections.abc import Iterable
from typing import Any

from runtime.admin.plain_text import attributes_of, is_a, plain_text, type_name
from runtime.errors.safe_values import MASK, is_secret

TYPE = "$"
MOST_PARTS = 1_000_000
"""Parts of one value; what is beyond is counted and left out."""
MOST_LETTERS = 16_000_000
"""Length of the JSON text."""
DEEPEST = 100
LONGEST_TEXT = 1_000_000
_SHOWN_BYTES = 200
_BIG = 1 << 2000
_SCALARS = frozenset((bool, float, str, type(None), int))
_WITH_TEXT = (
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID, complex,
)  # fmt: skip
_LISTS: tuple[type, ...] = (list, tuple, set, frozenset, collections.deque)


class TreeProblem(ValueError):
    """The value has no such form; the text says why."""


def has_parts(value: Any) -> bool:
    """Tell whether a value is a container, the rows of a query, or an object with attributes."""
    return is_a(value, (dict, *_LISTS)) or bool(attributes_of(value))


def tree_text(value: Any, most: int = MOST_PARTS) -> str:
    """Return the parts of `value` as JSON; values under secret names are hidden.

    Args:
        most: parts after which the rest is left out.

    Raises:
        TreeProblem: it is too large, or another thread changes it at this moment.
    """
    try:
        text = json.dumps(_Reader(most).part(value, DEEPEST), ensure_ascii=False, separators=(",", ":"))
    except RuntimeError:
        raise TreeProblem("It is being changed at this moment.") from None
    if len(text) > MOST_LETTERS:
        raise TreeProblem(f"Its parts are more than {MOST_LETTERS // 1_000_000} MB as a text.")
    return text


def pack(text: str) -> str:
    """Return `text` made small for a message of JSON; `unpack` gives it back."""
    return base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 1)).decode("ascii")


def unpack(packed: str) -> str:
    """Return the text that `pack` was given.

    Raises:
        TreeProblem: it is damaged, or longer than `MOST_LETTERS` can be.
    """
    most = 4 * MOST_LETTERS
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.b64decode(packed, validate=True), most)
    except (binascii.Error, ValueError, zlib.error):
        raise TreeProblem("It arrived damaged.") from None
    if reader.unconsumed_tail:
        raise TreeProblem("It is too large.")
    return data.decode("utf-8", "surrogatepass")


class _Reader:
    """Turns values into parts, and knows how many more there may be."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._above: set[int] = set()
        self._hidden = functools.lru_cache(4096)(is_secret)
        self._plain_names = functools.lru_cache(1024)(self._are_plain)

    def _are_plain(self, names: tuple[Any, ...]) -> bool:
        return TYPE not in names and all(type(name) is str and not self._hidden(name) for name in names)

    def part(self, value: Any, depth: int) -> Any:
        """Return one part with those below it."""
        kind = type(value)
        if kind in _SCALARS:
            return _scalar(value)
        if kind in _WITH_TEXT:
            return {TYPE: kind.__name__, "t": str(value)}
        if is_a(value, str):
            return {TYPE: _named(value), "t": str.__str__(value)[:LONGEST_TEXT]}
        if is_a(value, (bytes, bytearray)):
            base: Any = bytes if is_a(value, bytes) else bytearray
            head = bytes(base.__getitem__(value, slice(0, _SHOWN_BYTES)))
            return {TYPE: _named(value), "t": repr(head), "size": base.__len__(value)}
        if id(value) in self._above:
            return {TYPE: _named(value), "t": "itself", "cut": True}
        if depth == 0:
            return {TYPE: _named(value), "t": f"nested deeper than {DEEPEST} levels", "cut": True}
        self._above.add(id(value))
        try:
            return self._parts(value, kind, depth - 1)
        finally:
            self._above.discard(id(value))

    def _parts(self, value: Any, kind: type, depth: int) -> Any:
        if is_a(value, dict):
            return self._pairs(list(dict.items(value)), kind, _named(value), depth)
        for base in _LISTS:
            if is_a(value, base):
                return self._items(list(base.__iter__(value)), kind, _named(value), depth)  # type: ignore[attr-defined]  # all have it
        records = records_of(value)
        if records is not None:
            return self._items([_fields(record) for record in records], None, "Rows", depth)
        attributes = attributes_of(value)
        if not attributes:
            return {TYPE: _named(value), "t": plain_text(value)}
        kept, more = self._taken(list(attributes.items()))
        found = {str(name): self._named_part(name, item, depth) for name, item in kept}
        return {TYPE: _named(value), "a": found} | ({"more": more} if more else {})

    def _taken(self, items: list[Any]) -> tuple[list[Any], int]:
        """Return the items that there is room for, and how many are left out."""
        kept = items[: max(0, self._left)]
        self._left -= len(kept)
        return kept, len(items) - len(kept)

    def _items(self, items: list[Any], kind: type | None, name: str, depth: int) -> Any:
        kept, more = self._taken(items)
        parts = kept if _are_scalars(kept) else [self.part(item, depth) for item in kept]
        if kind is list and not more:
            return parts
        return {TYPE: name, "v": parts} | ({"more": more} if more else {})

    def _pairs(self, pairs: list[tuple[Any, Any]], kind: type, name: str, depth: int) -> Any:
        kept, more = self._taken(pairs)
        if kind is dict and not more:
            plain = self._plain_pairs(dict(kept), depth)
            if plain is not None:
                return plain
        if all(type(key) is str for key, _ in kept):
            found = {key: self._named_part(key, item, depth) for key, item in kept}
            if kind is dict and not more and TYPE not in found:
                return found
            return {TYPE: name, "d": found} | ({"more": more} if more else {})
        listed = [[self.part(key, depth), self._named_part(key, item, depth)] for key, item in kept]
        return {TYPE: name, "k": listed} | ({"more": more} if more else {})

    def _plain_pairs(self, found: dict[Any, Any], depth: int) -> dict[str, Any] | None:
        """Return the parts of what JSON can hold as it is: records come by the hundred thousand."""
        if not self._plain_names(tuple(found)):
            return None
        if _are_scalars(found.values()):
            return found
        return {name: self.part(item, depth) for name, item in found.items()}

    def _named_part(self, name: Any, item: Any, depth: int) -> Any:
        if type(name) is str and self._hidden(name):
            return {TYPE: "hidden", "t": MASK, "cut": True}
        kind = type(item)
        return item if kind in _SCALARS and _is_small(item) else self.part(item, depth)


def _are_scalars(values: Iterable[Any]) -> bool:
    """Tell whether JSON can hold all of these as they are; one pass, for there may be a million."""
    for value in values:
        kind = type(value)
        if kind is str:
            if len(value) > LONGEST_TEXT:
                return False
        elif kind is int:
            if not -_BIG < value < _BIG:
                return False
        elif kind not in _SCALARS:
            return False
    return True


def _is_small(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_BIG < value < _BIG)
    return kind is not str or len(value) <= LONGEST_TEXT


def _scalar(value: Any) -> Any:
    if _is_small(value):
        return value
    if type(value) is int:
        return {TYPE: "int", "t": plain_text(value)}
    return {TYPE: "str", "t": value[:LONGEST_TEXT], "size": len(value)}


def _named(value: Any) -> str:
    return type_name(value).rpartition(".")[2]


def records_of(value: Any) -> list[Any] | None:
    """Return the records of `Rows`, read past everything that its class defines; None for anything else."""
    if _named(value) != "Rows":
        return None
    found: Any = attributes_of(value).get("records")
    return list(list.__iter__(found)) if is_a(found, list) else None


def _fields(record: Any) -> Any:
    """Return the fields of a record: by name where it is of one table, else by table and name."""
    tables = attributes_of(record)
    inner = {str(name): attributes_of(row) for name, row in tables.items()}
    if not inner or not all(inner.values()):
        return tables or record
    several = len([name for name in inner if name != "_extra"]) > 1
    return {
        f"{table}.{name}" if several and table != "_extra" else str(name): item
        for table, fields in inner.items()
        for name, item in fields.items()
    }
