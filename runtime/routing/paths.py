"""Checks of what the client sends: path, host, and the file a static address names."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from runtime.routing.model import BadRequest
from runtime.routing.regex_guard import MAX_PATH

STATIC_VERSION = re.compile(r"_(\d{1,9}\.\d{1,9}\.\d{1,9})(?:/|$)", re.ASCII)
"""Version part after ``static/`` (STATIC-02, STATIC-04)."""

FILE_MATCH = r"([-+=@$%\w]|(?<=[-+=@$%\w])[./])*$"
ARGS_MATCH = r"([\w@ =-]|(?<=[\w@ =-])\.)*$"  # names of uploads may end in "==.txt"

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?)(?::(\d{1,5}))?", re.I)
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


def decode_path(raw: str) -> str:
    """Return PATH_INFO as text.

    Raises:
        BadRequest: it is too long, no UTF-8, or holds a control character or backslash.
    """
    if len(raw) > MAX_PATH:
        raise BadRequest("the path is too long")
    if not raw.isascii():
        try:
            raw = raw.encode("latin-1").decode("utf-8")
        except UnicodeError:
            raise BadRequest("the path is not UTF-8") from None
    if _FORBIDDEN.search(raw):
        raise BadRequest("the path holds a control character or backslash")
    return raw


@lru_cache(maxsize=512)
def split_host(header: str) -> tuple[str, str | None] | None:
    """Split a Host header in lower-case name and port; None when it is absurd."""
    match = _HOST.fullmatch(header.strip()) if len(header) < 300 else None
    if match is None or ".." in match[1]:
        return None
    port = match[2]
    if port is not None and not 0 < int(port) < 65536:
        return None
    return match[1].lower(), port


def env_value(env: Mapping[str, Any] | None, wsgi_name: str, default: str = "") -> str:
    """Read a WSGI value under its own name or its lower-case one (as in `request.env`)."""
    if not env:
        return default
    value = env.get(wsgi_name)
    if value is None:
        value = env.get(wsgi_name.lower().replace(".", "_"))
    return default if value is None else str(value)


def host_of(env: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return (name, port) the request was sent to; an absurd Host header counts as ``localhost``."""
    found = split_host(env_value(env, "HTTP_HOST")) or ("localhost", None)
    if found[1] is not None:
        return found[0], found[1]
    scheme = env_value(env, "wsgi.url_scheme", "http")
    return found[0], _PORTS.get(scheme, "80")


def default_port(scheme: str) -> str:
    """The port of `scheme` when none is written."""
    return _PORTS.get(scheme, "80")


def take_version(file: str) -> tuple[str, str | None]:
    """Split the version part off a path below ``static/`` (STATIC-02)."""
    match = STATIC_VERSION.match(file)
    return (file[match.end() :], match[1]) if match else (file, None)


def static_path(app_folder: str, file: str) -> str:
    """Return the absolute path of a static file, which may not exist.

    Links are followed only as far as the result stays in the application's folder.

    Raises:
        BadRequest: the path would leave the `static` folder.
    """
    parts = file.split("/")
    if ":" in file or ".." in parts or "." in parts or file.startswith("/"):
        raise BadRequest("invalid static file")
    path = os.path.join(app_folder, "static", *parts) if file else os.path.join(app_folder, "static")
    if len(path) > MAX_PATH * 2:
        raise BadRequest("invalid static file")
    if _may_lead_away(app_folder, ["static", *parts]):
        real = os.path.realpath(path)
        if not real.startswith(os.path.realpath(app_folder).rstrip(os.sep) + os.sep):
            raise BadRequest("invalid static file: a link leaves the application's folder")
    return path


def _may_lead_away(folder: str, parts: list[str]) -> bool:
    """Whether `parts` below `folder` can name something elsewhere: one of them is a link.

    Without a link the path stays inside, wherever the folder itself really
    lies; asking for both real paths costs a look at each folder from the root on.
    """
    if os.name == "nt":
        return True  # junctions, short names and stripped dots: only the real path tells
    path = folder
    for part in parts:
        if not part:
            continue
        path = f"{path}/{part}"
        try:
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return True
        except OSError:
            return False  # it is not there, nor is anything below it
    return False


def absolute(root: str | os.PathLike[str]) -> str:
    """The site folder as an absolute text."""
    return str(Path(root).absolute())
