"""From what an action returned to the page: postprocessing, view, streaming (ACT-01..09)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from runtime.foundation.http import HTTP
from runtime.views import ViewNotFound
from runtime.views.codegen import RUN
from runtime.web.response import Response, view_loader


@lru_cache(maxsize=256)
def _generic_allowed(patterns: tuple[str, ...], action: str) -> bool:
    return any(re.search(fnmatch.translate(pattern), action) for pattern in patterns)


def page_of(response: Response, result: Any) -> str | bytes | Iterable[Any]:
    """Turn the value an action returned into the page (section 7 of the requirements).

    Texts and bytes stay as they are, dictionaries go through the view,
    helpers are serialised, other iterables are streamed, the rest is `str`.
    """
    for step in dict.get(response, "postprocessing") or ():
        result = step(result)
    if isinstance(result, dict):
        return _view_page(response, result)
    if isinstance(result, (str, bytes)):
        return result
    markup = getattr(result, "xml", None)
    if callable(markup):
        page = markup()
        return page if isinstance(page, (str, bytes)) else str(page)
    if hasattr(result, "__iter__"):
        return result  # type: ignore[no-any-return]  # any iterable is a stream
    return str(result)


def _view_page(response: Response, values: dict[str, Any]) -> str:
    """Run the view of the action with `values`, which nothing but the view may hold longer than the page.

    A request's names are garbage in cycles, which lies about until it is collected. The records of a page
    go at once when no such cycle holds them.
    """
    names = response["_view_environment"]
    response["_view_environment"] = environment = {**names, **values}
    response["_vars"] = values
    try:
        render_view(response, response["view"], environment)
        return str(response["body"].getvalue())
    finally:
        environment.pop(RUN, None)  # it holds the environment
        response["_view_environment"], response["_vars"] = names, None


def render_view(response: Response, view: Any, environment: dict[str, Any]) -> None:
    """Run `view` in `environment`; its output goes to `response.body` (ACT-07, ACT-08, RESP-29).

    Args:
        response: the response of the request, also ``environment["response"]``.
        view: path below ``views/``, or an open text stream with a view in it.
        environment: names that the view sees.

    Raises:
        HTTP: 404 "invalid view" when neither the view nor an allowed generic one exists.
        TemplateError: the view can not be compiled.
    """
    loader = view_loader(response)
    folder = response["_views_folder"]
    delimiters = tuple(response["delimiters"])
    if hasattr(view, "read"):
        loader.get_text(view.read(), delimiters, folder).run(environment)
        return
    try:
        compiled = loader.get(folder, view, delimiters)
    except ViewNotFound as error:
        request = environment["request"]
        action = f"{request.controller}/{request.function}.{request.extension}"
        patterns = tuple(dict.get(response, "generic_patterns") or ())
        if error.name != view or not patterns or not _generic_allowed(patterns, action):
            raise _invalid_view(error, view) from None
        try:
            compiled = loader.get(folder, f"generic.{request.extension}", delimiters)
        except ViewNotFound:
            raise _invalid_view(error, view) from None
    compiled.run(environment)


def _invalid_view(error: ViewNotFound, view: str) -> BaseException:
    """A missing view of the action is a plain 404; one that it extends or includes is an error to mend."""
    return HTTP(404, f"invalid view ({view})") if error.name == view else error
