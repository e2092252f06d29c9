"""Nothing but waitress: the floor of every figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from peers import workload


def make(folder: Path) -> Callable[..., Iterable[bytes]]:
    """Return an application that knows hello and the static files."""
    workload.write_static(folder)

    def hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if "/static/" in path:
            file = folder / path.rpartition("/")[2]
            size = file.stat().st_size
            start_response("200 OK", [("Content-Type", "text/css"), ("Content-Length", str(size))])
            wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file.open("rb"), 1 << 20)
            return wrapped
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "5")])
        return [b"Hello"]

    return hello
