"""Arguments of a task checked against the signature of its function; the code that queues it (UI-SC-07)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from runtime.foundation.problems import UserError

_DEFAULTS = {
    "task_name": None, "group_name": "main", "period": 60, "repeats": 1, "retry_failed": 0, "timeout": 60,
    "sync_output": 0, "prevent_drift": False, "cronline": None, "start_time": None, "stop_time": None,
    "enabled": True, "broadcast": False,
}  # fmt: skip


Parameters = Sequence[Mapping[str, Any]]
"""Of a function, as `functions` describes it: each with ``name``, ``kind`` and ``required``."""


def read_json(text: str, kind: type) -> Any:
    """Return the list or dictionary of a JSON text; empty text is an empty one.

    Args:
        text: as typed.
        kind: `list` or `dict`.

    Raises:
        UserError: it is no JSON, or JSON of something else; says where.
    """
    if not text.strip():
        return kind()
    wanted, example = ("a list", '[1, "two"]') if kind is list else ("a dictionary", '{"size": 10}')
    try:
        found = json.loads(text)
    except ValueError as error:
        where = (
            f"line {error.lineno}, column {error.colno}: " if isinstance(error, json.JSONDecodeError) else ""
        )
        reason = getattr(error, "msg", str(error))
        raise UserError(f"No JSON, {where}{reason[:1].lower()}{reason[1:]}. For example {example}.") from None
    except RecursionError:
        raise UserError("The JSON is nested too deeply.") from None
    if not isinstance(found, kind):
        raise UserError(f"JSON of {wanted} is needed, for example {example}.")
    return found


def check_arguments(parameters: Parameters, args: list[Any], named: Mapping[str, Any]) -> str:
    """Return what is wrong with a call, in one sentence; empty when it can be made.

    Args:
        parameters: of the function.
        args: positional arguments.
        named: arguments by name.
    """
    by_kind: dict[str, list[str]] = {}
    for one in parameters:
        by_kind.setdefault(one["kind"], []).append(one["name"])
    plain = by_kind.get("positional_or_keyword", [])
    places = [*by_kind.get("positional_only", []), *plain]
    if len(args) > len(places) and "var_positional" not in by_kind:
        most = f"at most {len(places)}" if places else "no"
        noun = "argument" if len(places) == 1 else "arguments"
        return f"The function takes {most} positional {noun}, {len(args)} are given."
    filled = set(places[: len(args)])
    by_name = {*plain, *by_kind.get("keyword_only", [])}
    for name in named:
        if name in filled and name in by_name:
            return f"{name} is given twice: by its place and by its name."
        if name not in by_name and "var_keyword" not in by_kind:
            known = ", ".join(one["name"] for one in parameters if one["name"] in by_name) or "none"
            return f"The function has no argument {name}. Its arguments: {known}."
    missing = [
        one["name"]
        for one in parameters
        if one["required"] and one["name"] not in filled and one["name"] not in named
    ]
    if missing:
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
    return ""


def example_of(parameters: Parameters) -> tuple[str, str]:
    """Return JSON texts of arguments to begin with: a dictionary of the required ones."""
    needed = [one for one in parameters if one["required"]]
    if any(one["kind"] == "positional_only" for one in needed):
        return json.dumps([None for _ in needed]), "{}"
    return "[]", json.dumps({one["name"]: None for one in needed})


def code_of(function: str, args: list[Any], named: Mapping[str, Any], columns: Mapping[str, Any]) -> str:
    """Return the line of a model or controller that queues the same task."""
    parts = [repr(function)]
    if args:
        parts.append(f"pargs={args!r}")
    if named:
        parts.append(f"pvars={dict(named)!r}")
    for name, value in columns.items():
        if (
            name in _DEFAULTS
            and value not in (_DEFAULTS[name], "", None)
            and (name, value) != ("task_name", function)
        ):
            parts.append(f"{name}={_literal(name, value)}")
    line = f"scheduler.queue_task({', '.join(parts)})"
    if len(line) <= 100:
        return line
    inner = ",\n    ".join(parts)
    return f"scheduler.queue_task(\n    {inner},\n)"


def _literal(name: str, value: Any) -> str:
    if name in ("start_time", "stop_time") and isinstance(value, str):
        return f"datetime.datetime.fromisoformat({value!r})"
    return repr(value)
