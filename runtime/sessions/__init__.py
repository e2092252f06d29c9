"""`session`: what the site remembers of a visitor, its stores and its locking."""

from runtime.sessions.session import Session, SessionConflict

__all__ = ["Session", "SessionConflict"]
