"""`response.toolbar()`: what a page was made of, folded away at its end (RESP-25)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.cookies import Morsel
from typing import TYPE_CHECKING, Any

from runtime.dal import statements
from runtime.foundation.current import current
from runtime.html import BEAUTIFY, DIV, PRE, TABLE, TAG, TD, TR

if TYPE_CHECKING:
    from runtime.web.response import Response

_SECRET = re.compile(
    r"passw|secret|token|hmac|api_?key|cookie|authorization|session_(id|file_name)$", re.IGNORECASE
)
_LEFT_OUT = frozenset(("wsgi", "body", "wsgi_input", "wsgi_errors", "wsgi_file_wrapper", "session_file"))


def toolbar(response: Response) -> Any:
    """Return the debugging bar: request, session, response, and every statement with its time (RESP-25).

    What a name marks as a secret, cookies among them, is not shown.
    """
    request, session = current.request, current.session
    shown = {"request": request, "session": session, "response": response}
    parts = [_folded(name, BEAUTIFY(_masked(values))) for name, values in shown.items()]
    timings = statements()
    rows = [TR(TD(f"{seconds * 1000:.2f} ms"), TD(PRE(sql))) for sql, seconds in timings]
    total = sum(seconds for _, seconds in timings) * 1000
    parts.append(_folded(f"database: {len(timings)} statements, {total:.2f} ms", TABLE(*rows)))
    return DIV(*parts, _class="toolbar")


def _folded(title: str, content: Any) -> Any:
    return TAG.details(TAG.summary(title), content)


def _masked(values: Mapping[Any, Any], depth: int = 3) -> dict[Any, Any]:
    """Return what may be shown: streams left out, secrets hidden, in dictionaries inside too."""
    shown: dict[Any, Any] = {}
    for name, value in values.items():
        if str(name).startswith("_") or name in _LEFT_OUT:
            continue
        if name == "env":  # the server's own objects in it show headers once more
            value = {k: v for k, v in value.items() if isinstance(v, (str, int, float, tuple))}
        if _SECRET.search(str(name)):
            shown[name] = "[hidden]"
        else:
            inner = isinstance(value, dict) and not isinstance(value, Morsel) and depth > 0
            shown[name] = _masked(value, depth - 1) if inner else value
    return shown
