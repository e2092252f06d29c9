"""Text fields with suggestions: `AutocompleteWidget`, and what stands for a long drop-down (DBI-05)."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from pydal.validators import IS_EMPTY_OR, IS_IN_DB

from runtime.forms.widgets.base import FormWidget
from runtime.forms.widgets.script import LOOKUP, once
from runtime.foundation import serializers
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.html import DIV, INPUT, SPAN, UL

LONGEST_DROP_DOWN = 500
"""Records of a referenced table up to which a drop-down is offered; beyond them a search field."""
SUGGESTIONS = 10


def begins_with(field: Any, text: str, at_beginning: bool = True) -> Any:
    """Return the query for values of `field` that begin with (or hold) `text`, in any case of letters."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return field.ilike(f"{'' if at_beginning else '%'}{escaped}%", escape="\\")


def answer(items: list[tuple[Any, ...]]) -> None:
    """End the request with suggestions: value, text, help.

    Raises:
        HTTP: 200, always.
    """
    body = serializers.json([[str(part) for part in item] for item in items])
    headers: dict[str, Any] = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    raise HTTP(200, body, **headers)


class _Typed(DIV):
    """The visible text field; the hidden one beside it is what the form reads."""

    tag = "input/"


class _LookupInput(INPUT):
    """The hidden field with the key; text typed without JavaScript is looked up when the form is read."""

    def _submitted(self, name: str) -> Any:
        self._before = self["value"]
        sent = self.request_vars or {}
        key, typed = sent.get(name), sent.get(self["visible"]["_name"])
        typed = typed if isinstance(typed, str) else ""
        key = key if isinstance(key, str) else ""
        if typed.strip() and (not key or typed != self["text_of"](key)):
            key = self["key_of"](typed)
            if key is None:
                key = f"{typed} "  # no key: the validator refuses it
        elif not typed.strip():
            key = ""
        if self.request_vars is not None:
            self.request_vars[name] = key  # what was meant is what was sent
        self["value"] = key
        self["visible"]["_value"] = typed
        return key

    def _restore(self) -> None:
        super()._restore()
        self["visible"]["_value"] = self["text_of"](self["value"]) if self["value"] else ""


def _list_box(keyword: str, min_length: int, *inside: Any) -> Any:
    listing = UL(_role="listbox", _id=f"{keyword}_list", _hidden="hidden", _class="w2p_lookup")
    return SPAN(
        *inside, listing, once(LOOKUP),
        **{"_data-w2p_lookup": keyword, "_data-w2p_min": min_length, "_class": "w2p_lookup_field"},
    )  # fmt: skip


def _combobox(keyword: str) -> dict[str, Any]:
    return {
        "_role": "combobox", "_autocomplete": "off", "_aria-expanded": "false", "_aria-autocomplete": "list",
        "_aria-controls": f"{keyword}_list",
    }  # fmt: skip


class AutocompleteWidget:
    """A text field that suggests values of a database field; ``SQLFORM.widgets.autocomplete``.

    Args:
        request: the running request; when it asks for suggestions, they are its answer.
        field: whose values are suggested.
        id_field: store the value of this field of the chosen record, not the text.
        db: database, the field's by default.
        orderby: order of suggestions, by the field by default.
        limitby: which suggestions, the first ten by default.
        distinct: each value once.
        keyword: name of the query variable that asks.
        min_length: characters to type before suggestions come.
        help_fields: further fields for `help_string`.
        help_string: text beside a suggestion, such as ``'%(city)s'``.
        at_beginning: False looks for the text anywhere in values.
        filterby: query that records must satisfy, too.
    """

    _class = "string"

    def __init__(
        self,
        request: Any,
        field: Any,
        id_field: Any = None,
        db: Any = None,
        orderby: Any = None,
        limitby: tuple[int, int] = (0, SUGGESTIONS),
        distinct: bool = False,
        keyword: str = "_autocomplete_%(tablename)s_%(fieldname)s",
        min_length: int = 2,
        help_fields: Any = None,
        help_string: str | None = None,
        at_beginning: bool = True,
        filterby: Any = None,
        default_var: str = "ac",
        **_: Any,
    ) -> None:
        self.field, self.id_field = field, id_field
        self.db = db if db is not None else field._db
        self.orderby, self.limitby, self.distinct = orderby, limitby, distinct
        self.keyword = keyword % {"tablename": field._tablename, "fieldname": field.name}
        self.min_length, self.at_beginning, self.filterby = min_length, at_beginning, filterby
        self.help_fields, self.help_string = list(help_fields or ()), help_string
        typed = request.vars.get(self.keyword) if request is not None and request.vars else None
        if isinstance(typed, str):
            answer(self._suggestions(typed))

    def _set(self, query: Any) -> Any:
        return self.db(query if self.filterby is None else query & self.filterby)

    def _suggestions(self, typed: str) -> list[tuple[Any, ...]]:
        if len(typed) < self.min_length:
            return []
        fields = [self.field, *([self.id_field] if self.id_field else []), *self.help_fields]
        rows = self._set(begins_with(self.field, typed, self.at_beginning)).select(
            *fields, orderby=self.orderby or self.field, limitby=self.limitby, distinct=self.distinct
        )
        key = self.id_field or self.field
        return [(row[key.name], row[self.field.name], (self.help_string or "") % row) for row in rows]

    def _text_of(self, key: Any) -> str:
        if key is None or key == "":
            return ""
        row = self._set(self.id_field == key).select(self.field, limitby=(0, 1)).first()
        return "" if row is None else str(row[self.field.name])

    def _key_of(self, text: str) -> str | None:
        rows = self._set(self.field == text).select(self.id_field, limitby=(0, 2))
        return str(rows[0][self.id_field.name]) if len(rows) == 1 else None

    def __call__(self, field: Any, value: Any, **attributes: Any) -> Any:
        """Return the control for `field`."""
        common = FormWidget._attributes(field, attributes, _class=self._class)
        common.update(_combobox(self.keyword))
        if not self.id_field:
            shown = "" if value is None else value
            return _list_box(self.keyword, self.min_length, INPUT(_type="text", value=shown, **common))
        return key_control(field, value, common, self.keyword, self.min_length, self._text_of, self._key_of)

    widget = __call__


def key_control(
    field: Any, value: Any, common: dict[str, Any], keyword: str, min_length: int, text_of: Any, key_of: Any
) -> Any:
    """Return a text field with suggestions whose value is a key.

    Args:
        common: attributes of the visible field.
        text_of: function that returns the text of a key.
        key_of: function that returns the key of a text, or None.
    """
    requires = common.pop("requires", None)
    name = common.pop("_name")
    visible = _Typed(**{**common, "_type": "text", "_name": f"{keyword}_text", "_value": text_of(value)})
    hidden = _LookupInput(
        _type="hidden", _name=name, value="" if value is None else value, requires=requires,
        visible=visible, text_of=text_of, key_of=key_of,
    )  # fmt: skip
    return _list_box(keyword, min_length, visible, hidden)


def lookup_for(form: Any, field: Any, choices: Any, value: Any) -> Any:
    """Return a search field for a reference to a table with many records; None where a drop-down will do."""
    while isinstance(choices, IS_EMPTY_OR):
        choices = choices.other
    if not isinstance(choices, IS_IN_DB):
        return None
    table = choices.dbset.db[choices.ktable]
    key, records = table[choices.kfield], choices.dbset(table)
    many = records.select(key, limitby=(LONGEST_DROP_DOWN, LONGEST_DROP_DOWN + 1), orderby_on_limitby=False)
    if not many:
        return None
    choices.theset = None  # the validator asks the database, not a list made before
    names = choices.fieldnames
    fields = list(table) if names == "*" else [table[name] for name in names]
    searched = [f for f in fields if f.type in ("string", "text")] or [key]
    keyword = f"_lookup_{field._tablename}_{field.name}"

    def label(row: Any) -> str:
        return str(choices.label % row if isinstance(choices.label, str) else choices.label(row))

    def text_of(wanted: Any) -> str:
        if wanted is None or wanted == "" or (key.type == "id" and not str(wanted).isdigit()):
            return ""
        row = records(key == wanted).select(*fields, limitby=(0, 1)).first()
        return "" if row is None else label(row)

    def found(text: str) -> Any:
        query = reduce(or_, [begins_with(f, text) for f in searched])
        return records(query).select(*fields, orderby=searched[0], limitby=(0, SUGGESTIONS))

    def key_of(text: str) -> str | None:
        # The label may be made of several fields: try what its first words could be the beginning of.
        rows = {row[key.name]: row for part in (text, text.split(" ", maxsplit=1)[0]) for row in found(part)}
        same = [k for k, row in rows.items() if label(row) == text]
        return str(same[0]) if len(same) == 1 else None

    request = getattr(current, "request", None)
    typed = request.vars.get(keyword) if request is not None else None
    if isinstance(typed, str):
        answer([(row[key.name], label(row), "") for row in found(typed)] if typed else [])
    common = FormWidget._attributes(field, {}, _class="string", **_combobox(keyword))
    return key_control(field, value, common, keyword, 1, text_of, key_of)
