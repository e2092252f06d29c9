"""`cache.action`: pages kept by the client and, if asked, by the server (CACHE-ACT-01..13)."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from typing import Any

from runtime.foundation.current import current
from runtime.foundation.dates import http_date
from runtime.foundation.http import HTTP

_QUICK = {"session": "S", "vars": "V", "lang": "L", "user_agent": "U", "public": "P"}
_SEPARATOR = "\x1f"


class _NotCacheable(Exception):
    """Carries the result of an action that may not be kept out of the cache model."""

    def __init__(self, result: Any) -> None:
        super().__init__("the page may not be kept")
        self.result = result


def action_cache(
    *,
    time_expire: float,
    cache_model: Any,
    prefix: str | None,
    session: bool,
    vars: bool,
    lang: bool,
    user_agent: Any,
    public: bool,
    valid_statuses: list[int] | None,
    quick: str | None,
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Return the decorator that `Cache.action` describes."""
    features: dict[str, Any] = {
        "session": session,
        "vars": vars,
        "lang": lang,
        "user_agent": user_agent,
        "public": public,
    }
    if quick is not None:
        features = {name: initial in quick.upper() for name, initial in _QUICK.items()}

    def decorate(function: Callable[[], Any]) -> Callable[[], Any]:
        @functools.wraps(function)
        def run() -> Any:
            if current.request.method != "GET":
                return function()
            shared = features["public"] and not features["session"]
            if cache_model is None:
                return _send_only(function, time_expire, shared, valid_statuses)
            visitor = _visitor() if features["session"] else ""
            if visitor is None:  # who gets a session by this very page would share it with all newcomers
                return _send_only(function, time_expire, shared, valid_statuses)
            key = _key(prefix or "", features, visitor)
            try:
                status, headers, result = cache_model(
                    key, lambda: _kept(function, valid_statuses), time_expire
                )
            except _NotCacheable as refused:
                if isinstance(refused.result, HTTP):
                    raise refused.result from None
                return refused.result
            return _answer(status, headers, result, time_expire, shared)

        return run

    return decorate


def _valid(status: int, valid_statuses: list[int] | None) -> bool:
    return status < 400 if valid_statuses is None else status in valid_statuses


def _send_only(
    function: Callable[[], Any], time_expire: float, shared: bool, valid_statuses: list[int] | None
) -> Any:
    try:
        result = function()
    except HTTP as raised:
        if _valid(raised.code, valid_statuses):
            raised.headers.update(_headers(time_expire, shared))
        raise
    if _valid(HTTP(current.response.status).code, valid_statuses):
        current.response.headers.update(_headers(time_expire, shared))
    return result


def _kept(function: Callable[[], Any], valid_statuses: list[int] | None) -> tuple[Any, dict[str, Any], Any]:
    """Run the action and return what is kept of it; refuses what may not be kept (CACHE-ACT-13)."""
    response = current.response
    try:
        result = function()
    except HTTP as raised:
        if not _valid(raised.code, valid_statuses):
            raise _NotCacheable(raised) from None
        return (raised.status, dict(raised.headers), ("raise", raised.body))
    if isinstance(result, dict):
        result = response.render(result)
    elif callable(getattr(result, "xml", None)):
        result = result.xml()
    if not _valid(HTTP(response.status).code, valid_statuses) or not isinstance(result, (str, bytes)):
        raise _NotCacheable(result)
    own = dict(dict.get(response, "headers") or {})
    return (response.status, own, ("return", result))


def _answer(
    status: Any, headers: dict[str, Any], kept: tuple[str, Any], time_expire: float, shared: bool
) -> Any:
    how, body = kept
    if how == "raise":
        raise HTTP(status, body, **(headers | _headers(time_expire, shared)))
    response = current.response
    response.status = status
    response.headers.update(headers)
    response.headers.update(_headers(time_expire, shared))
    return body


def _headers(time_expire: float, shared: bool) -> dict[str, Any]:
    seconds = int(time_expire)
    if not shared:
        return {
            "Pragma": None,
            "Expires": http_date(0),
            "Cache-Control": f"max-age={seconds}, private",
        }
    return {
        "Pragma": None,
        "Expires": http_date(time.time() + seconds),
        "Cache-Control": f"max-age={seconds}, s-maxage={seconds}, public",
    }


def _visitor() -> str | None:
    """Return what tells this visitor's session from others, None for one without a session."""
    request, response = current.request, current.response
    name = str(response.session_id_name)
    for cookie in (name, name.replace("session_id_", "session_data_", 1)):
        if cookie in request.cookies:
            return str(request.cookies[cookie].value)
    return None


def _key(prefix: str, features: dict[str, Any], visitor: str) -> str:
    """Return the key of the page asked for: the address and what the features tell apart (CACHE-19)."""
    request = current.request
    parts = [request.env.http_host or "", request.env.path_info or request.url, str(request.extension)]
    if features["vars"]:
        parts.append(request.env.query_string or "")
    if features["session"]:
        parts.append(visitor)
    elif features["user_agent"]:
        agent = features["user_agent"]
        if agent is True:
            seen = request.user_agent()
            agent = {"is_mobile": seen.is_mobile, "is_tablet": seen.is_tablet}
        parts.append(repr(sorted(agent.items())))
    if features["lang"]:
        parts.append(str(current.T.accepted_language))
    digest = hashlib.sha256(_SEPARATOR.join(parts).encode("utf-8", "replace")).hexdigest()
    return f"{prefix}{digest}"
