"""`SQLFORM.smartdictform`: a dictionary of the session that a file or a record keeps (NAMES-06)."""

from __future__ import annotations

import ast
import datetime
import os
from pathlib import Path
from typing import Any

from runtime.forms.factory import dictform, form_into
from runtime.forms.sqlform import SQLFORM
from runtime.foundation.files import write_atomic
from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError


def smartdictform(
    session: Any,
    name: str,
    filename: str | os.PathLike[str] | None = None,
    query: Any = None,
    **attributes: Any,
) -> SQLFORM:
    """Return the processed form of the dictionary ``session[name]``; what is accepted is kept.

    Args:
        session: has the dictionary, and gets it anew where `filename` or `query` has one.
        name: of the dictionary.
        filename: file that keeps it, as a Python literal; made when the first values are accepted.
        query: finds the record that keeps it; goes before `filename`.
        attributes: as `SQLFORM.factory` takes them.

    Raises:
        HTTP: 404, no record fits the query.
        UserError: the file holds no dictionary, or no value of the session has such a name, or it
            is none that a file can keep.
    """
    if query is not None:
        return _of_record(session, name, query, attributes)
    path = None if filename is None else Path(filename)
    if path is not None and path.exists():
        session[name] = read_dictionary(path)
    if not isinstance(session[name], dict):
        raise UserError(
            f"smartdictform: session[{name!r}] is no dictionary: put one there first, "
            "with the values to begin with"
        )
    form = dictform(session[name], **attributes)
    if form.process().accepted and path is not None:
        write_dictionary(path, session[name])
    return form


def _of_record(session: Any, name: str, query: Any, attributes: dict[str, Any]) -> SQLFORM:
    rows = query.db(query)
    record = rows.select(limitby=(0, 1)).first()
    if record is None:
        raise HTTP(404, "Object not found")
    kept = record.as_dict()
    session[name] = kept
    table = next(iter(query.db._adapter.tables(query).values()))
    shown = [field for field in table if field.type != "id" and field.writable and field.name in kept]
    fields = [field.clone(default=kept[field.name], requires=field.requires) for field in shown]
    form = form_into(kept, fields, **attributes)
    if form.process().accepted:
        session[name] = kept
        rows.update(**{field.name: kept[field.name] for field in shown})
    return form


_TIMES = {
    f"datetime.{kind.__name__}": kind
    for kind in (datetime.date, datetime.datetime, datetime.time, datetime.timedelta)
}


def read_dictionary(path: Path) -> dict[Any, Any]:
    """Return the dictionary that a file holds as a literal of Python; nothing in it is executed.

    Raises:
        OSError: it can not be read.
        UserError: it holds something else.
    """
    try:
        found = _value(ast.parse(path.read_text("utf-8").strip(), mode="eval").body)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise UserError(f"{path} can not be read as a dictionary of plain values: {error}") from error
    if not isinstance(found, dict):
        raise UserError(f"{path} holds no dictionary")
    return found


def write_dictionary(path: Path, values: dict[Any, Any]) -> None:
    """Write a dictionary as a literal of Python, in one step.

    Raises:
        OSError: it can not be written.
        UserError: it holds something that could not be read again.
    """
    text = repr(dict(values))
    try:
        _value(ast.parse(text, mode="eval").body)
    except (ValueError, TypeError, SyntaxError) as error:
        raise UserError(
            f"{path} can not keep this dictionary: use texts, numbers, dates, lists and dictionaries: {error}"
        ) from error
    write_atomic(path, text)


def _value(node: ast.expr) -> Any:
    """Return the value of a literal; dates and times are written as calls.

    Raises:
        ValueError, TypeError: it is something else.
    """
    if isinstance(node, ast.Dict):
        keys = [ast.literal_eval(key) if key is not None else _refuse(node) for key in node.keys]
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, ast.List):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item) for item in node.elts)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in _TIMES:
        named = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
        return _TIMES[ast.unparse(node.func)](*map(ast.literal_eval, node.args), **named)
    return ast.literal_eval(node)


def _refuse(node: ast.expr) -> Any:
    raise ValueError(f"line {node.lineno} is no literal")
