"""The builder of queries: a line for each condition, whose text goes into the search field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runtime.forms.speech import say
from runtime.html import BUTTON, CAT, DIV, INPUT, OPTION, SCRIPT, SELECT, TAG

_COMPARED = ("=", "!=", "<", ">", "<=", ">=")
_TEXT = ("=", "!=", "<", ">", "<=", ">=", "starts with", "contains", "in", "not in")
OPERATORS: dict[str, Sequence[str]] = {
    "string": _TEXT,
    "text": _TEXT,
    "date": _COMPARED,
    "time": _COMPARED,
    "datetime": _COMPARED,
    "integer": (*_COMPARED, "in", "not in"),
    "bigint": (*_COMPARED, "in", "not in"),
    "double": _COMPARED,
    "decimal": _COMPARED,
    "id": (*_COMPARED, "in", "not in"),
    "reference": ("=", "!="),
    "boolean": ("=", "!="),
    "list:string": ("contains",),
    "list:integer": ("contains",),
    "list:reference": ("contains",),
}
"""Operators that are offered, by type of field; fields of other types are not."""

INPUT_TYPES = {
    "date": "date",
    "datetime": "datetime-local",
    "time": "time",
    "integer": "number",
    "id": "number",
}
MOST_OPTIONS = 200  # of a reference or set in a list; more are typed

SCRIPT_TEXT = """
if (!window.w2pQueries) {
  window.w2pQueries = true;
  const line = (box) => box.querySelector("[data-w2p_condition]:not([hidden])");
  const show = (box, name) => box.querySelectorAll("[data-w2p_condition]").forEach((one) => {
    one.hidden = one.dataset.w2p_condition !== name; });
  const text = (box) => {
    const one = line(box);
    if (!one) return "";
    let value = one.querySelector("[data-w2p_value]").value.replaceAll('"', "");
    if (one.querySelector("[type=datetime-local]")) value = value.replace("T", " ");
    const operator = one.querySelector("[data-w2p_operator]").value;
    return `${one.dataset.w2p_condition} ${operator} "${value}"`;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-w2p_fields]"))
      show(event.target.closest("[data-w2p_query]"), event.target.value);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-w2p_query] [data-w2p_add]");
    if (!button) return;
    const box = button.closest("[data-w2p_query]");
    const field = document.getElementById(box.dataset.w2p_query);
    const before = field.value.trim(), how = button.dataset.w2p_add;
    field.value = how === "new" || !before ? text(box) : `${before} ${how} ${text(box)}`;
    field.focus();
  });
}
"""


def query_builder(fields: Sequence[Any], operators: Mapping[str, Any] | None, prefix: str) -> Any:
    """Return the builder for `fields`; it works with JavaScript, without it the search field does.

    Args:
        operators: by type of field; default `OPERATORS`.
        prefix: beginning of the ids; the search field is ``<prefix>_keywords``.
    """
    known = dict(OPERATORS if operators is None else operators)
    conditions: list[Any] = []
    options: list[Any] = []
    for field in fields:
        kind = _kind(field)
        choices = known.get(kind)
        if not choices:
            continue
        name = str(field)
        label = field.label if isinstance(field.label, str) else str(field.label)
        options.append(OPTION(label, _value=name))
        conditions.append(_condition(field, kind, name, label, choices, hidden=bool(conditions)))
    if not conditions:
        return ""
    chooser = SELECT(
        *options, **{"_class": "form-control", "_data-w2p_fields": "", "_aria-label": say("Field")}
    )
    buttons = [
        BUTTON(say(words), **{"_type": "button", "_class": "btn btn-default", "_data-w2p_add": how})
        for words, how in (("New search", "new"), ("+ And", "and"), ("+ Or", "or"))
    ]
    body = DIV(
        chooser,
        *conditions,
        DIV(*buttons, _class="query_buttons"),
        _class="query_builder",
        _id=f"{prefix}_query_fields",
        data={"w2p_query": f"{prefix}_keywords"},
    )
    return CAT(TAG.details(TAG.summary(say("Conditions")), body), SCRIPT(SCRIPT_TEXT))


def _kind(field: Any) -> str:
    kind = str(field.type)
    if kind.startswith("reference"):
        return "reference"
    if kind.startswith("list:reference"):
        return "list:reference"
    return kind.partition("(")[0]


def _condition(field: Any, kind: str, name: str, label: str, choices: Iterable[str], hidden: bool) -> Any:
    operator = SELECT(
        *(OPTION(say(each), _value=each) for each in choices),
        **{"_class": "form-control", "_data-w2p_operator": "", "_aria-label": say("Operator")},
    )
    marks = {"_class": "form-control", "_data-w2p_value": "", "_aria-label": label}
    options = _options(field, kind)
    if options is not None:
        value: Any = SELECT(*(OPTION(words, _value=key) for key, words in options), **marks)
    else:
        value = INPUT(_type=INPUT_TYPES.get(kind, "text"), **marks)
    return DIV(operator, value, **{"_data-w2p_condition": name, "_hidden": hidden})


def _options(field: Any, kind: str) -> list[tuple[Any, Any]] | None:
    """Return the values to choose from, None when they are to be typed.

    A set that lies in the database is not read: a page of a grid costs a count and its records.
    """
    if kind == "boolean":
        return [("T", say("yes")), ("F", say("no"))]
    requires = field.requires
    for validator in requires if isinstance(requires, (list, tuple)) else [requires]:
        inner = getattr(validator, "other", validator)  # what IS_EMPTY_OR holds
        chosen: Any = inner[0] if isinstance(inner, (list, tuple)) and inner else inner
        known = getattr(chosen, "theset", None)
        if (
            hasattr(chosen, "options")
            and isinstance(known, (list, tuple, dict, set))
            and len(known) <= MOST_OPTIONS
        ):
            return [(key, words) for key, words in chosen.options() if key not in ("", None)]
    return None
