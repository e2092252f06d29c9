"""The cookies of a session (COOK-06, COOK-07, SESS-07)."""

from __future__ import annotations

import datetime
from http.cookies import Morsel, SimpleCookie
from typing import Any


class ResponseCookies(SimpleCookie):
    """`response.cookies`: attributes of the session's cookie may be set before it exists (COOK-07).

    Args:
        session_name: name of the session's cookie.
    """

    def __init__(self, session_name: str | None = None) -> None:
        super().__init__()
        self.session_name = session_name
        self._asked: Morsel[str] = Morsel()

    def __getitem__(self, key: str) -> Morsel[str]:
        if key == self.session_name and key not in self:
            return self._asked
        return super().__getitem__(key)

    def asked(self) -> bool:
        """Tell whether the application has set an attribute of the session's cookie."""
        return any(value != "" for value in dict.values(self._asked))

    def set_session(self, name: str, value: str, **attributes: Any) -> None:
        """Set the session's cookie; what the application asked of it wins over `attributes`."""
        asked = {key: given for key, given in dict.items(self._asked) if given != ""}
        before = dict.get(self, name)
        if before is not None:
            asked |= {key: given for key, given in dict.items(before) if given != ""}
        self[name] = value
        super().__getitem__(name).update(attributes | asked)


def id_name(application: str) -> str:
    """Return the name of the cookie that carries a session's id."""
    return f"session_id_{application}"


def data_name(application: str) -> str:
    """Return the name of the cookie that carries a whole session."""
    return f"session_data_{application}"


def attributes_of(expires: Any, samesite: str | None, secure: bool) -> dict[str, Any]:
    """Return the attributes of a session's cookie (COOK-06).

    Args:
        expires: seconds from now, a datetime (naive: UTC), or the text of the
            attribute; None ends it with the browser.
        samesite: ``Lax``, ``Strict``, ``None`` as text; None leaves it out.
        secure: over HTTPS only.
    """
    attributes: dict[str, Any] = {"path": "/", "httponly": True}
    if samesite:
        attributes["samesite"] = samesite
    if secure:
        attributes["secure"] = True
    if isinstance(expires, datetime.timedelta):
        expires = expires.total_seconds()
    if isinstance(expires, (int, float)):
        attributes["max-age"] = int(expires)
    elif isinstance(expires, datetime.datetime):
        from email.utils import format_datetime

        aware = expires if expires.tzinfo else expires.replace(tzinfo=datetime.UTC)
        attributes["expires"] = format_datetime(aware.astimezone(datetime.UTC), usegmt=True)
    elif expires is not None:
        attributes["expires"] = str(expires)
    return attributes
