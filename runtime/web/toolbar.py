"""`response.toolbar()`: what a page was made of, folded away at its end (RESP-25)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runtime.dal import statements
from runtime.foundation.current import current
from runtime.html import BEAUTIFY, DIV, PRE, TABLE, TAG, TD, TR

if TYPE_CHECKING:
    from runtime.web.response import Response

_SECRET = re.compile(r"passw|secret|token|hmac|api_?key", re.IGNORECASE)


def toolbar(response: Response) -> Any:
    """Return the debugging bar: request, session, response, and every statement with its time."""
    request, session = current.request, current.session
    shown = {
        "request": {k: v for k, v in request.items() if not str(k).startswith("_") and k not in ("wsgi", "body")},
        "session": dict(session.items()),
        "response": {k: v for k, v in response.items() if not str(k).startswith("_") and k != "body"},
    }
    parts = [_folded(name, BEAUTIFY(_masked(values))) for name, values in shown.items()]
    timings = statements()
    rows = [TR(TD(f"{seconds * 1000:.2f} ms"), TD(PRE(sql))) for sql, seconds in timings]
    total = sum(seconds for _, seconds in timings) * 1000
    parts.append(_folded(f"database: {len(timings)} statements, {total:.2f} ms", TABLE(*rows)))
    return DIV(*parts, _class="toolbar")


def _folded(title: str, content: Any) -> Any:
    return TAG.details(TAG.summary(title), content)


def _masked(values: dict[Any, Any]) -> dict[Any, Any]:
    return {k: "[hidden]" if _SECRET.search(str(k)) else v for k, v in values.items()}
