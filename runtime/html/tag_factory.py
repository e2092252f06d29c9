"""`TAG`: any tag by its name, and the parser from markup to a tree (NAMES-04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

from runtime.html.element import CAT, DIV, check_name
from runtime.html.markup_reader import Attributes, MarkupReader
from runtime.html.raw import XML

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"}
    | {"wbr", "command", "keygen", "frame"}
)
_CLOSED_BY = {
    "li": {"li"}, "option": {"option"}, "optgroup": {"option", "optgroup"}, "tr": {"tr", "td", "th"},
    "td": {"td", "th"}, "th": {"td", "th"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"},
    "tbody": {"thead", "tbody", "tr", "td", "th"}, "tfoot": {"thead", "tbody", "tr", "td", "th"},
}  # fmt: skip
_RAW = frozenset({"script", "style"})


class _Named(DIV):
    """A tag whose name was given at run time."""

    def __init__(self, name: str, *components: Any, **attributes: Any) -> None:
        self.tag = name
        super().__init__(*components, **attributes)


class _TagFactory:
    """``TAG.name(...)``, ``TAG['ns:name'](...)``; ``TAG.name_`` or ``TAG['name/']`` for tags without content.

    ``TAG(text)`` reads markup into a tree (see `parse`); ``TAG['']`` is `CAT`.

    Raises:
        ValueError: the name cannot be one of a tag.
    """

    def __getitem__(self, name: Any) -> Any:
        if isinstance(name, bytes):
            name = name.decode()
        if not name:
            return CAT
        if name.endswith("_"):
            name = name[:-1] + "/"
        check_name(name.removesuffix("/"))
        return partial(_Named, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __call__(self, html: Any) -> CAT:
        return parse(html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html))


class _TreeBuilder(MarkupReader):
    def __init__(self, void: Collection[str] = _VOID) -> None:
        self.void = void
        self.tree = CAT()
        self.path: list[DIV] = [self.tree]
        self.count: Counter[str] = Counter()  # of each name in `path`

    def start(self, tag: str, attributes: Attributes, closed: bool, source: str) -> None:
        if not _is_name(tag):
            self.data(source)
            return
        self._close_implied(tag)
        alone = closed or tag in self.void
        node = self._add(tag + "/" if alone else tag, attributes)
        if not alone:
            self.path.append(node)
            self.count[tag] += 1

    def _add(self, tag: str, attributes: Attributes) -> DIV:
        named = {"_" + n: True if value is None else value for n, value in attributes if _is_name(n)}
        node = _Named(tag, **named)
        self.path[-1].append(node)
        return node

    def _close_implied(self, tag: str) -> None:
        closed = _CLOSED_BY.get(tag, ())
        while len(self.path) > 1 and self.path[-1].tag in closed:
            self.count[self.path.pop().tag] -= 1

    def end(self, tag: str, source: str) -> None:
        if self.count[tag]:
            last = ""
            while last != tag:
                last = self.path.pop().tag
                self.count[last] -= 1

    def data(self, text: str) -> None:
        self.path[-1].append(XML(text) if self.path[-1].tag in _RAW else text)


def _is_name(name: str) -> bool:
    try:
        return bool(check_name(name))
    except ValueError:
        return False


def parse(html: str) -> CAT:
    """Read markup into a tree of tags.

    Comments and document types are left out, unclosed tags are closed; what
    cannot be understood is text.
    """
    builder = _TreeBuilder()
    builder.feed(html)
    return builder.tree


class web2pyHTMLParser:  # noqa: N801  # documented name
    """Reads markup into the tree of tags `tree`, as ``TAG(text)`` does (NAMES-04).

    Args:
        text: the markup.
        closed: further names of tags without content.
    """

    def __init__(self, text: str | bytes, closed: Collection[str] = ("input", "link")) -> None:
        builder = _TreeBuilder(_VOID.union(closed))
        builder.feed(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
        self.tree = builder.tree


TAG = _TagFactory()
