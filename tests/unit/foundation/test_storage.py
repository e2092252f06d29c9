"""STOR: Storage, List and their relatives."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.foundation.http import HTTP
from runtime.foundation.storage import List, Messages, Settings, Storage, StorageList, load_storage


def test_stor_01_items_are_attributes():
    """STOR-01."""
    value = object()
    s = Storage(a=1, b=value)
    assert s.a == 1
    assert s["b"] is s.b is value
    s.c = 3
    assert s["c"] == 3


def test_stor_02_missing_is_none():
    """STOR-02."""
    assert Storage().nothing is None
    assert Storage()["x"] is None
    assert "x" not in Storage()


def test_stor_03_conversion():
    """STOR-03."""
    assert Storage() == {}
    assert Storage(dict(a=1, b=2)) == {"a": 1, "b": 2}


def test_stor_04_none_deletes_lists_help():
    """STOR-04."""
    s = Storage(a=1, x=["1", "2"], y="3")
    s.a = None
    assert "a" not in s
    s.a = None
    assert (s.getfirst("x"), s.getlast("x"), s.getlist("x")) == ("1", "2", ["1", "2"])
    assert (s.getfirst("y"), s.getlist("y"), s.getlist("none"), s.getfirst("none", "d")) == (
        "3",
        ["3"],
        [],
        "d",
    )


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.lists(st.text()))))
def test_stor_04_pickles_and_copies(content):
    """STOR-04: an equal object of the same type."""
    s = Storage(content)
    for twin in (pickle.loads(pickle.dumps(s)), copy.copy(s), copy.deepcopy(s), s.copy()):
        assert twin == s
        assert type(twin) is Storage


def test_storage_list_and_settings():
    items = StorageList()
    items.names.append("a")
    assert items.names == ["a"]
    settings = Settings(a=1)
    settings.lock_keys = True
    with pytest.raises(SyntaxError, match="'b'"):
        settings.b = 2
    settings.a = 2
    settings.lock_values = True
    with pytest.raises(SyntaxError, match="'a'"):
        settings.a = 3
    messages = Messages(lambda text: text.upper())
    messages.hello = "hi"
    assert messages.hello == "HI"


def test_req_08_list():
    """REQ-08."""
    args = List(["x", "7"])
    assert (args(0), args(5), args(-1), args(1, cast=int), args(5, default="d")) == ("x", None, "7", 7, "d")
    with pytest.raises(HTTP) as raised:
        args(0, cast=int)
    assert raised.value.code == 404
    assert args(0, cast=int, otherwise=lambda: "else") == "else"
    with pytest.raises(IndexError):
        args[9]


def test_req_12_repeated_fields():
    """REQ-12."""
    assert load_storage([("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")]) == {"a": ["1", "3", "4"], "b": "2"}
