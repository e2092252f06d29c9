"""``gluon.compileapp``: driving models, controllers and views without a server, as tests do."""

from __future__ import annotations

import os
from typing import Any

from runtime.foundation.current import current
from runtime.views import Body
from runtime.web.actions import load_action, prepare_response
from runtime.web.compiled_app import compile_application as _compile
from runtime.web.compiled_app import make_loaders, remove_compiled
from runtime.web.components import LOAD
from runtime.web.environment import build_environment as _build
from runtime.web.models import run_models
from runtime.web.view_runner import render_view

_CODES, _VIEWS = make_loaders()


def build_environment(
    request: Any, response: Any, session: Any, store_current: bool = True
) -> dict[str, Any]:
    """Return the environment that models, controllers and views of `request`'s application run in.

    Args:
        request: names application, controller and function, and the application's folder.
        response: gets what running an action needs.
        session: any session object.
        store_current: True sets `current` for this thread.
    """
    from runtime.cache import Cache
    from runtime.i18n import TranslatorFactory

    response["_view_loader"], response["_codes"] = _VIEWS, _CODES
    if response["models_to_run"] is None:
        prepare_response(response, request)
    language = request.env.http_accept_language if request.env else None
    translate = TranslatorFactory(os.path.join(request.folder, "languages"), language)
    objects = {
        "request": request,
        "response": response,
        "session": session,
        "cache": Cache(request),
        "T": translate,
    }
    environment = _build(request.application, **objects)
    if store_current:
        current._begin(**objects, globalenv=environment)
    return environment


def run_models_in(environment: dict[str, Any]) -> None:
    """Run the models of the environment's application in it."""
    folder = environment["request"]["folder"]
    run_models(_CODES, os.path.join(folder, "models"), environment)


def run_controller_in(controller: str, function: str, environment: dict[str, Any]) -> Any:
    """Run a controller's file in `environment`, call the function, and return what it returned.

    Raises:
        HTTP: 404 when there is no such controller or public function.
    """
    request, response = environment["request"], environment["response"]
    request.controller, request.function = controller, function
    response["_view_environment"] = dict(environment)
    result = load_action(_CODES, request, environment, str)()
    for step in response["postprocessing"]:
        result = step(result)
    return result


def run_view_in(environment: dict[str, Any]) -> str:
    """Run the view that ``response.view`` names in `environment` and return its text."""
    response = environment["response"]
    prepared = (
        response["view"] or f"{environment['request'].controller}/{environment['request'].function}.html"
    )
    response["_view_loader"] = response["_view_loader"] or _VIEWS
    response["_views_folder"] = os.path.join(environment["request"]["folder"], "views")
    body, response["body"] = response["body"], Body()
    try:
        render_view(response, prepared, environment)
        return str(response["body"].getvalue())
    finally:
        response["body"] = body


def compile_application(folder: str, skip_failed_views: bool = False) -> list[str]:
    """Compile the models, controllers and views of the application in `folder` (PACK-03).

    Returns:
        The views left out because of a mistake in them; always empty unless `skip_failed_views`.

    Raises:
        CompileError: there are mistakes; the text names file and line of each.
    """
    return _compile(folder, skip_failed_views=skip_failed_views)[1]


def remove_compiled_application(folder: str) -> None:
    """Remove the compiled form of the application in `folder`; one without sources is left as it is.

    Raises:
        CompiledError: the application has no sources.
    """
    remove_compiled(folder)


__all__ = [
    "LOAD", "build_environment", "compile_application", "remove_compiled_application", "run_controller_in",
    "run_models_in", "run_view_in",
]  # fmt: skip
