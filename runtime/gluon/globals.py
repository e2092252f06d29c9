"""``gluon.globals``: the per-request objects and their classes."""

from runtime.foundation.current import current
from runtime.sessions import Session
from runtime.web.request import Request
from runtime.web.response import Response

__all__ = ["Request", "Response", "Session", "current"]
