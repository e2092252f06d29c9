"""Signed addresses: what `URL` signs and `URL.verify` checks (URL-12..14)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from runtime.foundation.current import current

SIGNATURE = "_signature"


def sign(
    path: str,
    vars: Mapping[str, Any],
    hmac_key: Any,
    salt: Any = None,
    hash_vars: bool | str | Iterable[str] = True,
) -> str:
    """Return the signature of an address: HMAC-SHA256 in hexadecimal digits.

    Args:
        path: ``/application/controller/function.extension/args``, decoded.
        vars: the query's variables.
        hash_vars: True signs all variables, False none, else the names to sign.
    """
    if hash_vars is True:
        names = [name for name in vars if name != SIGNATURE]
    elif not hash_vars:
        names = []
    else:
        wanted = [hash_vars] if isinstance(hash_vars, str) else [str(name) for name in hash_vars]
        names = [name for name in wanted if name in vars and name != SIGNATURE]
    pairs = sorted((str(name), _texts(vars[name])) for name in names)
    message = json.dumps([None if salt is None else str(salt), path, pairs])
    key = hmac_key if isinstance(hmac_key, bytes) else str(hmac_key).encode("utf-8")
    return hmac.new(key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def canonical_path(
    application: str,
    controller: str,
    function: str,
    extension: str | None,
    args: Iterable[Any],
    underscores: bool,
) -> str:
    """Path of an action as it is signed, whatever routes make of it.

    Args:
        extension: None leaves it out of the signature.
        underscores: the router in use reads a blank in args as an underscore (VAL-03).
    """
    dotted = f"{function}.{extension}" if extension else function
    path = "/".join(("", application, controller, dotted, *(str(arg) for arg in args)))
    return path.replace(" ", "_") if underscores else path


def user_key() -> str | None:
    """Key of the visitor's session (URL-14); None when nobody is known."""
    session = getattr(current, "session", None)
    auth = session.auth if session is not None else None
    if not auth:
        return None
    key = (
        auth["hmac_key"] if isinstance(auth, dict) and "hmac_key" in auth else getattr(auth, "hmac_key", None)
    )
    return str(key) if key else None


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]
