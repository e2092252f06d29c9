"""Controls of forms; ``SQLFORM.widgets`` names them."""

from __future__ import annotations

from typing import Any

from runtime.forms.widgets.choices import (
    BooleanWidget,
    CheckboxesWidget,
    MultipleOptionsWidget,
    OptionsWidget,
    RadioWidget,
)
from runtime.forms.widgets.lists import ListWidget
from runtime.forms.widgets.lookup import AutocompleteWidget
from runtime.forms.widgets.texts import (
    DatetimeWidget,
    DateWidget,
    DecimalWidget,
    DoubleWidget,
    IntegerWidget,
    JSONWidget,
    NativeDatetimeWidget,
    NativeDateWidget,
    NativeTimeWidget,
    PasswordWidget,
    StringWidget,
    TextWidget,
    TimeWidget,
)
from runtime.forms.widgets.uploads import UploadWidget
from runtime.foundation.storage import Storage

SIMPLE: dict[str, Any] = {
    "string": StringWidget,
    "text": TextWidget,
    "password": PasswordWidget,
    "integer": IntegerWidget,
    "bigint": IntegerWidget,
    "double": DoubleWidget,
    "float": DoubleWidget,
    "decimal": DecimalWidget,
    "time": TimeWidget,
    "date": DateWidget,
    "datetime": DatetimeWidget,
    "json": JSONWidget,
    "jsonb": JSONWidget,
}
"""Widget by type of field, for types whose value is typed."""

NATIVE: dict[str, Any] = {
    "date": NativeDateWidget,
    "time": NativeTimeWidget,
    "datetime": NativeDatetimeWidget,
}
"""Widgets that use the browser's own controls."""

WIDGETS = Storage(
    **SIMPLE,
    upload=UploadWidget,
    boolean=BooleanWidget,
    options=OptionsWidget,
    multiple=MultipleOptionsWidget,
    radio=RadioWidget,
    checkboxes=CheckboxesWidget,
    list=ListWidget,
    autocomplete=AutocompleteWidget,
    native_date=NativeDateWidget,
    native_time=NativeTimeWidget,
    native_datetime=NativeDatetimeWidget,
)
