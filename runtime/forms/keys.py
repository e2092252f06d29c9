"""Single-use keys: a form counts once, and only when this visitor was given it (FUN-03).

A key names the time it was made, a random number, and a code over both and the form's name with a secret of
the session. So showing a form changes nothing in the session; the first use of a key is noted there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Any

USED_KEPT = 30
"""Used keys that a session remembers one by one. Of keys older than those none is accepted any more."""

_SECRET = "_form_secret"  # noqa: S105  # the name of it
_USED = "_form_keys_used"
"""Stamps of used keys, oldest first, after the one up to which no key is accepted: one cheap text."""


def new_key(session: Any, formname: Any) -> str:
    """Return a fresh key for a form of this session."""
    secret = session.get(_SECRET)
    if not secret:
        secret = session[_SECRET] = secrets.token_hex(32)
    return _key(secret, formname, f"{time.time_ns() // 1_000_000:012x}.{secrets.token_hex(8)}")


def is_key(session: Any, formname: Any, sent: Any) -> bool:
    """Tell whether `sent` is a key of this session and form, used or not."""
    secret = session.get(_SECRET)
    if not secret or not isinstance(sent, str) or not sent.isascii():
        return False
    return hmac.compare_digest(_key(secret, formname, sent.rpartition(".")[0]), sent)


def use_key(session: Any, formname: Any, sent: Any) -> bool:
    """Tell whether `sent` is a key of this session and form that was not used yet; from now on it is used."""
    if not is_key(session, formname, sent):
        return False
    stamp = sent.rpartition(".")[0]
    floor, *used = str(session.get(_USED) or "").split(" ")
    if stamp <= floor or stamp in used:
        return False
    used = sorted([*used, stamp])
    if len(used) > USED_KEPT:
        floor = used.pop(0)
    session[_USED] = " ".join((floor, *used))
    return True


def _key(secret: str, formname: Any, stamp: str) -> str:
    code = hashlib.blake2b(f"{stamp} {formname}".encode(), key=bytes.fromhex(secret), digest_size=16)
    return f"{stamp}.{code.hexdigest()}"
