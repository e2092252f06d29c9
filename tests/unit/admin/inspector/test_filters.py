"""The language of the filter row, and values as texts and back (UI-DB-02, UI-DB-06)."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin.inspector.filters import Condition, FilterProblem, parse_filter
from runtime.admin.inspector.values import ValueProblem, cell, pack, parse, to_text, unpack

DAY, NEXT = datetime.date(2026, 1, 31), datetime.date(2026, 2, 1)


@pytest.mark.parametrize(
    ("text", "kind", "condition"),
    [
        ("", "text", None),
        ("  ", "integer", None),
        ("lamp", "text", Condition("~", ("lamp",))),
        ("~abc", "text", Condition("~", ("abc",))),
        ("!~abc", "text", Condition("!~", ("abc",))),
        ("^ab", "text", Condition("^", ("ab",))),
        ("=", "text", Condition("=", ("",))),
        ("5", "integer", Condition("=", (5,))),
        (">5", "integer", Condition(">", (5,))),
        ("<= 5.5", "number", Condition("<=", (5.5,))),
        ("<>1.50", "decimal", Condition("!=", (Decimal("1.50"),))),
        ("1..5", "integer", Condition("range", (1, 5))),
        ("in 1,2", "integer", Condition("in", (1, 2))),
        ("in (a, b)", "text", Condition("in", ("a", "b"))),
        ("null", "text", Condition("null")),
        ("!null", "date", Condition("!null")),
        ("null", "blob", Condition("null")),
        ("true", "boolean", Condition("=", (True,))),
        ("2026-01", "date", Condition("between", (datetime.date(2026, 1, 1), NEXT))),
        (">2026-01", "date", Condition(">=", (NEXT,))),
        ("<=2026-01-31", "date", Condition("<=", (DAY,))),
        (
            "2026-01-31",
            "datetime",
            Condition("between", (datetime.datetime(2026, 1, 31), datetime.datetime(2026, 2, 1))),
        ),
        (">2026-01-31 10:00", "datetime", Condition(">", (datetime.datetime(2026, 1, 31, 10),))),
        ("2026..2026-01", "date", Condition("between", (datetime.date(2026, 1, 1), NEXT))),
    ],
)
def test_a_filter_is_understood(text, kind, condition):
    """UI-DB-02: `>5`, `~abc`, `null`, `in 1,2` and their relatives."""
    assert parse_filter(text, kind) == condition


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("abc", "integer", "not a whole number"),
        (">", "integer", "missing after >"),
        ("in ", "integer", "not a whole number"),
        ("in ,", "integer", "values are missing"),
        ("1..", "integer", "both ends"),
        ("2026-13", "date", "no such date"),
        ("2026-02-30", "datetime", "no such date"),
        ("!=2026-01", "date", "whole date"),
        ("~a", "blob", "null and !null only"),
        (">true", "boolean", "no order"),
    ],
)
def test_a_wrong_filter_says_what_is_wrong(text, kind, words):
    """UI-DB-02: the message belongs to the column's field."""
    with pytest.raises(FilterProblem, match=words):
        parse_filter(text, kind)


KINDS = [
    "integer",
    "number",
    "decimal",
    "boolean",
    "date",
    "time",
    "datetime",
    "json",
    "blob",
    "text",
    "list",
    "reference",
]


@given(st.text(max_size=30), st.sampled_from(KINDS))
def test_any_filter_is_understood_or_refused(text, kind):
    """UI-DB-02: whatever is typed, the answer is a condition or a sentence."""
    try:
        found = parse_filter(text, kind)
    except FilterProblem as problem:
        assert str(problem)
    else:
        assert (found is None) == (not text.strip())


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
    st.datetimes(), st.dates(), st.times(), st.decimals(allow_nan=False, allow_infinity=False),
)  # fmt: skip


@given(VALUES)
def test_values_of_drivers_survive_the_way(value):
    """UI-DB-02: the place of a page is exact, whatever type its key has."""
    assert unpack(pack(value)) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 5), ("number", 1.5), ("decimal", Decimal("10.50")), ("boolean", True), ("boolean", False),
        ("date", DAY), ("time", datetime.time(10, 2)), ("datetime", datetime.datetime(2026, 1, 31, 10, 2, 3)),
        ("json", {"a": [1, None]}), ("text", "a\nb"),
    ],
)  # fmt: skip
def test_what_is_shown_can_be_typed(kind, value):
    """UI-DB-05: the text of a value, typed back, is the value."""
    assert parse(kind, to_text(kind, value)) == value


def test_cells_tell_null_empty_cut_and_bytes_apart():
    """UI-DB-06: NULL differs from empty; what is cut says so; bytes are counted."""
    assert cell("text", None) is None
    assert cell("text", "") == ""
    assert cell("text", "x" * 1000) == {"cut": "x" * 400, "size": 1000}
    assert cell("blob", b"\0\1") == {"bytes": 2}
    assert cell("list", "|a|b||c|") == '["a", "b|c"]'
    assert cell("boolean", "T") == "true"


def test_a_text_that_is_no_value_is_refused():
    """UI-DB-05: the message says what would do."""
    with pytest.raises(ValueProblem, match="a date like 2026-01-31"):
        parse("date", "tomorrow")
    with pytest.raises(ValueProblem, match="whole numbers only"):
        parse("list", '["a"]', "list:integer")
