"""The page ``wiki-menu``: lines as ``- Name > @////slug``, deeper ones with more dashes."""

from __future__ import annotations

import re
from typing import Any

from runtime.foundation.current import current
from runtime.routing import URL


def _read_line(line: str) -> tuple[int, str, str | None] | None:
    """Return depth, title and link of a line of the menu; None for one that is none."""
    text = line.strip()
    rest = text.lstrip("-")
    title, arrow, link = (part.strip() for part in rest.partition(">"))
    if rest == text or not title or (arrow and len(link.split()) != 1):
        return None
    return len(text) - len(rest), title, link or None


def menu_of(body: Any, controller: str | None, function: str | None) -> list[Any]:
    """Return the items of a menu page.

    Args:
        body: text of the page.
        controller: of the wiki's own pages.
        function: likewise.
    """
    top: list[Any] = []
    levels: list[list[Any]] = [top]
    for line in str(body or "").splitlines():
        found = _read_line(line)
        if found is None:
            continue
        level, title, link = found
        depth = min(level, len(levels))
        levels = levels[:depth]
        children: list[Any] = []
        address = _link(link, controller, function)
        active = bool(address) and address == current.request.url
        levels[-1].append((current.T(title), active, address, children))
        levels.append(children)
    return top


def _link(link: str | None, controller: str | None, function: str | None) -> str | None:
    if not link:
        return None
    if not link.startswith("@"):
        return link if re.match(r"(https?://|/(?!/))", link) else None
    parts = link[1:].lstrip("/").split("/") if link.startswith("@////") else link[2:].split("/")
    if link.startswith("@////"):
        return str(URL(controller, function, args=parts))
    names = [part or None for part in parts[:3]]
    while len(names) < 3:
        names.append(None)
    request = current.request
    return str(
        URL(
            names[0] or request.application,
            names[1] or controller or request.controller,
            names[2] or function or request.function,
            args=parts[3:],
        )
    )
