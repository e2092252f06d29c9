"""MARKMIN: the wiki markup of the framework, rendered to HTML or LaTeX (LIB-3, FUN-12)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.html.markmin.blocks import Blocks
from runtime.html.markmin.html_writer import HtmlWriter, Options
from runtime.html.markmin.marks import prepare, take_codes

__all__ = ["make_dict", "markmin2html", "render"]


def render(
    text: Any,
    extra: Mapping[str, Callable[..., Any]] | None = None,
    allowed: Mapping[str, Sequence[str]] | None = None,
    sep: str | None = "p",
    URL: Callable[..., Any] | None = None,
    environment: Mapping[str, Any] | None = None,
    latex: Any = "google",
    autolinks: Any = "default",
    protolinks: Any = "default",
    class_prefix: str = "",
    id_prefix: str = "markmin_",
    pretty_print: bool = False,
) -> str:
    """Return the HTML of a MARKMIN text; everything that is no markup is escaped (SEC-02).

    Args:
        text: the source.
        extra: functions for code classes: ````code````:name is replaced by the
            HTML that ``extra[name](code)`` returns, or ``extra[name](code, args)`` for ``:name[args]``.
        allowed: classes that may be used for ``code``, ``table``, ``blockquote``; absent: all.
        sep: ``p`` puts paragraphs into tags, ``br`` parts them by line breaks, else by line ends.
        URL: function that makes the address of ``@/a/c/f/args``; called with
            ``a, c, f, args, scheme=True, host=True``, None for empty parts.
        environment: values and functions for ``@{name}`` and ``@{name:args}``;
            their results are escaped unless they have a method ``xml()``.
        latex: function that gives the HTML of a formula. By default it is
            kept as text in ``<span class="latex">``, for a script of the page:
            no server is asked to draw it, whatever name is given.
        autolinks: function that gives the HTML of an address found in the text; None: leave them.
        protolinks: function ``(name, address)`` for ``name:http://...``; None: leave them.
        class_prefix: put before every class of the text.
        id_prefix: put before every id of the text.
        pretty_print: end blocks with a line end.
    """
    options = Options(
        extra=extra or {},
        allowed=allowed or {},
        sep=sep,
        url=URL,
        environment=environment,
        latex=latex,
        autolinks=autolinks,
        protolinks=protolinks,
        class_prefix=class_prefix,
        id_prefix=id_prefix,
        pretty_print=pretty_print,
    )
    source = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    body, codes = take_codes(prepare(source))
    return Blocks(HtmlWriter(options, codes)).render(body.split("\n"))


def markmin2html(
    text: Any,
    extra: Mapping[str, Callable[..., Any]] | None = None,
    allowed: Mapping[str, Sequence[str]] | None = None,
    sep: str | None = "p",
    autolinks: Any = "default",
    protolinks: Any = "default",
    class_prefix: str = "",
    id_prefix: str = "markmin_",
    pretty_print: bool = False,
) -> str:
    """Return the HTML of a MARKMIN text; `render` without the parts that need an application."""
    return render(
        text,
        extra,
        allowed,
        sep,
        autolinks=autolinks,
        protolinks=protolinks,
        class_prefix=class_prefix,
        id_prefix=id_prefix,
        pretty_print=pretty_print,
    )


def make_dict(text: str) -> str:
    """Return the source of a dictionary for the source of keyword arguments: ``a=1`` gives ``{'a':1}``."""
    entries = re.sub(r"(\w+)\s*=\s*", r"'\1':", text)
    return f"{{{entries}}}"
