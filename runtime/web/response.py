"""`response`: what goes back to the client (RESP-01..36)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from runtime.foundation.current import current
from runtime.foundation.dates import http_date
from runtime.foundation.escape import xmlescape
from runtime.foundation.http import HTTP
from runtime.foundation.storage import LazyStorage, Storage
from runtime.sessions.cookies import ResponseCookies
from runtime.sessions.frame import known
from runtime.views import Body
from runtime.web import assets
from runtime.web.content_type import contenttype

if TYPE_CHECKING:
    from runtime.views import ViewLoader


class Response(LazyStorage):
    """The answer of one request; further attributes may be set freely.

    Views of the application find it as ``response``; its documented items
    read as None, or an empty value, until they are set.
    """

    __slots__ = ()

    def __init__(self) -> None:
        dict.__init__(self, status=200, body=Body(), delimiters=("{{", "}}"))

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value  # None is a value here: response.menu = None is kept

    # -- writing ----------------------------------------------------------------------------

    def write(self, data: Any, escape: bool = True) -> None:
        """Write `data` into the page (RESP-32).

        Args:
            data: a text, a helper, or anything that `str` can turn into one.
            escape: False writes the text as it is; bytes are read as UTF-8.
        """
        if escape:
            text = xmlescape(data)
        elif isinstance(data, bytes):
            text = data.decode("utf-8", "replace")
        else:
            text = str(data)
        self["body"].parts.append(text)

    def render(self, *arguments: Any, **values: Any) -> str:
        """Run a view and return its text (RESP-14).

        Call it as ``render()``, ``render(values)``, ``render(view)`` or
        ``render(view, values)``; `view` is a path below ``views/`` or an open
        text stream. Keyword arguments are further values.

        Raises:
            ValueError: more than two arguments.
            HTTP: 404 when there is no such view.
        """
        from runtime.web.view_runner import render_view

        if len(arguments) > 2:
            raise ValueError("response.render takes a view and a dictionary at most")
        view: Any = self["view"]
        context: dict[str, Any] = {}
        if len(arguments) == 2:
            view, context = arguments[0], dict(arguments[1] or {})
        elif len(arguments) == 1:
            if isinstance(arguments[0], dict):
                context = dict(arguments[0])
            else:
                view = arguments[0]
        context.update(values)
        body, self["body"] = self["body"], Body()
        try:
            environment = dict(self["_view_environment"] or {})
            environment.update(context, response=self)
            self["_vars"] = context
            render_view(self, view, environment)
            return str(self["body"].getvalue())
        finally:
            self["body"] = body

    # -- head of the page -------------------------------------------------------------------

    def include_meta(self) -> str:
        """Write one ``meta`` tag per item of `response.meta` (RESP-10, RESP-11).

        Returns:
            An empty text, so that ``{{=response.include_meta()}}`` works too.
        """
        self["body"].parts.extend(assets.meta_tags(self["meta"]))
        return ""

    def include_files(self, extensions: list[str] | None = None) -> str:
        """Write the tags that link `response.files` (RESP-05, RESP-06, RESP-28).

        Args:
            extensions: only files with these endings, all without.

        Returns:
            An empty text, so that ``{{=response.include_files()}}`` works too.
        """
        self["body"].parts.extend(assets.file_tags(self, current.request, extensions))
        return ""

    # -- files ------------------------------------------------------------------------------

    def stream(
        self,
        stream: str | os.PathLike[str] | IO[bytes],
        chunk_size: int = 64 * 1024,
        request: Any = None,
        attachment: bool = False,
        filename: str | None = None,
        headers: dict[str, Any] | None = None,
    ) -> Any:
        """Answer with the content of a file, in blocks (RESP-18..23).

        Args:
            stream: path of a file, or an open binary stream.
            chunk_size: bytes per block.
            request: request whose ``Range`` and conditional headers count;
                the current one by default.
            attachment: True asks the browser to save the file.
            filename: name to save it under, only with `attachment`.
            headers: where headers are completed instead of `response.headers` (RESP-22).

        Raises:
            HTTP: the answer itself (200, 206, 304, 416) for a path, 404 for a
                path that is no readable file.
        """
        from runtime.web.streaming import stream_answer

        return stream_answer(
            self, stream, chunk_size, request or current.request, attachment, filename, headers
        )

    def download(
        self,
        request: Any,
        db: Any,
        chunk_size: int = 65536,
        attachment: bool = True,
        download_filename: str | None = None,
        attachments: bool | None = None,
    ) -> Any:
        """Answer with an uploaded file, named by the last argument of the address (RESP-03, RESP-04).

        The session is released first; the field's `authorize` is asked.

        Args:
            request: the current request.
            db: database whose table and field the stored name carries.
            chunk_size: bytes per block.
            attachment: True asks the browser to save the file.
            download_filename: name to save it under instead of the original one.
            attachments: other spelling of `attachment` (AMB-25).

        Raises:
            HTTP: the answer; 404 for a name that is no upload, 403 when not authorized.
        """
        from runtime.web.streaming import download_answer

        wanted = attachment if attachments is None else attachments
        return download_answer(self, request, db, chunk_size, wanted, download_filename)

    # -- services and tools -----------------------------------------------------------------

    def json(self, data: Any, default: Callable[[Any], Any] | None = None, indent: int | None = None) -> str:
        """Return `data` as JSON and set the content type."""
        from runtime.foundation.serializers import json

        if "Content-Type" not in self["headers"]:
            self["headers"]["Content-Type"] = "application/json"
        return json(data, default=default, indent=indent)

    def xmlrpc(self, request: Any, methods: list[Callable[..., Any]]) -> str:
        """Answer an XML-RPC call by one of `methods` (RESP-31)."""
        from runtime.web.xmlrpc import answer_call

        return answer_call(self, request, methods)

    def toolbar(self) -> Any:
        """Return the debugging bar: request, response, session, statements (RESP-25)."""
        from runtime.web.toolbar import toolbar

        return toolbar(self)


_NO_CACHE = "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"


def default_headers(extension: str | None) -> dict[str, str]:
    """Headers of a dynamic page: type by `extension`, no caching (RESP-08, FLOW-16)."""
    return {
        "Content-Type": contenttype(f".{extension or 'html'}"),
        "Cache-Control": _NO_CACHE,
        "Expires": http_date(),
        "Pragma": "no-cache",
        "X-Powered-By": "web2py",
    }


def finish_headers(response: Response, extension: str | None) -> dict[str, Any]:
    """Complete `response.headers`: a default that is missing comes back, None stays out (RESP-09)."""
    headers: dict[str, Any] = default_headers(extension)
    own = dict.get(response, "headers")
    if own:
        headers.update(own)
    return headers


def _caller(action: Callable[[], Any]) -> Any:
    return action()


def _flash(_: Response) -> Any:
    """RESP-07: what the last request put into `session.flash` is shown by the page that asks, once."""
    session = getattr(current, "session", None)
    if session is None or not known(session):
        return ""
    flash = session.get("flash")
    if flash:
        del session["flash"]
    return flash or ""


_LAZY: dict[Any, Callable[[Response], Any]] = {
    "cookies": lambda r: ResponseCookies(dict.get(r, "session_id_name")),
    "files": lambda _: [],
    "flash": _flash,
    "generic_patterns": lambda _: [],
    "headers": lambda _: Storage(),
    "menu": lambda _: [],
    "meta": lambda _: Storage(),
    "postprocessing": lambda _: [],
    "_caller": lambda _: _caller,
}
Response._lazy = _LAZY


def view_loader(response: Response) -> ViewLoader:
    """Return the loader of the application that made `response`."""
    loader = dict.get(response, "_view_loader")
    if loader is None:
        raise HTTP(500, "this response belongs to no application")
    return loader  # type: ignore[no-any-return]  # set by the application object only
