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


class Placing:
    """A form style that puts the parts of a row somewhere and changes none of them.

    Args:
        around: makes the element around all rows.
        row: returns what one row becomes, from its id, label, control and comment.
    """

    def __init__(self, around: Callable[..., Any], row: Callable[..., Iterable[Any]]) -> None:
        self.around, self.row = around, row
        self._templates: dict[bool, str] = {}

    def __call__(self, form: Any, rows: list[FormRow]) -> Any:
        return self.around(*(part for row in rows for part in self.row(*row)))

    def text(self, rows: Iterable[tuple[str, str, str, str]]) -> str:
        """Return the markup of rows whose parts are markup, without making the elements around them."""
        inside = "".join(self._template(bool(row[3])) % dict(zip(_SLOTS, row, strict=True)) for row in rows)
        before, sign, after = str(self.around()).partition("</")
        return f"{before}{inside}{sign}{after}"

    def _template(self, commented: bool) -> str:
        """Return the markup of one row with gaps; what is empty may be left out, so it counts."""
        found = self._templates.get(commented)
        if found is None:
            slots = (*_SLOTS[:3], _SLOTS[3] if commented else "")
            found = "".join(str(part) for part in self.row(*slots)).replace("%", "%%")
            for slot in _SLOTS:
                found = found.replace(slot, f"%({slot})s")
            self._templates[commented] = found
        return found


_SLOTS = ("w2pSlotIdentity", "w2pSlotLabel", "w2pSlotControl", "w2pSlotComment")


def _three_columns(identity: str | None, label: Any, control: Any, comment: Any) -> Iterable[Any]:
    cells = TD(label, _class="w2p_fl"), TD(control, _class="w2p_fw"), TD(comment, _class="w2p_fc")
    yield TR(*cells, _id=identity)


def _two_columns(identity: str | None, label: Any, control: Any, comment: Any) -> Iterable[Any]:
    first = None if identity is None else f"{identity}1"
    yield TR(TD(label, _class="w2p_fl"), TD(comment, _class="w2p_fc"), _id=first, _class="w2p_even even")
    yield TR(TD(control, _class="w2p_fw", _colspan=2), _id=identity, _class="w2p_even odd")


def _three_parts(tag: Callable[..., Any]) -> Callable[..., Iterable[Any]]:
    def row(identity: str | None, label: Any, control: Any, comment: Any) -> Iterable[Any]:
        parts = DIV(label, _class="w2p_fl"), DIV(control, _class="w2p_fw"), DIV(comment, _class="w2p_fc")
        yield tag(*parts, _id=identity)

    return row


def _below_one_another(identity: str | None, label: Any, control: Any, comment: Any) -> Iterable[Any]:
    below = SPAN(comment, _class="comment") if comment else ""
    yield DIV(label, control, below, _class="field", _id=identity)


table3cols = Placing(TABLE, _three_columns)
"""Label, control and comment in a table of three columns."""

table2cols = Placing(TABLE, _two_columns)
"""Label and comment in a row of a table, the control in the row below."""

divs = Placing(CAT, _three_parts(DIV))
"""Each row in a ``div`` with one ``div`` for each part."""

ul = Placing(UL, _three_parts(LI))
"""The rows as items of a list."""

plain = Placing(lambda *rows: FIELDSET(*rows, _class="plain"), _below_one_another)
"""Label, control and comment below one another, for style sheets without a framework."""


def inline(form: Any, rows: list[FormRow]) -> Any:
    """Arrange controls one after another in a line; labels are for screen readers."""
    form.add_class("form-inline")
    out = []
    for identity, label, control, _ in rows:
        if hasattr(label, "add_class"):
            label.add_class("sr-only visually-hidden")
        out.append(DIV(label, control, _class="form-group", _id=identity))
    return CAT(*out)


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
