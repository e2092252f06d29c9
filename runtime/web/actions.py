"""Running one action: models, controller, function (FLOW-05..08, DISP-04, ACT)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.web.models import default_patterns, run_models
from runtime.web.response import Response
from runtime.web.view_runner import page_of

if TYPE_CHECKING:
    from runtime.web.code import CodeCache
    from runtime.web.request import Request


def prepare_response(response: Response, request: Request) -> None:
    """Set the parts of `response` that follow from the action: view, models to run (RESP-29, MDL-03)."""
    controller, function = request["controller"], request["function"]
    response["view"] = f"{controller}/{function}.{request['extension']}"
    response["models_to_run"] = default_patterns(controller, function)
    response["_views_folder"] = f"{request['folder']}views"


def load_action(
    codes: CodeCache, request: Request, environment: dict[str, Any], message: Callable[[str], str]
) -> Callable[[], Any]:
    """Execute the controller file in `environment` and return the function asked for (FLOW-06).

    Args:
        codes: compiled files of the process.
        request: names the controller and function.
        environment: what the controller sees; its top level runs in it.
        message: makes the body of the answer for a name that is not there (ERR-06).

    Raises:
        HTTP: 404 when there is no such controller or public function (DISP-04, DISP-12).
    """
    path = f"{request['folder']}controllers{os.sep}{request['controller']}.py"
    source = codes.get(path)
    if source is None:
        raise HTTP(404, message("invalid controller"), web2py_error="invalid controller")
    if request["function"] not in source.actions:
        raise HTTP(404, message("invalid function"), web2py_error="invalid function")
    exec(source.code, environment)  # noqa: S102  # applications are trusted code; this is what a controller is
    action: Callable[[], Any] = environment[request["function"]]
    return action


def run_action(
    codes: CodeCache,
    request: Request,
    response: Response,
    environment: dict[str, Any],
    message: Callable[[str], str],
    mark: Callable[[str], None],
) -> Any:
    """Run models and action; return the page: a text, bytes, or an iterable to stream.

    The view sees a copy of the environment made before the controller ran (FLOW-08).
    """
    run_models(codes, f"{request['folder']}models", environment)
    mark("models")
    response["_view_environment"] = environment.copy()
    action = load_action(codes, request, environment, message)
    caller = dict.get(response, "_caller")
    result = action() if caller is None else caller(action)
    mark("action")
    page = page_of(response, result)
    mark("view")
    return page


def run_action_inline(request: Request, changes: Storage) -> str:
    """Run another action of the application inside the running request, as `LOAD` without Ajax does.

    Models are not run again: the action sees the names that they defined.

    Args:
        request: the running request; restored afterwards.
        changes: items of `request` as the inner action sees them.

    Returns:
        The inner page.
    """
    outer: Response = current.response
    inner = Response()
    for key in ("_view_loader", "_codes", "session_id", "session_id_name", "generic_patterns", "delimiters"):
        value = dict.get(outer, key)
        if value is not None:
            inner[key] = value
    inner["_outer"] = outer
    kept = {key: request[key] for key in changes}
    environment, outer_names = dict(outer["_view_environment"]), current.globalenv
    try:
        request.update(changes)
        prepare_response(inner, request)
        environment.update(request=request, response=inner)
        current.response, current.globalenv = inner, environment
        inner["_view_environment"] = environment.copy()
        action = load_action(outer["_codes"], request, environment, str)
        page = page_of(inner, action())
    finally:
        request.update(kept)
        current.response, current.globalenv = outer, outer_names
    for entry in dict.get(inner, "files") or ():
        if entry not in outer["files"]:
            outer["files"].append(entry)
    if isinstance(page, bytes):
        return page.decode("utf-8", "replace")
    return (
        page
        if isinstance(page, str)
        else "".join(
            piece.decode("utf-8", "replace") if isinstance(piece, bytes) else str(piece) for piece in page
        )
    )
