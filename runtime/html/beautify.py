"""`BEAUTIFY`: any object as nested tables, for pages that show data as it is (NAMES-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runtime.html.element import DIV, XmlComponent
from runtime.html.raw import XML
from runtime.html.tags import TABLE, TD, TR

DEFAULT_LEVELS = 10
"""How deep containers are followed by default."""


class BEAUTIFY(DIV):
    """Tables of the contents of lists, dictionaries and objects.

    Args:
        component: what to show. Markup is shown as it is, an object with a
            method ``as_dict`` or public attributes as a dictionary.
        keyfilter: function that gives the label of a key, or None to leave the
            entry out; by default names that start with an underscore are left out.
        level: how deep to go, default 10; what lies deeper, and an object that
            contains itself, is shown by its ``repr``.
        sorted: entries of dictionaries in the order of their keys (default).
    """

    tag = "div"

    def __init__(self, component: Any, **attributes: Any) -> None:
        keyfilter = attributes.pop("keyfilter", None) or _public
        level = int(attributes.pop("level", DEFAULT_LEVELS))
        self._sorted = bool(attributes.pop("sorted", True))
        super().__init__(**attributes)
        self.components = [self._adopt(part) for part in self._show(component, level, keyfilter, ())]

    def _show(
        self, value: Any, level: int, keyfilter: Callable[[Any], Any], around: tuple[int, ...]
    ) -> list[Any]:
        if isinstance(value, XmlComponent):
            return [value]
        if callable(getattr(value, "xml", None)):
            return [XML(value.xml())]
        if isinstance(value, (str, int, float, complex, type(None))):
            return [str(value)]
        if isinstance(value, bytes):
            return [value.decode("utf-8", "replace")]
        if callable(value):
            return [repr(value)]
        mapping = _mapping(value)
        if mapping is None and not isinstance(value, (list, tuple, set, frozenset)):
            return [str(value)]
        if level <= 0 or id(value) in around:
            return [_short(value)]

        def inner(v: Any) -> DIV:
            return DIV(*self._show(v, level - 1, keyfilter, (*around, id(value))))

        if mapping is None:
            rows = [TR(TD(inner(v))) for v in value]
        else:
            rows = [
                TR(
                    TD(label, _style="font-weight:bold;vertical-align:top;"),
                    TD(":", _style="vertical-align:top;"),
                    TD(inner(v)),
                )
                for label, v in self._entries(mapping, keyfilter)
            ]
        return [TABLE(*rows, **self._own_attributes())] if rows else []

    def _entries(
        self, mapping: Mapping[Any, Any], keyfilter: Callable[[Any], Any]
    ) -> Iterable[tuple[Any, Any]]:
        entries = list(mapping.items())
        if self._sorted:
            entries.sort(key=lambda entry: str(entry[0]))
        labelled = ((keyfilter(key), value) for key, value in entries)
        return ((label, value) for label, value in labelled if label is not None)

    def _own_attributes(self) -> dict[str, Any]:
        return {k: v for k, v in self.attributes.items() if k == "_class"}


def _public(key: Any) -> Any:
    return None if isinstance(key, str) and key.startswith("_") else str(key)


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except RecursionError:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 200 else text[:197] + "..."


def _mapping(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    as_dict = getattr(value, "as_dict", None)
    if callable(as_dict):
        result = as_dict()
        return result if isinstance(result, Mapping) else None
    if isinstance(value, (list, tuple, set, frozenset)) or type(value).__module__ in (
        "datetime",
        "decimal",
        "uuid",
    ):
        return None
    own = getattr(value, "__dict__", None)
    return own if isinstance(own, dict) and own else None
