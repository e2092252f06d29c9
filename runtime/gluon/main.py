"""``gluon.main``: the site in the current folder as a WSGI application (WSGI-1, WSGI-2, SITE-01)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from runtime.server.wsgi import appfactory
from runtime.web.application import Application


@cache
def _application(site_folder: str) -> Application:
    return Application(site_folder)


def wsgibase(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request of the site in ``HADRON_SITE``, else in the current folder."""
    return _application(os.environ.get("HADRON_SITE") or os.getcwd())(environ, start_response)


__all__ = ["appfactory", "wsgibase"]
