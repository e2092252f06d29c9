"""Running a file as though it were part of an application, outside of its requests (EXEC-1..6)."""

from __future__ import annotations

import os
from typing import Any

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.i18n import TranslatorFactory
from runtime.sessions import Session
from runtime.web.actions import prepare_response
from runtime.web.compiled_app import make_loaders
from runtime.web.environment import build_environment
from runtime.web.request import Request, databases_folder
from runtime.web.response import Response
from runtime.web.site_settings import global_settings

CODES, _VIEWS = make_loaders()
"""Compiled files of what runs outside of requests, and the views."""


def exec_environment(
    pyfile: str = "", request: Any = None, response: Any = None, session: Any = None
) -> Storage:
    """Run `pyfile` in an application's environment and return the names it made (EXEC-1).

    No view is run, nothing is committed. What is passed in can be changed by
    the file (EXEC-4).

    Args:
        pyfile: path of a model or controller; its application is told by the path.
        request: the running request, or None for an empty one.
        response: the running response, or None for a new one.
        session: the running session, or None for an empty one.

    Returns:
        All names of the environment after the run; `cache` and `T` among them.
    """
    if request is None:
        request = Request()
        folder, application = _application_of(pyfile)
        request.update(
            folder=folder,
            application=application,
            controller="default",
            function="index",
            extension="html",
            global_settings=Storage(
                global_settings, gluon_parent=os.path.dirname(os.path.dirname(folder.rstrip(os.sep)))
            ),
        )
    response = response if response is not None else Response()
    kept = dict(current.__dict__)
    environment = bind_environment(request, response, session)
    outer_folder = dal.set_databases_folder(databases_folder(request.folder))
    try:
        if pyfile:
            source = CODES.get(os.path.abspath(pyfile))
            if source is None:
                raise FileNotFoundError(f"there is no file {pyfile}")
            exec(source.code, environment)  # noqa: S102  # applications are trusted code
    finally:
        dal.set_databases_folder(outer_folder)
        if kept:
            current._begin(**kept)
    return Storage(environment)


def bind_environment(request: Any, response: Any, session: Any) -> dict[str, Any]:
    """Return a fresh environment around `request` and make it the thread's `current`.

    Args:
        request: names the application and its folder.
        response: gets what running an action needs.
        session: None for an empty one.
    """
    from runtime.cache import Cache

    response["_view_loader"], response["_codes"] = _VIEWS, CODES
    if dict.get(response, "view") is None:
        prepare_response(response, request)
    objects = {
        "request": request,
        "response": response,
        "session": session if session is not None else Session(),
        "cache": Cache(request),
        "T": TranslatorFactory(
            os.path.join(request.folder, "languages"), request._environ.get("HTTP_ACCEPT_LANGUAGE")
        ),
    }
    environment = build_environment(request.application, **objects)
    response["_view_environment"] = environment
    current._begin(**objects, globalenv=environment)
    return environment


def _application_of(pyfile: str) -> tuple[str, str]:
    """Return folder and name of the application that `pyfile` lies in."""
    path = os.path.abspath(pyfile)
    parts = path.split(os.sep)
    if "applications" in parts[:-1]:
        at = len(parts) - 1 - parts[::-1].index("applications")
        if at + 2 < len(parts):
            return os.path.join(os.sep.join(parts[: at + 2]), ""), parts[at + 1]
    return os.path.join(os.path.dirname(path), ""), os.path.basename(os.path.dirname(path))
