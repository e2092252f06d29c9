"""Pages of a grid: how many records there are, which are shown, links to the other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runtime.forms.speech import say
from runtime.html import DIV, LI, SPAN, UL, A

AROUND = 5  # pages offered before and after the present one


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        number: counted from 1.
        size: records a page; None when there is one page only.
        total: records in all.
    """

    number: int
    size: int | None
    total: int

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // self.size)) if self.size else 1

    @property
    def limits(self) -> tuple[int, int] | None:
        """Value of `limitby`."""
        return ((self.number - 1) * self.size, self.number * self.size) if self.size else None


def page_of(wanted: Any, size: int | None, total: int, keep_within: bool) -> Page:
    """Return the page a visitor asked for.

    Args:
        wanted: from the address; what is no page number means the first.
        keep_within: a page after the last one becomes the last one.
    """
    if isinstance(wanted, (list, tuple)):
        wanted = wanted[0]
    text = str(wanted or "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    page = Page(max(1, number), size, total)
    return Page(page.last, size, total) if keep_within and page.number > page.last else page


def count_records(dbset: Any, left: Any, groupby: Any, field_id: Any, cached: Any) -> int:
    """Return how many records the query has.

    Args:
        cached: the grid's `cache_count`.
    """
    if callable(cached):
        return int(cached(dbset))
    if isinstance(cached, int) and not isinstance(cached, bool):
        return cached
    cache = cached if isinstance(cached, tuple) else None
    if groupby is not None:
        return _count_groups(dbset, left, groupby)
    if left is not None:
        counted = field_id.count()
        options = {"cache": cache, "cacheable": True} if cache else {}
        row = dbset.select(counted, left=left, **options).first()
        return int(row[counted] or 0)
    return int(dbset.count(cache=cache) if cache else dbset.count())


def _count_groups(dbset: Any, left: Any, groupby: Any) -> int:
    inner = dbset._select("1", left=left, groupby=groupby).rstrip().rstrip(";")
    return int(dbset.db.executesql(f"SELECT COUNT(*) FROM ({inner}) grouped;")[0][0])  # noqa: S608  # made by pydal


def counter(page: Page, shown: int) -> Any:
    """Return the words above a grid: how many records there are."""
    if not page.total:
        return DIV(say("No records found"), _class="web2py_counter")
    return DIV(say("%s %%{record} found", page.total), _class="web2py_counter")


def paginator(page: Page, shown: int, address: Callable[[int], str], cid: Any) -> Any:
    """Return the links to other pages; nothing where there is one page.

    Args:
        shown: records on this page.
        address: returns the address of a page.
        cid: of the component the grid is in.
    """
    if not page.size or page.last <= 1 or page.total <= 0:
        return ""

    def link(words: Any, number: int, name: Any) -> Any:
        return LI(A(words, _href=address(number), cid=cid, **{"_aria-label": name}), _class="page-item")

    items: list[Any] = []
    first, last = max(1, page.number - AROUND), min(page.last, page.number + AROUND)
    if first > 1:
        items.append(link("<<", 1, say("First page")))
    if page.number > 1:
        items.append(link("<", page.number - 1, say("Previous page")))
    for number in range(first, last + 1):
        if number == page.number:
            here = SPAN(number, **{"_aria-current": "page"})
            items.append(LI(here, _class="current page-item active"))
        else:
            items.append(link(number, number, say("Page %s", number)))
    if page.number < page.last:
        items.append(link(">", page.number + 1, say("Next page")))
    if last < page.last:
        items.append(link(">>", page.last, say("Last page")))
    start = (page.number - 1) * page.size
    place = SPAN(say("%s-%s of %s", (start + 1, start + shown, page.total)), _class="web2py_place")
    return DIV(UL(*items, _class="pagination"), place, _class="web2py_paginator")
