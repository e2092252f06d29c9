"""From an `HTTP` answer to WSGI: encoding, lengths, streaming (FLOW-13, COOK-08, ERR-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runtime.foundation.http import HTTP

_EMPTY = frozenset((204, 304))


def send(answer: HTTP, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Start the response and return the body.

    Texts are sent as UTF-8 with their length; a file keeps the server's own
    wrapper; other iterables are sent piece by piece. The answer to HEAD, 204
    and 304 has no body.
    """
    body, headers, own = answer.body, answer.header_list(), answer.headers
    code = answer.code
    if isinstance(body, (str, bytes)) or hasattr(body, "xml"):
        data = _encoded(body)
        if not data and code >= 400:
            data = answer.status_line.encode("utf-8")
        if code not in _EMPTY:
            if "Content-Type" not in own and not _holds(headers, "content-type"):
                headers.append(("Content-Type", "text/html; charset=utf-8"))
            if not _holds(headers, "content-length"):
                headers.append(("Content-Length", str(len(data))))
        start_response(answer.status_line, headers)
        return [] if code in _EMPTY or environ.get("REQUEST_METHOD") == "HEAD" else [data]
    if not _holds(headers, "content-type"):
        headers.append(("Content-Type", "text/html; charset=utf-8"))
    start_response(answer.status_line, headers)
    if environ.get("REQUEST_METHOD") == "HEAD" or code in _EMPTY:
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return []
    return body  # type: ignore[no-any-return]  # a file wrapper or one of the iterables below


def _holds(headers: list[tuple[str, str]], wanted: str) -> bool:
    return wanted in [name.lower() for name, _ in headers]


def _encoded(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    text = body if isinstance(body, str) else body.xml()
    encoded: bytes = text.encode("utf-8", "replace")
    return encoded


class Streamed:
    """An action's iterable as a stream of bytes; tells how it ended.

    Args:
        pieces: texts, bytes or anything that `str` can turn into a text.
        finished: called once with the exception that ended the stream, or None.
    """

    def __init__(self, pieces: Iterable[Any], finished: Callable[[Exception | None], None]) -> None:
        self._source = pieces
        self._pieces = iter(pieces)
        self._finished: Callable[[Exception | None], None] | None = finished

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            self._end(None)
            raise
        except Exception as error:
            self._end(error)
            raise
        if isinstance(piece, bytes):
            return piece
        return (piece if isinstance(piece, str) else str(piece)).encode("utf-8", "replace")

    def close(self) -> None:
        """Close the source; called by the server, also when the client went away."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()
        self._end(None)

    def _end(self, error: Exception | None) -> None:
        finished, self._finished = self._finished, None
        if finished is not None:
            finished(error)
