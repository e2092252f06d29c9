"""Static files: answered before any request object exists (STATIC-01..09, DISP-05..09)."""

from __future__ import annotations

import os
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from runtime.foundation.http import HTTP
from runtime.web.content_type import contenttype
from runtime.web.streaming import disposition, send_file

_FOREVER = {"Cache-Control": "max-age=315360000", "Expires": "Thu, 31 Dec 2037 23:59:59 GMT"}


def static_answer(path: str, version: str | None, environ: dict[str, Any]) -> HTTP:
    """Return the answer for the static file `path`.

    Args:
        path: absolute path, already known to lie inside the static folder.
        version: version part of the address; it makes the answer cacheable for ever (STATIC-03).
        environ: WSGI environment; ``?attachment`` asks for a download (DISP-09).
    """
    if environ.get("REQUEST_METHOD", "GET") not in ("GET", "HEAD"):
        return HTTP(405, "method not allowed", Allow="GET, HEAD")
    headers: dict[str, Any] = {"Content-Type": contenttype(path, "application/octet-stream")}
    headers.update(_FOREVER if version else {"Cache-Control": "max-age=0, must-revalidate"})
    query = environ.get("QUERY_STRING")
    if query and "attachment" in query.split("&"):
        headers["Content-Disposition"] = disposition(os.path.basename(path))
    compressed = _compressed_twin(path, environ)
    if compressed is not None:
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        return send_file(compressed, environ, headers, etag_suffix="-gz")
    return send_file(path, environ, headers)


def _compressed_twin(path: str, environ: dict[str, Any]) -> str | None:
    """Return ``path.gz`` when the client takes gzip and the twin is not older (STATIC-09)."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING")
    if not accepted or "gzip" not in accepted or "HTTP_RANGE" in environ:
        return None
    if parse_accept_header(accepted, Accept).quality("gzip") <= 0:
        return None
    twin = f"{path}.gz"
    try:
        return twin if os.stat(twin).st_mtime >= os.stat(path).st_mtime else None
    except OSError:
        return None
