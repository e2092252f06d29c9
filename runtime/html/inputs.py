"""Fields of forms: `INPUT`, `TEXTAREA`, `SELECT` with its options, and their validation (NAMES-05)."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, ClassVar, cast

from runtime.html.element import DIV

_NOTHING: Any = object()


@lru_cache(maxsize=512)
def _knows_record(kind: Any) -> bool:
    """Tell whether validators of this type can be told which record is edited."""
    try:
        parameters = inspect.signature(kind.__call__).parameters
    except (TypeError, ValueError):
        return False
    return "record_id" in parameters


def check(requires: Any, value: Any, record_id: Any = None) -> tuple[Any, Any]:
    """Pass `value` through a validator, or a list of them; return the value and the first message, or None.

    Args:
        record_id: record that the value is to be stored in, for validators that look at the others.
    """
    if not requires:
        return value, None
    for validator in requires if isinstance(requires, (list, tuple)) else (requires,):
        if record_id is not None and _knows_record(cast("Any", type(validator))):
            value, error = validator(value, record_id)
        else:
            if record_id is not None and hasattr(validator, "set_self_id"):
                validator.set_self_id(record_id)
            value, error = validator(value)
        if error is not None:
            return value, error
    return value, None


class INPUT(DIV):
    """Input field.

    Args:
        _type: ``text`` by default.
        _value: value sent by the field as written in the page.
        value: current value; replaces `_value`, or checks a checkbox or radio
            button whose `_value` it equals (``True`` checks a checkbox).
        requires: validator, or list of them, used when a form validates.
        hideerror: do not write the message of a failed validation after the field.
        invalid_class: further class of a field whose value was refused, beside ``invalidinput``.

    What was sent for a password is never written into the page again.
    """

    tag = "input/"
    _computed: ClassVar[bool] = True

    # Set by the form that validates this field.
    vars: dict[str, Any] | None = None
    request_vars: dict[str, Any] | None = None
    errors: dict[str, Any] | None = None
    guarded: Collection[str] = ()
    """Names whose value another field of the form validates: one of a group of radio buttons does."""
    record_id: Any = None
    _before: Any = _NOTHING

    def _postprocessing(self) -> None:
        attributes = self.attributes
        kind = str(attributes.setdefault("_type", "text")).lower()
        value = attributes.get("value")
        if kind == "checkbox":
            self._check_box(value)
        elif kind == "radio":
            if value is not None:
                self["_checked"] = "checked" if str(value) == str(self["_value"]) else None
        elif kind != "file" and value is not None and not isinstance(value, (list, tuple)):
            attributes["_value"] = value

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

    def _initial(self) -> Any:
        """Return the value that the field starts with."""
        value = self["value"]
        return self["_value"] if value is None else value

    def _submitted(self, name: str) -> Any:
        """Return the value sent for this field and make it the current one."""
        sent = (self.request_vars or {}).get(name)
        self._before = self._initial()
        kind = str(self["_type"]).lower()
        if kind == "checkbox":
            self._before = self["value"] or False
            own = str(self["_value"])
            self["value"] = own in [str(v) for v in sent] if isinstance(sent, list) else own == sent
            return sent
        value = "" if sent is None else sent
        if kind == "radio" or (
            kind not in ("password", "file") and isinstance(value, (str, int, float, list))
        ):
            self["value"] = value
        return value

    def _restore(self) -> None:
        """Give the field the value again that it had before one was sent."""
        if self._before is not _NOTHING:
            self["value"] = "" if self._before is None else self._before
            self._before = _NOTHING

    def _validate(self) -> bool:
        """Read the submitted value and pass it through `requires`; tell whether it is right.

        The value goes to ``self.vars``, the message of the first validator that refuses to ``self.errors``.
        """
        name = self["_name"]
        if name is None or name == "" or self.vars is None or self.errors is None:
            return True
        name = str(name)
        value = self._submitted(name)
        requires = self["requires"]
        if not requires and name in self.guarded:
            return True
        value, error = check(requires, value, self.record_id)
        if error is not None:
            self.errors[name] = error
        self.vars[name] = value
        return name not in self.errors

    def _trailing(self) -> Iterable[Any]:
        if not self.errors:
            return ()
        name = self["_name"]
        if not name or self["hideerror"] or not self.errors.get(name):
            return ()
        marker = f"{name}__error"
        self.add_class("invalidinput")
        if self["invalid_class"]:
            self.add_class(self["invalid_class"])
        self.attributes.update({"_aria-invalid": "true", "_aria-describedby": marker})
        return (error_box(self.errors[name], marker),)


def error_box(message: Any, identity: str) -> DIV:
    """Return the element that shows `message` beside a field."""
    return DIV(DIV(message, _class="error", errors=None, _id=identity), _class="error_wrapper")


class TEXTAREA(INPUT):
    """Field of several lines; `value` replaces the content."""

    tag = "textarea"

    def _postprocessing(self) -> None:
        self.attributes.setdefault("_rows", 10)
        self.attributes.setdefault("_cols", 40)
        if self["value"] is not None:
            self.components = [self["value"]]

    def _initial(self) -> Any:
        return "".join(map(str, self.components)) if self["value"] is None else self["value"]


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

    def _initial(self) -> Any:
        if self["value"] is not None:
            return self["value"]
        chosen = [option["_value"] for option in self._options() if option["_selected"]]
        return chosen if self["_multiple"] else next(iter(chosen), None)

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
