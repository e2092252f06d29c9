"""`TAG`: any tag by its name, and the parser from markup to a tree (NAMES-04)."""

from __future__ import annotations

from functools import partial
from html.parser import HTMLParser
from typing import Any

from runtime.html.element import CAT, DIV, check_name
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


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tree = CAT()
        self.path: list[DIV] = [self.tree]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._close_implied(tag)
        node = self._add(tag + "/" if tag in _VOID else tag, attrs)
        if tag not in _VOID:
            self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag + "/", attrs)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> DIV:
        named = {"_" + n: True if value is None else value for n, value in attrs if _is_name(n)}
        node = _Named(tag if _is_name(tag.removesuffix("/")) else "span", **named)
        self.path[-1].append(node)
        return node

    def _close_implied(self, tag: str) -> None:
        closed = _CLOSED_BY.get(tag, ())
        while len(self.path) > 1 and self.path[-1].tag in closed:
            self.path.pop()

    def handle_endtag(self, tag: str) -> None:
        for i in range(len(self.path) - 1, 0, -1):
            if self.path[i].tag == tag:
                del self.path[i:]
                return

    def handle_data(self, data: str) -> None:
        self.path[-1].append(XML(data) if self.path[-1].tag in _RAW else data)


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
    builder.close()
    return builder.tree


TAG = _TagFactory()
