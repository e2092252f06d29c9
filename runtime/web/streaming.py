"""Files as answers: blocks, ranges, conditional requests, uploads (RESP-03, RESP-18..23, DISP-07/08)."""

from __future__ import annotations

import base64
import os
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.http import http_date, is_resource_modified, parse_range_header

from runtime.foundation.http import HTTP
from runtime.web.content_type import contenttype

if TYPE_CHECKING:
    from runtime.web.response import Response

BLOCK = 1024 * 1024
"""Bytes per block when a static file is sent (DISP-07)."""
AT_ONCE = 64 * 1024
"""Bytes up to which a file is read at once: handing over an open file costs more than such a copy."""
_UPLOAD = re.compile(
    r"^(?P<table>.*?)\.(?P<field>.*?)\.(?P<uuid>[\w-]+)(?:\.(?P<name>[\w=-]*))?(?:\.(?P<extension>\w+))?$"
)


class FileBlocks:
    """Part of an open file as an iterable of blocks; `close` closes the file."""

    def __init__(self, stream: IO[bytes], start: int, length: int, block: int = BLOCK) -> None:
        self.stream = stream
        self.left = length
        self.block = block
        stream.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = self.stream.read(min(self.block, self.left)) if self.left > 0 else b""
        if not data:
            self.close()
            raise StopIteration
        self.left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


_date_of = lru_cache(maxsize=1024)(http_date)


def send_file(
    path: str | os.PathLike[str],
    environ: dict[str, Any],
    headers: dict[str, Any],
    block: int = BLOCK,
    etag_suffix: str = "",
) -> HTTP:
    """Return the answer that sends the file `path`: 200, 206, 304, 404 or 416.

    Validators (``Last-Modified``, ``ETag``) are set unless present; the whole
    file goes through the server's ``wsgi.file_wrapper`` where there is one.

    Args:
        path: a regular file.
        environ: WSGI environment: method, ``Range`` and conditional headers.
        headers: completed in place.
        block: bytes per block.
        etag_suffix: told apart variants of one file, as its compressed twin.
    """
    try:
        stream = open(path, "rb")
        info = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return HTTP(404)
    if not stat.S_ISREG(info.st_mode):
        stream.close()
        return HTTP(404)
    size = info.st_size
    headers.setdefault("Last-Modified", _date_of(int(info.st_mtime)))
    headers.setdefault("ETag", f'"{info.st_mtime_ns:x}-{size:x}{etag_suffix}"')
    headers.setdefault("Accept-Ranges", "bytes")
    try:
        return _answer(stream, size, environ, headers, block)
    except BaseException:
        stream.close()
        raise


def _answer(
    stream: IO[bytes], size: int, environ: dict[str, Any], headers: dict[str, Any], block: int
) -> HTTP:
    conditional = "HTTP_IF_MODIFIED_SINCE" in environ or "HTTP_IF_NONE_MATCH" in environ
    if conditional and not is_resource_modified(
        environ,
        etag=str(headers["ETag"]).strip('"'),
        last_modified=headers["Last-Modified"],
        ignore_if_range=True,
    ):
        stream.close()
        kept = {
            name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Length")
        }
        return HTTP(304, "", **kept)
    status, start, length = 200, 0, size
    part = _asked_range(environ, size, headers) if "HTTP_RANGE" in environ else None
    if part is not None:
        if part[0] < 0:
            stream.close()
            refusal: dict[str, Any] = {"Content-Range": f"bytes */{size}", "Content-Type": "text/plain"}
            return HTTP(416, "", **refusal)
        status, start, length = 206, part[0], part[1] - part[0]
        headers["Content-Range"] = f"bytes {start}-{part[1] - 1}/{size}"
    headers["Content-Length"] = str(length)
    if environ.get("REQUEST_METHOD") == "HEAD":
        stream.close()
        return HTTP(status, "", **headers)
    wrapper = environ.get("wsgi.file_wrapper")
    body: Any
    if length <= AT_ONCE:
        stream.seek(start)
        body = stream.read(length)
        stream.close()
        headers["Content-Length"] = str(len(body))
    elif wrapper is not None and status == 200:
        body = wrapper(stream, block)
    else:
        body = FileBlocks(stream, start, length, block)
    return HTTP(status, body, **headers)


def _asked_range(environ: dict[str, Any], size: int, headers: dict[str, Any]) -> tuple[int, int] | None:
    """Return (start, end) of the one range asked for, (-1, -1) if impossible, None for the whole file."""
    condition = environ.get("HTTP_IF_RANGE")
    if condition and condition not in (headers["ETag"], headers["Last-Modified"]):
        return None
    asked = parse_range_header(environ.get("HTTP_RANGE"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    return asked.range_for_length(size) or (-1, -1)


def stream_answer(
    response: Response,
    source: str | os.PathLike[str] | IO[bytes],
    chunk_size: int,
    request: Any,
    attachment: bool,
    filename: str | None,
    headers: dict[str, Any] | None,
) -> Any:
    """Carry out `Response.stream`; raises the answer for a path, returns an iterable for a stream."""
    target: dict[str, Any] = response["headers"] if headers is None else headers
    stream: IO[bytes] | None = None
    if isinstance(source, (str, os.PathLike)):
        path: str | None = os.fspath(source)
    else:
        named = getattr(source, "name", None)
        path = named if isinstance(named, str) and os.path.isfile(named) else None
        if path is None:
            stream = source
        else:
            source.close()
    shown = filename or (os.path.basename(path) if path else None)
    if attachment:
        target["Content-Disposition"] = disposition(shown)
    target.setdefault("Content-Type", contenttype(shown))
    target.setdefault("Cache-Control", "private")
    for name in ("Pragma", "Expires"):  # the defaults forbid caching: a file may be cached
        dict.setdefault(target, name, None)
    if stream is not None or path is None:
        return _blocks(stream or source, chunk_size)
    target.pop("Content-Length", None)
    raise send_file(path, request._environ, target, chunk_size)


def _blocks(stream: Any, chunk_size: int) -> Iterator[bytes]:
    try:
        while block := stream.read(chunk_size):
            yield block
    finally:
        stream.close()


def _original_name(encoded: str | None, otherwise: str) -> str:
    """Return the name that the visitor's file had, which a stored upload carries in its own name."""
    try:
        name = base64.urlsafe_b64decode((encoded or "").encode("ascii")).decode("utf-8")
    except ValueError:
        return otherwise
    return name.replace("\\", "/").rpartition("/")[2] or otherwise


def disposition(filename: str | None) -> str:
    """Return a ``Content-Disposition`` that saves the file under `filename`, any letters in it."""
    if not filename:
        return "attachment"
    plain = "".join(c for c in filename if c.isprintable() and c not in '"\\')
    if plain.isascii():
        return f'attachment; filename="{plain}"'
    fallback = plain.encode("ascii", "replace").decode()
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(plain, safe='')}"


def download_answer(
    response: Response,
    request: Any,
    db: Any,
    chunk_size: int,
    attachment: bool,
    download_filename: str | None,
) -> Any:
    """Carry out `Response.download` (RESP-03, RESP-04, SEC-03)."""
    from pydal.exceptions import NotAuthorizedException, NotFoundException

    from runtime.foundation.current import current

    session = getattr(current, "session", None)
    if session is not None:
        session.forget(response)
    if not request.args:
        raise HTTP(404)
    name = str(request.args[-1])
    match = _UPLOAD.match(name)
    if match is None or "/" in name or os.sep in name:
        raise HTTP(404)
    try:
        field = db[match["table"]][match["field"]]
    except (AttributeError, KeyError):
        raise HTTP(404) from None
    if getattr(field, "type", None) != "upload":
        raise HTTP(404)
    try:
        original, stream = field.retrieve(name, nameonly=True)
    except NotAuthorizedException:
        raise HTTP(403) from None
    except (NotFoundException, OSError, ValueError, AttributeError, KeyError, TypeError):
        raise HTTP(404) from None
    headers = response["headers"]
    headers.setdefault("Content-Type", contenttype(name))
    chosen = download_filename if download_filename is not None else _original_name(match["name"], original)
    if attachment:
        headers["Content-Disposition"] = disposition(chosen)
    return response.stream(stream, chunk_size=chunk_size, request=request)
