"""What a visitor searches for: words, or conditions; and the form to enter them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from pydal.helpers.methods import smart_query

from runtime.forms.cleaning import clean
from runtime.forms.form import FORM
from runtime.forms.grid.builder import query_builder
from runtime.forms.speech import say
from runtime.foundation.current import current
from runtime.html import CAT, DIV, INPUT, A

WORDS_LOOK_INTO = frozenset(("string", "text", "list:string"))
MOST_WORDS = 32  # of one search: each becomes a condition on every text field


class SearchProblem(ValueError):
    """What was searched for cannot be understood."""


def build_query(fields: Sequence[Any], keywords: Any) -> Any:
    """Return the query for what a visitor entered.

    Without a double quote the words are looked for in all text fields, each of them must be in one;
    else the text is a condition as ``name = "Ann" and age > 3``: a field, an operator (``=``, ``!=``,
    ``<``, ``>``, ``<=``, ``>=``, ``contains``, ``starts with``, ``in``, ``not in`` ...), a value, joined by
    ``and``, ``or``, ``not``. Values are bound, never part of the SQL (SEC-01).

    Args:
        fields: the fields that may be searched.
        keywords: text, or a list whose first item counts.

    Raises:
        SearchProblem: it is a condition that cannot be understood.
    """
    if isinstance(keywords, (list, tuple)):
        keywords = keywords[0] if keywords else ""
    text = str(clean(keywords or "")).strip()
    if '"' in text:
        try:
            found = smart_query(list(fields), text)
        except Exception as error:
            raise SearchProblem(f"invalid condition: {text}") from error
        if found is None:
            raise SearchProblem(f"incomplete condition: {text}")
        return found
    texts = [field for field in fields if str(field.type) in WORDS_LOOK_INTO]
    words = text.split()[:MOST_WORDS]
    if not texts or not words:
        return fields[0].table if fields else None
    return reduce(and_, (reduce(or_, (field.contains(word) for field in texts)) for word in words))


def searched_query(fields: Sequence[Any], keywords: Any, wanted: Any) -> tuple[Any, str]:
    """Return the query for `keywords`, None when nothing is searched for, and what is wrong with them.

    Args:
        wanted: the grid's `searchable`: True, or a function ``(fields, keywords) -> Query``.
    """
    if not keywords:
        return None, ""
    try:
        if callable(wanted):
            return wanted(fields, keywords), ""
        return build_query(fields, keywords), ""
    except (SearchProblem, SyntaxError, ValueError, TypeError):
        return None, str(say("Invalid query"))


def search_menu(
    fields: Sequence[Any], search_options: Mapping[str, Any] | None = None, prefix: str = "w2p"
) -> Any:
    """Return the builder of queries for `fields` as an element to put beside a search form.

    Args:
        search_options: operators by type of field; default `builder.OPERATORS`.
        prefix: beginning of the ids, for several builders on a page.
    """
    return query_builder(fields, search_options, prefix)


def search_form(
    fields: Sequence[Any], address: str, advanced: bool, prefix: str, kept: Mapping[str, Any]
) -> Any:
    """Return the form that asks for keywords.

    Args:
        address: where the form goes to, without query.
        advanced: with the builder of queries.
        prefix: beginning of the ids.
        kept: variables of the address that go on, as the order.
    """
    request = current.request
    keywords = request.get_vars.keywords
    if isinstance(keywords, (list, tuple)):
        keywords = keywords[0]
    hidden = [INPUT(_type="hidden", _name=name, _value=value) for name, value in kept.items()]
    field = INPUT(
        _name="keywords",
        _value=keywords,
        _id=f"{prefix}_keywords",
        _class="form-control",
        _type="search",
        **{"_aria-label": say("Search")},
    )
    buttons = [
        INPUT(_type="submit", _value=say("Search"), _class="btn btn-default btn-secondary"),
        A(say("Clear"), _href=address, _class="btn btn-default btn-secondary button", cid=request.cid),
    ]
    form = FORM(
        CAT(*hidden), field, *buttons, _method="GET", _action=address, _enctype=None, _id=f"{prefix}_form",
        _role="search",
    )  # fmt: skip
    return DIV(form, search_menu(fields, None, prefix) if advanced else "", _class="web2py_search")
