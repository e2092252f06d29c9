"""The functions of an application that can be queued, as data (SCHED-03, SCHED-06)."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any

from runtime.admin.plain_text import plain_text
from runtime.errors.safe_values import mask_text

_DOC_KEPT = 2000
_DEFAULT_KEPT = 200


def functions_of(
    tasks: Mapping[str, Callable[..., Any]] | None, names: Mapping[str, Any], folder: str
) -> list[dict[str, Any]]:
    """Return the functions, by name.

    Args:
        tasks: those of the scheduler; None for all that models define or import from modules of it.
        names: what the models define.
        folder: of the application.

    Returns:
        for each ``name``, ``signature``, ``parameters`` (name, kind, required, default), ``doc``,
        ``file`` (relative) and ``line``.
    """
    root = os.path.join(os.path.abspath(folder), "")
    if tasks is not None:
        found = {name: value for name, value in tasks.items() if callable(value)}
    else:
        found = {
            name: value
            for name, value in names.items()
            if not name.startswith("_")
            and inspect.isfunction(value)
            and os.path.abspath(value.__code__.co_filename).startswith(root)
        }
    return [_facts(name, one, root) for name, one in sorted(found.items())]


def _facts(name: str, function: Callable[..., Any], root: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = []
    text = "(...)"
    try:
        signature = inspect.signature(function)
        text = mask_text(str(signature))
        for one in signature.parameters.values():
            required = one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
            default = "" if one.default is one.empty else plain_text(one.default, _DEFAULT_KEPT)
            parameters.append(
                {"name": one.name, "kind": one.kind.name.lower(), "required": required, "default": default}
            )
    except (TypeError, ValueError):  # built in: anything may be given
        parameters = [
            {"name": "args", "kind": "var_positional", "required": False, "default": ""},
            {"name": "vars", "kind": "var_keyword", "required": False, "default": ""},
        ]
    code = getattr(inspect.unwrap(function), "__code__", None)
    file = os.path.abspath(code.co_filename) if code is not None else ""
    return {
        "name": name,
        "signature": text[:_DOC_KEPT],
        "parameters": parameters,
        "doc": (inspect.getdoc(function) or "")[:_DOC_KEPT],
        "file": os.path.relpath(file, root).replace(os.sep, "/") if file.startswith(root) else "",
        "line": code.co_firstlineno if code is not None else 0,
    }
