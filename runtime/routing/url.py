"""`URL`: addresses of actions and static files (URL-01..19)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from runtime.foundation.current import current
from runtime.routing.paths import default_port, env_value, split_host
from runtime.routing.signing import SIGNATURE, canonical_path, sign, user_key
from runtime.routing.table import RouteTable

_PLAIN = re.compile(r"[A-Za-z0-9_./~-]*").fullmatch
_WORD = re.compile(r"\w+", re.ASCII).fullmatch
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")

_default: RouteTable | None = None


def set_default(table: RouteTable | None) -> None:
    """Set the routes that `URL` follows outside of a request."""
    global _default
    _default = table


def active_table(request: Any = None) -> RouteTable | None:
    """The routes of the running request, else the default ones."""
    table = request["_routes"] if isinstance(request, dict) and "_routes" in request else None
    return table if table is not None else _default


def URL(
    a: Any = None,
    c: Any = None,
    f: Any = None,
    r: Any = None,
    args: Any = None,
    vars: Mapping[str, Any] | None = None,
    anchor: str = "",
    extension: str | bool | None = None,
    env: Mapping[str, Any] | None = None,
    hmac_key: Any = None,
    hash_vars: bool | str | Iterable[str] = True,
    salt: Any = None,
    user_signature: bool | None = None,
    scheme: str | bool | None = None,
    host: str | bool | None = None,
    port: int | str | None = None,
    encode_embedded_slash: bool = False,
    url_encode: bool = True,
    language: str | None = None,
    hash_extension: bool = True,
) -> str:
    """Return the address of an action or static file, as the routes in force write it (URL-09).

    ``URL('f')``, ``URL('c', 'f')`` and ``URL('a', 'c', 'f')`` name function, controller and
    application; what is missing comes from the current request, or from `r`.

    Args:
        a: application.
        c: controller; ``'static'`` for a file.
        f: function, or the function object; with ``.ext`` it brings its own extension.
        r: request to take the missing names from.
        args: path parts that follow, one or a list (URL-04, URL-05).
        vars: the query; a list or tuple repeats the name (URL-16).
        anchor: text behind ``#``.
        extension: ending of the function; None takes the request's unless it is html, False none.
        env: environment used instead of the request's to follow routes and hosts.
        hmac_key: signs the address with this key (URL-12).
        hash_vars: variables covered by the signature: True all, False none, else their names.
        salt: added to what is signed.
        user_signature: sign with the key of the visitor's session (URL-14).
        scheme: True for the request's, or a text as ``'https'``; makes the address absolute.
        host: True for the request's, or a host; makes the address absolute.
        port: port of the address; makes it absolute.
        encode_embedded_slash: write a slash inside an arg as ``%2F``.
        url_encode: False leaves args and vars as they are.
        language: language of the address (REWR-PARAM-08).
        hash_extension: the signature covers the extension.

    Raises:
        SyntaxError: application, controller or function is missing and there is no request;
            or the address leaves an exclusive domain (REWR-PARAM-07).
    """
    if r is None:
        if c is None and a is not None and f is None:
            a, f = None, a
        elif a is not None and c is not None and f is None:
            a, c, f = None, a, c
        request = getattr(current, "request", None) if a is None or c is None or f is None else _request()
    else:
        request = r
    if request is not None:
        if a is None:
            a = request["application"]
        if c is None:
            c = request["controller"]
        if f is None:
            f = request["function"]
    if a is None or c is None or f is None:
        missing = " and ".join(
            n for n, v in (("application", a), ("controller", c), ("function", f)) if v is None
        )
        raise SyntaxError(f"URL: no {missing} given, and there is no request to take it from")
    application, controller = str(a), str(c)
    function = f if type(f) is str else _name_of(f)
    is_static = controller[:6] == "static" and controller[6:7] in ("", "/")
    if is_static:
        function = _versioned(controller, function)
    elif extension is None:
        if request is not None and "." not in function:
            ending = request["extension"]
            if ending and ending != "html":
                function = f"{function}.{ending}"
    elif extension:
        function = f"{function.partition('.')[0]}.{extension}"
    other, arg_list = _args(args, encode_embedded_slash, url_encode) if args is not None else ("", [])
    table = active_table(request)
    if user_signature or hmac_key:
        key = user_key() if user_signature else hmac_key
        if key:
            name, _, ending = function.partition(".")
            dotted = (ending or "html") if hash_extension else None
            blanks = table is None or table.parametric is None
            signed = canonical_path(application, controller, name, dotted, arg_list, blanks)
            vars = {k: v for k, v in (vars or {}).items() if k != SIGNATURE}
            vars[SIGNATURE] = sign(signed, vars, key, salt, hash_vars)
    if vars:
        other += "?" + _query(vars, url_encode)
    if anchor:
        other += "#" + (quote(str(anchor), safe="/!$&'()*+,;=:@?-._~") if url_encode else str(anchor))
    if (scheme or host or port) and not isinstance(scheme, str) and env is None:
        scheme = "https" if getattr(request, "is_https", False) else scheme  # behind a proxy that speaks TLS
    if not _PLAIN(function) or not _PLAIN(controller):
        function, controller = _quote_name(function), _quote_name(controller)
    if table is None or table.plain_out:
        url = f"/{application}/{controller}/{function}{other}"
        if not (scheme or host or port):
            return url
    else:
        env = env if env is not None else _env(request)
        url = table.map_out(
            request, env, application, controller, function, arg_list, other,
            host, port,
            scheme if isinstance(scheme, str) else env_value(env, "wsgi.url_scheme", "http"), language,
        )  # fmt: skip
    if scheme or host or port:
        return origin(env if env is not None else _env(request), scheme, host, port) + url
    return url


def verifyURL(
    request: Any,
    hmac_key: Any = None,
    hash_vars: bool | str | Iterable[str] = True,
    salt: Any = None,
    user_signature: bool | None = None,
    hash_extension: bool = True,
) -> bool:
    """Tell whether the address of `request` carries the signature `URL` gave it (URL-13).

    The arguments must be those given to `URL`; the comparison takes constant time.
    """
    values = dict(request["get_vars"] or {})
    given = values.pop(SIGNATURE, None)
    key = user_key() if user_signature else hmac_key
    if not key or not isinstance(given, str):
        return False
    extension = (request["extension"] or "html") if hash_extension else None
    table = active_table(request)
    signed = canonical_path(
        request["application"], request["controller"], request["function"], extension,
        request["args"] or (), table is None or table.parametric is None,
    )  # fmt: skip
    expected = sign(signed, values, key, salt, hash_vars)
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


URL.verify = verifyURL  # type: ignore[attr-defined]  # documented attribute of the function


def _request() -> Any:
    return getattr(current, "request", None)


def _env(request: Any) -> Mapping[str, Any] | None:
    if request is None:
        return None
    found: Mapping[str, Any] | None = request["env"]
    return found


def _name_of(f: Any) -> str:
    """URL-06: the name of a function object."""
    if callable(f) and hasattr(f, "__name__"):
        return str(f.__name__)
    return str(f)


def _quote_name(name: str) -> str:
    """Encode what a name must not hold literally; its own query, anchor and escapes stay."""
    return _ESCAPE.sub("%25", quote(name, safe="/?#&=+,;:@~!$*()%"))


def _versioned(controller: str, file: str) -> str:
    """STATIC-05: put `response.static_version` in, when `response.static_version_urls` asks for it."""
    response = getattr(current, "response", None)
    if response is None or not response.static_version_urls:
        return file
    version = response.static_version
    if controller != "static" or not isinstance(version, str) or not _VERSION.fullmatch(version):
        return file
    return f"_{version}/{file}"


def _args(args: Any, encode_slash: bool, encode: bool) -> tuple[str, list[str]]:
    """Return args as they are appended, and decoded (URL-04, URL-05, URL-17, URL-18)."""
    if type(args) is str:
        texts = [args]
    elif isinstance(args, (list, tuple)):
        texts = [arg if type(arg) is str else str(arg) for arg in args]
    else:
        texts = [str(args)]
    if not texts:
        return "", texts
    joined = "/".join(texts)
    if encode and (encode_slash or not _PLAIN(joined)):
        joined = "/".join([quote(text, safe="" if encode_slash else "/") for text in texts])
    return f"/{joined}/" if texts[-1] == "" else f"/{joined}", texts


def _query(vars: Mapping[str, Any], encode: bool) -> str:
    """URL-16, URL-17."""
    if len(vars) == 1 and encode:
        ((name, value),) = vars.items()
        if type(name) is str and type(value) is str and _WORD(name) and _WORD(value):
            return f"{name}={value}"
    pairs: list[tuple[Any, Any]] = []
    for name, value in vars.items():
        if isinstance(value, (list, tuple)):
            pairs += [(name, item) for item in value]
        else:
            pairs.append((name, value))
    if not encode:
        return "&".join([f"{name}={value}" for name, value in pairs])
    return urlencode([(str(name), item if isinstance(item, bytes) else str(item)) for name, item in pairs])


def origin(env: Mapping[str, Any] | None, scheme: Any, host: Any, port: Any) -> str:
    """Return scheme, host and port of an absolute address, as `URL` takes them (URL-11)."""
    if not isinstance(scheme, str):
        scheme = env_value(env, "wsgi.url_scheme", "http")
    if isinstance(host, str):
        name = _CONTROL.sub("", host)
        if port:
            found = split_host(name)
            name = found[0] if found else name
    else:
        found = split_host(env_value(env, "HTTP_HOST")) or ("127.0.0.1", None)
        own = found[1] if found[1] != default_port(scheme) else None
        name = f"{found[0]}:{own}" if own and not port else found[0]
    return f"{scheme}://{name}:{int(port)}" if port else f"{scheme}://{name}"
