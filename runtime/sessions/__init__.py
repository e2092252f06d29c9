"""`session`: what the site remembers of a visitor, its stores and its locking."""

from runtime.sessions.cleaner import (
    SessionCleaner,
    clean_site,
    expire_database_sessions,
    expire_sessions,
    on_expiry,
)
from runtime.sessions.frame import SessionConflict, SessionUnavailable
from runtime.sessions.locks import session_locks
from runtime.sessions.redis_store import RedisSession
from runtime.sessions.session import Session
from runtime.sessions.stores import SessionStore, StoreUnavailable

__all__ = [
    "RedisSession",
    "Session",
    "SessionCleaner",
    "SessionConflict",
    "SessionStore",
    "SessionUnavailable",
    "StoreUnavailable",
    "clean_site",
    "expire_database_sessions",
    "expire_sessions",
    "on_expiry",
    "session_locks",
]
