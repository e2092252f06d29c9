"""Widgets of one value that is typed: texts, numbers, moments, JSON, passwords."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, ClassVar

from runtime.forms.widgets.base import FormWidget, formatted
from runtime.foundation import serializers
from runtime.html import INPUT, TEXTAREA

STARS = "******"
"""Stands for a password that is there; sent back it means "as it was"."""


class StringWidget(FormWidget):
    """A line of text."""

    _class = "string"


class IntegerWidget(FormWidget):
    """A whole number."""

    _class = "integer"


class DoubleWidget(FormWidget):
    """A number with a fraction."""

    _class = "double"


class DecimalWidget(FormWidget):
    """A decimal number."""

    _class = "decimal"


class TimeWidget(FormWidget):
    """A time of day as text in the validator's format."""

    _class = "time"


class DateWidget(FormWidget):
    """A date as text in the validator's format."""

    _class = "date"


class DatetimeWidget(FormWidget):
    """A moment as text in the validator's format."""

    _class = "datetime"


class TextWidget(FormWidget):
    """Text of several lines."""

    _class = "text"

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        return TEXTAREA(
            **cls._attributes(field, attributes, value="" if value is None else value, _type=None)
        )


class JSONWidget(FormWidget):
    """A JSON value in its text form; what is shown again after an error is what was typed."""

    _class = "json"

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        if value is None:
            text: Any = ""
        else:
            text = value if isinstance(value, str) else serializers.json(value)
        return TEXTAREA(**cls._attributes(field, attributes, value=text))


class PasswordWidget(FormWidget):
    """A password: what is stored or was sent is never written into the page."""

    _class = "password"

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        shown = STARS if value else ""
        defaults = {"_type": "password", "_autocomplete": "off", "value": shown}
        return INPUT(**cls._attributes(field, attributes, **defaults))


class _NativeInput(INPUT):
    """An input whose browser control speaks ISO 8601, while validators read the visitor's format."""

    def _submitted(self, name: str) -> Any:
        value = super()._submitted(name)
        moment = self["parse"](value) if isinstance(value, str) else None
        return value if moment is None else str(formatted(self["of_field"], moment))


def _moment(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return parse(text.strip())
        except ValueError:
            return None

    return read


def _iso_datetime(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=None)


class _NativeWidget(FormWidget):
    _type: ClassVar[str]
    _parse: ClassVar[Any]

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        return _NativeInput(
            **cls._attributes(
                field,
                attributes,
                _type=cls._type,
                value=cls._iso(field, value),
                parse=cls._parse,
                of_field=field,
            )
        )

    @classmethod
    def _iso(cls, field: Any, value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, str):  # formatted already
            read, error = field.validate(value)
            if error is not None or read is None:
                return value
            value = read
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        return text.partition(".")[0]


class NativeDateWidget(_NativeWidget):
    """The browser's own calendar."""

    _class = "date"
    _type = "date"
    _parse = staticmethod(_moment(datetime.date.fromisoformat))


class NativeTimeWidget(_NativeWidget):
    """The browser's own control for times."""

    _class = "time"
    _type = "time"
    _parse = staticmethod(_moment(datetime.time.fromisoformat))


class NativeDatetimeWidget(_NativeWidget):
    """The browser's own control for date and time."""

    _class = "datetime"
    _type = "datetime-local"
    _parse = staticmethod(_moment(_iso_datetime))
