"""The `session` object: a dictionary that loads itself, and its documented functions."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from runtime.foundation.paths import APPLICATION_NAME
from runtime.foundation.storage import Storage
from runtime.sessions import frame
from runtime.sessions.cleaner import on_expiry
from runtime.sessions.database_store import DatabaseStore
from runtime.sessions.state import State
from runtime.sessions.stores import FileStore, Separate, SessionStore

logger = logging.getLogger("web2py.session")

LOCK_MODES = ("write", "request", "merge")
_complaints: set[tuple[str, str]] = set()


class Session(Storage):
    """A visitor's data, kept between requests (SESS-01).

    Nothing is read before the first use and nothing is written unless
    something changed; a visitor of whom nothing is kept gets no id, no cookie, no file.
    """

    __slots__ = ("_state",)
    _state: State

    def __init__(self) -> None:
        dict.__init__(self)
        _set_state(self, State())

    # -- a dictionary that loads itself ------------------------------------------------------------

    def __missing__(self, key: Any) -> Any:
        if self._state.loaded:
            return None
        frame.load(self)
        return dict.get(self, key)

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self[name]

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the item `key`, or `default`."""
        frame.load(self)
        return dict.get(self, key, default)

    def __contains__(self, key: Any) -> bool:
        frame.load(self)
        return dict.__contains__(self, key)

    def __iter__(self) -> Iterator[Any]:
        frame.load(self)
        return dict.__iter__(self)

    def __len__(self) -> int:
        frame.load(self)
        return dict.__len__(self)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __eq__(self, other: object) -> bool:
        frame.load(self)
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # a dictionary, as its base class

    def __repr__(self) -> str:
        frame.load(self)
        return Storage.__repr__(self)

    def keys(self) -> Any:
        """Names of what is kept."""
        frame.load(self)
        return dict.keys(self)

    def items(self) -> Any:
        """Names and values of what is kept."""
        frame.load(self)
        return dict.items(self)

    def values(self) -> Any:
        """Values of what is kept."""
        frame.load(self)
        return dict.values(self)

    def copy(self) -> Storage:
        """Return a plain `Storage` of the same items."""
        frame.load(self)
        return Storage(dict.copy(self))

    __copy__ = copy

    def __reduce__(self) -> tuple[Any, ...]:
        return (Storage, (dict(self.copy()),))

    def __setitem__(self, key: Any, value: Any) -> None:
        frame.load(self)
        if value.__class__ in frame.PLAIN and dict.__contains__(self, key):
            kept = dict.__getitem__(self, key)
            if kept.__class__ is value.__class__ and kept == value:
                return  # no change: nobody has to wait for it
        frame.before_write(self)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        frame.before_write(self)
        dict.__delitem__(self, key)

    def __ior__(self, other: Any) -> Session:  # type: ignore[misc]  # narrower than dict's
        self.update(other)
        return self

    def pop(self, key: Any, *default: Any) -> Any:
        """Remove an item and return its value."""
        if key in self:
            frame.before_write(self)
        return dict.pop(self, key, *default)

    def popitem(self) -> tuple[Any, Any]:
        """Remove the item set last and return its name and value."""
        frame.before_write(self)
        return dict.popitem(self)

    def update(self, *arguments: Any, **values: Any) -> None:
        """Set several items."""
        frame.before_write(self)
        dict.update(self, *arguments, **values)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the item `key`, set to `default` when it is not there."""
        if key not in self:
            self[key] = default
        return dict.__getitem__(self, key)

    def clear(self) -> None:
        """Remove everything (SESS-18)."""
        if len(self):
            frame.before_write(self)
            dict.clear(self)

    # -- documented functions ----------------------------------------------------------------------

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
            cookie_expires: seconds, a datetime (UTC) or text after which the browser drops the cookie.
            compression_level: 1 to 9 compresses a cookie session.
            lock: ``write`` locks at the first write; ``request`` for the whole
                request, as the old framework did; ``merge`` never waits for an
                action and merges changed names when it saves.
            timeout: seconds of idleness after which a session ends (SLIFE-01).

        Raises:
            ValueError: an unknown `lock`, a `masterapp` that is no application's
                name, a `db` that is neither a database nor a store.
        """
        if lock not in LOCK_MODES:
            raise ValueError(f"lock must be one of {', '.join(LOCK_MODES)}, not {lock!r}")
        if masterapp is not None and APPLICATION_NAME.fullmatch(masterapp) is None:
            raise ValueError(f"masterapp {masterapp!r} is not the name of an application")
        state = self._state
        if state.request is None:
            return  # outside of a request there is no visitor
        self._begin_again()
        state.application = masterapp or state.request["application"]
        state.response["session_id_name"] = name = frame.cookies.id_name(state.application)
        jar = dict.get(state.response, "cookies")
        if jar is not None:
            jar.session_name = name
        state.mode, state.timeout, state.check_client = lock, timeout, check_client
        state.cookie_key, state.cookie_expires = cookie_key, cookie_expires
        state.compression = compression_level
        _complain_of_unused(state.application, db, separate, cookie_key, compression_level)
        if isinstance(db, SessionStore):
            state.store = db.bind(state.application)
        elif db is not None:
            if not hasattr(db, "define_table"):
                raise ValueError(f"db must be a DAL database or a session store, not {type(db).__name__}")
            state.store = DatabaseStore(db, tablename, state.application, migrate)
        elif separate or masterapp:
            applications = os.path.dirname(state.request["folder"].rstrip("/\\"))
            state.store = FileStore(os.path.join(applications, state.application, "sessions"), separate)
        else:
            state.store = None
        frame.start(self)

    def _begin_again(self) -> None:
        """Drop what was read from another store before `connect`."""
        state = self._state
        if not state.loaded:
            return
        frame.release(self)
        before = frame.decode(state.blob, frame.site_key(state.site)) if state.blob else {}
        if dict.copy(self) != before:
            _complain(
                state.application, "session.connect is called after the session was changed: that is lost"
            )
        state.loaded, state.blob, state.session_id, state.old_id = False, b"", None, None
        state.kept = None
        state.response["session_id"] = state.response["session_file_name"] = None
        dict.clear(self)

    def forget(self, response: Any = None) -> None:
        """Do not save, whatever changes (SESS-05); with `response` also release the lock (SESS-06)."""
        self._state.forgotten = True
        if response is not None:
            frame.release(self)

    def release_lock(self) -> None:
        """Save now, let other requests of the session go on, and keep it for reading only (LOCK-04).

        In a database the session is seen by others when the request's transaction ends.

        Raises:
            SessionConflict: another request changed it meanwhile; the request runs again.
        """
        frame.check(self)
        frame.finish(self)
        self._state.read_only = True
        frame.release(self)

    def secure(self) -> None:
        """Send the session's cookie over HTTPS only (SESS-07)."""
        self._state.secure = self._state.send_cookie = True

    def samesite(self, mode: str | None = "Lax") -> None:
        """Set the cookie's SameSite: ``Lax``, ``Strict`` or ``None`` (SESS-18); None or False leaves it out.

        Raises:
            ValueError: another mode.
        """
        if mode and mode not in ("Lax", "Strict", "None"):
            raise ValueError(f"samesite must be Lax, Strict or None, not {mode!r}")
        self._state.samesite = mode or None
        self._state.send_cookie = True

    def renew(self, clear_session: bool = False) -> None:
        """Give the session a new id; the old one stops working when the request ends (SESS-18).

        Args:
            clear_session: True forgets the data too.
        """
        frame.before_write(self)
        state = self._state
        if clear_session:
            dict.clear(self)
        if state.session_id is not None:
            state.old_id, state.session_id = state.session_id, None

    def is_new(self) -> bool:
        """Tell whether this is the first call of this function in the session; notes the time then."""
        if self.get("_start_timestamp"):
            return False
        self["_start_timestamp"] = time.time()
        return True

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
        frame.load(self)
        return self._state.session_id

    def notify_on_expire(self, function: Callable[[str], object]) -> None:
        """Call `function` with the id when a session expires (SLIFE-03).

        A function hears of every session of the application; a model may
        register it at each request (SLIFE-04). A bound method hears of this
        session only, and keeps its object alive until then: prefer functions (SLIFE-05).
        """
        state = self._state
        if hasattr(function, "__self__"):
            state.expiry_methods = (*state.expiry_methods, function)
            frame.load(self)
        else:
            on_expiry(state.application, function)

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


_set_state = Session.__dict__["_state"].__set__


def _complain_of_unused(
    application: str, db: Any, separate: Separate | None, cookie_key: str | None, compression: int | None
) -> None:
    """Settings without effect are said so in the log, once per process (LOCK-10)."""
    if cookie_key is not None and db is not None:
        _complain(application, "session.connect: db has no effect beside cookie_key")
    if separate and (db is not None or cookie_key is not None):
        _complain(application, "session.connect: separate has an effect on session files only")
    if compression and cookie_key is None:
        _complain(application, "session.connect: compression_level has no effect without cookie_key")


def _complain(application: str, text: str) -> None:
    if (application, text) not in _complaints:
        _complaints.add((application, text))
        logger.warning("application %s: %s", application, text)
