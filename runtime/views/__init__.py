"""The ``{{ }}`` template language: parser, compiler, cache (LIB-32). Usable without a request (SITE-03)."""

from runtime.views.compiled import CompiledView, dump, load, locate_frame
from runtime.views.document import ViewOutline, is_layout, iter_code, outline
from runtime.views.loader import ViewLoader
from runtime.views.problems import StopView, TemplateError, ViewNotFound
from runtime.views.render import Body, MinimalResponse, parse_template, render, render_text, run_to_text
from runtime.views.scanner import DEFAULT_DELIMITERS

__all__ = [
    "DEFAULT_DELIMITERS",
    "Body",
    "CompiledView",
    "MinimalResponse",
    "StopView",
    "TemplateError",
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
