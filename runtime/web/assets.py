"""Head tags for `response.meta` and `response.files`, concatenation and minifying (RESP-05..11, RESP-28)."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runtime.foundation.escape import xmlescape
from runtime.foundation.files import write_atomic
from runtime.foundation.paths import UnsafePath, safe_join
from runtime.foundation.storage import Storage

if TYPE_CHECKING:
    from runtime.web.response import Response

_STYLE = '<link href="{}" rel="stylesheet" type="text/css" />'
_SCRIPT = '<script src="{}" type="text/javascript"></script>'
_TAGS = {
    "css": _STYLE,
    "js": _SCRIPT,
    "mjs": '<script src="{}" type="module"></script>',
    "coffee": '<script src="{}" type="text/coffee"></script>',
    "less": '<link href="{}" rel="stylesheet/less" type="text/css" />',
    "ts": '<script src="{}" type="text/typescript"></script>',
}
_INLINE = {
    "css": '<style type="text/css">\n{}\n</style>',
    "js": '<script type="text/javascript">\n{}\n</script>',
}
_STATIC = re.compile(r"^/(?P<app>\w+)/static/(?:_\d+\.\d+\.\d+/)?(?P<path>.+)$")
_CSS_URL = re.compile(r"""url\(\s*(["']?)(?!["']|/|#|data:|https?:)([^"')]+)\1\s*\)""")


def meta_tags(meta: Storage) -> Iterator[str]:
    """Yield one tag per item; a dictionary as value gives the tag's attributes."""
    for name, value in meta.items():
        if isinstance(value, dict):
            attributes = " ".join(f'{xmlescape(k)}="{xmlescape(v)}"' for k, v in value.items())
            yield f"<meta {attributes} />\n"
        else:
            yield f'<meta name="{xmlescape(name)}" content="{xmlescape(value)}" />\n'


def file_tags(response: Response, request: Any, extensions: list[str] | None = None) -> Iterator[str]:
    """Yield the tags for `response.files`: order kept, doubles dropped.

    An entry is an address, or a pair of a kind (``css:inline``, ``js:inline``)
    and its text. ``response.optimize_css`` and ``optimize_js`` (``concat``,
    ``minify``, ``inline``, joined by commas) treat files of this site.
    """
    entries: list[Any] = []
    for entry in response["files"]:
        key = tuple(entry) if isinstance(entry, list) else entry
        if key not in entries and (extensions is None or _kind(key).split(":")[0] in extensions):
            entries.append(key)
    done: set[str] = set()
    for entry in entries:
        kind = _kind(entry)
        options = {o.strip() for o in str(response[f"optimize_{kind}"] or "").split(",")} - {""}
        if not options or isinstance(entry, tuple):
            yield _tag(response, request, entry)
        elif kind not in done:
            done.add(kind)
            same = [e for e in entries if isinstance(e, str) and _kind(e) == kind]
            yield from _optimized(response, request, same, kind, options)


def _kind(entry: Any) -> str:
    if isinstance(entry, tuple):
        return str(entry[0])
    return str(entry).split("?", 1)[0].rpartition(".")[2].lower()


def _tag(response: Response, request: Any, entry: Any) -> str:
    if isinstance(entry, tuple):
        template = _INLINE.get(str(entry[0]).split(":")[0])
        return template.format(entry[1]) + "\n" if template else ""
    template = _TAGS.get(_kind(entry))
    return template.format(xmlescape(_versioned(response, request, str(entry)))) + "\n" if template else ""


def _versioned(response: Response, request: Any, address: str) -> str:
    """STATIC-05: put `response.static_version` into the address of a file of this application."""
    version = response["static_version"]
    prefix = f"/{request.application}/static/"
    if not version or not address.startswith(prefix) or address.startswith(f"{prefix}_{version}/"):
        return address
    return f"{prefix}_{version}/{address[len(prefix) :]}"


def _optimized(
    response: Response, request: Any, addresses: list[str], kind: str, options: set[str]
) -> Iterator[str]:
    local: list[tuple[str, str]] = []
    for address in addresses:
        path = _local_file(request, address)
        if path is None:
            yield _tag(response, request, address)
        else:
            local.append((address, path))
    groups = [local] if "concat" in options or "inline" in options else [[pair] for pair in local]
    for group in groups:
        if not group:
            continue
        text = "\n".join(_prepared(address, path, kind, options) for address, path in group)
        if "inline" in options:
            yield _INLINE[kind].format(text.replace("</", "<\\/") if kind == "js" else text) + "\n"
        else:
            yield _tag(response, request, _store(request, text, kind))


def _local_file(request: Any, address: str) -> str | None:
    match = _STATIC.match(address.split("?", 1)[0])
    if match is None or match["app"] != request.application:
        return None
    try:
        path = safe_join(os.path.join(request.folder, "static"), match["path"])
    except UnsafePath:
        return None
    return str(path) if path.is_file() else None


def _prepared(address: str, path: str, kind: str, options: set[str]) -> str:
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    if kind == "css":
        folder = address.rpartition("/")[0]
        text = _CSS_URL.sub(lambda m: f"url({m[1]}{folder}/{m[2]}{m[1]})", text)
    if "minify" not in options:
        return text
    if kind == "css":
        import rcssmin

        return str(rcssmin.cssmin(text))
    import rjsmin

    return str(rjsmin.jsmin(text))


def _store(request: Any, text: str, kind: str) -> str:
    """Keep the made file in ``static/temp`` under a name of its content; return its address."""
    folder = os.path.join(request.folder, "static", "temp")
    os.makedirs(folder, exist_ok=True)
    name = f"packed_{hashlib.sha256(text.encode()).hexdigest()[:24]}.{kind}"
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        write_atomic(path, text)
    return f"/{request.application}/static/temp/{name}"
