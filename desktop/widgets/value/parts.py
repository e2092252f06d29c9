"""The parts of a value: what each is, where it lies, how it is found and copied.  No widgets (CA-05).

A value is what `parsing.parse` gives of JSON: plain, or with types as `runtime.admin.value_tree` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from desktop.panels.overview.words import counted, number
from desktop.widgets.log_lines import printable
from runtime.admin.value_tree import TYPE

GROUP = 1000
"""Children that one line opens: more lie in groups, so that nothing is ever laid out by the million."""
LETTERS = 300  # of a text on its line
MOST_FOUND = 10_000
_STEPS = 5000


@dataclass(frozen=True)
class Parts:
    """A value that was taken apart.

    Attributes:
        data: the value.
        typed: it tells the types of Python; else it is plain JSON.
    """

    data: Any
    typed: bool = False

    def root(self) -> Node:
        """The node that all others lie in."""
        return Node(self, None, 0, None, self.data)

    def is_container(self) -> bool:
        """Does it have parts at all?"""
        return facts_of(self.data, self.typed).items is not None


class Facts(NamedTuple):
    """What is known of one part.

    Attributes:
        type: name of its type.
        items: what lies in it: a list, or by name; None for what has no parts.
        how: ``list``, ``names``, ``pairs`` or ``attributes``; for what has no parts ``text``, ``number``,
            ``word`` or ``other``.
        text: of what has no parts.
        more: items left out.
        size: length before the text was cut, 0 when it is whole.
        cut: it could not be shown.
    """

    type: str
    items: Any
    how: str
    text: str = ""
    more: int = 0
    size: int = 0
    cut: bool = False


_WORDS = {True: ("True", "true"), False: ("False", "false"), None: ("None", "null")}
_TYPES = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}


def facts_of(value: Any, typed: bool) -> Facts:
    """Return what is known of a part."""
    kind = type(value)
    if kind is list:
        return Facts("list", value, "list")
    if kind is dict:
        return _of_object(value, typed) if typed and TYPE in value else Facts("dict", value, "names")
    if kind is str:
        return Facts("str", None, "text", value)
    if kind is bool or value is None:
        name = "None" if value is None and typed else _TYPES[kind]
        return Facts(name, None, "word", _WORDS[value][not typed])
    return Facts(_TYPES.get(kind, "number"), None, "number", repr(value))


def _of_object(value: dict[str, Any], typed: bool) -> Facts:
    name, more = str(value[TYPE]), int(value.get("more", 0))
    for key, how in (("v", "list"), ("d", "names"), ("k", "pairs"), ("a", "attributes")):
        if key in value:
            return Facts(name, value[key], how, more=more)
    how = "number" if name in ("int", "Decimal", "complex") else "text" if name == "str" else "other"
    return Facts(name, None, how, str(value["t"]), 0, int(value.get("size", 0)), bool(value.get("cut")))


class Node:
    """One line of the tree: a part, or a group of the parts of one that has very many.

    Attributes:
        parent: what it lies in; None for the value itself.
        row: its place there.
        key: its name, index or key; None for the value itself and for groups.
        first, last: for a group, the places of its parts.
    """

    __slots__ = ("_children", "_facts", "_keys", "first", "key", "last", "parent", "parts", "row", "value")

    def __init__(
        self,
        parts: Parts,
        parent: Node | None,
        row: int,
        key: Any,
        value: Any,
        first: int = -1,
        last: int = -1,
    ) -> None:
        self.parts, self.parent, self.row, self.key, self.value = parts, parent, row, key, value
        self.first, self.last = first, last
        self._children: list[Node] | None = None
        self._facts: Facts | None = None
        self._keys: list[Any] | None = None

    @property
    def facts(self) -> Facts:
        """What is known of it; of a group, what is known of the part that it belongs to."""
        if self._facts is None:
            self._facts = facts_of(self.value, self.parts.typed)
        return self._facts

    @property
    def is_group(self) -> bool:
        """Does it stand for a range of parts?"""
        return self.first >= 0

    def whole(self) -> Node:
        """The part that a group belongs to; else the node itself."""
        node = self
        while node.is_group and node.parent is not None:
            node = node.parent
        return node

    def depth(self) -> int:
        """How many lines it lies in."""
        depth, above = -1, self.parent
        while above is not None:
            depth, above = depth + 1, above.parent
        return depth

    def count(self) -> int:
        """How many parts lie in it or, for a group, in its range."""
        if self.is_group:
            return self.last - self.first + 1
        return len(self.facts.items) if self.facts.items is not None else 0

    def has_children(self) -> bool:
        """Can it be opened?"""
        return self.count() > 0

    def children(self) -> list[Node]:
        """The lines below it, made when they are first asked for."""
        if self._children is None:
            self._children = self._made()
        return self._children

    def _made(self) -> list[Node]:
        count, begin = self.count(), max(0, self.first)
        step = 1
        while count > GROUP * step:
            step *= GROUP
        if step > 1:
            return [
                Node(self.parts, self, row, None, self.value, begin + at, begin + min(at + step, count) - 1)
                for row, at in enumerate(range(0, count, step))
            ]
        whole = self.whole()
        return [Node(self.parts, self, row, *whole.item(begin + row)) for row in range(count)]

    def item(self, place: int) -> tuple[Any, Any]:
        """Key and value of the part at a place."""
        items, how = self.facts.items, self.facts.how
        if how == "list":
            return place, items[place]
        if how == "pairs":
            return items[place][0], items[place][1]
        if self._keys is None:
            self._keys = list(items)
        return self._keys[place], items[self._keys[place]]

    def child_at(self, place: int) -> Node:
        """The line of the part at a place, through the groups that it lies in."""
        node = self
        while True:
            children = node.children()
            if not children[0].is_group:
                return children[place - max(0, node.first)]
            node = next(one for one in children if one.first <= place <= one.last)

    # words

    def name(self) -> str:
        """The first column: key, index, or range."""
        if self.is_group:
            return f"{number(self.first)} … {number(self.last)}"
        above = self.parent.whole() if self.parent is not None else None
        if above is not None and above.facts.how == "pairs":
            return self._key_text()
        return printable(str(self.key))[:LETTERS]

    def _key_text(self) -> str:
        facts = facts_of(self.key, self.parts.typed)
        if facts.items is not None:
            return printable(as_json(self.key, self.parts.typed))[:LETTERS]
        return printable(facts.text)[:LETTERS]

    def words(self) -> str:
        """The second column: the value on one line, or how much lies in it."""
        if self.is_group:
            return ""
        facts = self.facts
        if facts.items is not None:
            what = counted(len(facts.items), "item" if facts.how == "list" else "key")
            what = counted(len(facts.items), "attribute") if facts.how == "attributes" else what
            return f"{what}, {number(facts.more)} more left out" if facts.more else what
        text = one_line(facts.text[:LETTERS])
        if facts.how == "text":
            text = f'"{text}"' if len(facts.text) <= LETTERS else f'"{text}…'
        if facts.size > len(facts.text) or len(facts.text) > LETTERS:
            text += f"  {number(max(facts.size, len(facts.text)))} long"
        return text

    def type_words(self) -> str:
        """The third column."""
        return "" if self.is_group else self.facts.type

    def ink(self) -> str:
        """Name of the colour of its words."""
        if self.facts.items is not None or self.facts.cut:
            return "text.secondary"
        return {
            "text": "code.string", "number": "code.number", "word": "code.keyword", "other": "code.text"
        }[self.facts.how]  # fmt: skip

    def places(self) -> tuple[int, ...]:
        """The way to it from the value itself: the place of each part in the one it lies in."""
        out: list[int] = []
        node = self.whole()
        while node.parent is not None:
            above = node.parent
            out.append(max(0, above.first) + node.row)
            node = above.whole()
        return tuple(reversed(out))

    def path(self) -> str:
        """The way to it as Python writes it: ``["rows"][0].name``; empty for the value itself."""
        steps: list[str] = []
        node = self.whole()
        while node.parent is not None:
            above = node.parent.whole()
            if above.facts.how == "attributes":
                steps.append(f".{node.key}")
            elif above.facts.how == "pairs" and isinstance(node.key, (list, dict)):
                steps.append(f"[{node._key_text()}]")
            else:
                steps.append(f"[{json.dumps(node.key, ensure_ascii=False)}]")
            node = above
        return "".join(reversed(steps))


def one_line(text: str) -> str:
    """A text on one line: ends of lines are marked, control characters made visible."""
    return printable(text.replace("\r\n", "\n").replace("\n", "\N{RETURN SYMBOL}"))


def plain(value: Any, typed: bool) -> Any:
    """Return a part as JSON can hold it: without types, objects by name.

    Raises:
        RecursionError: it is nested too deep.
    """
    facts = facts_of(value, typed)
    if facts.items is None:
        return value if facts.how in ("text", "word") and type(value) is not dict else _scalar(value, facts)
    if facts.how == "list":
        return [plain(item, typed) for item in facts.items]
    if facts.how == "pairs":
        return {_key_of(key, typed): plain(item, typed) for key, item in facts.items}
    return {str(key): plain(item, typed) for key, item in facts.items.items()}


def _scalar(value: Any, facts: Facts) -> Any:
    return value if type(value) in (int, float) else facts.text


def _key_of(key: Any, typed: bool) -> str:
    found = plain(key, typed)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def as_json(value: Any, typed: bool, indent: int | None = None) -> str:
    """Return a part as JSON text."""
    return json.dumps(plain(value, typed), ensure_ascii=False, indent=indent)


def copied(value: Any, typed: bool) -> str:
    """Return a part for the clipboard: a text as it is, anything with parts as indented JSON."""
    facts = facts_of(value, typed)
    return facts.text if facts.items is None else as_json(value, typed, indent=2)


@dataclass(frozen=True)
class Found:
    """Where a text was found.

    Attributes:
        ways: the places of each hit, from the value itself, in the order of the lines.
        more: there are others.
    """

    ways: Sequence[tuple[int, ...]] = ()
    more: bool = False


def find(parts: Parts, text: str, check: Callable[[], None] = lambda: None) -> Found:
    """Return the parts whose name or value holds a text, whatever its case.

    Args:
        check: called now and then; may raise to end the search.
    """
    wanted = text.casefold()
    if not wanted:
        return Found()
    ways: list[tuple[int, ...]] = []
    root = facts_of(parts.data, parts.typed)
    waiting = [(_pairs(root), root.how == "list")]  # where the search is, from the outside to the inside
    way = [-1]
    steps = 0
    while waiting:
        steps += 1
        if steps % _STEPS == 0:
            check()
        pairs, indexed = waiting[-1]
        way[-1] += 1
        key, value, ended = next(pairs, (None, None, True))
        if ended:
            waiting.pop()
            way.pop()
            continue
        facts = facts_of(value, parts.typed)
        hit = not indexed and wanted in str(key).casefold()
        if hit or (facts.items is None and wanted in facts.text.casefold()):
            ways.append(tuple(way))
            if len(ways) >= MOST_FOUND:
                return Found(ways, True)
        if facts.items:
            waiting.append((_pairs(facts), facts.how == "list"))
            way.append(-1)
    return Found(ways)


def _pairs(facts: Facts) -> Any:
    """Go over the parts: key, value, and that there are none left."""
    if facts.items is None:
        return iter(())
    if facts.how == "list":
        return ((None, item, False) for item in facts.items)
    if facts.how == "pairs":
        return ((key, item, False) for key, item in facts.items)
    return ((key, item, False) for key, item in facts.items.items())
