"""`session`: what the site remembers of a visitor, its stores and its locking."""

from runtime.sessions.cleaner import expire_sessions
from runtime.sessions.locks import session_locks
from runtime.sessions.session import Session, SessionConflict
from runtime.sessions.stores import SessionStore, StoreUnavailable

__all__ = [
    "Session",
    "SessionConflict",
    "SessionStore",
    "StoreUnavailable",
    "expire_sessions",
    "session_locks",
]
