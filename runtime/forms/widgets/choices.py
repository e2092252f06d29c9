"""Widgets that offer values: drop-downs, radio buttons, checkboxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runtime.forms.widgets.base import FormWidget, choices_of
from runtime.html import CAT, DIV, INPUT, LABEL, LI, OPTION, SELECT, TABLE, TD, TR, UL


class BooleanWidget(FormWidget):
    """A checkbox."""

    _class = "boolean"

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        return INPUT(**cls._attributes(field, attributes, _type="checkbox", value=value))


class OptionsWidget(FormWidget):
    """A drop-down of what the field's validator (`IS_IN_SET`, `IS_IN_DB`) offers."""

    _class = "generic-widget"

    @staticmethod
    def has_options(field: Any) -> bool:
        """Tell whether a validator of `field` offers values."""
        return choices_of(field)[0] is not None

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        """Return the control.

        Raises:
            SyntaxError: no validator of the field has options.
        """
        options = [OPTION(text, _value=key) for key, text in options_of(field)]
        return SELECT(*options, **cls._attributes(field, attributes, value=value))


def options_of(field: Any) -> list[tuple[Any, Any]]:
    """Return keys and texts that a validator of `field` offers.

    Raises:
        SyntaxError: none does.
    """
    choices, many = choices_of(field)
    if choices is None:
        raise SyntaxError(
            f"the widget of {field} needs a validator with options, such as IS_IN_SET or IS_IN_DB"
        )
    return [(key, text) for key, text in choices.options() if not many or str(key) != ""]


def _as_list(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [v for v in value.strip("|").split("|") if v]
    return [str(v) for v in value] if isinstance(value, (list, tuple, set)) else [str(value)]


class MultipleOptionsWidget(OptionsWidget):
    """A list of which several entries can be chosen."""

    @classmethod
    def widget(cls, field: Any, value: Any, size: int = 5, **attributes: Any) -> Any:
        """Return the control; `size` is the number of lines shown."""
        attributes = {"_size": size, "_multiple": True, **attributes}
        return super().widget(field, _as_list(value), **attributes)


class RadioWidget(OptionsWidget):
    """Radio buttons, one for each value."""

    _kind = "radio"

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        """Return the buttons.

        Args:
            cols: buttons in a row, 1 by default.
            style: ``table`` (default), ``ul`` or ``divs``.
            value: the key of the chosen one.
        """
        cols = int(attributes.pop("cols", 1) or 1)
        arrange = _ARRANGEMENTS[attributes.pop("style", "table")]
        options = [(key, text) for key, text in options_of(field) if str(key) != ""]
        chosen = cls._chosen(value)
        common = cls._attributes(field, {}, **{})
        last = len(options) - 1
        cells = []
        for number, (key, text) in enumerate(options):
            identity = f"{common['_id']}{key}"
            control = INPUT(
                _type=cls._kind, _id=identity, _name=common["_name"], _value=key, value=chosen,
                requires=attributes.get("requires", common["requires"]) if number == last else None,
                hideerror=number < last,
            )  # fmt: skip
            cells.append(CAT(control, LABEL(text, _for=identity)))
        group = {
            "_id": common["_id"],
            "_class": cls._class,
            **{k: v for k, v in attributes.items() if k[:1] == "_"},
        }
        return arrange(cells, cols, group)

    @classmethod
    def _chosen(cls, value: Any) -> Any:
        return "" if value is None else str(value)


class CheckboxesWidget(RadioWidget):
    """Checkboxes, one for each value; the field's value is a list."""

    _kind = "checkbox"

    @classmethod
    def _chosen(cls, value: Any) -> Any:
        return _as_list(value)


def _rows(cells: list[Any], cols: int) -> list[list[Any]]:
    return [cells[at : at + cols] for at in range(0, len(cells), cols)]


def _table(cells: list[Any], cols: int, group: dict[str, Any]) -> Any:
    return TABLE(*(TR(*map(TD, row)) for row in _rows(cells, cols)), **group)


def _list(cells: list[Any], cols: int, group: dict[str, Any]) -> Any:
    return UL(*(LI(*row) for row in _rows(cells, cols)), **group)


def _divs(cells: list[Any], cols: int, group: dict[str, Any]) -> Any:
    return DIV(*(DIV(*row) for row in _rows(cells, cols)), **group)


_ARRANGEMENTS: dict[str, Callable[[list[Any], int, dict[str, Any]], Any]] = {
    "table": _table,
    "ul": _list,
    "divs": _divs,
}
