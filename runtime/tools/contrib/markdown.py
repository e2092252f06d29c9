"""Markdown in pages (LIB-2, FUN-12)."""

from __future__ import annotations

from functools import cache
from typing import Any

from markdown_it import MarkdownIt

from runtime.html import XML


@cache
def _reader(raw_html: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": raw_html}).enable(["table", "strikethrough"])


def markdown(text: Any, html: bool = False, **ignored: Any) -> str:
    """Return Markdown as HTML.

    Args:
        text: CommonMark, with tables.
        html: True lets HTML in the text through; only for text of your own.
        ignored: options of older converters.
    """
    return str(_reader(html).render(str(text)))


def WIKI(text: Any, encoding: str = "utf8", safe_mode: Any = "escape", html4tags: bool = False) -> XML:
    """Return Markdown as a piece of a page.

    Args:
        text: Markdown, a text or bytes in `encoding`.
        encoding: of bytes.
        safe_mode: False lets HTML in the text through; anything else shows it as text.
        html4tags: accepted for compatibility.
    """
    source = text.decode(encoding) if isinstance(text, bytes) else str(text or "")
    return XML(markdown(source, html=safe_mode is False))
