"""XML-RPC over an action: `response.xmlrpc` (RESP-31)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xmlrpc.server import SimpleXMLRPCDispatcher

if TYPE_CHECKING:
    from runtime.web.response import Response


def answer_call(response: Response, request: Any, methods: list[Callable[..., Any]]) -> str:
    """Answer the XML-RPC call in the request's body by one of `methods`, found by name."""
    dispatcher = SimpleXMLRPCDispatcher(allow_none=True, encoding=None)
    for method in methods:
        dispatcher.register_function(method)
    response["headers"]["Content-Type"] = "text/xml"
    dispatch: Any = dispatcher
    answer: bytes = dispatch._marshaled_dispatch(request.body.read(), None)
    return answer.decode("utf-8")
