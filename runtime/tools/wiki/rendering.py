"""The text of a wiki page as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.html import MARKMIN, XML
from runtime.routing import URL
from runtime.tools.contrib.autolinks import expand_one
from runtime.tools.contrib.markdown import markdown


def html_of(body: Any, render: Any, environment: Mapping[str, Any]) -> str:
    """Return the HTML of a page's text.

    Args:
        body: the text.
        render: ``markmin``, ``markdown``, ``html`` (sanitized) or a function of the text.
        environment: functions for ``@{name:arguments}`` in MARKMIN.
    """
    text = str(body or "")
    if callable(render):
        return str(render(text))
    if render == "html":
        return str(XML(text, sanitize=True))
    if render == "markdown":
        return markdown(text)
    known: dict[str, Any] = {}
    return MARKMIN(
        text, url=_address, environment=environment, autolinks=lambda link: expand_one(link, known)
    ).xml()


def _address(**parts: Any) -> str:
    """Return an address without a host: pages are kept as HTML, and asked for under several names."""
    return str(URL(**(parts | {"scheme": None, "host": None})))
