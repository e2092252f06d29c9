"""Asking other servers: `fetch`, `geocode`, and the one door through which the tools do it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from runtime.foundation.problems import UserError

MAX_BYTES = 50 * 1024 * 1024
"""Longest answer that is read, in bytes."""

_AGENT = "Mozilla/5.0 (compatible; Hadron)"


class NetworkError(UserError):
    """Another server did not answer as it should; the text says which and how."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; secrets in headers go to the server they were meant for only."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request to the new address."""
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and _origin(newurl) != _origin(req.full_url):
            for name in ("Authorization", "Cookie"):
                request.remove_header(name)
        return request


def open_url(
    url: str,
    data: Mapping[str, Any] | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 20,
) -> bytes:
    """Ask a server and return its answer. Tests put a function of their own in this place.

    Args:
        url: an ``http`` or ``https`` address; nothing else is opened.
        data: form fields or bytes to post; None asks by GET.
        headers: further headers.
        timeout: seconds.

    Raises:
        NetworkError: no answer, or one with an error status.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise NetworkError(f"only http and https addresses can be asked, not {url.partition(':')[0]}:")
    body = urlencode(data, doseq=True).encode() if isinstance(data, Mapping) else data
    request = urllib.request.Request(url, body, {"User-Agent": _AGENT} | dict(headers or {}))  # noqa: S310  # checked
    try:
        with urllib.request.build_opener(_Redirects).open(request, timeout=timeout) as answer:
            content: bytes = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise NetworkError(f"{_origin(url)} did not answer: {error}") from error
    if len(content) > MAX_BYTES:
        raise NetworkError(f"{_origin(url)} sent more than {MAX_BYTES} bytes")
    return content


def _origin(url: str) -> str:
    """Return scheme, host and port only: queries may hold keys, which have no place in a log."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def fetch(
    url: str,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    cookie: SimpleCookie | None = None,
    user_agent: str = _AGENT,
) -> bytes:
    """Return what another server sends.

    Args:
        url: ``http`` or ``https`` address.
        data: form fields to post.
        headers: further headers.
        cookie: cookies to send.
        user_agent: what we call ourselves.

    Raises:
        NetworkError: no answer, or one with an error status.
    """
    more = {"User-Agent": user_agent} | dict(headers or {})
    if cookie:
        more["Cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())
    return open_url(url, data, more)


GEOCODER = "https://nominatim.openstreetmap.org"
"""Server that `geocode` asks; another one with the same interface may be set."""


def geocode(address: str) -> tuple[float, float]:
    """Return latitude and longitude of an address in degrees; ``(0.0, 0.0)`` when it is not found.

    Raises:
        NetworkError: the map server does not answer.
    """
    found = _ask_map("search", {"q": address, "format": "json", "limit": 1})
    try:
        return float(found[0]["lat"]), float(found[0]["lon"])
    except (IndexError, KeyError, TypeError, ValueError):
        return 0.0, 0.0


def reverse_geocode(lat: float, lng: float, lang: str | None = None) -> str:
    """Return the address at a place, an empty text when there is none.

    Args:
        lat: degrees north.
        lng: degrees east.
        lang: language of the answer, as ``"de"``; the visitor's by default.

    Raises:
        NetworkError: the map server does not answer.
    """
    from runtime.foundation.current import current

    translator = getattr(current, "T", None)
    language = lang or getattr(translator, "accepted_language", None) or "en"
    query = {"lat": lat, "lon": lng, "format": "json", "accept-language": language}
    found = _ask_map("reverse", query)
    return str(found.get("display_name", "")) if isinstance(found, dict) else ""


def _ask_map(what: str, query: Mapping[str, Any]) -> Any:
    try:
        return json.loads(open_url(f"{GEOCODER}/{what}?{urlencode(query)}"))
    except ValueError as error:
        raise NetworkError(f"{GEOCODER} sent no JSON") from error
