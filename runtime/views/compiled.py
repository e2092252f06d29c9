"""A compiled page: runs in an environment, and knows the place in its files of every line of its code."""

from __future__ import annotations

import hashlib
import linecache
import marshal
import os
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any, NoReturn

from runtime.foundation.compiled import renamed
from runtime.foundation.escape import xmlescape
from runtime.views.codegen import ADD, ESCAPE, RUN, compile_page
from runtime.views.linker import Linked
from runtime.views.problems import StopView, TemplateError, ViewNotFound

Places = tuple[tuple[int, str], ...]

_FORMAT = ("view", 2, sys.implementation.cache_tag)
_MAX_REGISTERED = 4096

_registered: dict[str, Places] = {}
_registered_lock = threading.Lock()

Find = Callable[[str, tuple[str, ...]], "CompiledView"]
"""Finds a view by name and the chosen layouts, in the folder and with the delimiters of the asking one."""


@dataclass(frozen=True, slots=True)
class Question:
    """Expression that names the layout of a view, with the virtual line it stands on."""

    code: CodeType
    source: str
    line: int


class CompiledView:
    """A view with its layouts and includes as one code object.

    Args:
        name: the view's name in its folder.
        code: what writes the page; None when `question` has to be answered first.
        places: (first line of the code's numbering, path) of each file, rising.
        question: names the layout, computed before the page begins.
        choices: answers to earlier questions.
        find: finds other views at run time; None when the view needs none.
    """

    __slots__ = ("choices", "code", "filename", "find", "name", "places", "question")

    def __init__(
        self,
        name: str,
        filename: str,
        code: CodeType | None,
        places: Places,
        question: Question | None = None,
        choices: tuple[str, ...] = (),
        find: Find | None = None,
    ) -> None:
        self.name = name
        self.filename = filename
        self.code = code
        self.places = places
        self.question = question
        self.choices = choices
        self.find = find

    def run(self, environment: dict[str, Any]) -> None:
        """Write the page to ``environment['response'].body`` (RESP-32).

        The view's names are globals of `environment`: what it assigns is
        found there afterwards.

        Raises:
            TemplateError: a view that is included or extended by a computed name
                is missing or wrong.
        """
        run = Run(self, environment)
        outer = environment.get(RUN)
        try:
            run.execute(self)
        except StopView:
            pass
        finally:
            if outer is not None:
                outer.bind()

    def locate(self, line: int) -> tuple[str, int]:
        """Return (path, line) of the file that line `line` of the code comes from."""
        return _look_up(self.places, line)


class Run:
    """One run of a page; functions of the view reach the response through it."""

    __slots__ = ("add", "environment", "response", "view")

    stop = StopView

    def __init__(self, view: CompiledView, environment: dict[str, Any]) -> None:
        self.view = view
        self.environment = environment
        self.response = environment["response"]
        self.add = self.response.body.parts.append  # kept, as views that run within this one swap the body

    def bind(self) -> None:
        """Make this run the one that the environment's views write to."""
        environment = self.environment
        environment[ADD] = self.add
        environment[ESCAPE] = xmlescape
        environment[RUN] = self

    def execute(self, view: CompiledView) -> None:
        """Run the code of `view`, after its layout has been found."""
        while view.question is not None:
            view = self._answer(view, view.question)
        assert view.code is not None
        self.view = view
        self.bind()
        exec(view.code, self.environment)  # noqa: S102 - running a view is what this is for

    def include(self, name: Any, line: int) -> None:
        """Write the view `name` here; an empty name writes nothing.

        Args:
            name: result of the expression in ``{{include expression}}``.
            line: line of the tag in the numbering of the running code.
        """
        if not name:
            return
        view = self.view
        try:
            self.execute(_find(view, str(name), ()))
        except ViewNotFound as error:
            _blame(view, line, str(name), error)
        finally:
            self.view = view
            self.bind()

    def _answer(self, view: CompiledView, question: Question) -> CompiledView:
        name = eval(question.code, self.environment)  # noqa: S307 - code of the view
        answer = str(name) if name else ""
        try:
            return _find(view, view.name, (*view.choices, answer))
        except ViewNotFound as error:
            _blame(view, question.line, answer, error)


def _find(view: CompiledView, name: str, choices: tuple[str, ...]) -> CompiledView:
    if view.find is None:
        raise ViewNotFound(name)
    return view.find(name, choices)


def _blame(view: CompiledView, line: int, name: str, error: ViewNotFound) -> NoReturn:
    path, place = view.locate(line)
    raise TemplateError(path, place, f"the view {name!r} cannot be used here: {error}") from error


def build(linked: Linked, name: str, choices: tuple[str, ...], find: Find | None) -> CompiledView:
    """Compile a page that has been put together.

    Raises:
        TemplateError: its code is no valid Python.
    """
    filename = _register(linked.places, linked.text)
    try:
        code = compile_page(linked.body, filename)
    except TemplateError as error:
        path, line = _look_up(linked.places, error.line)
        raise TemplateError(path, line, error.reason) from error
    return CompiledView(name, filename, code, linked.places, None, choices, find)


def compile_question(source: str, path: str, line: int, places: Places) -> Question:
    """Compile the expression that names a layout.

    Args:
        source: the expression.
        path: file it stands in.
        line: its virtual line.
        places: see `CompiledView`.

    Raises:
        TemplateError: it is no expression.
    """
    text = f"({source}\n)"
    try:
        code = compile(text, path, "eval", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        reason = f"{source!r} is neither the quoted name of a layout nor an expression"
        raise TemplateError(path, _look_up(places, line)[1], reason) from error
    with _registered_lock:
        _registered.setdefault(path, ((1, path),))
    return Question(code.replace(co_firstlineno=_look_up(places, line)[1]), source, line)


def locate_frame(code_filename: str, line: int) -> tuple[str, int] | None:
    """Return the view file and line behind a traceback's file name and line number.

    Args:
        code_filename: ``co_filename`` of the frame's code.
        line: its line number.

    Returns:
        None when the code is not that of a view.
    """
    places = _registered.get(code_filename)
    return None if places is None else _look_up(places, line)


def dump(view: CompiledView, root: str = "") -> bytes:
    """Return `view` as bytes for a compiled application; only this version of Python can read them.

    Args:
        view: what to keep. Where its layout has a computed name, the bytes hold the question only:
            each answer is a view of its own.
        root: folder that the files of the view are named from; empty keeps absolute names.
    """
    question = view.question
    asked = None if question is None else (question.code, question.source, question.line)
    places = tuple((line, _below(path, root)) for line, path in view.places)
    return marshal.dumps((*_FORMAT, view.name, view.code, places, asked, view.choices))


def load(data: bytes, find: Find | None = None, root: str = "") -> CompiledView:
    """Return the view that `dump` turned into `data`, which must come from a trusted file.

    Args:
        data: bytes of `dump`.
        find: finds the views that are included or extended by a computed name.
        root: folder that stands before the names of the view's files.

    Raises:
        ValueError: the bytes are damaged or of another version of Python.
    """
    try:
        values = marshal.loads(data)  # noqa: S302 - as trusted as the application's source
        if values[:3] != _FORMAT:
            raise ValueError("it is for another version")
        name, code, kept, asked, choices = values[3:]
    except (EOFError, TypeError, ValueError) as error:
        raise ValueError(f"this is no compiled view for {sys.implementation.cache_tag}: {error}") from error
    places = tuple((line, os.path.join(root, path)) for line, path in kept)
    filename = _filename(places)
    question = None if asked is None else Question(renamed(asked[0], places[-1][1]), *asked[1:])
    with _registered_lock:
        _registered[filename] = places
        if question is not None:
            _registered.setdefault(question.code.co_filename, ((1, question.code.co_filename),))
    if code is not None:
        code = renamed(code, filename)
    return CompiledView(name, filename, code, places, question, choices, find)


def _below(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/") if root else path


def _look_up(places: Places, line: int) -> tuple[str, int]:
    index = max(bisect_right(places, line, key=lambda place: place[0]) - 1, 0)
    first, path = places[index]
    return path, max(line - first + 1, 1)


def _register(places: Places, text: str) -> str:
    """Return the file name for code with `places` and make tracebacks show its lines.

    See `_filename`.
    """
    filename = _filename(places)
    with _registered_lock:
        _registered.pop(filename, None)
        _registered[filename] = places
        if len(places) > 1:
            # No modification time: linecache keeps the entry, as there is no such file.
            linecache.cache[filename] = (
                len(text),
                None,
                [f"{line}\n" for line in text.split("\n")],
                filename,
            )
        while len(_registered) > _MAX_REGISTERED:
            oldest = next(iter(_registered))
            del _registered[oldest]
            linecache.cache.pop(oldest, None)
    return filename


def _filename(places: Places) -> str:
    """Return the name for code with `places`.

    A page of one file keeps that file's path. Otherwise a digest of the
    places follows, so that one name always means the same places.
    """
    path = places[0][1]
    if len(places) == 1:
        return path
    digest = hashlib.sha256(repr(places).encode("utf-8", "replace")).hexdigest()[:8]
    return f"{path}~{digest}"
