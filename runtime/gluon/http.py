"""``gluon.http``: `HTTP`, `redirect` and the reason phrases."""

from runtime.foundation.http import HTTP, defined_status, redirect

__all__ = ["HTTP", "defined_status", "redirect"]
