"""Python source as a tree, from any thread."""

from __future__ import annotations

import ast
from typing import Literal, overload

_TRIES = 100


@overload
def parse_python(
    source: str | bytes, filename: str = ..., mode: Literal["exec"] = ...
) -> ast.Module: ...  # fmt: skip
@overload
def parse_python(source: str | bytes, filename: str = ..., *, mode: Literal["eval"]) -> ast.Expression: ...
def parse_python(source: str | bytes, filename: str = "<unknown>", mode: str = "exec") -> ast.AST:
    """Return the syntax tree of Python source; like `ast.parse`, and safe in several threads.

    CPython 3.11 counts the depth of a tree in one place for all threads, and raises SystemError
    when the garbage collector lets another thread build a tree meanwhile. A second try helps;
    a lock would not: libraries build trees, too (`traceback`, for one).

    Args:
        source: text, or bytes with their own declaration of the encoding.
        filename: for messages.
        mode: ``exec`` for a file, ``eval`` for one expression.

    Raises:
        SyntaxError, ValueError: as `ast.parse`.
    """
    for _ in range(_TRIES):
        try:
            return ast.parse(source, filename, mode)
        except SystemError:
            continue
    return ast.parse(source, filename, mode)
