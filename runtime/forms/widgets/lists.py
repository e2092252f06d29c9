"""The widget of lists of texts or numbers: one line for each, lines can be added."""

from __future__ import annotations

from typing import Any

from pydal.validators import IS_INT_IN_RANGE, IS_LIST_OF

from runtime.forms.widgets.base import FormWidget
from runtime.forms.widgets.script import LISTS, once
from runtime.html import CAT, DIV, INPUT, LI


class _Line(DIV):
    """One line; no `INPUT`, since the whole list is read at once."""

    tag = "input/"


class _ListInput(INPUT):
    """The lines of a list, read as one value. Blank lines are left out."""

    tag = "ul"

    def _postprocessing(self) -> None:
        values = self["value"]
        items = [values] if isinstance(values, str) else list(values or ())
        items = [item for item in items if str(item) != ""]
        self.components = [LI(self._line(number, item)) for number, item in enumerate([*items, ""])]

    def _line(self, number: int, value: Any) -> _Line:
        identity = self["_id"] if number == 0 else f"{self['_id']}_{number}"
        return _Line(
            _type="text", _id=identity, _name=self["_name"], _class=self["line_class"], _value=str(value)
        )

    def _submitted(self, name: str) -> Any:
        self._before = self["value"]
        sent = (self.request_vars or {}).get(name)
        lines = sent if isinstance(sent, list) else [] if sent is None else [sent]
        kept = [str(line) for line in lines if str(line).strip()]
        self["value"] = kept
        return kept

    def _attributes_text(self) -> str:
        attributes = {"_class": self["_class"], "_data-w2p_list": self["_name"]}
        return DIV(**attributes)._attributes_text()


class ListWidget(FormWidget):
    """Lines of text, one more than there are values; the browser's JavaScript adds further ones.

    Without JavaScript the empty line adds one value each time the form is sent; an emptied line is removed.
    """

    _class = "string"

    @classmethod
    def widget(cls, field: Any, value: Any, **attributes: Any) -> Any:
        kind = str(field.type)
        requires = field.requires
        if not requires and kind == "list:integer":
            requires = IS_LIST_OF(IS_INT_IN_RANGE(None, None))
        line_class = attributes.pop("_class", "integer" if kind == "list:integer" else "string")
        given = cls._attributes(
            field, attributes, _class="w2p_list", line_class=line_class, value=value or [], requires=requires
        )
        return CAT(_ListInput(**given), once(LISTS))
