"""Reading what a client sent: query, form fields, uploads, JSON (REQ-09..12, REQ-16)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, cast
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_input_stream

from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage, load_storage

SPOOL_LIMIT = 512 * 1024
"""Bytes of a body kept in memory; larger ones go to a temporary file."""
MAX_FIELDS = 10_000
"""Form fields and query parameters accepted in one request; more is answered 413."""
_KEEP_QUOTED = "werkzeug.url_quote"  # an error handler that werkzeug has registered
MAX_FIELD_MEMORY = 64 * 1024 * 1024
"""Bytes that all form fields without uploads may take together; more is answered 413."""


class Upload:
    """One uploaded file, as `request.vars.NAME` holds it (REQ-12).

    Attributes:
        file: binary stream at its start.
        filename: name that the client gave, without any folder part.
        name: name of the form field.
        type: content type that the client gave, or an empty text.
        headers: all headers of the part, lower-case names.
    """

    def __init__(self, name: str, filename: str, file: IO[bytes], headers: Mapping[str, str]) -> None:
        self.name = name
        self.filename = filename.replace("\\", "/").rsplit("/", 1)[-1]
        self.file = file
        self.headers = {key.lower(): value for key, value in headers.items()}
        self.type = self.headers.get("content-type", "").split(";")[0]

    @property
    def value(self) -> bytes:
        """The whole content; the stream is at its start again afterwards."""
        self.file.seek(0)
        data = self.file.read()
        self.file.seek(0)
        return data

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.file)

    def __repr__(self) -> str:
        return f"<Upload {self.filename!r} of field {self.name!r}>"


def read_query(query: str) -> Storage:
    """Parse a query string (REQ-09); blank values are kept, bad UTF-8 is replaced.

    Raises:
        HTTP: 413 for more than `MAX_FIELDS` parameters.
    """
    if not query:
        return Storage()
    try:
        return load_storage(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise HTTP(413, "too many parameters") from None


def spool_body(environ: dict[str, Any], limit: int) -> IO[bytes]:
    """Return the request's body as a stream that can be read again (REQ-16).

    A stream that the server has buffered already is used as it is.

    Raises:
        HTTP: 413 when the body is larger than `limit` bytes, 400 when the
            client sends less than it announced.
    """
    announced = content_length(environ)
    if announced is not None and announced > limit:
        raise HTTP(413, f"the body is larger than {limit} bytes")
    source = environ.get("wsgi.input")
    if source is None:
        return tempfile.SpooledTemporaryFile(SPOOL_LIMIT)
    if getattr(source, "seekable", None) is not None and source.seekable():
        return source  # type: ignore[no-any-return]  # WSGI says: a binary stream
    body = tempfile.SpooledTemporaryFile(SPOOL_LIMIT)
    try:
        stream = get_input_stream(environ, max_content_length=limit)
        while chunk := stream.read(65536):
            body.write(chunk)
            if body.tell() > limit:
                raise HTTP(413, f"the body is larger than {limit} bytes")
    except RequestEntityTooLarge:
        raise HTTP(413, f"the body is larger than {limit} bytes") from None
    except OSError as error:
        raise HTTP(400, "the body ended early") from error
    body.seek(0)
    return body


def content_length(environ: Mapping[str, Any]) -> int | None:
    """Return the announced length of the body, None when there is none.

    Raises:
        HTTP: 400 when the header is no non-negative number.
    """
    text = environ.get("CONTENT_LENGTH")
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise HTTP(400, "invalid Content-Length")
    return int(text)


def read_form(environ: Mapping[str, Any], body: IO[bytes]) -> Storage:
    """Parse the body into fields: form-encoded, multipart or a JSON object (REQ-10, REQ-12).

    An upload field left empty reads as an empty text. The body is at its
    start again afterwards.

    Raises:
        HTTP: 400 for a body that is not what its content type says, 413 for
            too many or too large fields.
    """
    content_type = environ.get("CONTENT_TYPE") or ""
    kind, options = _split_type(content_type)
    try:
        if kind == "application/json":
            return _read_json(body)
        if kind == "application/x-www-form-urlencoded":
            return _read_urlencoded(body)
        if kind != "multipart/form-data":
            return Storage()
        if not options.get("boundary"):
            raise HTTP(400, "multipart body without a boundary")
        body.seek(0)
        parser = FormDataParser(
            stream_factory=_spooled_file,
            max_form_memory_size=MAX_FIELD_MEMORY,
            max_form_parts=MAX_FIELDS,
            silent=False,
        )
        _, fields, files = parser.parse(body, kind, content_length(environ), options)
    except RequestEntityTooLarge:
        raise HTTP(413, "too many or too large form fields") from None
    except ValueError as error:
        raise HTTP(400, f"the body can not be read as {kind}") from error
    finally:
        body.seek(0)
    pairs: list[tuple[str, Any]] = list(fields.items(multi=True))
    for name, storage in files.items(multi=True):
        filename = storage.filename or ""
        headers = dict(storage.headers.items())
        pairs.append((name, Upload(name, filename, storage.stream, headers) if filename else ""))
    return load_storage(pairs)


def _read_urlencoded(body: IO[bytes]) -> Storage:
    """Parse a form-encoded body; quoted bytes that are no UTF-8 stay quoted, as werkzeug leaves them."""
    body.seek(0)
    text = body.read().decode()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors=_KEEP_QUOTED, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise HTTP(413, "too many or too large form fields") from None
    return load_storage(pairs)


def _split_type(content_type: str) -> tuple[str, dict[str, str]]:
    if ";" not in content_type:
        return content_type.strip().lower(), {}
    kind, options = parse_options_header(content_type)
    return kind.lower(), options


def _read_json(body: IO[bytes]) -> Storage:
    body.seek(0)
    data = body.read()
    if not data.strip():
        return Storage()
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise HTTP(400, "the body is no JSON") from error
    return Storage(value) if isinstance(value, dict) else Storage()


def _spooled_file(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> IO[bytes]:
    return cast("IO[bytes]", tempfile.SpooledTemporaryFile(SPOOL_LIMIT))
