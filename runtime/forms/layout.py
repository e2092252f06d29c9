"""The rows of a form for a table: label, control or value, comment for each field."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from runtime.forms.speech import say
from runtime.forms.styles import FormRow
from runtime.forms.widgets import SIMPLE
from runtime.forms.widgets.base import choices_of, formatted
from runtime.forms.widgets.choices import BooleanWidget, MultipleOptionsWidget, OptionsWidget
from runtime.forms.widgets.lists import ListWidget
from runtime.forms.widgets.lookup import lookup_for
from runtime.forms.widgets.texts import STARS, StringWidget
from runtime.forms.widgets.uploads import UploadWidget
from runtime.foundation.escape import xmlescape
from runtime.html import CAT, DIV, INPUT, LABEL, SPAN, A


@lru_cache(maxsize=512)
def _takes_row(represent: Any) -> bool:
    try:
        parameters = inspect.signature(represent).parameters.values()
    except (TypeError, ValueError):
        return True
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return True
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters) > 1


def represented(form: Any, field: Any, value: Any, record: Any) -> Any:
    """Return what shows `value` where it cannot be changed (DBI-06: a code shows its text).

    Args:
        form: whose `upload` is the address of stored files.
        field: of the table.
        record: the whole record, for `represent` functions of two arguments.
    """
    kind = str(field.type)
    shown = getattr(field, "represent", None)
    if kind == "password":
        return STARS if value else ""
    if callable(shown) and not (kind == "upload" and value is None):
        return shown(value, record) if _takes_row(shown) else shown(value)
    if kind == "upload":
        return UploadWidget.represent(field, value, form.upload)
    if value is None:
        return ""
    if kind == "boolean":
        return BooleanWidget.widget(field, value, _disabled=True, _name=None, _id=None, requires=None)
    if kind == "blob":
        return say("%s bytes", len(value))
    texts = _texts_of_codes(field)
    if texts:
        codes = value if isinstance(value, (list, tuple)) else (value,)
        return ", ".join(str(texts.get(str(code), code)) for code in codes)
    if isinstance(value, (list, tuple)) and kind.startswith("list:"):
        return ", ".join(map(str, value))
    return str(formatted(field, value))


def represent(field: Any, value: Any, record: Any) -> Any:
    """Return what the `represent` of a field, of one argument or two, makes of a value; else the value."""
    shown = getattr(field, "represent", None)
    if not callable(shown):
        return value
    return shown(value, record) if _takes_row(shown) else shown(value)


def _texts_of_codes(field: Any) -> dict[str, Any]:
    """Return text by code where a validator has a fixed list of them."""
    choices, _ = choices_of(field)
    while choices is not None and not hasattr(choices, "theset"):
        choices = getattr(choices, "other", None)
    if choices is None or hasattr(choices, "dbset"):
        return {}
    return {str(code): text for code, text in choices.options() if str(code) != ""}


def control_for(form: Any, field: Any, value: Any) -> Any:
    """Return the control that lets the visitor change `field`, None where none can (a blob)."""
    if field.widget:
        return field.widget(field, formatted(field, value))
    kind = str(field.type)
    if kind == "upload":
        return UploadWidget.widget(field, value, form.upload)
    if kind == "boolean":
        return BooleanWidget.widget(field, value)
    if kind == "blob":
        return None
    choices, many = choices_of(field)
    if choices is not None:
        lookup = None if many else lookup_for(form, field, choices, value)
        if lookup is not None:
            return lookup
        return (MultipleOptionsWidget if many else OptionsWidget).widget(field, value)
    if kind.startswith("list:"):
        return ListWidget.widget(field, value)
    name = kind.split(" ", maxsplit=1)[0].split("(", maxsplit=1)[0]
    widget = form.native_widgets.get(name) or SIMPLE.get(name, StringWidget)
    return widget.widget(field, value if widget in form.native_widgets.values() else formatted(field, value))


def label_for(form: Any, field: Any, identity: str) -> Any:
    """Return the label of a field."""
    text = form.labels.get(field.name, field.label)
    return LABEL(text, form.separator if text else "", _for=identity, _id=f"{identity}__label")


def field_row(form: Any, field: Any, value: Any) -> FormRow | None:
    """Return the row of one field, None when it shows nothing; ``form.custom`` gets the parts."""
    custom, name = form.custom, field.name
    identity = f"{form.table._tablename}_{name}"
    comment = _comment_of(form, field)
    if name in form.controls:
        control = form.controls[name]
        if control is None:
            return None
        custom.inpval[name] = "" if value is None else formatted(field, value)
        if field.type == "password":
            custom.inpval[name] = STARS if value else ""
    else:
        control = represented(form, field, value, form.record)
        if not isinstance(control, DIV) and not form.readonly:
            control = SPAN(control, _id=identity)
    custom.dspval[name] = "" if value is None else value if field.type != "password" else STARS
    label = label_for(form, field, identity)
    custom.label[name], custom.comment[name], custom.widget[name] = label, comment, control
    return f"{identity}__row", label, control, comment


def id_row(form: Any) -> FormRow:
    """Return the row that shows the number of the record."""
    name = form.table._id.name
    text = form.labels.get(name, form.table._id.label)
    label = LABEL(text, form.separator, _for="id", _id="id__label")
    shown = SPAN(represented(form, form.table._id, form.record_id, form.record), _id="id")
    custom = form.custom
    custom.dspval[name] = custom.inpval[name] = form.record_id
    custom.label[name], custom.widget[name], custom.comment[name] = label, shown, ""
    return "id__row", label, shown, form.col3.get(name, "")


def link_rows(form: Any) -> list[FormRow]:
    """Return a row with a link for each table that refers to the record (`linkto`)."""
    rows: list[FormRow] = []
    table = form.table
    if not form.linkto or form.record is None:
        return rows
    for field in table._referenced_by:
        title = form.labels.get(str(field), field._tablename)
        query = f"{field._tablename}.{field.name}=={_referred(form, field)}"
        if callable(form.linkto):
            address = form.linkto(str(query), "reference", field._tablename)
        else:
            address = f"{form.linkto}/{field._tablename}?{_encoded(query)}"
        identity = f"{field._tablename}_{field.name}__row"
        link = A(title, _href=address, _id=f"{field._tablename}_{field.name}_linkto")
        form.custom.linkto[field._tablename] = link
        rows.append((identity, "", link, form.col3.get(str(field), "")))
    return rows


def _referred(form: Any, field: Any) -> str:
    """Return the value of the record that `field` refers to, as a query writes it."""
    name = str(field.type).partition(".")[2]
    if not name:
        return str(form.record_id)
    value = form.record[name]
    return str(value) if isinstance(value, int) else repr(str(value))


def _encoded(query: str) -> str:
    from urllib.parse import urlencode

    return urlencode({"query": query})


def _said(text: Any) -> Any:
    return say(text) if isinstance(text, str) else text


def delete_row(form: Any) -> FormRow:
    """Return the row with the box that deletes the record."""
    box = INPUT(_type="checkbox", _class="delete", _id="delete_record", _name=form.FIELDNAME_REQUEST_DELETE)
    label = LABEL(_said(form.delete_label), form.separator, _for="delete_record", _id="delete_record__label")
    form.custom.delete = form.custom.deletable = box
    form.custom.label["delete"] = label
    return "delete_record__row", label, box, form.col3.get(form.FIELDNAME_REQUEST_DELETE, "")


def submit_row(form: Any, buttons: Any) -> FormRow | None:
    """Return the row with the buttons; ``buttons=[]`` has none."""
    if not buttons:
        return None
    control = form.custom.submit = _buttons(form, buttons)
    return "submit_record__row", "", DIV(control, _class="w2p_buttons"), form.col3.get("submit_button", "")


def _buttons(form: Any, buttons: Any) -> Any:
    made = [
        INPUT(_type="submit", _value=_said(form.submit_button), _class="button")
        if button == "submit"
        else button
        for button in buttons
    ]
    return made[0] if len(made) == 1 else CAT(*made)


def text_of(form: Any, fields: list[Any], buttons: Any) -> Iterator[tuple[str, str, str, str]]:
    """Yield the markup of the parts of each row of a form that makes a record: id, label, control, comment.

    What `field_row` and `submit_row` say, for a form whose rows nobody has looked at.

    Args:
        fields: those with a control.
        buttons: as the form was given them.
    """
    for field in fields:
        name = field.name
        identity = f"{form.table._tablename}_{name}"
        control = form.controls[name]
        if control is not None:
            comment = xmlescape(_comment_of(form, field))
            mark = xmlescape(identity)
            text = form.labels.get(name, field.label)
            shown = xmlescape(text) + xmlescape(form.separator if text else "")
            label = f'<label for="{mark}" id="{mark}__label">{shown}</label>'
            yield f"{mark}__row", label, xmlescape(control), comment
    if buttons:
        comment = xmlescape(form.col3.get("submit_button", ""))
        yield (
            "submit_record__row",
            "",
            f'<div class="w2p_buttons">{_buttons_text(form, buttons)}</div>',
            comment,
        )


def _buttons_text(form: Any, buttons: Any) -> str:
    if tuple(buttons) != ("submit",):
        return xmlescape(_buttons(form, buttons))
    return f'<input class="button" type="submit" value="{xmlescape(_said(form.submit_button))}" />'


def hidden_text(marks: list[tuple[str, Any]]) -> str:
    """Return the markup of hidden fields with these names and values."""
    return "".join(
        f'<input name="{name}" type="hidden" value="{xmlescape(value)}" />' for name, value in marks
    )


def _comment_of(form: Any, field: Any) -> Any:
    return form.col3.get(field.name, field.comment if form.comments else None) or ""
