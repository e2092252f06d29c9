"""The cookie of "remember me": it logs in again when the session is gone."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from runtime.foundation.current import current


def _name() -> str:
    return f"remember_{current.request.application}"


def _signature(key: str, user: Any, passfield: str, expires: int) -> str:
    """Sign with what changes when the account does: a new password ends all cookies."""
    secret = "|".join(
        str(user.get(name) or "") for name in (passfield, "registration_key", "reset_password_key")
    )
    message = f"{current.request.application}|{user['id']}|{expires}|{secret}"
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()


def issue(key: str, user: Any, passfield: str, seconds: int) -> None:
    """Send the cookie.

    Args:
        key: secret of the application.
        user: record as it is in the database.
        passfield: name of its password field.
        seconds: how long it is good.
    """
    expires = int(time.time()) + int(seconds)
    name, jar = _name(), current.response.cookies
    jar[name] = f"{user['id']}-{expires}-{_signature(key, user, passfield, expires)}"
    morsel = jar[name]
    morsel["path"], morsel["max-age"] = "/", int(seconds)
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    if current.request.is_https:
        morsel["secure"] = True


def drop() -> None:
    """Take the cookie away."""
    name = _name()
    if name in current.request.cookies:
        jar = current.response.cookies
        jar[name] = ""
        jar[name]["path"], jar[name]["max-age"] = "/", 0


def is_sent() -> bool:
    """Tell whether the visitor has such a cookie; cheap."""
    request = current.request
    environ = getattr(request, "_environ", None) or {}
    return f"remember_{request.application}=" in environ.get("HTTP_COOKIE", "")


def user_of(key: str, table: Any, passfield: str) -> tuple[Any, int] | None:
    """Return the record of the user whose cookie the visitor has, and the seconds that it is still good.

    Returns:
        None without a good cookie.
    """
    morsel = current.request.cookies.get(_name())
    parts = morsel.value.split("-") if morsel is not None else []
    if len(parts) != 3 or not all(part.isascii() for part in parts) or not (parts[0] + parts[1]).isdigit():
        return None
    expires = int(parts[1])
    rest = expires - int(time.time())
    if rest <= 0 or len(parts[0]) > 18:
        return None
    user = table(int(parts[0]))
    if user is None or not user[passfield]:
        return None
    right = _signature(key, user, passfield, expires)
    return (user, rest) if hmac.compare_digest(right, parts[2]) else None
