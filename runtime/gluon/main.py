"""``gluon.main``: the site in the current folder as a WSGI application (WSGI-1, WSGI-2, SITE-01)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from runtime.server.password import set_up_password
from runtime.server.wsgi import appfactory
from runtime.web.application import Application


@cache
def _application(site_folder: str) -> Application:
    return Application(site_folder)


def wsgibase(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request of the site in ``HADRON_SITE``, else in the current folder."""
    return _application(_site())(environ, start_response)


def save_password(password: str, port: int) -> None:
    """Store the administrator's password of the site's server on `port`, as scripts that deploy it do."""
    set_up_password(Path(_site()), int(port), password)


def _site() -> str:
    return os.environ.get("HADRON_SITE") or os.getcwd()


__all__ = ["appfactory", "save_password", "wsgibase"]
