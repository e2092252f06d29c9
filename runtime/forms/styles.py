"""Form styles without a framework: how rows of label, control and comment are arranged.

A form style is a function of the form and of its rows, each a tuple (id of the row, label, control,
comment), that returns the element with all of them. The older kind, a function of those four that returns
one row, works too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from runtime.html import CAT, DIV, FIELDSET, LI, SPAN, TABLE, TD, TR, UL

FormRow = tuple[str | None, Any, Any, Any]
FormStyle = Callable[[Any, list[FormRow]], Any]


def table3cols(form: Any, rows: list[FormRow]) -> Any:
    """Arrange label, control and comment in a table of three columns."""
    return TABLE(
        *(
            TR(
                TD(label, _class="w2p_fl"),
                TD(control, _class="w2p_fw"),
                TD(comment, _class="w2p_fc"),
                _id=identity,
            )
            for identity, label, control, comment in rows
        )
    )


def table2cols(form: Any, rows: list[FormRow]) -> Any:
    """Arrange label and comment in a row of a table, the control in the row below."""
    lines: list[Any] = []
    for identity, label, control, comment in rows:
        first = None if identity is None else f"{identity}1"
        lines.append(
            TR(TD(label, _class="w2p_fl"), TD(comment, _class="w2p_fc"), _id=first, _class="w2p_even even")
        )
        lines.append(TR(TD(control, _class="w2p_fw", _colspan=2), _id=identity, _class="w2p_even odd"))
    return TABLE(*lines)


def divs(form: Any, rows: list[FormRow]) -> Any:
    """Arrange each row in a ``div`` with one ``div`` for each part."""
    return CAT(
        *(
            DIV(
                DIV(label, _class="w2p_fl"),
                DIV(control, _class="w2p_fw"),
                DIV(comment, _class="w2p_fc"),
                _id=identity,
            )
            for identity, label, control, comment in rows
        )
    )


def inline(form: Any, rows: list[FormRow]) -> Any:
    """Arrange controls one after another in a line; labels are for screen readers."""
    form.add_class("form-inline")
    out = []
    for identity, label, control, _ in rows:
        if hasattr(label, "add_class"):
            label.add_class("sr-only visually-hidden")
        out.append(DIV(label, control, _class="form-group", _id=identity))
    return CAT(*out)


def ul(form: Any, rows: list[FormRow]) -> Any:
    """Arrange the rows as items of a list."""
    return UL(
        *(
            LI(
                DIV(label, _class="w2p_fl"),
                DIV(control, _class="w2p_fw"),
                DIV(comment, _class="w2p_fc"),
                _id=identity,
            )
            for identity, label, control, comment in rows
        )
    )


def plain(form: Any, rows: list[FormRow]) -> Any:
    """Arrange label, control and comment below one another, for style sheets without a framework."""
    out: list[Any] = []
    for identity, label, control, comment in rows:
        out.append(
            DIV(
                label,
                control,
                SPAN(comment, _class="comment") if comment else "",
                _class="field",
                _id=identity,
            )
        )
    return FIELDSET(*out, _class="plain")


@lru_cache(maxsize=256)
def _takes_form(style: Callable[..., Any]) -> bool:
    """Tell the kind of a form style by the number of its arguments."""
    try:
        parameters = inspect.signature(style).parameters.values()
    except (TypeError, ValueError):
        return True
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(positional) == 2


def arrange(style: Callable[..., Any], form: Any, rows: list[FormRow]) -> Any:
    """Return the element in which `style`, of either kind, puts the rows."""
    if _takes_form(style):
        return style(form, rows)
    parent: list[Any] = []
    tables = False
    for identity, label, control, comment in rows:
        made = style(identity, label, control, comment)
        several: Iterable[Any] = made if isinstance(made, (list, tuple)) else (made,)
        for row in several:
            tables = tables or isinstance(row, TR)
            parent.append(row)
    return TABLE(*parent) if tables else CAT(*parent)
