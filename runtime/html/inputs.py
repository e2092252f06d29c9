"""Fields of forms: `INPUT`, `TEXTAREA`, `SELECT` with its options, and their validation (NAMES-05)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from runtime.html.element import DIV


class INPUT(DIV):
    """Input field.

    Args:
        _type: ``text`` by default.
        _value: value sent by the field as written in the page.
        value: current value; replaces `_value`, or checks a checkbox or radio
            button whose `_value` it equals (``True`` checks a checkbox).
        requires: validator, or list of them, used when a form validates.
        hideerror: do not write the message of a failed validation after the field.
    """

    tag = "input/"
    _computed: ClassVar[bool] = True

    # Set by the form that validates this field.
    vars: dict[str, Any] | None = None
    request_vars: dict[str, Any] | None = None
    errors: dict[str, Any] | None = None

    def _postprocessing(self) -> None:
        kind = str(self.attributes.setdefault("_type", "text")).lower()
        value = self["value"]
        if kind == "checkbox":
            self._check_box(value)
        elif kind == "radio":
            if value is not None:
                self["_checked"] = "checked" if str(value) == str(self["_value"]) else None
        elif kind != "file" and value is not None and not isinstance(value, (list, tuple)):
            self["_value"] = value

    def _check_box(self, value: Any) -> None:
        own = self["_value"]
        if own is None or own is False or own == "":
            own = self["_value"] = "on"
        if "value" not in self.attributes:
            return
        if value is True:
            checked = True
        elif isinstance(value, (list, tuple, set)):
            checked = str(own) in [str(v) for v in value]
        else:
            checked = bool(value) and str(own) in str(value).split("|")
        self["_checked"] = "checked" if checked else None

    def _submitted(self, name: str) -> Any:
        """Return the value sent for this field and make it the current one."""
        sent = (self.request_vars or {}).get(name)
        if str(self["_type"]).lower() != "checkbox":
            self["old_value"] = self["value"] or self["_value"] or ""
            value = "" if sent is None else sent
            self["value"] = value if isinstance(value, (str, int, float, list)) else ""
            return value
        self["old_value"] = self["value"] or False
        own = str(self["_value"])
        self["value"] = own in [str(v) for v in sent] if isinstance(sent, list) else own == sent
        return sent

    def _validate(self) -> bool:
        """Read the submitted value and pass it through `requires`; tell whether it is right.

        The value goes to ``self.vars``, the message of the first validator that refuses to ``self.errors``.
        """
        name = self["_name"]
        if name is None or name == "" or self.vars is None or self.errors is None:
            return True
        name = str(name)
        value = self._submitted(name)
        requires = self["requires"] or []
        for validator in requires if isinstance(requires, (list, tuple)) else [requires]:
            value, error = validator(value)
            if error is not None:
                self.errors[name] = error
                break
        self.vars[name] = value
        return name not in self.errors

    def _trailing(self) -> Iterable[Any]:
        name = self["_name"]
        if not name or not self.errors or self["hideerror"] or not self.errors.get(name):
            return ()
        message = DIV(self.errors[name], _class="error", errors=None, _id=f"{name}__error")
        return (DIV(message, _class="error_wrapper"),)


class TEXTAREA(INPUT):
    """Field of several lines; `value` replaces the content."""

    tag = "textarea"

    def _postprocessing(self) -> None:
        self.attributes.setdefault("_rows", 10)
        self.attributes.setdefault("_cols", 40)
        if self["value"] is not None:
            self.components = [self["value"]]


class OPTION(DIV):
    """Option of a `SELECT`; its content is its value unless `_value` is given."""

    tag = "option"
    _computed: ClassVar[bool] = True

    def _postprocessing(self) -> None:
        if "_value" not in self.attributes:
            self["_value"] = str(self.components[0]) if self.components else ""


class OPTGROUP(DIV):
    """Group of options; content that is no `OPTION` is put into one."""

    tag = "optgroup"

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, OPTION) else OPTION(component)


class SELECT(INPUT):
    """Choice; content that is no option is put into one.

    Args:
        value: value, or list of values with ``_multiple``, of the options selected.
    """

    tag = "select"

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, (OPTION, OPTGROUP)) else OPTION(component)

    def _postprocessing(self) -> None:
        if "value" not in self.attributes or self["value"] is None:
            return
        value = self["value"]
        many = isinstance(value, (list, tuple, set)) and bool(self["_multiple"])
        wanted = {str(v) for v in value} if many else {str(value)}
        for option in self._options():
            option["_selected"] = "selected" if str(option["_value"]) in wanted else None

    def _options(self) -> Iterable[OPTION]:
        for component in self.components:
            if isinstance(component, OPTION):
                yield component
            elif isinstance(component, OPTGROUP):
                yield from (c for c in component.components if isinstance(c, OPTION))
