"""The `session` object: loaded at the first touch, locked at the first write, saved only when changed.

Reading takes no lock. The first write takes the session's lock and looks
whether what was read is still current; if not, the request runs again from the
start under the lock. Actions seen to write lock at their first touch from then
on. So read-modify-write is exact and readers run side by side (LOCK-01).
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.sessions import cookies
from runtime.sessions.cleaner import on_expiry, tell_expired
from runtime.sessions.codec import decode, encode, same_data, site_key
from runtime.sessions.cookie_store import CookieTooLarge, seal, unseal
from runtime.sessions.database_store import DatabaseStore
from runtime.sessions.locks import Held
from runtime.sessions.stores import ID, FileStore, Separate, SessionStore, StoreUnavailable

logger = logging.getLogger("web2py.session")

_KEYS: dict[str, bytes] = {}
_WRITERS: set[tuple[str, str, str]] = set()
"""Actions that wrote a session before: they lock at the first touch."""
_WRITERS_LIMIT = 10_000
LOCK_MODES = ("write", "request", "merge")


class SessionConflict(BaseException):
    """The session changed under a request that changes it too: run the request again under the lock."""


class _State:
    """What a session object knows of its request and store."""

    __slots__ = (
        "address", "application", "blob", "check_client", "compression", "cookie_expires", "cookie_key",
        "force_lock", "forgotten", "held", "loaded", "mode", "old_id", "read_only", "request", "response",
        "samesite", "secure", "session_id", "site", "start", "store", "timeout",
    )  # fmt: skip

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, None)
        self.mode = "write"
        self.samesite = "Lax"


class Session(Storage):
    """A visitor's data, kept between requests (SESS-01).

    Nothing is read before the first use and nothing is written unless
    something changed; a visitor of whom nothing is kept gets no id, no cookie, no file.
    """

    __slots__ = ("_state",)

    def __init__(self) -> None:
        dict.__init__(self)
        object.__setattr__(self, "_state", _State())

    # -- the frame around a request, called by the application object -----------------------------

    def begin(self, request: Any, response: Any, site_root: str, force_lock: bool = False) -> None:
        """Bind the session to one request with the default store: files. Reads nothing.

        Args:
            request: the request.
            response: its response; gets ``session_id_name`` (RESP-15).
            site_root: site folder, for the key that signs sessions.
            force_lock: True takes the lock at the first touch: the second attempt after a conflict.
        """
        state = self._state
        state.request, state.response, state.site = request, response, site_root
        state.force_lock = force_lock
        state.application = request.application
        state.store = FileStore(os.path.join(request.folder, "sessions"))
        state.address = request._environ.get("PATH_INFO", "")
        response["session_id_name"] = f"session_id_{request.application}"

    def check(self) -> None:
        """Find out, before the database commits, whether the session can be saved.

        A store inside the request's database transaction is written here.

        Raises:
            SessionConflict: another request changed it meanwhile.
            Exception: something in it can not be pickled (SESS-16).
        """
        state = self._state
        if not state.loaded or state.forgotten or state.read_only or not self._changed():
            return
        self._lock_to_write()
        if state.store is not None and state.store.transactional:
            self._store()

    def finish(self) -> None:
        """Save what changed and set the cookie; called once, when the request succeeded."""
        state = self._state
        if not state.loaded:
            return
        if not (state.forgotten or state.read_only) and self._changed():
            self._store()
        if state.session_id is not None and state.cookie_key is None:
            cookies.set_id(state)
        if state.old_id is not None:
            state.store.delete(state.old_id)

    def release(self) -> None:
        """Give back the lock; safe to call at any time, and twice (LOCK-09)."""
        held: Held | None = self._state.held
        self._state.held = None
        if held is not None:
            held.release()

    @property
    def known(self) -> bool:
        """True when the client sent a cookie of this session; reads nothing."""
        state = self._state
        if state.request is None:
            return False
        sent = state.request._environ.get("HTTP_COOKIE", "")
        return f"session_id_{state.application}" in sent or f"session_data_{state.application}" in sent

    # -- loading ------------------------------------------------------------------------------------

    def _load(self) -> None:
        state = self._state
        if state.loaded or state.request is None:
            return
        state.loaded = True
        try:
            blob = self._read_cookie() if state.cookie_key is not None else self._read_store()
        except StoreUnavailable as error:
            logger.error("the session store does not answer: %s", error)
            raise HTTP(503, "The session can not be read now. Try again in a moment.") from None
        data = decode(blob, self._key()) if blob else {}
        if data is None:
            logger.warning(
                "session of %s for %s can not be read: a new one begins", state.address, state.request.client
            )
            state.session_id, blob, data = None, None, {}
        state.blob = blob
        dict.update(self, data)
        state.start = dict(data) if state.mode == "merge" else None

    def _read_cookie(self) -> bytes | None:
        state = self._state
        morsel = state.request.cookies.get(f"session_data_{state.application}")
        return unseal(morsel.value, state.cookie_key, state.application) if morsel is not None else None

    def _read_store(self) -> bytes | None:
        state = self._state
        morsel = state.request.cookies.get(state.response["session_id_name"])
        if morsel is None or ID.fullmatch(morsel.value) is None:
            return None
        session_id = morsel.value
        if state.check_client and not session_id.startswith(f"{cookies.client_part(state.request)}."):
            logger.warning("session of another address refused for %s", state.request.client)
            return None
        if state.mode == "request" or state.force_lock or self._action() in _WRITERS:
            state.held = state.store.lock(session_id, state.address)
        blob: bytes | None = state.store.read(session_id)
        if blob is None or self._expired(session_id):
            self.release()
            return None
        state.session_id = state.response["session_id"] = session_id
        state.response["session_file_name"] = state.store.path(session_id)
        return blob

    def _expired(self, session_id: str) -> bool:
        """SLIFE-01, SLIFE-02: look at the idle time when there is a limit; use extends the life."""
        state = self._state
        if state.timeout is None:
            return False
        idle = state.store.idle_seconds(session_id, time.time())
        if idle is not None and idle > state.timeout:
            state.store.delete(session_id)
            tell_expired(state.application, session_id)
            return True
        if idle is not None and idle > state.timeout / 20:
            state.store.touch(session_id)
        return False

    def _key(self) -> bytes:
        site = self._state.site
        key = _KEYS.get(site)
        if key is None:
            key = _KEYS[site] = site_key(site)
        return key

    def _action(self) -> tuple[str, str, str]:
        request = self._state.request
        return (request.application, request.controller, request.function)

    # -- writing --------------------------------------------------------------------------------------

    def _before_write(self) -> None:
        self._load()
        if self._state.mode == "write":
            self._lock_to_write()

    def _lock_to_write(self) -> None:
        """Take the lock of an existing session, and look whether what was read is still there."""
        state = self._state
        if state.session_id is None or state.held is not None or state.forgotten or state.mode != "write":
            return
        if len(_WRITERS) < _WRITERS_LIMIT:
            _WRITERS.add(self._action())
        state.held = state.store.lock(state.session_id, state.address)
        if state.held is not None and state.store.read(state.session_id) != state.blob:
            raise SessionConflict

    def _changed(self) -> bool:
        state = self._state
        if not state.blob:
            return bool(dict.__len__(self))
        return state.old_id is not None or not same_data(dict(self), state.blob, self._key())

    def _store(self) -> None:
        state = self._state
        if state.mode == "merge" and state.session_id is not None:
            self._merge()
        blob = encode(dict(self), self._key())
        if state.cookie_key is not None:
            try:
                value = seal(blob, state.cookie_key, state.application, state.compression)
            except CookieTooLarge as error:
                logger.error("session of %s was not saved: %s", state.address, error)
                return
            cookies.set_data(state, value)
        else:
            if state.session_id is None:
                self._new_id()
            state.store.write(state.session_id, blob)
        state.blob = blob

    def _new_id(self) -> None:
        state = self._state
        if isinstance(state.store, DatabaseStore):
            state.session_id = state.store.new_id()
        else:
            state.session_id = f"{cookies.client_part(state.request)}.{secrets.token_hex(16)}"
        state.response["session_id"] = state.session_id
        state.response["session_file_name"] = state.store.path(state.session_id)

    def _merge(self) -> None:
        """Put this request's changes over what others saved meanwhile, under a short lock."""
        state = self._state
        if state.held is None:
            state.held = state.store.lock(state.session_id, state.address)
        current = decode(state.store.read(state.session_id) or b"", self._key()) or {}
        before, mine = state.start or {}, dict(self)
        for name in before.keys() - mine.keys():
            current.pop(name, None)
        current.update({n: v for n, v in mine.items() if n not in before or before[n] != v})
        dict.clear(self)
        dict.update(self, current)

    # -- a dictionary that loads itself --------------------------------------------------------------

    def __missing__(self, key: Any) -> Any:
        if self._state.loaded:
            return None
        self._load()
        return dict.get(self, key)

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self[name]

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the item `key`, or `default`."""
        self._load()
        return dict.get(self, key, default)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._before_write()
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._before_write()
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

    def __bool__(self) -> bool:
        return len(self) > 0

    def keys(self) -> Any:
        """Names of what is kept."""
        self._load()
        return dict.keys(self)

    def items(self) -> Any:
        """Names and values of what is kept."""
        self._load()
        return dict.items(self)

    def values(self) -> Any:
        """Values of what is kept."""
        self._load()
        return dict.values(self)

    def pop(self, *arguments: Any) -> Any:
        """Remove an item and return its value."""
        self._before_write()
        return dict.pop(self, *arguments)

    def update(self, *arguments: Any, **values: Any) -> None:
        """Set several items."""
        self._before_write()
        dict.update(self, *arguments, **values)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the item `key`, set to `default` when it is not there."""
        if key not in self:
            self[key] = default
        return dict.__getitem__(self, key)

    def clear(self) -> None:
        """Remove everything (SESS-18)."""
        self._before_write()
        dict.clear(self)

    # -- documented functions ------------------------------------------------------------------------

    def connect(
        self,
        request: Any = None,
        response: Any = None,
        db: Any = None,
        tablename: str = "web2py_session",
        masterapp: str | None = None,
        migrate: Any = True,
        separate: Separate | None = None,
        check_client: bool = False,
        cookie_key: str | None = None,
        cookie_expires: Any = None,
        compression_level: int | None = None,
        lock: str = "write",
        timeout: float | None = None,
    ) -> None:
        """Choose where this application's sessions are kept (SESS-08..17). Call it before using the session.

        Args:
            request: accepted for compatibility, as is `response`.
            response: see `request`.
            db: DAL database, or a store such as `RedisSession`; None keeps files.
            tablename: beginning of the table's name.
            masterapp: share the session of that application (SESS-11, SESS-12).
            migrate: passed to the table's definition.
            separate: subfolders for files: True, or a function of the session's id (SESS-15).
            check_client: True refuses a cookie that another address was given.
            cookie_key: keep the session in a cookie, encrypted with this key (SESS-13).
            cookie_expires: seconds, a datetime or text after which the browser drops the cookie.
            compression_level: 1 to 9 compresses a cookie session.
            lock: ``write`` locks at the first write; ``request`` for the whole
                request, as the old framework did; ``merge`` never waits and
                merges changed names when it saves.
            timeout: seconds of idleness after which a session ends (SLIFE-01).

        Raises:
            ValueError: an unknown `lock`.
        """
        if lock not in LOCK_MODES:
            raise ValueError(f"lock must be one of {', '.join(LOCK_MODES)}, not {lock!r}")
        state = self._state
        if state.loaded:
            self.release()
            state.loaded, state.blob, state.session_id = None, None, None
            dict.clear(self)
        state.application = masterapp or state.request.application
        state.response["session_id_name"] = f"session_id_{state.application}"
        state.mode, state.timeout, state.check_client = lock, timeout, check_client
        state.cookie_key, state.cookie_expires, state.compression = (
            cookie_key,
            cookie_expires,
            compression_level,
        )
        if isinstance(db, SessionStore):
            state.store = db.bind(state.application) if hasattr(db, "bind") else db
        elif db is not None:
            state.store = DatabaseStore(db, tablename, state.application, migrate, state.request)
        else:
            folder = os.path.join(os.path.dirname(state.request.folder.rstrip("/\\")), state.application)
            state.store = FileStore(os.path.join(folder, "sessions"), separate)
        if lock == "request":
            self._load()

    def forget(self, response: Any = None) -> None:
        """Do not save, whatever changes (SESS-05); with `response` also let other requests go on (SESS-06)."""
        self._state.forgotten = True
        if response is not None:
            self.release()

    def release_lock(self) -> None:
        """Save now, let other requests of the session go on, and keep it for reading only (LOCK-04).

        Raises:
            SessionConflict: another request changed it meanwhile; the request runs again.
        """
        self.check()
        self.finish()
        self._state.read_only = True
        self.release()

    def secure(self) -> None:
        """Send the session's cookie over HTTPS only (SESS-07)."""
        self._state.secure = True

    def samesite(self, mode: str = "Lax") -> None:
        """Set the cookie's SameSite: ``Lax``, ``Strict`` or ``None`` (SESS-18)."""
        self._state.samesite = mode

    def renew(self, clear_session: bool = False) -> None:
        """Give the session a new id; the old one stops working when the request ends (SESS-18).

        Args:
            clear_session: True forgets the data too.
        """
        self._before_write()
        state = self._state
        if clear_session:
            dict.clear(self)
        if state.session_id is not None:
            state.old_id, state.session_id = state.session_id, None

    def is_expired(self, seconds: float = 3600) -> bool:
        """Tell whether the last call of this function is more than `seconds` ago; notes the time if not."""
        now = time.time()
        last = self.get("_last_timestamp")
        if last and now - last > seconds:
            return True
        self["_last_timestamp"] = now
        return False

    @property
    def uid(self) -> str | None:
        """The session's id, None before something was stored (SLIFE-08)."""
        self._load()
        session_id: str | None = self._state.session_id
        return session_id

    def notify_on_expire(self, function: Callable[[str], object]) -> None:
        """Call `function` with the id when a session of this application expires (SLIFE-03, SLIFE-04)."""
        on_expiry(self._state.application, function)

    def adapt(self, kind: Callable[[], Any]) -> Any:
        """Return one object of `kind` that lives as long as the session, made at first use (SLIFE-06).

        `kind` must be importable, from a module: its objects are kept with
        the session, so they must survive pickling (SLIFE-07).
        """
        name = f"_adapter_{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', kind)}"
        found = self.get(name)
        if found is None:
            found = self[name] = kind()
        return found
