"""The statements that write: from texts and expressions to the code object of a page."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import TypeVar

from runtime.foundation.escape import xmlescape
from runtime.foundation.syntax import parse_python
from runtime.views.problems import TemplateError

ADD = "__view_add__"
"""Global of a running view: adds a text to the page."""

ESCAPE = "__view_escape__"
"""Global of a running view: makes a value safe text."""

RUN = "__view_run__"
"""Global of a running view: its `runtime.views.compiled.Run`."""

_Node = TypeVar("_Node", bound=ast.AST)

_LISTS = ("body", "orelse", "finalbody", "handlers", "cases")


class _Write(ast.Expr):
    """A statement that writes; `text` when it is literal and may be merged with its neighbour."""

    text: str | None = None


class Generator:
    """Makes writing statements.

    Args:
        writer: expression of the function that writes, called as ``writer(value)`` and
            ``writer(text, escape=False)``; None writes straight to the list of parts.
    """

    def __init__(self, writer: str | None = None) -> None:
        self.writer = writer

    def text(self, value: str, at: ast.stmt) -> list[ast.stmt]:
        """Return what writes the literal `value`."""
        if not value:
            return []
        literal = ast.Constant(value)
        if self.writer is None:
            call = ast.Call(_name(ADD), [literal], [])
        else:
            flag = ast.keyword("escape", ast.Constant(False))
            call = ast.Call(_expression(self.writer), [literal], [flag])
        statement = _Write(_located(call, at))
        statement.text = value
        return [ast.copy_location(statement, at)]

    def output(self, call: ast.Call, at: ast.stmt) -> list[ast.stmt]:
        """Return what prints the arguments of `call`: one value, or value and ``escape``."""
        simple = len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred)
        if self.writer is not None:
            call.func = _located(_expression(self.writer), at)
        elif simple:
            value = call.args[0]
            if isinstance(value, ast.Constant) and type(value.value) in (str, int):
                return self.text(xmlescape(value.value), at)
            escaped = ast.copy_location(ast.Call(_located(_name(ESCAPE), value), [value], []), value)
            call = ast.copy_location(ast.Call(_located(_name(ADD), at), [escaped], []), at)
        else:
            call.func = _located(_expression(f"{RUN}.response.write"), at)
        return [ast.copy_location(_Write(call), at)]

    def include(self, name: ast.expr, at: ast.stmt) -> ast.stmt:
        """Return what includes at run time the view called `name`."""
        line = ast.Constant(at.lineno)
        call = ast.Call(_expression(f"{RUN}.include"), [name, line], [])
        return ast.copy_location(ast.Expr(_located(call, at)), at)


def pushed(target: list[ast.stmt], statements: Iterable[ast.stmt]) -> None:
    """Add `statements` to `target`; a literal text joins the literal text before it."""
    for statement in statements:
        last = target[-1] if target else None
        text = statement.text if isinstance(statement, _Write) else None
        if text is not None and isinstance(last, _Write) and last.text is not None:
            last.text += text
            assert isinstance(last.value, ast.Call)
            last.value.args[0] = ast.copy_location(ast.Constant(last.text), last)
        else:
            target.append(statement)


def finish(body: list[ast.stmt]) -> ast.Module:
    """Return the module of a page: functions find their page, ``return`` outside of them stops it."""
    module = ast.Module(body or [ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)], [])
    writing: dict[int, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    todo: list[tuple[ast.AST, ast.FunctionDef | ast.AsyncFunctionDef | None]] = [(module, None)]
    while todo:
        node, function = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = node
        for statements in _lists(node):
            for index, statement in enumerate(statements):
                if isinstance(statement, _Write):
                    statements[index] = ast.copy_location(ast.Expr(statement.value), statement)
                    if function is not None:
                        writing[id(function)] = function
                    continue
                if (
                    isinstance(statement, ast.Return)
                    and function is None
                    and not isinstance(node, ast.ClassDef)
                ):
                    stop = ast.Raise(_located(_expression(f"{RUN}.stop"), statement), None)
                    statements[index] = ast.copy_location(stop, statement)
                    continue
                todo.append((statement, function))
    for function in writing.values():
        # A function may be called while another page is written: it looks up where to write to.
        lookup = parse_python(f"{ADD} = {RUN}.response.body.parts.append").body[0]
        for node in ast.walk(lookup):
            ast.copy_location(node, function.body[0])
        function.body.insert(0, lookup)
    return module


def compile_page(body: list[ast.stmt], filename: str) -> CodeType:
    """Compile the statements of a page.

    Raises:
        TemplateError: they are no valid Python; its `line` is virtual.
    """
    try:
        return compile(finish(body), filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise TemplateError(filename, error.lineno or 1, f"syntax error: {error.msg}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise TemplateError(filename, 1, f"the code is too large or nested too deeply: {error}") from error


def _lists(node: ast.AST) -> Iterator[list[ast.AST]]:
    for name in _LISTS:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield value


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _expression(source: str) -> ast.expr:
    return parse_python(source, mode="eval").body


def _located(node: _Node, at: ast.AST) -> _Node:
    """Give `node` and all in it that has no place yet the place of `at`."""
    for inner in ast.walk(node):
        if isinstance(inner, (ast.expr, ast.keyword)):
            ast.copy_location(inner, at)
    return node
