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
    shown = {"request": request, "session": session, "response": response}
    parts = [_folded(name, BEAUTIFY(_masked(values))) for name, values in shown.items()]
    timings = statements()
    rows = [TR(TD(f"{seconds * 1000:.2f} ms"), TD(PRE(sql))) for sql, seconds in timings]
    total = sum(seconds for _, seconds in timings) * 1000
    parts.append(_folded(f"database: {len(timings)} statements, {total:.2f} ms", TABLE(*rows)))
    return DIV(*parts, _class="toolbar")


def _folded(title: str, content: Any) -> Any:
    return TAG.details(TAG.summary(title), content)


def _masked(values: dict[Any, Any]) -> dict[Any, Any]:
    """Return what may be shown: inner items and streams left out, secrets hidden."""
    return {
        name: "[hidden]" if _SECRET.search(str(name)) else value
        for name, value in values.items()
        if not str(name).startswith("_") and name not in ("wsgi", "body")
    }
