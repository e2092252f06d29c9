"""``gluon.sanitizer``: cleaning HTML of strangers."""

from runtime.html.sanitizer import sanitize

__all__ = ["sanitize"]
