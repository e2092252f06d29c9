"""`LOAD`: parts of a page that load by themselves (NAMES-04, REQ-18, RESP-33, COOP-2)."""

from __future__ import annotations

from typing import Any

from runtime.foundation.current import current
from runtime.foundation.serializers import json
from runtime.foundation.storage import List, Storage
from runtime.html import DIV, SCRIPT, XML
from runtime.routing import URL


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
        content: shown until the part is there.
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
    target = target or f"c{request.uuid.replace('.', '').replace('-', '').replace(':', '')[-12:]}{_serial()}"
    attributes["_id"] = target
    function, _, own_extension = f.partition(".")
    extension = own_extension or extension or request.extension
    if url or ajax:
        address = url or URL(
            request.application,
            c or request.controller,
            function,
            args=args,
            vars=query,
            extension=extension,
            user_signature=user_signature,
        )
        _repeat(attributes, times, timeout)
        if isinstance(content, str):
            content = XML(f'<span class="w2p_component_loading">{content}</span>') if content else ""
        return DIV(content, **attributes, **{"_data-w2p_remote": str(address)})
    page = _run_inline(c or request.controller, function, args, query, extension, target, post_vars)
    parts: list[Any] = [XML(page)]
    if ajax_trap:
        address = URL(
            request.application,
            c or request.controller,
            function,
            args=args,
            vars=query,
            extension=extension,
            user_signature=user_signature,
        )
        parts.append(SCRIPT(f"web2py_trap_form({json(str(address))},{json(target)});"))
    return DIV(*parts, **attributes)


def _serial() -> int:
    response = current.response
    number = int(response["_component_serial"] or 0) + 1
    response["_component_serial"] = number
    return number


def _repeat(attributes: dict[str, Any], times: int | str, timeout: int | None) -> None:
    if isinstance(times, str):
        if times.lower() not in ("infinity", "continuous"):
            raise TypeError(f"times must be a number, 'infinity' or 'continuous', not {times!r}")
        attributes["_data-w2p_times"] = times.lower()
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
    inner_args = List(args if isinstance(args, (list, tuple)) else [] if args is None else [args])
    changes = Storage(
        controller=c,
        function=f,
        extension=extension,
        args=List(str(a) for a in inner_args),
        get_vars=Storage(query),
        post_vars=Storage(post_vars or {}),
        vars=Storage({**query, **(post_vars or {})}),
        cid=target,
    )
    return run_action_inline(request, changes)
