"""``gluon.xmlrpc``: answering XML-RPC calls (SITE-08, RESP-31)."""

from runtime.web.xmlrpc import answer_call


def handler(request, response, methods):  # type: ignore[no-untyped-def]  # as old code calls it
    """Answer the call in `request` by one of the functions `methods`."""
    return answer_call(response, request, methods)


__all__ = ["handler"]
