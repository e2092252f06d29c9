"""What follows a form that was read: functions of the application, messages, the way to the next page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from runtime.forms.speech import CHANGED, FAILURE, REFUSED, SUCCESS, say
from runtime.foundation.current import current
from runtime.foundation.http import redirect
from runtime.routing import URL

_NAME_IN_ADDRESS = re.compile(r"(?:\[|%5B)(\w+?)(?:\]|%5D)", re.IGNORECASE)  # URL() has quoted it
_WHOLE_ADDRESS = re.compile(r"[/?#.]|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DEFAULT_TEXT = object()


def call_all(functions: Any, form: Any) -> None:
    """Call a function, or each of several, with the form."""
    if not functions or isinstance(functions, str):
        return
    for function in functions if isinstance(functions, Iterable) else (functions,):
        function(form)


def call_onvalidation(form: Any, given: Any) -> None:
    """Call what `accepts` was given as `onvalidation`: in a dictionary by what came out."""
    if not given:
        return
    if not isinstance(given, dict):
        call_all(given, form)
        return
    if form.errors:
        call_all(given.get("onfailure"), form)
    else:
        call_all(given.get("onsuccess"), form)
    if form.record_changed:
        call_all(given.get("onchange"), form)


def finish(
    form: Any,
    *,
    onsuccess: Any = "flash",
    onfailure: Any = "flash",
    onchange: Any = "flash",
    message_onsuccess: Any = _DEFAULT_TEXT,
    message_onfailure: Any = _DEFAULT_TEXT,
    message_onchange: Any = _DEFAULT_TEXT,
    next: Any = None,
) -> bool:
    """Tell the visitor and the application what became of the form; tell whether it was accepted.

    Raises:
        HTTP: 303 to `next` after success.
    """
    if form.accepted:
        _answer(form, onsuccess, message_onsuccess, SUCCESS, keep=next is not None)
        if next is not None:
            redirect(fill_address(next(form) if callable(next) else next, form.vars))
    elif form.record_changed:
        _answer(form, onchange, message_onchange, CHANGED)
    elif form.refused:
        _answer(form, "flash" if onfailure else None, message_onchange, REFUSED)
    elif form.errors:
        _answer(form, onfailure, message_onfailure, FAILURE)
    return bool(form.accepted)


HANDLING = frozenset(finish.__kwdefaults__ or ())
"""Options of `process` and `validate` that say what follows."""


def _answer(form: Any, wanted: Any, message: Any, otherwise: str, keep: bool = False) -> None:
    if wanted == "flash":
        response = getattr(current, "response", None)
        text = say(otherwise) if message is _DEFAULT_TEXT else message
        if text is not None and response is not None:
            if keep:
                current.session.flash = text
            else:
                response.flash = text
    elif wanted:
        call_all(wanted, form)


def fill_address(address: Any, values: Any) -> str:
    """Return `address` with ``[name]`` replaced by the value of that name; unknown names stay.

    What is no address but names an action (``'index'``, ``'show/[id]'``) leads to that of the running
    controller.
    """

    def put(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return match[0] if value is None else quote(str(value), safe="")

    return whole_address(_NAME_IN_ADDRESS.sub(put, str(address)))


def whole_address(address: str) -> str:
    """Return `address`; for the bare name of an action, perhaps with arguments, its address."""
    return address if not address or _WHOLE_ADDRESS.match(address) else str(URL(address))
