"""Content type of a file by its name (STATIC-09)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mimetypes import MimeTypes

_EXTRA = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".ico": "image/x-icon",
    ".ics": "text/calendar",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonp": "application/javascript",
    ".load": "text/html",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".atom": "application/atom+xml",
    ".rss": "application/rss+xml",
    ".rtf": "application/rtf",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "text/xml",
    ".yaml": "text/yaml",
}
_TEXT = frozenset(
    f"application/{name}" for name in ("json", "javascript", "atom+xml", "rss+xml", "manifest+json")
) | {"image/svg+xml"}


@cache
def _table() -> MimeTypes:
    """The built-in table only: the same answer on every machine."""
    from mimetypes import MimeTypes

    return MimeTypes()


@lru_cache(maxsize=1024)
def _by_extension(extension: str) -> str | None:
    kind = _EXTRA.get(extension)
    if kind is None:
        kind = _table().guess_type(f"x{extension}", strict=False)[0]
    if kind is not None and (kind.startswith("text/") or kind in _TEXT):
        return f"{kind}; charset=utf-8"
    return kind


def contenttype(filename: str | None, default: str = "text/plain; charset=utf-8") -> str:
    """Return the content type for `filename`, with the charset for texts.

    Args:
        filename: name or path; only what follows the last dot counts.
        default: type of a name without a known ending.
    """
    text = filename or ""
    dot = text.rfind(".")
    if dot < 0:
        return default
    return _by_extension(text[dot:].lower()) or default
