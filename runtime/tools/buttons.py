"""Buttons in lists that delete what stands beside them, without JavaScript."""

from __future__ import annotations

from typing import Any

from runtime.forms import FORM
from runtime.foundation.current import current
from runtime.html import INPUT


def delete_button(form: Any, **hidden: Any) -> Any:
    """Return a form of one button that sends what `form` takes.

    Args:
        form: form that has read the request; its name and key are used.
        hidden: name of its field, and the number of the record.
    """
    made = FORM(INPUT(_type="submit", _value=current.T("Delete"), _class="btn btn-danger"), hidden=hidden)
    made.formname, made.formkey = form.formname, form.formkey
    return made
