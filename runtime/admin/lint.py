"""Finds mistakes in modules of an application that only show later (CUR-04)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.foundation.syntax import parse_python


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: file, line, and a sentence that says what to do."""

    file: Path
    line: int
    sentence: str


def lint_modules(application: Path) -> list[Finding]:
    """Return where modules of the application in folder `application` read `current` while they are imported.

    A module is imported once: what it takes from `current` then stays that of
    the first request. Files that can not be parsed are left out.
    """
    out: list[Finding] = []
    for path in sorted((application / "modules").rglob("*.py")):
        try:
            tree = parse_python(path.read_bytes(), str(path))
        except (SyntaxError, ValueError):
            continue
        out += [
            Finding(
                path,
                node.lineno,
                f"current.{node.attr} is read while the module is imported and stays that of the first "
                f"request; read it inside the function that needs it",
            )
            for node in _early_reads(tree)
        ]
    return out


def _early_reads(tree: ast.Module) -> Iterator[ast.Attribute]:
    """Yield reads of ``current.NAME`` outside of functions: at module and class level."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.value, ast.Name)
            and node.value.id == "current"
        ):
            yield node
        waiting.extend(ast.iter_child_nodes(node))
