"""Any object as a short text, and the content of pickles, without running any code of the objects.

For looking into a running server: a `repr` that hangs, raises or changes something can not hurt.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import io
import pickle
import types
import uuid
from typing import Any, Self

from runtime.errors.safe_values import MASK, is_secret
from runtime.foundation.storage import Storage

TEXT_LIMIT = 2000
"""Letters of a shown value."""
_DEPTH, _ITEMS, _STRING, _BITS = 5, 50, 500, 4000
_OWN_REPR = (
    bool, float, complex, datetime.datetime, datetime.date, datetime.time, datetime.timedelta,
    decimal.Decimal, uuid.UUID, range, type(None), type(...),
)  # fmt: skip
_COLLECTIONS: tuple[tuple[type, str, str], ...] = (
    (list, "[", "]"), (tuple, "(", ")"), (set, "{", "}"), (frozenset, "frozenset({", "})"),
    (collections.deque, "deque([", "])"),
)  # fmt: skip
_TYPE_NAME = type.__dict__["__qualname__"]


def type_name(value: Any) -> str:
    """Return the name of the type of `value`; of a value read by `unpickle_plain`, that of its real type."""
    kind = type(value)
    return _name_of(kind)


def plain_text(value: Any, limit: int = TEXT_LIMIT) -> str:
    """Return `value` as a text of at most about `limit` letters; values under secret names are hidden."""
    text = _show(value, _DEPTH, set())
    if len(text) > limit:
        text = f"{text[:limit]}... ({len(text)} letters)"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def is_a(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """Tell whether a value is of one of these types: `isinstance` would ask the value for its class."""
    return issubclass(type(value), kinds)


def _name_of(kind: type) -> str:
    return str(_TYPE_NAME.__get__(kind))


def _show(value: Any, depth: int, above: set[int]) -> str:
    kind = type(value)
    if kind in _OWN_REPR:
        return repr(value)
    if is_a(value, int):
        plain = int(int.__index__(value))
        return repr(plain) if plain.bit_length() <= _BITS else f"<int of {plain.bit_length()} bits>"
    if is_a(value, (str, bytes, bytearray)):
        base: Any = next(b for b in (str, bytes, bytearray) if is_a(value, b))
        length = base.__len__(value)
        shown = base.__repr__(base.__getitem__(value, slice(0, _STRING)))
        return shown if length <= _STRING else f"{shown}... ({length} long)"
    if is_a(value, type):
        return f"<class {_name_of(value)}>"
    if id(value) in above:
        return f"<{_name_of(kind)} inside itself>"
    if depth == 0:
        return "..."
    above.add(id(value))
    try:
        return _show_parts(value, kind, depth - 1, above)
    except RuntimeError:  # another thread changes it at this moment
        return f"<{_name_of(kind)} that is being changed>"
    finally:
        above.discard(id(value))


def _show_parts(value: Any, kind: type, depth: int, above: set[int]) -> str:
    if is_a(value, dict):
        text = _show_pairs(list(dict.items(value)), depth, above, "{%s}", "%s: %s")
        return text if kind is dict else f"<{_name_of(kind)} {text}>"
    for base, opening, closing in _COLLECTIONS:
        if is_a(value, base):
            listed = list(base.__iter__(value))  # type: ignore[attr-defined]  # all of them have it
            parts = [_show(item, depth, above) for item in listed[:_ITEMS]] + _more(len(listed))
            text = f"{opening}{', '.join(parts)}{',' if base is tuple and len(parts) == 1 else ''}{closing}"
            return text if kind is base else f"<{_name_of(kind)} {text}>"
    attributes = attributes_of(value)
    if not attributes:
        return f"<{_name_of(kind)}>"
    return _show_pairs(list(attributes.items()), depth, above, f"<{_name_of(kind)} %s>", "%s=%s", plain=True)


def _show_pairs(
    pairs: list[tuple[Any, Any]], depth: int, above: set[int], frame: str, item: str, plain: bool = False
) -> str:
    parts = []
    for name, value in pairs[:_ITEMS]:
        shown = MASK if type(name) is str and is_secret(name) else _show(value, depth, above)
        parts.append(item % (name if plain and type(name) is str else _show(name, depth, above), shown))
    return frame % ", ".join(parts + _more(len(pairs)))


def _more(length: int) -> list[str]:
    return [f"... {length - _ITEMS} more"] if length > _ITEMS else []


def attributes_of(value: Any) -> dict[Any, Any]:
    """Return the instance's own dictionary, read past everything that its class defines."""
    kind = type(value)
    for base in type.mro(kind) if kind is not type else ():
        found = vars(base).get("__dict__")
        if isinstance(found, types.GetSetDescriptorType):
            attributes = found.__get__(value)
            return dict(attributes) if is_a(attributes, dict) else {}
        if found is not None:
            return {}
    return {}


# -- pickles -----------------------------------------------------------------------------------------


class _StandIn:
    """Takes the place of any object of a pickle; keeps what the object was made of."""

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        self = object.__new__(cls)
        if arguments:
            self.__dict__["arguments"] = arguments
        self.__dict__.update(options)
        return self

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pass

    def __call__(self, *arguments: Any, **options: Any) -> _StandIn:
        return self

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state if isinstance(state, dict) else {"state": state})

    def append(self, item: Any) -> None:
        self.__dict__.setdefault("items", []).append(item)

    add = append

    def extend(self, items: Any) -> None:
        for item in items:
            self.append(item)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.__dict__.setdefault("items", {})[key] = value


class _RowStandIn(_StandIn):
    """Takes the place of a record of the DAL, which is made of its fields."""

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        fields = arguments[0] if len(arguments) == 1 and type(arguments[0]) is dict else None
        return super().__new__(cls, *(() if fields is not None else arguments), **(fields or {}), **options)


_HARMLESS: dict[tuple[str, str], Any] = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (
        set, frozenset, bytearray, complex, range, collections.OrderedDict, collections.deque, datetime.date,
        datetime.datetime, datetime.time, datetime.timedelta, decimal.Decimal, Storage,
    )
}  # fmt: skip
_HARMLESS["copyreg", "_reconstructor"] = lambda kind, base, state: kind()


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return a harmless type, a stand-in for every other one."""
        known = _HARMLESS.get((module, name))
        if known is not None:
            return known
        base = _RowStandIn if name == "Row" else _StandIn
        return type(name.rpartition(".")[2], (base,), {"__qualname__": f"{module}.{name}"})

    def persistent_load(self, pid: Any) -> Any:
        """Return what stands for an object outside of the pickle."""
        return f"<persistent {pid!r}>"


def unpickle_plain(data: bytes) -> Any:
    """Return the content of a pickle; all but a few plain types become stand-ins, so no code runs.

    Raises:
        ValueError: it is no pickle.
    """
    try:
        return _PlainUnpickler(io.BytesIO(data)).load()
    except Exception as error:
        raise ValueError(f"not readable: {type(error).__name__}") from error
