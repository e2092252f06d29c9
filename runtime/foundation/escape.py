"""Escaping of text for HTML and XML (SEC-02)."""

from __future__ import annotations

from typing import Any


def xmlescape(data: Any, quote: bool = True) -> str:
    """Return `data` as text that is safe inside an element, or inside a quoted attribute (SEC-02, NAMES-04).

    ``& < > " '`` become ``&amp; &lt; &gt; &quot; &#x27;``.

    Args:
        data: text; bytes, read as UTF-8 (bad bytes become U+FFFD); an object
            with a method ``xml()``, whose result is markup and kept as it is;
            anything else is converted by ``str()``.
        quote: escape ``"`` and ``'`` too (default), as attributes need it.
    """
    kind = type(data)
    if kind is str:
        text: str = data
    elif kind is int or kind is float:
        return str(data)
    else:
        xml = getattr(data, "xml", None)
        if callable(xml):
            return _plain(xml())
        text = _plain(data)
    # Most values hold nothing to escape; looking is several times cheaper than replacing.
    if text.isalnum():
        return text
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if quote:
        if '"' in text:
            text = text.replace('"', "&quot;")
        if "'" in text:
            text = text.replace("'", "&#x27;")
    return text


def _plain(data: Any) -> str:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data).decode("utf-8", "replace")
    text = data if type(data) is str else str(data)
    # A subclass of str may override the methods used here.
    return text if type(text) is str else str.__str__(text)
