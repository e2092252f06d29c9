"""`MENU`: navigation from `response.menu` (RESP-12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from runtime.html.anchor import A
from runtime.html.element import DIV
from runtime.html.inputs import OPTION, SELECT
from runtime.html.tags import LI, UL

MAX_LEVELS = 50
"""A menu nested deeper than this is taken for one that contains itself."""


class MENU(DIV):
    """List of links from ``(name, active, url[, submenu[, show]])`` items.

    A helper may stand for a whole item, for the name, or for the address (it is
    then shown instead of a link); a dictionary as address gives the attributes
    of the link; an item without an address is a link that goes nowhere.

    Args:
        data: the items.
        _class: class of the outer list, default ``web2py-menu web2py-menu-vertical``.
        ul_class: class of inner lists, default ``web2py-menu-vertical``.
        li_class: class of items with a submenu, default ``web2py-menu-expand``
            (`li_expand` is another name of it).
        li_first, li_last, li_active: classes of the first, last and active items,
            default ``web2py-menu-first``, ``-last``, ``-active``.
        mobile: write a drop-down list that goes to the page chosen.

    Raises:
        ValueError: an item has fewer than three parts, or the menu contains itself.
    """

    tag = "ul"

    def __init__(self, data: Iterable[Any] | None = None, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.data = list(data or ())
        defaults = {
            "_class": "web2py-menu web2py-menu-vertical",
            "ul_class": "web2py-menu-vertical",
            "li_class": attributes.get("li_expand") or "web2py-menu-expand",
            "li_first": "web2py-menu-first",
            "li_last": "web2py-menu-last",
            "li_active": "web2py-menu-active",
            "mobile": False,
        }
        for name, value in defaults.items():
            self.attributes.setdefault(name, value)

    def serialize(self, data: Sequence[Any], level: int = 0) -> UL:
        """Return the list of the items `data`, submenus included."""
        if level > MAX_LEVELS:
            raise ValueError(f"the menu is nested deeper than {MAX_LEVELS} levels: does it contain itself?")
        own = {k: v for k, v in self.attributes.items() if k[:1] == "_"}
        ul = UL(**own) if level == 0 else UL(_class=self["ul_class"])
        shown = [item for item in data if isinstance(item, DIV) or len(item) < 5 or item[4]]
        for i, item in enumerate(shown):
            li = self._item(item, level)
            if i == 0 and self["li_first"]:
                li.add_class(self["li_first"])
            elif i == len(shown) - 1 and self["li_last"]:
                li.add_class(self["li_last"])
            ul.append(li)
        return ul

    def _item(self, item: Any, level: int) -> LI:
        if isinstance(item, LI):
            return item
        if isinstance(item, DIV):
            return LI(item)
        name, active, link = _parts(item)
        li = LI(_link(name, link))
        if len(item) > 3 and item[3]:
            li.add_class(self["li_class"] or "")
            li.append(self.serialize(item[3], level + 1))
        if (active or ("active_url" in self.attributes and self["active_url"] == link)) and self["li_active"]:
            li.add_class(self["li_active"])
        return li

    def serialize_mobile(self, data: Sequence[Any]) -> SELECT:
        """Return a drop-down list of all pages, names of submenus preceded by that of their parent."""
        options = [OPTION(name, _value=link, _selected=active) for name, active, link in _flat(data, "", 0)]
        own = {k: v for k, v in self.attributes.items() if k[:1] == "_"}
        return SELECT(*options, **{**own, "_onchange": "window.location=this.value"})

    def xml(self) -> str:
        return (self.serialize_mobile(self.data) if self["mobile"] else self.serialize(self.data)).xml()


def _parts(item: Any) -> tuple[Any, Any, Any]:
    if len(item) < 3:
        raise ValueError(f"menu item {item!r} needs a name, whether it is active, and an address")
    return item[0], item[1], item[2]


def _link(name: Any, link: Any) -> Any:
    if isinstance(link, DIV):
        return link
    if isinstance(link, dict):
        return A(name, **link)
    if link:
        return A(name, _href=link)
    if isinstance(name, A):
        return name
    return A(name, _href="#", _onclick="javascript:void(0);return false;")


def _flat(data: Sequence[Any], prefix: str, level: int) -> Iterator[tuple[str, bool, str]]:
    if level > MAX_LEVELS:
        raise ValueError(f"the menu is nested deeper than {MAX_LEVELS} levels: does it contain itself?")
    for item in data:
        if isinstance(item, DIV) or (len(item) > 4 and not item[4]):
            continue
        name, active, link = _parts(item)
        title = prefix + (name.flatten() if isinstance(name, DIV) else str(name))
        address = (
            link.get("_href") if isinstance(link, dict) else link["_href"] if isinstance(link, DIV) else link
        )
        if address:
            yield title, bool(active), str(address)
        if len(item) > 3 and item[3]:
            yield from _flat(item[3], f"{title} / ", level + 1)
