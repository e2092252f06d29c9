"""The `session` object: loaded at the first touch, saved only when changed (SESS-01..05, FLOW-04)."""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Iterator
from typing import Any

from runtime.foundation.files import write_atomic
from runtime.foundation.storage import Storage
from runtime.sessions.codec import decode, encode, site_key

logger = logging.getLogger("web2py.session")
_ID = re.compile(r"[\w.:-]{16,120}", re.ASCII)
_KEYS: dict[str, bytes] = {}


class SessionConflict(BaseException):
    """The session changed under a request that changed it too: run the request again under the lock."""


class Session(Storage):
    """A visitor's data, kept between requests.

    Nothing is read before the first use and nothing is written unless
    something changed; a visitor of whom nothing is kept gets no id, no cookie, no file.
    """

    __slots__ = ("_blob", "_forgotten", "_loaded", "_request", "_response", "_site")

    def __init__(self) -> None:
        dict.__init__(self)
        for name in Session.__slots__:
            object.__setattr__(self, name, None)

    def begin(self, request: Any, response: Any, site_root: str) -> None:
        """Bind the session to one request; reads nothing."""
        object.__setattr__(self, "_request", request)
        object.__setattr__(self, "_response", response)
        object.__setattr__(self, "_site", site_root)
        response["session_id_name"] = f"session_id_{request.application}"

    @property
    def known(self) -> bool:
        """True when the client sent this session's cookie; reads nothing."""
        request = self._request
        return request is not None and self._response["session_id_name"] in request._environ.get(
            "HTTP_COOKIE", ""
        )

    # -- loading at first touch -----------------------------------------------------------------

    def _load(self) -> None:
        if self._loaded or self._request is None:
            return
        object.__setattr__(self, "_loaded", True)
        response = self._response
        morsel = self._request.cookies.get(response["session_id_name"])
        if morsel is None or _ID.fullmatch(morsel.value) is None:
            return
        path = os.path.join(self._request.folder, "sessions", morsel.value)
        try:
            with open(path, "rb") as stream:
                blob = stream.read()
        except OSError:
            return
        data = decode(blob, self._key())
        if data is None:
            logger.warning("session %s of %s can not be read: a new one begins", path, self._request.client)
            return
        object.__setattr__(self, "_blob", blob)
        response["session_id"] = morsel.value
        response["session_file_name"] = path
        dict.update(self, data)

    def _key(self) -> bytes:
        key = _KEYS.get(self._site)
        if key is None:
            key = _KEYS[self._site] = site_key(self._site)
        return key

    def __missing__(self, key: Any) -> Any:
        if not self._loaded:
            self._load()
            return dict.get(self, key)
        return None

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self[name]

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the item `key`, or `default`."""
        self._load()
        return dict.get(self, key, default)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._load()
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._load()
        dict.__delitem__(self, key)

    def __contains__(self, key: Any) -> bool:
        self._load()
        return dict.__contains__(self, key)

    def __iter__(self) -> Iterator[Any]:
        self._load()
        return dict.__iter__(self)

    def __len__(self) -> int:
        self._load()
        return dict.__len__(self)

    def keys(self) -> Any:
        """Names of what is kept."""
        self._load()
        return dict.keys(self)

    def items(self) -> Any:
        """Names and values of what is kept."""
        self._load()
        return dict.items(self)

    def pop(self, *arguments: Any) -> Any:
        """Remove an item and return its value."""
        self._load()
        return dict.pop(self, *arguments)

    # -- documented functions -------------------------------------------------------------------

    def forget(self, response: Any = None) -> None:
        """Do not save, whatever changes (SESS-05); with `response` also let other requests go on."""
        object.__setattr__(self, "_forgotten", True)

    def secure(self) -> None:
        """Send the session's cookie over HTTPS only (SESS-07)."""
        self._response["session_cookie_secure"] = True

    # -- saving -----------------------------------------------------------------------------------

    def finish(self) -> None:
        """Save what changed and set the cookie; called once, when the request succeeded.

        Raises:
            OSError: the session can not be written.
        """
        if not self._loaded or self._forgotten or (not self._blob and not dict.__len__(self)):
            return
        response, request = self._response, self._request
        blob = encode(dict(self), self._key())
        if blob != self._blob:
            if response["session_id"] is None:
                response["session_id"] = f"{request.client or 'local'}.{secrets.token_hex(16)}".replace(
                    ":", "-"
                )
            folder = os.path.join(request.folder, "sessions")
            os.makedirs(folder, exist_ok=True)
            response["session_file_name"] = os.path.join(folder, response["session_id"])
            write_atomic(response["session_file_name"], blob, mode=0o600)
        self._set_cookie()

    def _set_cookie(self) -> None:
        response = self._response
        name = response["session_id_name"]
        response.cookies[name] = response["session_id"]
        morsel = response.cookies[name]
        morsel["path"] = "/"
        morsel["httponly"] = True
        morsel["samesite"] = "Lax"
        if response["session_cookie_secure"] or self._request.is_https:
            morsel["secure"] = True

    def release(self) -> None:
        """Give back whatever the request held; safe to call twice."""
        object.__setattr__(self, "_request", None)
