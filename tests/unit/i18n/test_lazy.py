"""`lazyT` behaves as a text wherever one is expected (T-04, T-13, AMB-10)."""

from __future__ import annotations

import copy
import json
import operator
import pickle

import pytest

from runtime.foundation.current import current
from runtime.html.element import DIV
from runtime.i18n import json_default, lazyT


@pytest.fixture
def T(make):
    return make("it", it={"a ": "uno ", " b": " due", "hello": "ciao", "a & <b>": "e & <b>"})


def test_t_04_amb_10_concatenation_on_both_sides(T):
    assert T("a ") + "x" + T(" b") == "uno x due"
    assert "x" + T("hello") == "xciao"
    assert T("a ") + T("hello") == "uno ciao"
    assert T("hello") * 2 == 2 * T("hello") == "ciaociao"


def test_t_13_comparison_hash_and_length_follow_the_text(T):
    text = T("hello")
    assert text == "ciao"
    assert "ciao" == text
    assert text != "hello"
    assert text == T("hello")
    assert text != 5
    assert {"ciao": 1}[text] == 1
    assert text in {"ciao"}
    assert sorted([T("hello"), "a", "z"]) == ["a", "ciao", "z"]
    assert (len(text), bool(text), bool(T(""))) == (4, True, False)
    assert text < "d"
    assert text >= "ciao"


def test_t_13_text_operations(T):
    text = T("hello")
    assert f"{text:>6}|{text}" == "  ciao|ciao"
    assert operator.mod("%s!", text) == "ciao!"
    assert (text[0], text[1:3], text[-1], list(text)) == ("c", "ia", "o", ["c", "i", "a", "o"])
    assert "ia" in text
    assert (text.upper(), text.startswith("ci"), text.split("i")) == ("CIAO", True, ["c", "ao"])
    assert ", ".join(str(part) for part in [text]) == "ciao"
    with pytest.raises(AttributeError):
        text.no_such_method


def test_t_13_repr_shows_the_message(T):
    assert repr(T("hello")) == "<lazyT 'hello'>"


def test_t_02_modulo_keeps_laziness(make):
    T = make(None, it={"hi %s": "salve %s"})
    text = T("hi %s") % "A"
    T.force("it")
    assert str(text) == "salve A"
    assert T("%s of %%s", 1) % 5 == "1 of 5"


def test_html_is_escaped(T):
    assert T("a & <b>").xml() == T("a & <b>").__html__() == "e &amp; &lt;b&gt;"


def test_json_and_attributes(T):
    from runtime.foundation.serializers import json as to_json

    assert json.loads(json.dumps({"t": T("a & <b>")}, default=json_default)) == {"t": "e & <b>"}
    assert json.loads(to_json([T("a & <b>")])) == ["e & <b>"]
    with pytest.raises(TypeError):
        json.dumps(object(), default=json_default)


def test_pickle_and_copies(T):
    text = T("hello")
    restored = pickle.loads(pickle.dumps({"flash": text}))
    assert restored == {"flash": "ciao"}
    assert type(restored["flash"]) is str
    T.force(None)
    assert str(copy.deepcopy(text)) == str(copy.copy(text)) == "hello"


def test_without_translator_the_one_of_the_request_is_used(T):
    text = lazyT("hello")
    current.T = T
    try:
        assert str(text) == "ciao"
    finally:
        del current.T
    with pytest.raises(AttributeError, match=r"current\.T is not set"):
        str(text)


def test_works_inside_helpers(T):
    assert DIV(T("a & <b>"), _title=T("hello")).xml() == '<div title="ciao">e &amp; &lt;b&gt;</div>'
