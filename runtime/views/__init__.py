"""The ``{{ }}`` template language: parser, compiler, cache (LIB-32). Usable without a request (SITE-03)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from runtime.views.body import Body
from runtime.views.problems import StopView, TemplateError, ViewNotFound

if TYPE_CHECKING:
    from runtime.views.compiled import CompiledView, dump, load, locate_frame
    from runtime.views.document import ViewOutline, is_layout, iter_code, outline
    from runtime.views.loader import ViewLoader
    from runtime.views.rendering import (
        MinimalResponse,
        TemplateParser,
        parse_template,
        render,
        render_text,
        run_to_text,
    )
    from runtime.views.scanner import DEFAULT_DELIMITERS

# Loaded when they are asked for: a task seldom shows a page.
_LATE = {
    "CompiledView": "compiled",
    "DEFAULT_DELIMITERS": "scanner",
    "MinimalResponse": "rendering",
    "TemplateParser": "rendering",
    "ViewLoader": "loader",
    "ViewOutline": "document",
    "dump": "compiled",
    "is_layout": "document",
    "iter_code": "document",
    "load": "compiled",
    "locate_frame": "compiled",
    "outline": "document",
    "parse_template": "rendering",
    "render": "rendering",
    "render_text": "rendering",
    "run_to_text": "rendering",
}

__all__ = [
    "DEFAULT_DELIMITERS",
    "Body",
    "CompiledView",
    "MinimalResponse",
    "StopView",
    "TemplateError",
    "TemplateParser",
    "ViewLoader",
    "ViewNotFound",
    "ViewOutline",
    "dump",
    "is_layout",
    "iter_code",
    "load",
    "locate_frame",
    "outline",
    "parse_template",
    "render",
    "render_text",
    "run_to_text",
]


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"runtime.views.{_LATE[name]}"), name)
    return value
