"""Turning any object into a short text, whatever its own code does."""

from __future__ import annotations

import re
import reprlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

MASK = "[hidden]"
SECRET = re.compile(
    r"passw|secret|token|cookie|authorization|api_?key|hmac|signature|credential|private_key", re.IGNORECASE
)
"""Names whose values are hidden; `hide` adds more."""
_MORE: list[re.Pattern[str]] = []

_REPR = reprlib.Repr()
_REPR.maxlevel = 4
_REPR.maxdict = _REPR.maxlist = _REPR.maxtuple = _REPR.maxset = 20
_REPR.maxstring = _REPR.maxother = 400
LENGTH = 1000
NAMES = 60
SECONDS = 0.5
"""Seconds that all values of one ticket may take together; what is not ready by then is left out."""


def hide(pattern: str) -> None:
    """Hide the values of further names: those that `pattern` is found in."""
    compiled = re.compile(pattern, re.IGNORECASE)
    if compiled not in _MORE:
        _MORE.append(compiled)


def is_secret(name: object) -> bool:
    """Tell whether a value of this name must not be shown."""
    text = str(name)
    return SECRET.search(text) is not None or any(pattern.search(text) for pattern in _MORE)


def safe_text(value: Any) -> str:
    """Return `value` as a text of at most `LENGTH` letters; never raises."""
    try:
        text = _REPR.repr(value)
    except Exception as error:  # an object's own __repr__ may do anything
        return f"<{type(value).__name__} that can not be shown: {type(error).__name__}>"
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}... ({len(text)} letters)"


def safe_mapping(values: Mapping[Any, Any], skip: Callable[[str], bool] = lambda _: False) -> dict[str, str]:
    """Return names and values as texts, secrets hidden, at most `NAMES` of them; never raises."""
    out: dict[str, str] = {}
    try:
        pairs = list(values.items())
    except Exception:
        return out
    for name, value in pairs:
        key = str(name) if isinstance(name, str) else safe_text(name)
        if skip(key):
            continue
        if len(out) == NAMES:
            out["..."] = f"{len(pairs) - NAMES} more"
            break
        out[key] = MASK if is_secret(key) else _inner(value)
    return out


def _inner(value: Any) -> str:
    """Hide secrets one level down too: a dictionary of settings, form fields, headers."""
    if (isinstance(value, Mapping) and type(value).__module__ != "builtins") or isinstance(value, dict):
        try:
            shown = {k: MASK if is_secret(k) else v for k, v in value.items()}
        except Exception:
            return safe_text(value)
        return safe_text(shown)
    return safe_text(value)


def within_time(work: Callable[[], None], seconds: float = SECONDS) -> bool:
    """Run `work` beside this thread and wait for at most `seconds`; tell whether it ended.

    A `__repr__` that hangs costs the waiting time once, and nothing else.
    """
    thread = threading.Thread(target=work, name="ticket-values", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
