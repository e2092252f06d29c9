"""``gluon.streamer``: a file as an answer."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from runtime.foundation.current import current
from runtime.web.content_type import contenttype
from runtime.web.streaming import BLOCK, send_file

DEFAULT_CHUNK_SIZE = BLOCK


def stream_file_or_304_or_206(
    static_file: str | os.PathLike[str],
    chunk_size: int = BLOCK,
    request: Any = None,
    headers: dict[str, Any] | None = None,
    status: int = 200,
    error_message: str | None = None,
) -> NoReturn:
    """Answer with `static_file`: whole, in part, or "not modified".

    Raises:
        HTTP: always; 404 with `error_message` when there is no such file.
    """
    headers = {} if headers is None else headers
    headers.setdefault("Content-Type", contenttype(os.fspath(static_file)))
    answer = send_file(static_file, (request or current.request)._environ, headers, chunk_size)
    if answer.code == 404:
        answer.body = error_message or "invalid file"
    elif answer.code == 200:
        answer.status = status
    raise answer


__all__ = ["DEFAULT_CHUNK_SIZE", "stream_file_or_304_or_206"]
