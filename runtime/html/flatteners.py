"""Renderings for `DIV.flatten`: a tree of tags as MARKMIN, Markdown or plain text (NAMES-04)."""

from __future__ import annotations

import re
from typing import Any

_BLANK = re.compile(r"\s+")


def markmin_serializer(text: str, tag: str | None = None, attr: dict[str, Any] | None = None) -> str:
    """Mark `text`, the content of `tag`, up in MARKMIN."""
    attr = attr or {}
    if tag is None:
        return _BLANK.sub(" ", text)
    tag = tag.rstrip("/").lower()
    wrappers = {
        "br": "\n\n", "p": f"{text}\n\n", "b": f"**{text}**", "strong": f"**{text}**",
        "em": f"''{text}''", "i": f"''{text}''", "tt": f"``{text}``", "code": f"``{text}``",
        "pre": f"\n``\n{text}\n``\n", "li": f"\n- {text}", "tr": f"\n{text}", "td": f" | {text}",
        "th": f" | {text}",
    }  # fmt: skip
    if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() and tag != "h0":
        return f"{'#' * int(tag[1])} {text}\n\n"
    if tag == "a":
        return f"[[{text} {attr.get('_href', '')}]]"
    if tag == "img":
        return f"[[{attr.get('_alt', 'an image')} {attr.get('_src', '')} left]]"
    return wrappers.get(tag, text)


def markdown_serializer(text: str, tag: str | None = None, attr: dict[str, Any] | None = None) -> str:
    """Mark `text`, the content of `tag`, up in Markdown."""
    attr = attr or {}
    if tag is None:
        return _BLANK.sub(" ", text)
    tag = tag.rstrip("/").lower()
    wrappers = {
        "br": "\n\n", "p": f"{text}\n\n", "b": f"**{text}**", "strong": f"**{text}**", "em": f"*{text}*",
        "i": f"*{text}*", "tt": f"`{text}`", "code": f"`{text}`", "li": f"\n- {text}",
        "pre": "\n" + "".join(f"    {line}\n" for line in text.splitlines()),
    }  # fmt: skip
    if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() and tag != "h0":
        return f"{'#' * int(tag[1])} {text}\n\n"
    if tag == "a":
        return f"[{text}]({attr.get('_href', '')})"
    if tag == "img":
        return f"![{attr.get('_alt', 'an image')}]({attr.get('_src', '')})"
    return wrappers.get(tag, text)
