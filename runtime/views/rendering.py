"""Templates without a request: `render` and `parse_template` of the documented module (LIB-32, SITE-03)."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from runtime.foundation.escape import xmlescape
from runtime.views.body import Body
from runtime.views.codegen import Generator, finish
from runtime.views.compiled import CompiledView, build
from runtime.views.document import Lexer
from runtime.views.linker import link
from runtime.views.loader import ViewLoader, read_view
from runtime.views.problems import ViewNotFound
from runtime.views.scanner import DEFAULT_DELIMITERS, decode

_loader = ViewLoader()


class Readable(Protocol):
    """A stream of text or bytes."""

    def read(self) -> Any: ...


class MinimalResponse:
    """What a view needs of a response when there is no request."""

    def __init__(self) -> None:
        self.body: Any = Body()
        self.delimiters: tuple[str, str] | None = None

    def write(self, data: Any, escape: bool = True) -> None:
        """Write `data` into the page, escaped unless told otherwise (RESP-32)."""
        if escape:
            text = xmlescape(data)
        else:
            text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)
        self.body.parts.append(text)


def render_text(
    content: str,
    environment: dict[str, Any],
    delimiters: tuple[str, str] = DEFAULT_DELIMITERS,
    folder: str | None = None,
) -> str:
    """Return the page that the template `content` makes in `environment`.

    Args:
        content: the template.
        environment: globals of the view; a ``response`` is added when there is none.
        delimiters: begin and end of a tag.
        folder: where views that it extends or includes are.

    Raises:
        TemplateError: there is a mistake in the template.
    """
    return run_to_text(_loader.get_text(content, delimiters, folder), environment)


def run_to_text(view: CompiledView, environment: dict[str, Any]) -> str:
    """Run `view` and return its page; what the response held before stays there untouched (RESP-14)."""
    response = environment.get("response")
    if response is None:
        response = environment["response"] = MinimalResponse()
    before = response.body
    response.body = page = Body()
    try:
        view.run(environment)
    finally:
        response.body = before
    return page.getvalue()


def render(
    content: str | bytes | None = "hello world",
    stream: Readable | None = None,
    filename: str | os.PathLike[str] | None = None,
    path: str | os.PathLike[str] | None = None,
    context: dict[str, Any] | None = None,
    lexers: Mapping[str, Lexer] | None = None,
    delimiters: tuple[str, str] | str = DEFAULT_DELIMITERS,
    writer: str = "response.write",
) -> str:
    """Return the page of a template taken from `stream`, else `filename`, else `content`.

    Args:
        content: the template.
        stream: where to read it.
        filename: file to read it from.
        path: folder of the views that it extends or includes.
        context: names for the view; may hold no ``response``. What the view assigns is added.
        lexers: functions for further tag names (`runtime.views.document.parse`).
        delimiters: begin and end of a tag, as a pair or as a text with a blank between
            them; ``context['response'].delimiters`` goes before.
        writer: expression of the function that writes.

    Raises:
        SyntaxError: no template was given (the documented type).
        TemplateError: there is a mistake in the template.
    """
    environment = {} if context is None else context
    marks = _delimiters(environment, delimiters)
    if stream is not None:
        text, name = _text(stream.read(), "<view>"), "<view>"
    elif filename is not None:
        name = os.fspath(filename)
        with open(name, "rb") as opened:
            text = decode(opened.read(), name)
    elif content is not None:
        text, name = _text(content, "<view>"), "<view>"
    else:
        raise SyntaxError("Must specify a stream or filename or content")
    folder = None if path is None else os.fspath(path)
    if name == "<view>" and not lexers and writer == "response.write":
        return render_text(text, environment, marks, folder)
    generator = Generator(None if writer == "response.write" else writer)
    evaluate = _evaluator(environment)
    linked = link(name, text, _reader(folder), marks, generator, (), lexers, evaluate)
    return run_to_text(build(linked, name, (), None), environment)


def parse_template(
    filename: str | Readable,
    path: str | os.PathLike[str] = "views/",
    context: dict[str, Any] | None = None,
    lexers: Mapping[str, Lexer] | None = None,
    delimiters: tuple[str, str] | str = DEFAULT_DELIMITERS,
) -> str:
    """Return the Python source of a template, which writes by ``response.write``.

    Args:
        filename: name of a view below `path`, or a stream to read the template from.
        path: the views folder.
        context: names for the expressions after ``extend`` and ``include``.
        lexers: see `render`.
        delimiters: see `render`.

    Raises:
        ViewNotFound: there is no such view.
        TemplateError: there is a mistake in the template.
    """
    environment = {} if context is None else context
    folder = os.fspath(path)
    if isinstance(filename, str):
        name, text, _ = read_view(folder, filename)
    else:
        name, text = "<view>", _text(filename.read(), "<view>")
    return _source(name, text, folder, environment, lexers, _delimiters(environment, delimiters))


class TemplateParser:
    """A template as Python source: ``str(TemplateParser(text))`` can be executed (LIB-32).

    Args:
        text: the template.
        name: what messages about mistakes in it call it.
        context: names for the expressions after ``extend`` and ``include``.
        path: folder of the views that it extends or includes.
        writer: expression of the function that writes.
        lexers: see `render`.
        delimiters: see `render`.
    """

    def __init__(
        self,
        text: str | bytes,
        name: str = "ParserContainer",
        context: dict[str, Any] | None = None,
        path: str | os.PathLike[str] = "views/",
        writer: str = "response.write",
        lexers: Mapping[str, Lexer] | None = None,
        delimiters: tuple[str, str] | str = DEFAULT_DELIMITERS,
    ) -> None:
        self.name = name
        self.text = _text(text, name)
        self.context = {} if context is None else context
        self.path = os.fspath(path)
        self.writer = writer
        self.lexers = lexers or {}
        self.delimiters = _delimiters(self.context, delimiters)

    def to_string(self) -> str:
        """Return the Python source.

        Raises:
            TemplateError: there is a mistake in the template.
        """
        return _source(
            self.name, self.text, self.path, self.context, self.lexers, self.delimiters, self.writer
        )

    __str__ = to_string


def _source(
    name: str,
    text: str,
    folder: str,
    environment: dict[str, Any],
    lexers: Mapping[str, Lexer] | None,
    marks: tuple[str, str],
    writer: str = "response.write",
) -> str:
    evaluate = _evaluator(environment)
    linked = link(name, text, _reader(folder), marks, Generator(writer), (), lexers, evaluate)
    return ast.unparse(finish(linked.body))


def _text(content: Any, name: str) -> str:
    return decode(content, name) if isinstance(content, bytes) else str(content)


def _delimiters(environment: dict[str, Any], given: tuple[str, str] | str) -> tuple[str, str]:
    own = getattr(environment.get("response"), "delimiters", None) or given
    pair = own.split(" ", 1) if isinstance(own, str) else own
    return pair[0], pair[1]


def _reader(folder: str | None) -> Callable[[str], tuple[str, str]]:
    def read(name: str) -> tuple[str, str]:
        if folder is None:
            raise ViewNotFound(name)
        return read_view(folder, name)[:2]

    return read


def _evaluator(environment: dict[str, Any]) -> Callable[[str], Any]:
    def evaluate(source: str) -> Any:
        return eval(source, environment)  # noqa: S307 - an expression of the template

    return evaluate
