"""`request.wsgi`: calling WSGI applications and middleware from actions (REQ-23, WSGI-4, WSGI-5, WSGI-8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

from runtime.foundation.current import current

if TYPE_CHECKING:
    from runtime.web.request import Request


class WsgiHooks:
    """The WSGI side of one request.

    Attributes:
        environ: the original environment, its body readable from the start.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def environ(self) -> dict[str, Any]:
        environ = dict(self._request._environ)
        body = self._request["body"]
        body.seek(0)
        environ["wsgi.input"] = body
        return environ

    def start_response(
        self, status: str = "200", headers: list[tuple[str, str]] | None = None, exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        """Take over status and headers of an inner application into `response`."""
        response = current.response
        response.status = int(str(status).split(" ", 1)[0])
        for name, value in headers or []:
            if name.lower() == "set-cookie":
                response.cookies.load(value)
            elif name.lower() != "content-length":  # the page around it may be longer
                response.headers[name] = value
        return lambda data: response.write(data, escape=False)

    def middleware(self, *layers: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorate one action with WSGI middleware; the first given is the innermost (WSGI-4)."""

        def decorate(action: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(action)
            def run() -> Iterable[Any]:
                def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[Any]:
                    return _as_bytes(action())

                wrapped: Callable[..., Any] = application
                for layer in layers:
                    wrapped = layer(wrapped)
                result: Iterable[Any] = wrapped(self.environ, self.start_response)
                return result

            return run

        return decorate


def _as_bytes(result: Any) -> list[bytes]:
    from runtime.web.view_runner import page_of

    page = page_of(current.response, result)
    if isinstance(page, str):
        return [page.encode("utf-8")]
    if isinstance(page, bytes):
        return [page]
    return [piece if isinstance(piece, bytes) else str(piece).encode("utf-8") for piece in page]
