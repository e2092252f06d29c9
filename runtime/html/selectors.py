"""Finding tags in a tree by selectors and conditions: the language of `DIV.elements`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runtime.html.element import DIV

_PART = re.compile(
    r"""(?P<tag>(?:[\w:-]|\*)+) | \#(?P<id>[\w:.-]+?(?=[.\#\[]|$)) | \.(?P<cls>[\w-]+)
    | \[\s*(?P<name>[\w:-]+)\s*(?:=\s*(?P<value>"[^"]*"|'[^']*'|[^\]]*?)\s*)?\]""",
    re.VERBOSE,
)
_STEPS = re.compile(r"""((?:\[[^\]]*\]|[^\s,\[])+)|(,)|\s+|(.)""")


class Step:
    """One ``tag#id.class[name=value]`` of a selector."""

    def __init__(self, text: str) -> None:
        self.tag: str | None = None
        self.attributes: list[tuple[str, str | None]] = []
        self.classes: list[str] = []
        position = 0
        while position < len(text):
            match = _PART.match(text, position)
            if match is None or (match["tag"] and position):
                raise ValueError(f"selector {text!r} cannot be read at {text[position:]!r}")
            self._take(match)
            position = match.end()

    def _take(self, match: re.Match[str]) -> None:
        if match["tag"]:
            self.tag = None if match["tag"] == "*" else match["tag"].lower()
        elif match["id"]:
            self.attributes.append(("_id", match["id"]))
        elif match["cls"]:
            self.classes.append(match["cls"])
        else:
            value = match["value"]
            if value is not None and value[:1] in "\"'" and len(value) > 1:
                value = value[1:-1]
            self.attributes.append(("_" + match["name"], value))

    def matches(self, node: DIV) -> bool:
        if self.tag is not None and node.tag.rstrip("/").lower() != self.tag:
            return False
        if self.classes:
            mine = str(node.attributes.get("_class") or "").split()
            if not all(name in mine for name in self.classes):
                return False
        return all(_attribute_matches(node, name, value) for name, value in self.attributes)


class Query:
    """All the conditions of one search.

    Args:
        selectors: texts; commas mean "either", spaces "inside".
        conditions: attribute values and ``find``, ``find_text``; consumed.

    Raises:
        ValueError: a selector cannot be read.
    """

    def __init__(self, selectors: Sequence[str], conditions: dict[str, Any]) -> None:
        self.find = _text_pattern(conditions.pop("find", None))
        self.find_text = _text_pattern(conditions.pop("find_text", None))
        self.conditions = conditions
        self.paths = [path for selector in selectors if selector for path in _parse(selector)]

    def matches(self, node: DIV, ancestors: Sequence[DIV]) -> bool:
        if self.paths and not any(_path_matches(path, node, ancestors) for path in self.paths):
            return False
        if not all(_attribute_matches(node, name, value) for name, value in self.conditions.items()):
            return False
        return all(p is None or _has_text(node, p) for p in (self.find, self.find_text))


def _parse(selector: str) -> list[list[Step]]:
    paths: list[list[Step]] = [[]]
    for match in _STEPS.finditer(selector):
        if match[1]:
            paths[-1].append(Step(match[1]))
        elif match[2]:
            paths.append([])
        elif match[3]:
            raise ValueError(f"selector {selector!r} cannot be read at {selector[match.start() :]!r}")
    if not all(paths):
        raise ValueError(f"selector {selector!r} has an empty part")
    return paths


def _path_matches(path: list[Step], node: DIV, ancestors: Sequence[DIV]) -> bool:
    if not path[-1].matches(node):
        return False
    remaining = len(path) - 2
    for ancestor in reversed(ancestors):
        if remaining < 0:
            break
        if path[remaining].matches(ancestor):
            remaining -= 1
    return remaining < 0


def _attribute_matches(node: DIV, name: str, wanted: Any) -> bool:
    value = node.attributes.get(name)
    if wanted is None:
        return value is not None and value is not False
    if value is None:
        return False
    if hasattr(wanted, "search"):
        return wanted.search(str(value)) is not None
    return str(value) == str(wanted) or (name == "_class" and str(wanted) in str(value).split())


def _has_text(node: DIV, pattern: re.Pattern[str]) -> bool:
    return any(
        pattern.search(c if isinstance(c, str) else str(c))
        for c in node.components
        if not hasattr(c, "components")
    )


def _text_pattern(text: Any) -> re.Pattern[str] | None:
    return re.compile(re.escape(text)) if isinstance(text, str) else text
