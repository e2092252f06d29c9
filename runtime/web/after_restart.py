"""The models of an application for work that goes on after the process of its request has ended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from runtime.foundation.problems import UserError
from runtime.web.exec_environment import CODES, bind_environment
from runtime.web.models import run_models
from runtime.web.request import application_folder
from runtime.web.response import Response
from runtime.web.site_settings import global_settings
from runtime.web.unvisited import unsent_request

_KEPT = ("HTTP_HOST", "HTTP_ACCEPT_LANGUAGE", "SERVER_NAME", "SERVER_PORT")


def origin_of(request: Any) -> dict[str, str]:
    """Return what later work needs to know of a request: host, scheme, client, language, action."""
    environ = request._environ
    found = {name: str(environ[name]) for name in _KEPT if environ.get(name)}
    return found | {
        "wsgi.url_scheme": "https" if request.is_https else "http",
        "REMOTE_ADDR": str(request.client),
        "controller": str(request.controller),
        "function": str(request.function),
    }


def models_after(site: Path, application: str, origin: dict[str, str]) -> dict[str, Any]:
    """Run the models of an application as at the request of `origin`; return their environment.

    `current` of the thread is that of the models from now on. The session is empty; databases are begun and
    ended by the caller.

    Args:
        site: the site folder.
        application: name of the application.
        origin: see `origin_of`.

    Raises:
        UserError: there is no such application any more.
        Exception: whatever a model raises.
    """
    folder = application_folder(str(site), application)
    if not os.path.isdir(folder):
        raise UserError(f"there is no application {application!r} in {site}")
    controller, function = origin["controller"], origin["function"]
    environ = {name: value for name, value in origin.items() if name not in ("controller", "function")}
    request = unsent_request(environ, folder, application, controller, function, global_settings)
    environment = bind_environment(request, Response(), None)
    run_models(CODES, os.path.join(folder, "models"), environment)
    return environment
