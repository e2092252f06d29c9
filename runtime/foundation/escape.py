"""Escaping of text for HTML and XML (SEC-02)."""

from __future__ import annotations

from typing import Any

_QUOTED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_PLAIN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def xmlescape(data: Any, quote: bool = True) -> str:
    """Return `data` as text that is safe inside an element, or inside a quoted attribute.

    Args:
        data: text; bytes, read as UTF-8 (bad bytes become U+FFFD); an object
            with a method ``xml()``, whose result is markup and kept as it is;
            anything else is converted by ``str()``.
        quote: escape ``"`` and ``'`` too (default), as attributes need it.
    """
    if type(data) is not str:
        xml = getattr(data, "xml", None)
        if callable(xml):
            return str(xml())
        data = data.decode("utf-8", "replace") if isinstance(data, (bytes, bytearray)) else str(data)
    # Most texts need no change, and looking for five characters is cheaper than translating.
    if "&" in data or "<" in data or ">" in data or (quote and ('"' in data or "'" in data)):
        return str(data.translate(_QUOTED if quote else _PLAIN))
    return str(data)
