"""`LOAD`: parts of a page that load by themselves (NAMES-04, REQ-18, RESP-33, COOP-2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from runtime.foundation.current import current
from runtime.foundation.escape import xmlescape
from runtime.foundation.http import HTTP
from runtime.foundation.storage import List, Storage
from runtime.html import DIV, SPAN, XML
from runtime.routing import URL

_READABLE = "".join(chr(code) for code in range(32, 127) if chr(code) != "%")


def LOAD(
    c: str | None = None,
    f: str = "index",
    args: Any = None,
    vars: dict[str, Any] | None = None,
    extension: str | None = None,
    target: str | None = None,
    ajax: bool = False,
    ajax_trap: bool = False,
    url: str | None = None,
    user_signature: bool = False,
    timeout: int | None = None,
    times: int | str = 1,
    content: Any = "loading...",
    post_vars: Any = None,
    **attributes: Any,
) -> Any:
    """Put another action's output into the page, at once or by Ajax.

    Args:
        c: controller; the current one by default.
        f: function, with an extension as ``'list.load'``.
        args: arguments of the address.
        vars: query of the address.
        extension: extension of the address; the function's own, else the request's.
        target: id of the element; made up when not given.
        ajax: True lets the browser fetch the part after the page; False runs
            the action now, in an environment of its own.
        ajax_trap: True sends the forms of the part by Ajax also when `ajax` is False.
        url: any address, loaded by Ajax.
        user_signature: True signs the address for this visitor (URL-14).
        timeout: milliseconds between repeated loads; needs `times`.
        times: number of loads, or ``"infinity"``.
        content: shown until the part is there, and for good without JavaScript:
            a link to the part makes it reachable then.
        post_vars: fields that the action finds as `request.post_vars`, only without `ajax`.
        attributes: attributes of the element, with an underscore before each name.

    Returns:
        The element, ready for a view.

    Raises:
        TypeError: `times` or `timeout` is no number.
        ValueError: `times` or `timeout` is not positive.
    """
    request = current.request
    query = dict(vars or {})
    controller = c or request.controller
    function, _, own_extension = f.partition(".")
    extension = own_extension or extension or request.extension
    attributes["_id"] = target = target or _new_id(request)
    address = url or ""
    if not url and (ajax or ajax_trap):
        address = URL(
            request.application,
            controller,
            function,
            args=args,
            vars=query,
            extension=False if extension == "html" else extension,
            user_signature=user_signature,
        )
    if url or ajax:
        _repeat(attributes, times, timeout)
        if isinstance(content, str) and content:
            content = SPAN(content, _class="w2p_component_loading")
        return DIV(content, **attributes, **{"_data-w2p_remote": str(address)})
    page = _run_inline(controller, function, args, query, extension, target, post_vars)
    if ajax_trap:
        attributes["_data-w2p_trapped"] = str(address)
    return DIV(XML(page), **attributes)


def component_headers(response: Any, answer: HTTP) -> None:
    """Send script and message of the response along to the page's browser file (RESP-07, RESP-33).

    Only on requests made by Ajax; an answer that leads elsewhere leaves the
    message in the session for the page to come. Both are percent-encoded only
    where a header could not carry them; the browser decodes them.
    """
    headers = answer.headers
    if 300 <= answer.code < 400 or "web2py-redirect-location" in headers:
        return
    script = dict.get(response, "js")
    if script:
        headers.setdefault("web2py-component-command", quote(str(script), safe=_READABLE))
    if response["flash"]:
        headers.setdefault("web2py-component-flash", quote(xmlescape(response["flash"])))


def _new_id(request: Any) -> str:
    """Return an id that no other component of the page has, nor one of a page loaded into it."""
    number = int(request["_components"] or 0) + 1
    request["_components"] = number
    return f"c{request.uuid[-12:]}{number}"


def _repeat(attributes: dict[str, Any], times: int | str, timeout: int | None) -> None:
    if isinstance(times, str):
        if times.lower() not in ("infinity", "continuous"):
            raise TypeError(f"times must be a number, 'infinity' or 'continuous', not {times!r}")
        attributes["_data-w2p_times"] = times.lower()
    elif not isinstance(times, int):
        raise TypeError(f"times must be a number, 'infinity' or 'continuous', not {times!r}")
    elif times <= 0:
        raise ValueError("times must be greater than 0")
    elif times != 1 or timeout is not None:
        attributes["_data-w2p_times"] = str(times)
    if timeout is not None:
        if not isinstance(timeout, int):
            raise TypeError("timeout must be a number of milliseconds")
        if timeout <= 0:
            raise ValueError("timeout must be greater than 0")
        attributes["_data-w2p_timeout"] = str(timeout)


def _run_inline(
    c: str, f: str, args: Any, query: dict[str, Any], extension: str, target: str, post_vars: Any
) -> str:
    """Run another action of this application inside the current request and return its page."""
    from runtime.web.actions import run_action_inline

    request = current.request
    given = args if isinstance(args, (list, tuple)) else [] if args is None else [args]
    inner_args = List(str(a) for a in given)
    tail = "" if extension in (None, "html") else f".{extension}"
    changes = Storage(
        controller=c,
        function=f,
        extension=extension,
        method="POST" if post_vars else "GET",
        args=inner_args,
        url="/".join([f"/{request.application}/{c}/{f}{tail}", *inner_args]),
        get_vars=Storage(query),
        post_vars=Storage(post_vars or {}),
        vars=Storage({**query, **(post_vars or {})}),
        cid=target,
    )
    return run_action_inline(request, changes)
