"""What the framework tells pydal about showing rows and about JSON and XML (FUN-09)."""

from __future__ import annotations

from typing import Any

from runtime.foundation import serializers


def rows_render(field: Any, value: Any, row: Any = None) -> Any:
    """Return `value` as the field's `represent` shows it; functions of one argument work too."""
    shown = field.represent
    if not callable(shown):
        return value
    try:
        return shown(value, row)
    except TypeError:
        code = getattr(shown, "__code__", None)
        if code is None or code.co_argcount != 1:
            raise
        return shown(value)


REPRESENTERS: dict[str, Any] = {"rows_render": rows_render}
"""Representers of the `DAL` class; the web room adds ``rows_xml``, which shows rows as a table."""

SERIALIZERS: dict[str, Any] = {"json": serializers.custom_json, "xml": serializers.xml}
