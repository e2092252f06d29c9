"""Values put into pages: `embed64`, `ASSIGNJS`, `truncate_string` (NAMES-04)."""

from __future__ import annotations

import base64
import json
import os
from typing import IO, Any

from runtime.html.element import XmlComponent
from runtime.html.raw import XML

# Inside a script these would end the script, open a comment, or (the last two) end a line of old JavaScript.
_JS_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def embed64(
    filename: str | os.PathLike[str] | None = None,
    file: IO[bytes] | None = None,
    data: bytes | str | None = None,
    extension: str = "image/gif",
) -> str:
    """Return a ``data:`` address that holds the content itself.

    Args:
        filename: file to read, or else
        file: open binary file to read, or else
        data: the content; text is taken as UTF-8.
        extension: content type, default ``image/gif``.

    Raises:
        OSError: the file cannot be read.
        ValueError: none of the three was given.
    """
    if filename is not None:
        with open(filename, "rb") as stream:
            content: bytes | str = stream.read()
    elif file is not None:
        content = file.read()
    elif data is not None:
        content = data
    else:
        raise ValueError("embed64 needs a filename, a file or data")
    raw = content.encode("utf-8") if isinstance(content, str) else content
    return f"data:{extension};base64,{base64.b64encode(raw).decode('ascii')}"


def ASSIGNJS(**variables: Any) -> XML:
    """Return JavaScript ``var name = value;`` lines for use inside a script.

    Values are written as JSON that cannot end the script; dates in ISO form,
    objects with ``as_dict`` or ``as_list`` as these, others as their text.
    """
    lines = (f"var {name} = {_javascript(value)};\n" for name, value in variables.items())
    return XML("".join(lines))


def _javascript(value: Any) -> str:
    return json.dumps(value, default=_plain).translate(_JS_ESCAPES)


def _plain(value: Any) -> Any:
    if isinstance(value, XmlComponent):
        return value.xml()
    for name in ("as_list", "as_dict", "isoformat"):
        method = getattr(value, name, None)
        if callable(method):
            return method()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def truncate_string(text: str, length: int, dots: str = "...") -> str:
    """Return `text`, cut so that it and `dots` have at most `length` characters."""
    return text if len(text) <= length else text[: max(length - len(dots), 0)] + dots
