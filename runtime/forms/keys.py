"""Single-use keys: a form counts once, and only when this visitor was given it (issue of forged requests)."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

KEYS_KEPT = 10
"""Keys of one form name that a session remembers: so many windows with the same form can be open."""


def _place(formname: Any) -> str:
    return f"_formkey[{formname}]"


def new_key(session: Any, formname: Any) -> str:
    """Return a fresh key and note it in the session; the oldest of more than `KEYS_KEPT` is forgotten."""
    key = secrets.token_hex(16)
    place = _place(formname)
    session[place] = [*(session.get(place) or ()), key][-KEYS_KEPT:]
    return key


def use_key(session: Any, formname: Any, sent: Any) -> bool:
    """Tell whether `sent` is a key of this session and form that was not used yet; from now on it is used."""
    place = _place(formname)
    keys = session.get(place) or ()
    if not isinstance(sent, str) or not sent.isascii():
        return False
    found = [key for key in keys if hmac.compare_digest(str(key), sent)]
    if not found:
        return False
    session[place] = [key for key in keys if key not in found]
    return True
