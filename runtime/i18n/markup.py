"""Texts of `T.M`: MARKMIN to HTML, with values that stay plain text (T-M-01, T-M-02)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from runtime.foundation.escape import xmlescape
from runtime.i18n.placeholders import Values

TOKEN = re.compile(r"zQ7v(\d+)Xk9z", re.IGNORECASE)
ADDRESS = re.compile(r"""((?:href|src|action|poster|data)\s*=\s*["']\s*)zQ7v(\d+)Xk9z""", re.IGNORECASE)
SAFE_SCHEME = re.compile(r"(?:https?|ftp|mailto|tel):|[^:]*(?:[/?#]|\Z)", re.IGNORECASE)


def render_markmin(text: str) -> str:
    """Return `text` in MARKMIN as HTML, without a paragraph around it (T-M-01)."""
    from runtime.html.markmin import render

    return render(text, sep="br", autolinks=None, protolinks=None)


class Insertions:
    """Values on their way through a renderer of markup.

    `tokens` holds the values for the text: numbers as they are, everything
    else as a plain word, which `put_into` replaces by the escaped value in
    the HTML. So no value is ever taken for markup.
    """

    def __init__(self, values: Values) -> None:
        self._values: list[Any] = []
        self.tokens: Values
        if isinstance(values, Mapping):
            self.tokens = {key: self._token(value) for key, value in values.items()}
        else:
            self.tokens = tuple(self._token(value) for value in values)

    def _token(self, value: Any) -> Any:
        if isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and value.isdecimal()):
            return value
        self._values.append(value)
        return f"zQ7v{len(self._values) - 1}Xk9z"

    def put_into(self, html: str) -> str:
        """Return `html` with the values; an address that could run code becomes ``#``."""
        html = ADDRESS.sub(self._address, html)
        return TOKEN.sub(lambda match: self._escaped(int(match[1])) or "", html)

    def _address(self, match: re.Match[str]) -> str:
        number = int(match[2])
        if number >= len(self._values) or SAFE_SCHEME.match(str(self._values[number]).strip()):
            return match[0]
        return match[1] + "#"

    def _escaped(self, number: int) -> str:
        if number >= len(self._values):
            return ""
        value = self._values[number]
        xml = getattr(value, "xml", None)
        return str(xml()) if callable(xml) else xmlescape(str(value))
