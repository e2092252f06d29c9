"""The frame around a request: bind, load, lock, check, save, release.

Reading takes no lock. The first write takes the session's lock and looks
whether what was read is still current; if not, the request runs again from the
start under the lock. Actions that mostly write lock at their first touch. So
read-modify-write is exact and readers run side by side (LOCK-01).

The application object calls `begin`, `start`, `check` before and `finish` after
the databases commit, and `end` whatever happened.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

from runtime.dal.state import state as database_state
from runtime.sessions import cookies
from runtime.sessions.cleaner import on_expiry_of, tell_expired
from runtime.sessions.codec import decode, encode, encode_changed, site_key
from runtime.sessions.cookie_store import CookieTooLarge, seal, unseal
from runtime.sessions.habits import note_use, usually_writes
from runtime.sessions.locks import Held, SessionLockBusy, SessionLockTimeout
from runtime.sessions.stores import FileStore, SessionStore, StoreUnavailable

if TYPE_CHECKING:
    from runtime.sessions.session import Session
    from runtime.sessions.state import State

logger = logging.getLogger("web2py.session")


class SessionConflict(BaseException):
    """The session changed under a request that changes it too: run the request again under the lock."""


class SessionUnavailable(BaseException):
    """The session can be neither read nor saved now: undo the request's work, answer 503 with the text."""


PLAIN = (str, int, float, bool, bytes)
"""Types whose values are either the same or changed: nothing is inside them."""

_AGAIN = "Your session can not be reached at the moment. Please try again shortly."
_BUSY = "Another page of your session is still being made. Please try again shortly."


# -- called by the application object ----------------------------------------------------------------


def begin(
    session: Session,
    request: Any,
    response: Any,
    site_root: str,
    *,
    mode: str = "write",
    force_lock: bool = False,
) -> None:
    """Bind `session` to one request with the default store: files. Reads nothing.

    Args:
        session: a new session.
        request: the request.
        response: its response; gets ``session_id_name`` (RESP-15).
        site_root: site folder, for the key that signs sessions.
        mode: how it is locked unless `session.connect` says otherwise.
        force_lock: True takes the lock at the first touch: the second attempt after a conflict.
    """
    state = session._state
    state.request, state.response, state.site = request, response, site_root
    state.application = application = request["application"]
    if mode != "write":
        state.mode = mode
    if force_lock:
        state.force_lock = True
    response["session_id_name"] = f"session_id_{application}"


def start(session: Session) -> None:
    """Take the lock before any model runs, for a second attempt or when whole requests are locked."""
    state = session._state
    if state.mode == "request" or state.force_lock:
        load(session)


def check(session: Session) -> None:
    """Find out, before the databases commit, whether the session can be saved.

    A store inside the request's database transaction is written here.

    Raises:
        SessionConflict: another request changed it meanwhile.
        SessionUnavailable: the store does not answer, or the lock was not free in time.
        Exception: something in it can not be pickled (SESS-16).
    """
    state = session._state
    if state.conflict:
        raise SessionConflict  # the application has caught the first one
    if not state.loaded and _cookie_asked(state) and known(session):
        load(session)  # its cookie is to be sent again
    if not state.loaded or state.forgotten:
        return
    changed = _changed(session)
    if state.read_only:
        if changed is not None:
            logger.warning("%s changed the session after release_lock: the change is lost", state.address)
        return
    note_use(state.request, wrote=changed is not None)
    if changed is None:
        return
    lock_to_write(session)
    if not _still_locked(state):
        release(session)
        state.conflict = True
        raise SessionConflict
    state.changed = changed
    if state.cookie_key is None and store_of(state).transactional:
        _save(session, changed)


def _changed(session: Session) -> bytes | None:
    """Return the session's bytes when they are not what is stored; None when nothing changed."""
    state = session._state
    if not state.blob and not dict.__len__(session):
        return None  # empty, and never stored
    differs = state.old_id is not None or _differs(session, state.kept)
    if differs is False:
        return None
    data, key = dict.copy(session), site_key(state.site)
    return encode(data, key) if differs else encode_changed(data, state.blob, key)


def _differs(session: Session, kept: dict[Any, Any] | None) -> bool | None:
    """Tell by names and plain values whether anything changed; None when that takes a look inside others."""
    if kept is None or dict.keys(session) != kept.keys():
        return None if kept is None else True
    verdict: bool | None = False
    for name, value in dict.items(session):
        before = kept[name]
        if value.__class__ not in PLAIN or before.__class__ not in PLAIN:
            verdict = None
        elif value is not before and (value.__class__ is not before.__class__ or value != before):
            return True
    return verdict


def finish(session: Session) -> None:
    """Save what `check` found changed and set the cookie; called after the databases have committed.

    Raises:
        SessionUnavailable: the store does not answer.
        OSError: the file could not be written; the old one is untouched.
    """
    state = session._state
    if not state.loaded:
        return
    if state.changed is not None:
        _save(session, state.changed)
    if _cookie_asked(state):
        if state.cookie_key is not None:
            if state.blob:
                _send_data(state, state.blob)
        elif state.session_id is not None:
            _send(state, cookies.id_name(state.application), state.session_id)
    if state.session_id is not None:
        for method in state.expiry_methods:
            on_expiry_of(state.application, state.session_id, method)


def release(session: Session) -> None:
    """Give back the lock; safe to call at any time, and twice (LOCK-09)."""
    state = session._state
    held = state.held
    if held is not None:
        state.held = None
        held.release()


def end(session: Session) -> None:
    """Release the lock and take no other: what a streamed page does with the session is reading."""
    release(session)
    session._state.ended = True


def known(session: Session) -> bool:
    """Tell whether the client sent a cookie of this session; reads nothing."""
    state = session._state
    if state.request is None:
        return False
    sent = (state.request._environ or {}).get("HTTP_COOKIE", "")
    name = cookies.id_name if state.cookie_key is None else cookies.data_name
    return name(state.application) in sent


# -- loading -----------------------------------------------------------------------------------------


def store_of(state: State) -> SessionStore:
    """Return where the session is kept: the application's files unless `session.connect` chose."""
    if state.store is None:
        state.store = FileStore(os.path.join(state.request["folder"], "sessions"))
    return state.store


def load(session: Session) -> None:
    """Read the session at its first touch.

    Raises:
        SessionUnavailable: the store does not answer, or the lock was not free in time.
    """
    state = session._state
    if state.loaded or state.request is None:
        return
    try:
        blob = _read_store(state) if state.cookie_key is None else _read_cookie(state)
    except StoreUnavailable as error:
        raise _unavailable(state, error) from None
    except SessionLockTimeout as error:
        logger.error("%s gives up: %s", state.address, error)
        raise SessionUnavailable(_BUSY) from None
    data: dict[Any, Any] | None = decode(blob, site_key(state.site)) if blob else {}
    if data is None:
        logger.warning(
            "the session of %s can not be read, a new one begins: %s", state.request.client, state.address
        )
        release(session)
        state.session_id, blob, data = None, b"", {}
        state.response["session_id"] = None
    state.loaded = True
    state.blob, state.kept = blob, data
    dict.update(session, data)
    if state.mode == "merge":
        state.before = decode(blob, site_key(state.site)) if blob else {}


def _unavailable(state: State, error: Exception) -> SessionUnavailable:
    logger.error("the session store does not answer for %s: %s", state.address, error)
    return SessionUnavailable(_AGAIN)


def _client_of(state: State) -> str:
    return str(state.request.client or "") if state.check_client else ""


def _read_cookie(state: State) -> bytes:
    morsel = state.request.cookies.get(cookies.data_name(state.application))
    if morsel is None or state.cookie_key is None:
        return b""
    found = unseal(morsel.value, state.cookie_key, state.application, _client_of(state))
    if found is None:
        logger.warning("the session cookie of %s was refused: %s", state.request.client, state.address)
        return b""
    blob, sealed_at = found
    if state.timeout is not None:
        idle = time.time() - sealed_at
        if idle > state.timeout:
            return b""
        state.send_cookie = state.send_cookie or abs(idle) > state.timeout / 20
    return blob


def _read_store(state: State) -> bytes:
    store = store_of(state)
    session_id = _sent_value(state, cookies.id_name(state.application))
    if session_id is None or not store.accepts(session_id):
        return b""
    if state.check_client and not store.belongs_to(session_id, str(state.request.client or "")):
        logger.warning("a session of another address was refused for %s", state.request.client)
        return b""
    if not state.ended and _lock_early(state):
        state.held = _locked(state, store, session_id)
    blob = None if _expired(state, session_id) else store.read(session_id)
    if blob is None:
        if state.held is not None:
            state.held.release()
            state.held = None
        return b""
    _set_id(state, session_id)
    return blob


def _sent_value(state: State, name: str) -> str | None:
    """Return the value of a cookie that the client sent; parses all of them only when they are unusual."""
    request = state.request
    header = (request._environ or {}).get("HTTP_COOKIE", "")
    if not dict.__contains__(request, "cookies") and header.isascii() and '"' not in header:
        for part in header.split(";"):
            found, _, value = part.strip().partition("=")
            if found == name:
                return str(value)
        return None
    morsel = request.cookies.get(name)
    return None if morsel is None else str(morsel.value)


def _locked(state: State, store: SessionStore, session_id: str) -> Held | None:
    """Lock the session, but never wait for it while the request holds a database transaction.

    The holder of the session may wait for that very transaction. Such a
    request is rolled back and runs again with the session's lock taken first.
    """
    try:
        return store.lock(session_id, state.address, wait=state.force_lock or not database_state.used)
    except SessionLockBusy:
        state.conflict = True
        raise SessionConflict from None


def _still_locked(state: State) -> bool:
    try:
        return state.held is None or state.held.confirm()
    except StoreUnavailable as error:
        raise _unavailable(state, error) from None


def _lock_early(state: State) -> bool:
    if state.mode == "merge":
        return False
    return state.mode == "request" or state.force_lock or usually_writes(state.request)


def _set_id(state: State, session_id: str) -> None:
    state.session_id = state.response["session_id"] = session_id
    state.response["session_file_name"] = store_of(state).path(session_id)


def _expired(state: State, session_id: str) -> bool:
    """SLIFE-01, SLIFE-02: look at the idle time when there is a limit; use extends the life."""
    if state.timeout is None:
        return False
    store = store_of(state)
    idle = store.idle_seconds(session_id, time.time())
    if idle is None:
        return False
    if idle > state.timeout:
        if store.delete(session_id):
            tell_expired(state.application, session_id)
        return True
    if abs(idle) > state.timeout / 20:  # below 0: the clock was set back, the time noted would count too long
        store.touch(session_id)
    return False


# -- writing -----------------------------------------------------------------------------------------


def before_write(session: Session) -> None:
    """Load, and take the lock: called before every change.

    Raises:
        SessionConflict: another request changed the session since it was read.
        SessionUnavailable: see `load`.
    """
    load(session)
    state = session._state
    if state.ended:
        logger.warning("%s changed the session after the answer had begun: the change is lost", state.address)
    elif not state.read_only:
        lock_to_write(session)


def lock_to_write(session: Session) -> None:
    """Take the lock of an existing session, and look whether what was read is still there.

    Raises:
        SessionConflict, SessionUnavailable: see `before_write`.
    """
    state = session._state
    if state.session_id is None or state.held is not None or state.forgotten or state.mode != "write":
        return
    store = store_of(state)
    try:
        state.held = _locked(state, store, state.session_id)
        stale = state.held is not None and store.read(state.session_id) != state.blob
    except StoreUnavailable as error:
        raise _unavailable(state, error) from None
    except SessionLockTimeout as error:
        logger.error("%s gives up: %s", state.address, error)
        raise SessionUnavailable(_BUSY) from None
    if stale:
        state.conflict = True
        note_use(state.request, wrote=True)
        raise SessionConflict


def _save(session: Session, blob: bytes) -> None:
    state = session._state
    state.changed, state.kept = None, None
    if state.cookie_key is not None:
        state.blob = blob
        state.send_cookie = True  # `finish` sends it
        return
    store = store_of(state)
    try:
        if state.mode == "merge" and state.session_id is not None:
            blob = _merged(session, store, state.session_id)
        if state.session_id is None:
            _set_id(state, store.new_id(str(state.request.client or "")))
            state.send_cookie = True
        store.write(str(state.session_id), blob)
        if state.old_id is not None:
            store.delete(state.old_id)
            state.old_id = None
    except (StoreUnavailable, SessionLockTimeout) as error:
        raise _unavailable(state, error) from None
    state.blob = blob


def _merged(session: Session, store: SessionStore, session_id: str) -> bytes:
    """Put this request's changes over what others saved meanwhile, under a short lock."""
    state = session._state
    key = site_key(state.site)
    if state.held is None:
        state.held = store.lock(session_id, state.address)
    current = decode(store.read(session_id) or b"", key) or {}
    before, mine = state.before or {}, dict.copy(session)
    for name in before.keys() - mine.keys():
        current.pop(name, None)
    current.update(
        {name: value for name, value in mine.items() if name not in before or before[name] != value}
    )
    dict.clear(session)
    dict.update(session, current)
    return encode(current, key)


# -- cookies -----------------------------------------------------------------------------------------


def _cookie_asked(state: State) -> bool:
    """Tell whether the cookie must go out although the session is not new."""
    if state.send_cookie or state.cookie_expires is not None:
        return True
    jar = dict.get(state.response, "cookies") if state.response is not None else None
    return isinstance(jar, cookies.ResponseCookies) and jar.asked()


def _send(state: State, name: str, value: str) -> None:
    attributes = cookies.attributes_of(
        state.cookie_expires, state.samesite, bool(state.secure or state.request.is_https)
    )
    state.response["cookies"].set_session(name, value, **attributes)


def _send_data(state: State, blob: bytes) -> None:
    try:
        value = seal(blob, str(state.cookie_key), state.application, state.compression, _client_of(state))
    except CookieTooLarge as error:
        logger.error("the session of %s was not saved: %s", state.address, error)
        return  # the old cookie stays
    _send(state, cookies.data_name(state.application), value)
