"""The cookies of a session (COOK-06, COOK-07, SESS-07)."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie
from typing import Any


class ResponseCookies(SimpleCookie):
    """`response.cookies`: attributes of the session's cookie may be set before it exists (COOK-07)."""

    def __init__(self, session_name: str | None = None) -> None:
        super().__init__()
        self._session_name = session_name
        self._pending: Morsel[str] = Morsel()

    def __getitem__(self, key: str) -> Morsel[str]:
        if key == self._session_name and key not in self:
            return self._pending
        return super().__getitem__(key)

    def set_session(self, name: str, value: str, **attributes: Any) -> None:
        """Set the session's cookie; what the application asked of it wins over `attributes`."""
        asked = {k: v for k, v in dict(self._pending).items() if v}
        kept = {k: v for k, v in dict(dict.get(self, name) or {}).items() if v}
        self[name] = value
        super().__getitem__(name).update(attributes | asked | kept)


def client_part(request: Any) -> str:
    """Return the client's address as the first part of a session id (REQ-32, AMB-35)."""
    return str(request.client or "local").replace(":", "-")


def set_id(state: Any) -> None:
    """Send the cookie that carries the session's id."""
    _set(state, f"session_id_{state.application}", state.session_id)


def set_data(state: Any, value: str) -> None:
    """Send the cookie that carries the session itself."""
    _set(state, f"session_data_{state.application}", value)


def _set(state: Any, name: str, value: str) -> None:
    attributes: dict[str, Any] = {"path": "/", "httponly": True}
    if state.samesite:
        attributes["samesite"] = state.samesite
    if state.secure or state.request.is_https:
        attributes["secure"] = True
    expires = state.cookie_expires
    if isinstance(expires, (int, float)):
        attributes["max-age"] = int(expires)
    elif expires is not None:
        attributes["expires"] = (
            expires.strftime("%a, %d %b %Y %H:%M:%S GMT") if hasattr(expires, "strftime") else str(expires)
        )
    state.response["cookies"].set_session(name, value, **attributes)
