"""Forms without a table: `SQLFORM.factory` and `SQLFORM.dictform` (NAMES-06)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from pydal.objects import Table

from runtime.dal import Field
from runtime.forms.fields import table_of
from runtime.forms.sqlform import SQLFORM

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "double"),
    (datetime.datetime, "datetime"),
    (datetime.date, "date"),
    (datetime.time, "time"),
    (dict, "json"),
)


def factory(*fields: Any, **attributes: Any) -> SQLFORM:
    """Return a form of `fields`, or of the fields of whole tables, that writes to no database.

    Args:
        table_name: beginning of the ids of the controls, ``no_table`` by default.
        attributes: as `SQLFORM` takes them.
    """
    name = attributes.pop("table_name", "no_table")
    return SQLFORM(table_of(_single(fields), name), **attributes)


def _single(fields: Iterable[Any]) -> Iterable[Any]:
    for given in fields:
        if isinstance(given, Table):
            yield from (field for field in given if field.type != "id")
        else:
            yield given


class _DictForm(SQLFORM):
    """A form that changes a dictionary."""

    target: dict[str, Any]

    def accepts(self, *args: Any, **options: Any) -> bool:
        accepted = super().accepts(*args, **options)
        if accepted:
            for key in self.target:
                if str(key) in self.vars:
                    self.target[key] = self.vars[str(key)]
        return accepted


def dictform(dictionary: dict[str, Any], **attributes: Any) -> SQLFORM:
    """Return a form with a field for each value of `dictionary`; accepted values are put into it.

    Args:
        attributes: as `SQLFORM.factory` takes them; ``name`` of them is accepted for compatibility.
    """
    attributes.pop("name", None)
    return form_into(dictionary, [_field_of(key, value) for key, value in dictionary.items()], **attributes)


def form_into(dictionary: dict[str, Any], fields: Iterable[Any], **attributes: Any) -> SQLFORM:
    """Return a form of `fields` whose accepted values are put into `dictionary`, where it has their names.

    Args:
        attributes: as `SQLFORM.factory` takes them.
    """
    table_name = attributes.pop("table_name", "no_table")
    form = _DictForm(table_of(fields, table_name), **attributes)
    form.target = dictionary
    return form


def _field_of(key: Any, value: Any) -> Field:
    name = str(key)
    if isinstance(value, (list, tuple)):
        numbers = bool(value) and all(isinstance(item, int) for item in value)
        return Field(name, "list:integer" if numbers else "list:string", default=list(value))
    kind = next((name for known, name in _TYPES if isinstance(value, known)), "string")
    return Field(name, kind, default=value)
