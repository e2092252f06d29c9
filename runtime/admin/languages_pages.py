"""The page of an application that a string stands on, as far as its sources tell (TR-08)."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from runtime.admin.languages_scan import Place
from runtime.admin.sources import SourceError, parse_file
from runtime.web.code import public_functions


def page_of(application: Path, places: Iterable[Place]) -> str:
    """Address of the first page that uses a string, as ``/shop/default/index``; else of the application.

    A view belongs to the action that it is named after, a line of a controller to the action around it.
    Layouts, models and modules belong to no page.
    """
    for place in places:
        folder, _, rest = place.file.partition("/")
        if folder == "views":
            controller, _, view = rest.rpartition("/")
            action, _, ending = view.partition(".")
            line = 0
        elif folder == "controllers" and rest.endswith(".py"):
            controller, action, ending, line = rest.removesuffix(".py"), "", "html", place.line
        else:
            continue
        found = _action(application / "controllers" / f"{controller}.py", action, line) if controller else ""
        if found:
            dot = "" if ending == "html" else f".{ending}"
            return f"/{application.name}/{controller}/{found}{dot}"
    return f"/{application.name}"


def _action(controller: Path, name: str, line: int) -> str:
    """The action of a controller with this name, or around this line; empty for none."""
    try:
        tree = parse_file(controller)
    except (SourceError, OSError):
        return ""
    public = public_functions(tree)
    actions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in public]
    around = (one.name for one in actions if one.name == name or one.lineno <= line <= (one.end_lineno or 0))
    return next(around, "")
