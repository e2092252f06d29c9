"""The names of an application's environment, those of pages only where its code mentions them (SCHED-61).

A task seldom makes a page: helpers, forms and addresses stay unloaded until
code names them. Code that names them by other ways (`eval`, `globals()`)
finds stand-ins, which are called, read, inherited from and asked about as
what they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import CodeType
from typing import Any

import runtime.dal as dal_room
from runtime.dal import validators
from runtime.dal.representers import REPRESENTERS
from runtime.foundation.http import HTTP, redirect

ROOMS: dict[str, Sequence[str]] = {
    "runtime.forms": ("FORM", "SQLFORM", "SQLTABLE"),
    "runtime.html": (
        "A", "ASSIGNJS", "B", "BEAUTIFY", "BODY", "BR", "BUTTON", "CAT", "CENTER", "CODE", "COL",
        "COLGROUP", "DIV", "EM", "EMBED", "FIELDSET", "H1", "H2", "H3", "H4", "H5", "H6", "HEAD", "HR",
        "HTML", "I", "IFRAME", "IMG", "INPUT", "LABEL", "LEGEND", "LI", "LINK", "MARKMIN", "MENU", "META",
        "OBJECT", "OL", "ON", "OPTGROUP", "OPTION", "P", "PRE", "SCRIPT", "SELECT", "SPAN", "STRONG",
        "STYLE", "TABLE", "TAG", "TBODY", "TD", "TEXTAREA", "TFOOT", "TH", "THEAD", "TITLE", "TR", "TT",
        "UL", "XHTML", "XML", "XmlComponent", "embed64", "markdown_serializer", "markmin_serializer",
        "sanitize", "truncate_string", "xmlescape",
    ),
    "runtime.routing": ("URL",),
    "runtime.web.components": ("LOAD",),
}  # fmt: skip
"""Where names come from that are loaded late."""

_ROOM_OF = {name: room for room, names in ROOMS.items() for name in names}


class LateName:
    """Stands for a class or function until it is used.

    Args:
        name: one of the names in `ROOMS`.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: Any, **options: Any) -> Any:
        return real_name(self._name)(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(real_name(self._name), name)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (real_name(self._name),)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, real_name(self._name))

    def __subclasscheck__(self, value: type) -> bool:
        return issubclass(value, real_name(self._name))

    def __eq__(self, other: object) -> bool:
        real = real_name(self._name)
        return bool(real == (real_name(other._name) if isinstance(other, LateName) else other))

    def __hash__(self) -> int:
        return hash(real_name(self._name))

    def __repr__(self) -> str:
        return repr(real_name(self._name))


@cache
def real_name(name: str) -> Any:
    """Return what a name of `ROOMS` stands for."""
    return getattr(import_module(_ROOM_OF[name]), name)


@cache
def late_names() -> dict[str, Any]:
    """Return the names that are the same for every run; those of `ROOMS` are stand-ins."""
    names: dict[str, Any] = {name: LateName(name) for name in _ROOM_OF}
    names.update((name, getattr(validators, name)) for name in validators.__all__)
    names.update((name, getattr(dal_room, name)) for name in ("DAL", "Field", "SQLDB", "SQLField"))
    names.update(HTTP=HTTP, redirect=redirect)
    REPRESENTERS["rows_xml"] = _rows_table
    return names


def _rows_table(*args: Any, **options: Any) -> Any:
    from runtime.forms.sqltable import rows_table

    return rows_table(*args, **options)


def mentioned(code: CodeType) -> frozenset[str]:
    """Return the names of `ROOMS` that code mentions, also inside of its functions."""
    found = {name for name in code.co_names if name in _ROOM_OF}
    for part in code.co_consts:
        if isinstance(part, CodeType):
            found |= mentioned(part)
    return frozenset(found)


def make_real(environment: dict[str, Any], names: frozenset[str] | None = None) -> None:
    """Put what they stand for in the place of stand-ins.

    Args:
        environment: as `late_names` makes it; names that mean something else meanwhile are kept.
        names: which ones; None for all.
    """
    for name in _ROOM_OF if names is None else names:
        if type(environment.get(name)) is LateName:
            environment[name] = real_name(name)
