"""What all widgets share: the attributes of a control, values as people write them."""

from __future__ import annotations

from typing import Any, ClassVar

from pydal.validators import IS_LIST_OF, DefaultValidatorProxy

from runtime.html import INPUT


def validators_of(field: Any) -> list[Any]:
    """Return the validators of `field` one by one, default ones without their wrapping."""
    requires = getattr(field, "requires", None)
    if not requires:
        return []
    found: list[Any] = []
    for validator in requires if isinstance(requires, (list, tuple)) else (requires,):
        inner = validator.obj if isinstance(validator, DefaultValidatorProxy) else validator
        found.extend(inner if isinstance(inner, (list, tuple)) else (inner,))
    return found


def formatted(field: Any, value: Any) -> Any:
    """Return `value` as its validators would read it again: a date in the visitor's format."""
    if value is None:
        return None
    for validator in reversed(validators_of(field)):
        formatter = getattr(validator, "formatter", None)
        if formatter is not None:
            value = formatter(value)
    return value


def choices_of(field: Any) -> tuple[Any, bool]:
    """Return the validator of `field` that offers values, or None; and whether several can be chosen."""
    for validator in validators_of(field):
        many = False
        while validator is not None:
            many = many or isinstance(validator, IS_LIST_OF) or bool(getattr(validator, "multiple", False))
            if hasattr(validator, "options"):
                return validator, many
            validator = getattr(validator, "other", None)
            if isinstance(validator, (list, tuple)):
                validator = validator[0] if validator else None
    return None, False


class FormWidget:
    """Base of the widgets: ``SQLFORM.widgets.NAME.widget(field, value, **attributes)`` returns a control.

    Attributes that start with an underscore go to the control and win over what the widget would set.
    """

    _class: ClassVar[str] = "generic-widget"

    @classmethod
    def _attributes(cls, field: Any, given: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        """Return the attributes of the control: those of `field`, `defaults`, `given`."""
        return {
            "_id": f"{field._tablename}_{field.name}",
            "_class": cls._class or str(field.type).split(" ", maxsplit=1)[0],
            "_name": field.name,
            "requires": field.requires,
            **defaults,
            **given,
        }

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        """Return the control for `field` that shows `value`.

        Args:
            field: of the table of a form.
            value: as `formatted` returns it; None for an empty control.
            attributes: of the control.
        """
        shown = "" if value is None else str(value)
        return INPUT(**cls._attributes(field, attributes, _type="text", value=shown))
