"""Running an application's models in their order (MDL-01..08)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from runtime.web.code import CodeCache, Model


def default_patterns(controller: str, function: str) -> list[str]:
    """Patterns that select the models of one action (MDL-03)."""
    return [r"^\w+\.py$", rf"^{controller}/\w+\.py$", rf"^{controller}/{function}/\w+\.py$"]


@lru_cache(maxsize=4096)
def _selected(names: tuple[str, ...], patterns: tuple[Any, ...]) -> frozenset[str]:
    compiled = [pattern if isinstance(pattern, re.Pattern) else re.compile(pattern) for pattern in patterns]
    return frozenset(name for name in names if any(pattern.search(name) for pattern in compiled))


def run_models(codes: CodeCache, models_folder: str, environment: dict[str, Any]) -> None:
    """Execute the models that `response.models_to_run` selects in `environment`.

    The list is read again before each model, so that a model can widen or
    narrow it for those that sort behind it (MDL-05).

    Raises:
        Exception: whatever a model raises; SyntaxError for one that can not be compiled.
    """
    response = environment["response"]
    listed = codes.models(models_folder, dict.get(response, "_folder_names"))
    patterns: list[Any] | None = None
    chosen: frozenset[str] = frozenset()
    for model in listed.models:
        now = response["models_to_run"]
        if now != patterns:
            patterns = list(now or ())
            chosen = _choose(listed.names, tuple(patterns))
        if model.name in chosen:
            _run(codes, model, environment)


def _choose(names: tuple[str, ...], patterns: tuple[Any, ...]) -> frozenset[str]:
    if all(isinstance(pattern, (str, re.Pattern)) for pattern in patterns):
        return _selected(names, patterns)
    plain = tuple(pattern for pattern in patterns if not callable(pattern))  # MDL-07: callables decide afresh
    called = frozenset(n for n in names if any(callable(p) and p(n) for p in patterns))
    return _selected(names, plain) | called


def _run(codes: CodeCache, model: Model, environment: dict[str, Any]) -> None:
    source = codes.get(model.path)
    if source is not None:
        exec(source.code, environment)  # noqa: S102  # applications are trusted code; this is what a model is
